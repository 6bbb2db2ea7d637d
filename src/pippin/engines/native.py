"""The native engine: programs fused, laid out in memory and handed to compiled code, which also runs whole epochs alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pippin.engines.engine import Arrays, Position, Report, Work
from pippin.engines.loops import describe, reduced_columns
from pippin.errors import PippinError, SettingError
from pippin.program import Line, Program, check, line_flops

try:
    from pippin import _native
except ImportError:  # no compiler when it was installed
    _native = None

MISSING: frozenset[str] = frozenset()
"""Names of primitives that have no kernel. There are none; a program with one would be refused when it is compiled."""


def _numbers(setting: Any) -> list[float]:
    """A setting as numbers: words by their letters, truth as 0 and 1, arrays laid flat."""
    if isinstance(setting, str):
        return [float(ord(letter)) for letter in setting]
    return [float(number) for number in np.asarray(setting).reshape(-1)]


class NativeRunner:
    """A program in compiled code, with its memory."""

    def __init__(self, program: Program, isa: str) -> None:
        self.program = program
        self._native = _native.Program(isa)
        self._inputs = {name: np.dtype(program.spec(name).dtype) for name in program.inputs}
        self._outputs = {name: (program.spec(name).shape, np.dtype(program.spec(name).dtype)) for name in program.outputs}
        self._states = tuple(program.states)
        self._has_guard = program.guard is not None
        build(self._native, program)

    def __call__(self, inputs: Arrays, states: Arrays) -> dict[str, np.ndarray]:
        given = [_as(inputs[name], dtype) for name, dtype in self._inputs.items()]
        outputs = {name: np.empty(shape, dtype) for name, (shape, dtype) in self._outputs.items()}
        kept = self._native.run(given, [states[name] for name in self._states], list(outputs.values()))
        if self._has_guard:
            outputs["guard"] = np.bool_(kept)
        return outputs


def _as(array: Any, dtype: np.dtype) -> np.ndarray:
    if type(array) is np.ndarray and array.dtype == dtype and array.flags.c_contiguous:
        return array
    return np.ascontiguousarray(array, dtype).reshape(np.shape(array))


def build(native: Any, program: Program) -> None:
    """Hand a program's values and lines to the compiled side."""
    places, size = _places(program)
    for value, spec in enumerate(program.specs):
        native.add_value(spec.shape, spec.dtype, *places[value])
    guard_line = _guard_line(program)
    for number, line in enumerate(program.lines):
        if not line.primitive.alias:
            _add_line(native, program, line)
        if number == guard_line:
            native.set_guard(program.guard)
    for value in program.outputs.values():
        native.add_output(value)
    numbers = {name: number for number, name in enumerate(program.states)}
    for name, value in program.updates.items():
        if value != program.states[name]:
            native.add_copy(value, numbers[name])
    native.seal(size, list(program.inputs), list(program.states), list(program.outputs))


def _guard_line(program: Program) -> int | None:
    return next((n for n, line in enumerate(program.lines) if program.guard in line.outputs), None)


def _places(program: Program) -> tuple[dict[int, tuple[str, int]], int]:
    places: dict[int, tuple[str, int]] = {value: ("input", n) for n, value in enumerate(program.inputs.values())}
    places |= {value: ("state", n) for n, value in enumerate(program.states.values())}
    end = 0
    for line in program.lines:
        for value in line.outputs:
            if line.primitive.alias:
                places[value] = places[line.inputs[0]]
            else:
                places[value] = ("arena", end)
                end += -(-program.specs[value].bytes // 64) * 64
    return places, end


def _add_line(native: Any, program: Program, line: Line) -> None:
    specs, work = program.specs, line_flops(program, line)
    columns = reduced_columns(line, specs)
    if line.primitive.elementwise:
        loop = describe([line], specs, 1, specs[line.output].size)
        native.add_loop(loop.inputs, list(line.outputs), loop.rows, loop.columns, loop.operands, loop.steps, [(loop.made[line.output], 0, -1)], work, False)
    else:
        settings = {name: _numbers(setting) for name, setting in line.settings.items()}
        native.add_line(line.primitive.name, list(line.inputs), list(line.outputs), settings, work)


class NativeEngine:
    """Runs any program in compiled code, on as many threads as there are processors."""

    name = "native"

    def __init__(self) -> None:
        if _native is None:
            raise PippinError(
                "the native engine is not built here (no C++ compiler at install time); using the slower reference engine. "
                "Cure: install a C++20 compiler, then pip install --force-reinstall pippin"
            )
        self.isa: str = _native.instruction_sets()[-1]

    def compile(self, program: Program) -> NativeRunner:
        return NativeRunner(check(program), self.isa)

    def run_epochs(self, work: Work, position: Position, until_epoch: int, seconds: float) -> Report:
        step, step_data, step_states = _side(work.step, work)
        last, last_data, last_states = _side(work.last, work)
        epoch, at, ended, stopped = _native.run_epochs(
            step, step_data, step_states, last, last_data, last_states, work.rows, work.batch, work.shuffle_seed,
            list(work.records), list(work.resets), position.epoch, position.step, until_epoch, seconds,
        )  # fmt: skip
        return Report(Position(epoch, at), ended, stopped)


def _side(runner: Any, work: Work) -> tuple[Any, list[np.ndarray], list[np.ndarray]]:
    """A runner's compiled program, its data and its states, in the order of its arrays."""
    if runner is None:
        return None, [], []
    data = [np.ascontiguousarray(work.data[name]) for name in runner.program.inputs]
    return runner._native, data, [work.states[name] for name in runner.program.states]
