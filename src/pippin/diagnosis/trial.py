"""What a run began with, kept beside its recording, so that it can be done again with one thing changed.

A trial is plain data: the model as Keras describes it, the numbers of its variables, the data, and how `fit` was asked.
Done again as it was, it gives the same bits.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pippin.callbacks.callback import Callback
from pippin.errors import FileError, PippinError
from pippin.glass.store import TENSORS, Store
from pippin.random import random_state, restore_random_state
from pippin.tree import flatten, map_structure

FILE = "trial.safetensors"
MOST_DATA = 8_000_000
"""Bytes of examples that are kept; of more data as many rows as fit, spread evenly."""
MOST_WEIGHTS = 8_000_000


@dataclass(frozen=True)
class Trial:
    """The beginning of a run.

    `config` is the model, compiled, as Keras writes it down; `variables` its numbers by path. `is_whole`: all rows are
    here; `is_same`: no callback took a hand. Only with both is the trial the run itself.
    """

    config: Mapping[str, Any]
    variables: Mapping[str, np.ndarray]
    x: Any
    y: Any
    weight: Any
    validation: tuple[Any, Any] | None
    batch: int
    epochs: int
    shuffle: bool
    random: Mapping[str, Any]
    is_whole: bool = True
    is_same: bool = True

    @property
    def rows(self) -> int:
        return len(flatten(self.x)[0])

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return -(-self.rows // self.batch)

    def model(self) -> Any:
        """The model as it was before the first step, of its own: nothing done with it touches another."""
        from pippin.saving.models import model_from_json

        with _quiet():
            made = model_from_json(json.dumps(self.config))
        for variable in made.variables:
            kept = self.variables.get(variable.path)
            if kept is not None and tuple(kept.shape) == tuple(variable.shape):
                variable.assign(kept)
        return made

    def run(self, callbacks: Sequence[Callback] = (), epochs: int | None = None) -> Any:
        """Train; the model, whose `history` tells what happened. Raises NonFiniteError as `fit` does. The random
        numbers of the rest of the program are left as they were."""
        before = random_state()
        made = self.model()
        try:
            restore_random_state(dict(self.random))
            with _quiet():
                made.fit(
                    self.x, self.y, batch_size=self.batch, epochs=epochs or self.epochs, verbose=0,
                    shuffle=self.shuffle, sample_weight=self.weight, validation_data=self.validation,
                    callbacks=list(callbacks),
                )  # fmt: skip
        finally:
            restore_random_state(before)
        return made

    def take(self, rows: np.ndarray) -> Trial:
        """The same with some rows of the data to learn from."""
        x, y, weight = (map_structure(lambda leaf: None if leaf is None else leaf[rows], part)
                        for part in (self.x, self.y, self.weight))  # fmt: skip
        return replace(self, x=x, y=y, weight=weight)

    def sample(self, most: int) -> tuple[Any, Any, Any]:
        """(x, y, weight) of at most so many rows, spread evenly."""
        few = self.take(_spread(self.rows, most)) if self.rows > most else self
        return few.x, few.y, few.weight


def _spread(rows: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, rows - 1, most).astype(int))


class _quiet(warnings.catch_warnings):
    """Hints were given when the run itself began."""

    def __enter__(self) -> Any:
        entered = super().__enter__()
        warnings.simplefilter("ignore")
        return entered


def trial_of(
    model: Any, x: Any, y: Any, weight: Any = None, validation: Any = None, *, batch: int = 32, epochs: int = 1,
    shuffle: bool = True, random: Mapping[str, Any] | None = None, most: int | None = None, is_same: bool = True,
) -> Trial | None:  # fmt: skip
    """The trial that a model as it is now and data make; None for a model that can't be written down (it has layers
    whose making only its author knows) or for data that aren't arrays."""
    from pippin.saving.models import model_from_json, to_json

    try:
        text = to_json(model)
        with _quiet():
            model_from_json(text)
    except (PippinError, TypeError, ValueError, NotImplementedError, AttributeError):
        return None
    kept = {variable.path: variable.numpy() for variable in model.variables}
    leaves = [leaf for leaf in flatten((x, y, weight)) if leaf is not None]
    if not leaves or not all(isinstance(leaf, np.ndarray) for leaf in leaves):
        return None
    if most is not None and sum(array.nbytes for array in kept.values()) > MOST_WEIGHTS:
        return None
    found = Trial(
        json.loads(text), kept, x, y, weight, _arrays(validation), batch, epochs, shuffle,
        random_state() if random is None else random, is_same=is_same,
    )  # fmt: skip
    return found if most is None else _cut(found, most)


def _arrays(validation: Any) -> tuple[Any, Any] | None:
    """(x, y) held out, if they are arrays."""
    if not isinstance(validation, (tuple, list)) or len(validation) < 2:
        return None
    x, y = validation[0], validation[1]
    return (x, y) if all(isinstance(leaf, np.ndarray) for leaf in flatten((x, y))) else None


def _cut(trial: Trial, most: int) -> Trial:
    """With as many rows as fit, the held out ones in proportion."""
    parts = [trial.x, trial.y, trial.weight, *(trial.validation or ())]
    size = sum(leaf.nbytes for part in parts for leaf in flatten(part) if leaf is not None)
    if size <= most:
        return trial
    share = most / size
    found = replace(trial.take(_spread(trial.rows, max(1, int(share * trial.rows)))), is_whole=False)
    if trial.validation is None:
        return found
    held = len(flatten(trial.validation[0])[0])
    rows = _spread(held, max(1, int(share * held)))
    x, y = (map_structure(lambda leaf: leaf[rows], part) for part in trial.validation)
    return replace(found, validation=(x, y))


def keep(store: Store, trial: Trial) -> int:
    """Write a trial beside a recording; the bytes it takes."""
    return store.write_tensors(FILE, {name: getattr(trial, name) for name in Trial.__dataclass_fields__})


def read(store: Store) -> Trial | None:
    """The trial beside a recording; None when none was kept."""
    if not (store.path / TENSORS / FILE).is_file():
        return None
    kept = store.read_tensors(FILE)
    if set(kept) != set(Trial.__dataclass_fields__):
        raise FileError(f"{store.path / TENSORS / FILE} was written by another version of Pippin. Record the run anew.")
    kept["validation"] = None if kept["validation"] is None else tuple(kept["validation"])
    return Trial(**kept)
