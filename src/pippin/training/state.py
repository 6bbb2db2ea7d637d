"""All that makes a run what it is: weights, optimizer memory, random counters, metrics, position, history, callbacks'
states.

Parameters lie in one flat buffer, and so does each slot of the optimizer; the variables are views into them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from pippin.engines import Position
from pippin.errors import SettingError
from pippin.optimizers import Optimizer
from pippin.primitives import Spec
from pippin.program import Variable
from pippin.program.variable import aligned
from pippin.random import random_state, restore_random_state


def lay_flat(variables: Sequence[Variable]) -> None:
    """Move variables of one type next to each other in one buffer, in their order."""
    if not variables:
        return
    dtype = variables[0].dtype
    flat = aligned(sum(variable.value.size for variable in variables), dtype)
    start = 0
    for variable in variables:
        size = variable.value.size
        variable.move_to(flat[start : start + size].reshape(variable.shape))
        start += size


def lay_out(model: Any) -> None:
    """Flat buffers for the trainable weights and, in the same order, for each slot of the optimizer."""
    trainable = model.trainable_variables
    optimizer = model.compilation.optimizer
    optimizer.build(trainable)
    lay_flat(trainable)
    for slots in optimizer.slots.values():
        lay_flat(slots)


def variable_groups(model: Any) -> dict[str, list[Variable]]:
    """Every variable of a model and of its training: weights and seeds, optimizer, running totals, figures of the
    epoch."""
    compiled = model.compilation
    return {
        "model": model.variables,
        "optimizer": [variable for optimizer in optimizers_of(model) for variable in optimizer.variables],
        "metrics": [
            variable
            for metric in {id(one): one for one in [*compiled.all_metrics, *model.metrics]}.values()
            if metric is not model.compile_metrics
            for variable in metric.variables
        ],
        "results": list(model.result_variables.values()),
    }


def optimizers_of(model: Any) -> list[Any]:
    """The optimizer of `compile`, and those that are attributes of the model for a step of its own."""
    own = [thing for thing in vars(model).values() if isinstance(thing, Optimizer)]
    return list({id(one): one for one in [model.compilation.optimizer, *own]}.values())


@dataclass
class Run:
    """One call of `fit`: where it is, and everything that must be known to go on from there as if nothing had happened.

    `state()` is a tree of plain data and arrays; `restore(state)` takes it up, in another process, bit for bit.
    """

    model: Any
    callbacks: Sequence[Any]
    epochs: int
    batch: int
    shuffle: bool
    position: Position = Position()
    shuffle_seed: int | None = None
    data: dict[str, Any] = field(default_factory=dict)  # arrays; empty when a stream gives batches
    stream: Stream | None = None
    validation: Any = None  # where validation data come from

    @property
    def is_over(self) -> bool:
        """Whether no further step will be made."""
        return self.position.epoch >= self.epochs or bool(self.model.stop_training)

    def state(self) -> dict[str, Any]:
        """All of the run as it is now, between two steps."""
        return {
            "position": [self.position.epoch, self.position.step],
            "is_stopped": bool(self.model.stop_training),
            "shuffle_seed": self.shuffle_seed,
            "stream": None if self.stream is None else self.stream.state(),
            "validation_passes": getattr(self.validation, "passes", None),
            "random": random_state(),
            "arrays": {group: [v.value for v in variables] for group, variables in variable_groups(self.model).items()},
            "callbacks": [[type(callback).__name__, callback.state()] for callback in _with_state(self.callbacks)],
        }

    def restore(self, state: dict[str, Any], undo_stop: bool = False) -> None:
        """Be where `state` was taken. Raises SettingError if model or callbacks differ, before any of them is
        changed."""
        partners = self._partners(state["callbacks"])
        self.position, self.shuffle_seed = Position(*state["position"]), state["shuffle_seed"]
        if self.stream is not None:
            self.stream.restore(state["stream"])
        self._fill(state["arrays"])
        for callback, left in partners:
            callback.restore(left)
        if state["validation_passes"] is not None:
            self.validation.passes = state["validation_passes"]
        self.model.stop_training = state["is_stopped"] and not undo_stop
        restore_random_state(state["random"])

    def _partners(self, saved: list[Any]) -> list[tuple[Any, Any]]:
        """Each callback with what its namesake left. One that left something must be there again."""
        free = _with_state(self.callbacks)
        found = []
        for kind, left in saved:
            callback = next((one for one in free if type(one).__name__ == kind), None)
            if callback is not None:
                free = [one for one in free if one is not callback]
                found.append((callback, left))
            elif left:
                raise SettingError(
                    f"resume: expected the callback {kind} that the run was begun with, received none. Pass it to fit "
                    "again."
                )
        return found

    def _fill(self, arrays: dict[str, list[np.ndarray]]) -> None:
        pairs: list[tuple[Variable, np.ndarray]] = []
        for group, variables in variable_groups(self.model).items():
            if len(variables) != len(arrays[group]):
                raise SettingError(
                    f"resume: expected {len(arrays[group])} variables of the {group}, as were saved, this one has "
                    f"{len(variables)}. "
                    "Make the model and compile it as for the run that was begun."
                )
            pairs += zip(variables, arrays[group], strict=True)
        for variable, array in pairs:
            if variable.shape != array.shape or variable.dtype != array.dtype.name:
                raise SettingError(
                    f'resume: expected "{variable.path}" to be {array.dtype} {array.shape}, as it was saved, it is '
                    f"{variable.dtype} {variable.shape}."
                )
        for variable, array in pairs:
            variable.value[...] = array


class Stream:
    """Batches that come one after the other, and how far a run is in them: to be there again, they are taken again.

    A source that changes from pass to pass (one that shuffles) counts them in `passes`, as `pippin.data.Dataset` does.
    """

    def __init__(
        self,
        source: Any,
        batches: Callable[[], Iterator[Any]],
        prepare: Callable[[Any, Any, Any], None],
        count: int | None = None,
    ) -> None:
        self.source, self.batches, self.prepare = source, batches, prepare
        self.count = count  # of batches in a pass, if known
        self.specs: Any = None  # of its first batch: x, y, sample_weight
        self.taken = 0
        self._has_ended = False
        self._going: Iterator[Any] = iter(())
        self._start: dict[str, Any] = {}

    @property
    def is_open(self) -> bool:
        """Whether a pass was begun that may have more to give."""
        return bool(self._start) and not self._has_ended and (self.count is None or self.taken < self.count)

    def begin(self) -> None:
        """Begin a pass."""
        self._start = {"random": random_state(), "passes": getattr(self.source, "passes", None)}
        self._going, self.taken, self._has_ended = self.batches(), 0, False

    def take(self, count: int | None) -> Iterator[Any]:
        """The next batches of the pass."""
        before = self.taken
        for batch in islice(self._going, count):
            self.taken += 1
            yield batch
        self._has_ended = count is None or self.taken < before + count

    def state(self) -> dict[str, Any]:
        specs = _plain_specs(self.specs)
        return {"start": self._start, "taken": self.taken, "has_ended": self._has_ended, "specs": specs}

    def restore(self, state: dict[str, Any]) -> None:
        """Make the variables that the first batch made, and take the batches of the pass that were taken."""
        if state["specs"] is not None:
            self.specs = _specs_from(state["specs"])
            self.prepare(*self.specs)
        if state["start"]:
            restore_random_state(state["start"]["random"])
            if state["start"]["passes"] is not None:
                self.source.passes = state["start"]["passes"]
            self.begin()
            for _ in self.take(state["taken"]):
                pass
            self._has_ended = state["has_ended"]


def _with_state(callbacks: Sequence[Any]) -> list[Any]:
    return [callback for callback in callbacks if hasattr(callback, "state") and hasattr(callback, "restore")]


def _plain_specs(structure: Any) -> Any:
    """Specs of a batch as plain data."""
    if isinstance(structure, Spec):
        return {"spec": [structure.dtype, list(structure.shape)]}
    if isinstance(structure, dict):
        return {"dict": {name: _plain_specs(part) for name, part in structure.items()}}
    return [_plain_specs(part) for part in structure] if isinstance(structure, (list, tuple)) else None


def _specs_from(plain: Any) -> Any:
    if isinstance(plain, dict):
        if "spec" in plain:
            dtype, shape = plain["spec"]
            return Spec(tuple(shape), dtype)
        return {name: _specs_from(part) for name, part in plain["dict"].items()}
    return [_specs_from(part) for part in plain] if isinstance(plain, list) else None
