"""The native engine: programs are fused and handed to compiled code, which also runs whole epochs alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pippin.changes import is_apart, present
from pippin.engines.engine import Arrays, Errand, Position, Report, Work
from pippin.errors import PippinError
from pippin.program import Line, Program, check, line_flops
from pippin.program.scan import Parts
from pippin.transforms.fuse import fuse
from pippin.transforms.fused import head_of, loop_of
from pippin.transforms.memory import Memory, Place, plan_memory
from pippin.transforms.rows import parted

try:
    from pippin import _native as _native
except ImportError:  # no compiler when it was installed
    _native = None

FEEDS = frozenset(np.dtype(name).str for name in ("float32", "int32", "uint32", "uint8", "bool", "float64", "int64"))
"""Types that batches are gathered from."""

LOOP_WORK = 4.0
"""Time of one operation in a loop, in those of a matrix product: it loads and stores its numbers each time."""

READ_ONCE = frozenset({"all_finite", "sum", "max", "argmax"})
"""Primitives that do as little with each number as a loop does."""


def _numbers(setting: Any) -> list[float]:
    """A setting as numbers: words by their letters, truth as 0 and 1, arrays laid flat."""
    if isinstance(setting, str):
        return [float(ord(letter)) for letter in setting]
    return [float(number) for number in np.asarray(setting).reshape(-1)]


@dataclass(frozen=True)
class LineTime:
    """How long a line of a fused program took, and how much it had to do: 2 flops for a multiply-add."""

    line: Line
    seconds: float
    flops: float


class NativeRunner:
    """A program in compiled code, with its memory."""

    def __init__(self, program: Program, fused: Program, isa: str) -> None:
        self.program, self.fused = program, fused
        self._native = _native.Program(isa)
        self._inputs = {name: np.dtype(program.spec(name).dtype) for name in program.inputs}
        self._outputs = {
            name: (program.spec(name).shape, np.dtype(program.spec(name).dtype)) for name in program.outputs
        }
        self._states = tuple(program.states)
        self._has_guard = program.guard is not None
        build(self._native, fused, isa, is_fused=fused is not program)

    @property
    def bytes(self) -> int:
        """Memory that a run needs at its peak, inputs, states and outputs not counted."""
        return int(self._native.bytes)

    def again(self, program: Program) -> NativeRunner:
        """What is compiled is shared; memory and locks are not."""
        other = copy(self)
        other.program, other._states = program, tuple(program.states)
        other._native = self._native.again(list(program.states))
        return other

    def __call__(self, inputs: Arrays, states: Arrays) -> dict[str, np.ndarray]:
        given = [_as(inputs[name], dtype) for name, dtype in self._inputs.items()]
        outputs: dict[str, Any] = {name: np.empty(shape, dtype) for name, (shape, dtype) in self._outputs.items()}
        kept = self._native.run(given, [states[name] for name in self._states], list(outputs.values()))
        if self._has_guard:
            outputs["guard"] = np.bool_(kept)
        return outputs

    def remember(self, shortcut: Any, then: object, keywords: Mapping[str, Any], states: Arrays) -> Any:
        if len(self._inputs) != 1 or len(self._outputs) != 1 or self._has_guard or is_apart():
            return shortcut
        if shortcut is None:
            shortcut = _native.Shortcut(present, np.ndarray, np.empty)
        (taken,), ((shape, dtype),) = self._inputs.values(), self._outputs.values()
        arrays = [states[name] for name in self._states]
        shortcut.keep(then, dict(keywords), self._native, arrays, taken, shape, dtype)
        return shortcut

    def time_lines(self) -> None:
        """Clock the lines of all runs from now on, those inside whole epochs too; `line_times` tells the result."""
        self._native.time_lines()

    def line_times(self) -> list[LineTime]:
        """The time of each line in all runs since `time_lines`, in the order they run; empty before."""
        lines = [line for line in self.fused.lines if line.inputs and not line.primitive.alias]
        return [
            LineTime(line, nanoseconds / 1e9, line_flops(self.fused, line))
            for line, nanoseconds in zip(lines, self._native.nanoseconds(), strict=False)
        ]


def _as(array: Any, dtype: np.dtype) -> np.ndarray:
    if type(array) is np.ndarray and array.dtype == dtype and array.flags.c_contiguous:
        return array
    return np.ascontiguousarray(array, dtype).reshape(np.shape(array))


def build(native: Any, program: Program, isa: str, is_fused: bool = True) -> None:
    """Hand a fused program's values, lines and memory plan to the compiled side. Loops over time are fused here."""
    memory = plan_memory(program)
    numbers = _add_values_and_lines(native, program, memory, isa, is_fused)
    for value in program.outputs.values():
        native.add_output(numbers[value])
    states = {name: number for number, name in enumerate(program.states)}
    for name, value in memory.copies.items():
        native.add_copy(numbers[value], states[name])
    native.seal(memory.size, list(program.inputs), list(program.states), list(program.outputs))


def _add_values_and_lines(native: Any, program: Program, memory: Memory, isa: str, is_fused: bool) -> dict[int, int]:
    numbers = {
        value: native.add_value(program.specs[value].shape, program.specs[value].dtype, place.kind, place.where)
        for value, place in sorted(memory.places.items())
    }
    guard = -1 if program.guard is None else numbers[program.guard]
    if memory.guarded_lines == 0:
        native.set_guard(guard)
    for number, line in enumerate(program.lines):
        if "body" in line.settings:
            _add_scan(native, program, line, numbers, isa, is_fused)
        elif not line.primitive.alias:
            _add_line(native, program, line, memory, numbers)
        if number + 1 == memory.guarded_lines:
            native.set_guard(guard)
    return numbers


def _add_scan(native: Any, program: Program, line: Line, numbers: Mapping[int, int], isa: str, is_fused: bool) -> None:
    """A loop over time: its body is a compiled program that writes each step's results where they belong."""
    count, own = parted(Parts(**line.settings))
    own = fuse(own) if is_fused else own
    parts = replace(Parts(**line.settings), body=own)
    memory = plan_memory(own, straight=True)
    body = _native.Program(isa)
    inside = _add_values_and_lines(body, own, memory, isa, is_fused)
    first, outputs = len(parts.inputs), parts.outputs
    straight = [memory.places[value] == Place("input", first + n) for n, value in enumerate(outputs)]
    copied, follows = [-1] * len(outputs), [-1] * parts.carried
    names: list[str] = []
    for number, value in enumerate(outputs):
        other = next((n for n in range(parts.carried, len(outputs)) if outputs[n] == value), -1)
        if number < parts.carried and other >= 0:
            follows[number] = other
        elif not straight[number]:
            copied[number] = len(names)
            names.append(f"y{number}")
            body.add_output(inside[value])
    bound = max((n + 1 for n, yes in enumerate(straight) if yes), default=0)
    body.seal(memory.size, [f"x{n}" for n in range(first + bound)], [], names)
    native.add_scan(
        [numbers[v] for v in line.inputs], [numbers[v] for v in line.outputs], body, parts.length, parts.reverse,
        parts.carried, parts.sliced, straight, copied, follows, count, line_flops(program, line),
    )  # fmt: skip


def _add_line(native: Any, program: Program, line: Line, memory: Memory, numbers: Mapping[int, int]) -> None:
    head, loop, work = head_of(line), loop_of(line, program), 0.0
    if head is not None:
        settings = {name: _numbers(setting) for name, setting in head.settings.items()}
        work = line_flops(program, head)
        times = LOOP_WORK if head.primitive.name in READ_ONCE else 1.0
        inputs = [numbers[v] for v in head.inputs]
        native.add_line(head.primitive.name, inputs, [numbers[head.output]], settings, times * work)
    if loop is not None:
        outputs = [value for value in line.outputs if value in loop.made]
        results = []
        for place, value in enumerate(outputs):
            # A result that is written over an operand waits for the operand's last reader.
            over = [n for n, read in enumerate(loop.inputs) if memory.places[read] == memory.places[value]]
            results.append((loop.made[value], place, over))
        native.add_loop(
            [numbers[v] for v in loop.inputs], [numbers[v] for v in outputs], loop.rows, loop.columns, loop.operands,
            loop.steps, results, LOOP_WORK * (line_flops(program, line) - work), head is not None,
        )  # fmt: skip


class NativeEngine:
    """Runs any program in compiled code, on as many threads as there are processors."""

    name = "native"

    def __init__(self) -> None:
        if _native is None:
            raise PippinError(
                "the native engine is not built here (no C++ compiler at install time); using the slower reference "
                "engine. Cure: install a C++20 compiler, then pip install --force-reinstall pippin"
            )
        self.isa: str = _native.instruction_sets()[-1]

    def compile(self, program: Program) -> NativeRunner:
        return NativeRunner(program, fuse(check(program)), self.isa)

    def compile_unfused(self, program: Program) -> NativeRunner:
        """The same, line by line: what fused programs are compared with."""
        return NativeRunner(program, check(program), self.isa)

    def run_epochs(self, work: Work, position: Position, until_epoch: int, seconds: float) -> Report:
        return self.run_many([(work, position, until_epoch)], seconds)[0]

    def run_many(self, errands: Sequence[Errand], seconds: float) -> list[Report]:
        found = _native.run_epochs(
            [(_walk(work), at.epoch, at.step, until_epoch) for work, at, until_epoch in errands], seconds
        )
        return [Report(Position(epoch, at), ended, stopped) for epoch, at, ended, stopped in found]


def _walk(work: Work) -> Any:
    """The work as the compiled side holds it, kept for the next call."""
    if work.walk is None:
        any_side: Any = work.step or work.last
        outputs = [work.outputs[name] for name in any_side.program.outputs] if work.outputs else []
        step, last = _side(work.step, work), _side(work.last, work)
        work.walk = _native.Walk(
            *step, *last, work.rows, work.batch, work.shuffle_seed, list(work.records), list(work.resets), outputs
        )
    return work.walk


def _side(runner: Any, work: Work) -> tuple[Any, list[np.ndarray], list[np.ndarray]]:
    """A runner's compiled program, its data and its states, in the order of its arrays."""
    if runner is None:
        return None, [], []
    program = runner.program
    data = [_feed(work.data[name], program.spec(name).dtype) for name in program.inputs]
    return runner._native, data, [work.states[name] for name in program.states]


def _feed(data: np.ndarray, wanted: str) -> np.ndarray:
    """Data as batches can be gathered from: in a type that is converted row by row, or else converted here and now."""
    return np.ascontiguousarray(data, data.dtype if data.dtype.str in FEEDS else wanted)
