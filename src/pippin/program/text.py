"""A program as text: printed for people, and read back exactly. Settings are written as Python literals.

    program name
    input x0: float32[20,16]
    state dense/kernel: float32[16,32]
    %3: float32[20,32] = matmul(x0, dense/kernel) transpose_a=False transpose_b=False  | dense forward
    output loss = %9
    update dense/kernel = %12
"""

from __future__ import annotations

import ast
import re
from typing import Any

import numpy as np

from pippin.errors import PippinError, unknown
from pippin.primitives import TABLE, Spec
from pippin.program.program import Line, Program

_LINE = re.compile(r"(?P<out>%\d+): (?P<spec>\S+) = (?P<name>\w+)\((?P<inputs>.*?)\)(?P<settings>.*?)  \| (?P<layer>.*) (?P<phase>\w+)$")
_SPEC = re.compile(r"(\w+)\[([\d,]*)\]")


def _setting(value: Any) -> str:
    return repr(value.tolist() if isinstance(value, np.ndarray) else value).replace(" ", "")


def names_of(program: Program) -> dict[int, str]:
    """What each value is called in print: inputs and states by their names, the rest by number."""
    names = {value: f"%{value}" for value in range(len(program.specs))}
    names.update({value: name for name, value in program.inputs.items()})
    names.update({value: name for name, value in program.states.items()})
    return names


def write_line(line: Line, program: Program, names: dict[int, str]) -> str:
    """One line as text."""
    outputs = ", ".join(f"{names[value]}: {program.specs[value]}" for value in line.outputs)
    settings = "".join(f" {key}={_setting(value)}" for key, value in line.settings.items())
    inputs = ", ".join(names[value] for value in line.inputs)
    return f"{outputs} = {line.primitive.name}({inputs}){settings}  | {line.layer} {line.phase}"


def write(program: Program) -> str:
    """The whole program as text that `read` understands."""
    names = names_of(program)
    text = [f"program {program.name}"]
    text += [f"input {name}: {program.specs[value]}" for name, value in program.inputs.items()]
    text += [f"state {name}: {program.specs[value]}" for name, value in program.states.items()]
    text += [write_line(line, program, names) for line in program.lines]
    text += [f"output {name} = {names[value]}" for name, value in program.outputs.items()]
    text += [f"update {name} = {names[value]}" for name, value in program.updates.items()]
    if program.guard is not None:
        text.append(f"guard {names[program.guard]}")
    return "\n".join(text)


def explain(program: Program) -> str:
    """The program for people: phase by phase, layer by layer, each line with its notation and its plain sentence."""
    names = names_of(program)
    text, place = [f"{program.name}: {len(program.lines)} lines, about {program.flops():,.0f} operations"], ("", "")
    for line in program.lines:
        if (line.phase, line.layer) != place:
            place = (line.phase, line.layer)
            text.append(f"\n{line.phase.upper()}{'  ' + line.layer if line.layer else ''}")
        written = write_line(line, program, names).split("  | ")[0]
        text.append(f"  {written}\n      {line.primitive.math}: {line.primitive.says}")
    for name, value in program.updates.items():
        text.append(f"\nnew {name} = {names[value]}" if name == next(iter(program.updates)) else f"new {name} = {names[value]}")
    return "\n".join(text)


def _read_spec(text: str) -> Spec:
    match = _SPEC.fullmatch(text)
    if match is None:
        raise PippinError(f"expected a type and shape such as float32[2,3], received {text!r}")
    return Spec(tuple(int(size) for size in match[2].split(",") if size), match[1])


def _read_settings(text: str) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for word in text.split():
        key, _, value = word.partition("=")
        literal = re.sub(r"\b(nan|inf)\b", r"'\1'", value)
        parsed = ast.literal_eval(literal)
        settings[key] = float(parsed) if parsed in ("nan", "inf") else parsed
    return settings


def read(text: str) -> Program:
    """The program that `write` printed. Fused groups aren't read: a program is stored before it is fused."""
    specs: dict[int, Spec] = {}
    values: dict[str, int] = {}
    inputs: dict[str, int] = {}
    states: dict[str, int] = {}
    outputs: dict[str, int] = {}
    updates: dict[str, int] = {}
    lines: list[Line] = []
    name, guard = "", None
    first, *rest = text.strip().splitlines()
    name = first.removeprefix("program ")
    for row in rest:
        kind, _, tail = row.partition(" ")
        if kind in ("input", "state"):
            label, _, spec = tail.rpartition(": ")
            values[label] = len(values)
            specs[values[label]] = _read_spec(spec)
            (inputs if kind == "input" else states)[label] = values[label]
        elif kind in ("output", "update"):
            label, _, value = tail.rpartition(" = ")
            (outputs if kind == "output" else updates)[label] = values[value]
        elif kind == "guard":
            guard = values[tail]
        else:
            line, spec_text, label = _read_line(row, values)
            specs[line.output] = _read_spec(spec_text)
            values[label] = line.output
            lines.append(line)
    return Program(name, inputs, states, tuple(lines), outputs, updates, tuple(specs[n] for n in range(len(specs))), guard)


def _read_line(row: str, values: dict[str, int]) -> tuple[Line, str, str]:
    match = _LINE.match(row)
    if match is None:
        raise PippinError(f"expected a line such as '%3: float32[2] = add(%1, %2)  | layer phase', received {row!r}")
    if match["name"] not in TABLE:
        raise unknown("primitive", match["name"], TABLE)
    inputs = tuple(values[label] for label in match["inputs"].split(", ") if label)
    line = Line(TABLE[match["name"]], inputs, (len(values),), _read_settings(match["settings"]), match["layer"], match["phase"])
    return line, match["spec"], match["out"]
