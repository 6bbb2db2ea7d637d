"""The contract of an engine, and what all engines share: running epochs step by step, and the report of it.

An engine compiles a program into a runner. A runner is called with the inputs and the state arrays, replaces the states
in place, and returns the outputs. `run_epochs` walks a whole feed; engines that can do that faster bring their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

import numpy as np

from pippin.primitives.random import philox
from pippin.program import Program

Arrays = Mapping[str, np.ndarray]


class Runner(Protocol):
    """A compiled program."""

    program: Program

    def __call__(self, inputs: Arrays, states: Arrays) -> dict[str, np.ndarray]:
        """Run once: read `inputs`, replace `states` in place unless the guard is false, return the outputs (copies).

        When the program has a guard, the outputs include "guard", a bool.
        """
        ...

    def again(self, program: Program) -> Runner:
        """A runner for somebody else, who may call it at the same time. `program` is the same with other names for
        states."""
        ...

    def remember(self, shortcut: Any, then: object, keywords: Mapping[str, Any], states: Arrays) -> Any:
        """`shortcut` (None: a new one), which now knows the call of this program with these keywords.

        Keywords are None, True or False; `then` is what `changes.present` held before the states were looked up. An
        engine without shortcuts, or a program that isn't one array in and one array out, leaves it as it is; so does
        everyone who is apart.
        """
        ...


class Engine(Protocol):
    """Who runs a program. `name` is the word for `set_engine`."""

    name: str

    def compile(self, program: Program) -> Runner:
        """Return the runner of a program, which may be any program that passes `check`."""
        ...

    def run_epochs(self, work: Work, position: Position, until_epoch: int, seconds: float) -> Report:
        """Run steps from `position` until `until_epoch` begins, `seconds` have passed, or the guard stops it."""
        ...

    def run_many(self, errands: Sequence[Errand], seconds: float) -> list[Report]:
        """Run each errand as `run_epochs` would alone, several at once; all return when `seconds` have passed, and
        those for which no time was left report where they were. Works may share runners, but no states."""
        ...


def shuffled(seed: int, epoch: int, rows: int) -> np.ndarray:
    """The order of the rows in an epoch: by a random 32-bit key each, equal keys by row. The same on every engine."""
    blocks = np.arange((rows + 3) // 4, dtype=np.uint64)
    words = np.stack(philox((blocks, epoch, 0, 0x5EED), (seed & 0xFFFFFFFF, seed >> 32)), axis=-1).reshape(-1)[:rows]
    return (np.sort((words << np.uint64(32)) | np.arange(rows, dtype=np.uint64)) & np.uint64(0xFFFFFFFF)).astype(
        np.int32
    )


@dataclass
class Work:
    """What to train on: compiled steps, the data, the states, and what to keep of each epoch.

    `data` holds all rows of every input of the step program; each step takes `batch` of them (`last` runs the smaller
    batch that is left over; None if nothing is left over). With `shuffle_seed` None rows come in their own order.
    At the end of an epoch the states named in `records` (single numbers: its loss, its metrics) are kept, and then
    those named in `resets` (running totals) are set to zero for the next. `outputs` are arrays to be filled: for each
    row of the data they have a row, and take there what the step puts out under their name.
    """

    step: Runner | None
    last: Runner | None
    data: Arrays
    states: dict[str, np.ndarray]
    rows: int
    batch: int
    shuffle_seed: int | None
    records: tuple[str, ...]
    resets: tuple[str, ...] = ()
    outputs: Arrays = field(default_factory=dict)
    walk: Any = field(default=None, repr=False, compare=False)  # what an engine keeps of it from call to call

    @property
    def steps(self) -> int:
        """Steps of one epoch."""
        return -(-self.rows // self.batch)

    def order(self, epoch: int) -> np.ndarray:
        """The order in which an epoch takes the rows."""
        return (
            np.arange(self.rows, dtype=np.int32)
            if self.shuffle_seed is None
            else shuffled(self.shuffle_seed, epoch, self.rows)
        )


@dataclass(frozen=True)
class Position:
    """The next step to run: epoch and step in it, both from 0."""

    epoch: int = 0
    step: int = 0


@dataclass
class Report:
    """How far a call of `run_epochs` got: the next position, what ended epochs left, and whether the guard stopped it.

    `ended` has one list for each of `work.records`, in that order: its number in each epoch that ended. When the guard
    stopped it, `position` is the step that was not finished; no state was replaced in it.
    """

    position: Position
    ended: list[list[float]] = field(default_factory=list)
    stopped_by_guard: bool = False


Errand = tuple[Work, Position, int]
"""Work, from where it goes on, and the epoch before which it ends."""


def run_one_by_one(engine: Engine, errands: Sequence[Errand], seconds: float) -> list[Report]:
    """The plain way to run many: one after the other, as far as the time goes."""
    deadline = monotonic() + seconds
    reports: list[Report] = []
    for work, position, until_epoch in errands:
        left = deadline - monotonic()
        is_due = left > 0 or not reports
        reports.append(engine.run_epochs(work, position, until_epoch, left) if is_due else Report(position))
    return reports


def run_epochs_step_by_step(work: Work, position: Position, until_epoch: int, seconds: float) -> Report:
    """The plain walk through a feed: the meaning that faster engines must reproduce."""
    deadline = monotonic() + seconds
    report = Report(position, [[] for _ in work.records])
    epoch, step = position.epoch, position.step
    order, order_epoch = work.order(epoch), epoch
    while epoch < until_epoch:
        if order_epoch != epoch:
            order, order_epoch = work.order(epoch), epoch
        rows = order[step * work.batch : (step + 1) * work.batch]
        runner = work.step if len(rows) == work.batch else work.last
        assert runner is not None
        outputs = runner({name: data[rows] for name, data in work.data.items()}, work.states)
        if not outputs.get("guard", True):
            report.stopped_by_guard = True
            break
        for name, target in work.outputs.items():
            target[step * work.batch : step * work.batch + len(rows)] = outputs[name]
        step += 1
        if step == work.steps:
            for name, numbers in zip(work.records, report.ended, strict=True):
                numbers.append(float(work.states[name]))
            for name in work.resets:
                work.states[name][...] = 0
            epoch, step = epoch + 1, 0
        if monotonic() >= deadline:
            break
    report.position = Position(epoch, step)
    return report


def writable(states: Arrays, program: Program) -> None:
    """Raise unless every state of the program is there, with its shape and type, and can be written."""
    for name, value in program.states.items():
        array: Any = states[name]
        spec = program.specs[value]
        assert array.shape == spec.shape and array.flags.c_contiguous, (
            f"state {name}: expected {spec}, received {array.dtype}{array.shape}"
        )
