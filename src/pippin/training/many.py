"""fit_many: independent models trained side by side, one on each thread, without Python between their steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np

from pippin.callbacks import EarlyStopping, History, LearningRateScheduler, ReduceLROnPlateau, TerminateOnNaN
from pippin.callbacks.callback import Callback
from pippin.callbacks.progress import wants_bar
from pippin.engines import Errand, Report, current_engine
from pippin.errors import DataError, NonFiniteError, PippinError, SettingError
from pippin.training.feed import ArrayFeed, make_feed
from pippin.training.fit import training
from pippin.training.hints import hint
from pippin.training.state import variable_groups
from pippin.training.work import SECONDS_BETWEEN_LOOKS, Walk
from pippin.tree import flatten
from pippin.utils.progbar import Progbar

_FOR_ONE_MODEL = (EarlyStopping, LearningRateScheduler, ReduceLROnPlateau, TerminateOnNaN)


def fit_many(
    models: Sequence[Any],
    x: Any,
    y: Any = None,
    batch_size: Any = None,
    epochs: Any = 1,
    verbose: Any = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool = True,
    class_weight: Any = None,
    sample_weight: Any = None,
    validation_batch_size: int | None = None,
    validation_freq: Any = 1,
) -> list[History]:
    """Train compiled models independently of each other, on all cores; returns the History of each, in order.

    For ensembles, several seeds, searches for hyper-parameters and the folds of a cross-validation: the models may
    differ in everything. Arguments mean what they mean in `fit`. Of `x`, `y`, `sample_weight`, `validation_data`,
    `class_weight`, `batch_size` and `epochs` each is one for all models, or a list with one entry for each. (So several
    inputs of a model come as a tuple or a dict, and lists of numbers are data.)

    Each model ends with exactly the bits that `[model.fit(...) for model in models]` would have given it, on any number
    of threads. Models that are made alike share one compiled program; many small models gain most.

    A model that meets NaN or infinity stops there, with its last finite weights and a last loss of NaN in its History;
    the others go on, and a warning names it and its layer in the end.

    `callbacks` may be EarlyStopping, ReduceLROnPlateau, LearningRateScheduler and TerminateOnNaN: each model gets
    copies of its own. They and validation make the models come back to Python after each epoch.

    Raises SettingError for models that are the same or share layers, and all that `fit` raises, before the first step,
    with the number of the model.
    """
    listed = _different(models)
    batches, lengths, kinds = (
        _for_each(word, given, len(listed))
        for word, given in (("batch_size", batch_size), ("epochs", epochs), ("class_weight", class_weight))
    )
    xs, ys, weights, validation = (
        _for_each(word, given, len(listed), of_arrays=True)
        for word, given in (("x", x), ("y", y), ("sample_weight", sample_weight), ("validation_data", validation_data))
    )
    feeds = _Feeds()
    fits: list[_Fit] = []
    try:
        for number, model in enumerate(listed):
            name, watcher = f'model {number} ("{model.name}")', _Watcher()
            with _named(name):
                model._need_compiled()
                feed = feeds.of("x", xs[number], ys[number], weights[number])
                walk = training(
                    model, feed.x, feed.y, batch_size=batches[number], epochs=lengths[number], verbose=0,
                    callbacks=[*_copies(callbacks), watcher], validation_split=validation_split,
                    validation_data=feeds.of_validation(validation[number]), shuffle=shuffle,
                    class_weight=kinds[number], sample_weight=feed.weight, initial_epoch=0, steps_per_epoch=None,
                    validation_steps=None, validation_batch_size=validation_batch_size,
                    validation_freq=validation_freq,
                )  # fmt: skip
            fits.append(_Fit(name, model, watcher, walk))
        _refuse_shared_variables(fits)
        _do_all(fits, sum(lengths), verbose)
    finally:
        for fit in fits:
            fit.walk.close()
    _tell_of_lost(fits)
    return [fit.history for fit in fits if fit.history is not None]


class _Watcher(Callback):
    """Counts the epochs of one model, and remembers why it stopped."""

    takes_epochs_late = True

    def __init__(self) -> None:
        super().__init__()
        self.epochs = 0
        self.reason: NonFiniteError | None = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epochs += 1

    def on_epochs_end(self, first: int, figures: dict[str, Sequence[float]]) -> None:
        self.epochs += len(next(iter(figures.values())))

    def on_non_finite(self, epoch: int, step: int, reason: Callable[[], NonFiniteError]) -> None:
        self.reason = reason()


class _Fit:
    """One model on its way: what it asks for next, None when it is done."""

    def __init__(self, name: str, model: Any, watcher: _Watcher, walk: Walk[History]) -> None:
        self.name, self.model, self.watcher, self.walk = name, model, watcher, walk
        self.history: History | None = None
        self.errand: Errand | None = None
        self._send(None)

    def take(self, report: Report) -> None:
        """Go on with what was done. Where no time was left for it, nothing was."""
        assert self.errand is not None
        if report.stopped_by_guard or report.position != self.errand[1]:
            self._send(report)

    def _send(self, report: Report | None) -> None:
        with _named(self.name):
            try:
                self.errand, _ = self.walk.send(report)  # type: ignore[arg-type]
            except StopIteration as end:
                self.errand, self.history = None, end.value
            except NonFiniteError as error:  # while it was validated
                self.errand, self.history, self.watcher.reason = None, self.model.history, error


def _do_all(fits: list[_Fit], total: int, verbose: Any) -> None:
    """Do what the models ask for, until none asks any more. Control comes back here every 50 ms, for Ctrl-C and the
    bar."""
    bar = Progbar(total, verbose=1 if verbose == "auto" else int(verbose), unit_name="epoch")
    going = [fit for fit in fits if fit.errand is not None]
    while going:
        errands = [fit.errand for fit in going if fit.errand is not None]
        for fit, report in zip(going, current_engine().run_many(errands, SECONDS_BETWEEN_LOOKS), strict=True):
            fit.take(report)
        going = [fit for fit in going if fit.errand is not None]
        if wants_bar(verbose) and going:
            bar.update(sum(fit.watcher.epochs for fit in fits), finalize=False)
    if wants_bar(verbose):
        bar.update(total, finalize=True)


def _tell_of_lost(fits: list[_Fit]) -> None:
    lost = [f"{fit.name}: {fit.watcher.reason}" for fit in fits if fit.watcher.reason is not None]
    if lost:
        more = f" And {len(lost) - 3} others." if len(lost) > 3 else ""
        hint(f"fit_many: {len(lost)} of {len(fits)} models met NaN or infinity. {' '.join(lost[:3])}{more}")


# What was given ------------------------------------------------------------------------------------------------------


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Errors inside begin with the model they are about."""
    try:
        yield
    except PippinError as error:
        raise type(error)(f"fit_many, {name}: {error}") from error
    except Exception as error:
        error.add_note(f"It was raised in fit_many, for {name}.")
        raise


def _different(models: Any) -> list[Any]:
    """The models, none of them twice."""
    listed = list(models) if isinstance(models, Iterable) else [models]
    if not listed or not all(hasattr(model, "_need_compiled") for model in listed) or hasattr(models, "fit"):
        raise SettingError(f"fit_many models: expected a list of compiled models, received {models!r:.80}.")
    places: dict[int, int] = {}
    for number, model in enumerate(listed):
        if places.setdefault(id(model), number) != number:
            raise SettingError(
                f"fit_many models: expected different models, received one twice, as model {places[id(model)]} and "
                f"model {number}. Make each anew, for example in a loop."
            )
    return listed


def _refuse_shared_variables(fits: list[_Fit]) -> None:
    """Two models that write to the same variable would spoil each other's training."""
    owners: dict[int, _Fit] = {}
    for fit in fits:
        for variable in chain.from_iterable(variable_groups(fit.model).values()):
            owner = owners.setdefault(id(variable), fit)
            if owner is not fit:
                raise SettingError(
                    f"fit_many: expected independent models, but {owner.name} and {fit.name} share "
                    f'"{variable.path}". Give each layers, an optimizer and metrics of its own.'
                )


def _for_each(word: str, given: Any, count: int, of_arrays: bool = False) -> list[Any]:
    """One entry for each model, from one for all or a list."""
    if not isinstance(given, list) or (of_arrays and not any(map(_holds_arrays, given))):
        return [given] * count
    if len(given) != count:
        cure = " Give several inputs of one model as a tuple or a dict." if word == "x" else ""
        raise SettingError(
            f"fit_many {word}: expected one for all, or a list with one entry for each of {count} models, received a "
            f"list of {len(given)}.{cure}"
        )
    return given


def _holds_arrays(entry: Any) -> bool:
    return any(isinstance(leaf, np.ndarray) or hasattr(leaf, "to_numpy") for leaf in flatten(entry))


class _Feeds:
    """Data made ready once, for however many models."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, ...], tuple[Any, ArrayFeed]] = {}  # with what it was made from, so that ids stay

    def of(self, word: str, *given: Any) -> ArrayFeed:
        """x, y and sample_weight as arrays."""
        key = tuple(map(id, given))
        if key not in self._made:
            feed = make_feed(*given)
            if not isinstance(feed, ArrayFeed):
                raise DataError(
                    f"{word}: expected arrays, which all models can read at once, received an iterable of batches. "
                    "Put the batches together, or fit the models one by one."
                )
            self._made[key] = given, feed
        return self._made[key][1]

    def of_validation(self, given: Any) -> Any:
        """The same for validation_data, which is (x, y) or (x, y, sample_weight)."""
        if given is None:
            return None
        if not isinstance(given, tuple) or not 2 <= len(given) <= 3:
            raise DataError(
                "validation_data: expected the tuple (x, y) or (x, y, sample_weight), for all or for each model, "
                f"received {type(given).__name__}."
            )
        feed = self.of("validation_data", *given)
        return feed.x, feed.y, feed.weight


def _copies(callbacks: Any) -> list[Any]:
    """Copies of the callbacks for one model; those that do more than to watch one model are refused."""
    given = [callback for callback in flatten(callbacks) if callback is not None]
    for callback in given:
        if not isinstance(callback, _FOR_ONE_MODEL):
            raise SettingError(
                f"fit_many callbacks: expected {', '.join(kind.__name__ for kind in _FOR_ONE_MODEL)}, received "
                f"{type(callback).__name__}. Train with fit to use it."
            )
    # A callback of an earlier fit knows its model, which is not to be copied.
    return [deepcopy(callback, {id(callback.model): None}) for callback in given]
