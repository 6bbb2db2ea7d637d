"""A program as text: printed for people, and read back exactly. Settings are written as Python literals.

program name
input x0: float32[20,16]
state dense/kernel: float32[16,32]
%3: float32[20,32] = matmul(x0, dense/kernel) transpose_a=False transpose_b=False  | dense forward
%4: float32[20,8], %5: float32[9,20,8] = scan(%2, x1) carried=1 sliced=1 length=9 reverse=False  | rnn forward
    program step (the body of a scan, indented)
output loss = %9
update dense/kernel = %12
"""

from __future__ import annotations

import ast
import re
from itertools import count
from textwrap import indent
from typing import Any

import numpy as np

from pippin.errors import PippinError, unknown
from pippin.primitives import TABLE, Spec
from pippin.program.program import Line, Program

# Names of inputs and layers are the user's words and may hold spaces and brackets; settings are words without spaces.
_LINE = re.compile(
    r"(?P<made>%\d+: \S+(?:, %\d+: \S+)*) = (?P<name>\w+)\((?P<inputs>.*?)\)(?P<settings>(?: \w+=\S+)*)"
    r"  \| (?P<layer>.*) (?P<phase>\w+)$"
)
_MADE = re.compile(r"%(\d+): ([^\s,\[]+\[[\d,]*\])")
_SPEC = re.compile(r"(\w+)\[([\d,]*)\]")


_INSIDE = "    "


def _setting(value: Any) -> str:
    return repr(_plain(value)).replace(" ", "")


def _plain(value: Any) -> Any:
    """The same setting without NumPy's types, which print in words of their own."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


def names_of(program: Program) -> dict[int, str]:
    """What each value is called in print: inputs and states by their names, the rest by number."""
    names = {value: f"%{value}" for value in range(len(program.specs))}
    names.update({value: name for name, value in program.inputs.items()})
    names.update({value: name for name, value in program.states.items()})
    return names


def write_line(line: Line, program: Program, names: dict[int, str]) -> str:
    """One line as text."""
    outputs = ", ".join(f"{names[value]}: {program.specs[value]}" for value in line.outputs)
    settings = "".join(f" {key}={_setting(value)}" for key, value in line.settings.items() if key != "body")
    inputs = ", ".join(names[value] for value in line.inputs)
    return f"{outputs} = {line.primitive.name}({inputs}){settings}  | {line.layer} {line.phase}"


def write(program: Program) -> str:
    """The whole program as text that `read` understands."""
    names = names_of(program)
    text = [f"program {program.name}"]
    text += [f"input {name}: {program.specs[value]}" for name, value in program.inputs.items()]
    text += [f"state {name}: {program.specs[value]}" for name, value in program.states.items()]
    for line in program.lines:
        text.append(write_line(line, program, names))
        if "body" in line.settings:
            text.append(indent(write(line.settings["body"]), _INSIDE))
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
        if "body" in line.settings:
            text.append(indent(explain(line.settings["body"]), 8 * " "))
    for name, value in program.updates.items():
        text.append(
            f"\nnew {name} = {names[value]}" if name == next(iter(program.updates)) else f"new {name} = {names[value]}"
        )
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
        settings[key] = _read_value(ast.parse(value, mode="eval").body)
    return settings


def _read_value(node: ast.expr) -> Any:
    """A Python literal; `nan` and `inf`, which Python prints but does not read, among the numbers."""
    if isinstance(node, ast.Name) and node.id in ("nan", "inf"):
        return float(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_read_value(node.operand)
    if isinstance(node, (ast.List, ast.Tuple)):
        items = [_read_value(item) for item in node.elts]
        return items if isinstance(node, ast.List) else tuple(items)
    return ast.literal_eval(node)


def read(text: str) -> Program:
    """The program that `write` printed. Fused groups aren't read: a program is stored before it is fused."""
    first, *rows = text.strip().splitlines()
    rows, bodies = _without_bodies(rows)
    made = [_LINE.match(row) for row in rows]
    taken = {int(number) for match in made if match for number, _ in _MADE.findall(match["made"])}
    free = (number for number in count() if number not in taken)
    specs: dict[int, Spec] = {}
    values: dict[str, int] = {}
    named: dict[str, dict[str, int]] = {"input": {}, "state": {}, "output": {}, "update": {}}
    lines: list[Line] = []
    guard = None
    for row, match in zip(rows, made, strict=True):
        kind, _, tail = row.partition(" ")
        if match:
            line = _read_line(match, values, bodies.get(len(lines)))
            values.update({f"%{value}": value for value in line.outputs})
            specs.update({int(number): _read_spec(spec) for number, spec in _MADE.findall(match["made"])})
            lines.append(line)
        elif kind in ("input", "state"):
            label, _, spec = tail.rpartition(": ")
            values[label] = named[kind][label] = next(free)
            specs[values[label]] = _read_spec(spec)
        elif kind in ("output", "update"):
            label, _, value = tail.rpartition(" = ")
            named[kind][label] = _value(value, values)
        elif kind == "guard":
            guard = _value(tail, values)
        else:
            raise PippinError(
                f"expected a line such as '%3: float32[2] = add(%1, %2)  | layer phase', received {row!r}"
            )
    # A number may be missing: its line was dropped before the program was written.
    every = tuple(specs.get(number, Spec(())) for number in range(max(specs, default=-1) + 1))
    name = first.removeprefix("program ")
    return Program(name, named["input"], named["state"], tuple(lines), named["output"], named["update"], every, guard)


def _without_bodies(rows: list[str]) -> tuple[list[str], dict[int, str]]:
    """The rows that aren't inside a line's body, and the text of each body by the number of its line."""
    outside: list[str] = []
    bodies: dict[int, str] = {}
    lines = 0
    for row in rows:
        if row.startswith(_INSIDE):
            bodies[lines - 1] = bodies.get(lines - 1, "") + row.removeprefix(_INSIDE) + "\n"
        else:
            lines += _LINE.match(row) is not None
            outside.append(row)
    return outside, bodies


def _read_line(match: re.Match[str], values: dict[str, int], body: str | None) -> Line:
    if match["name"] not in TABLE:
        raise unknown("primitive", match["name"], TABLE)
    inputs = tuple(_value(label, values) for label in match["inputs"].split(", ") if label)
    settings = _read_settings(match["settings"])
    if body is not None:
        settings = {"body": read(body), **settings}
    outputs = tuple(int(number) for number, _ in _MADE.findall(match["made"]))
    return Line(TABLE[match["name"]], inputs, outputs, settings, match["layer"], match["phase"])


def _value(label: str, values: dict[str, int]) -> int:
    if label not in values:
        raise PippinError(f"expected a value that an earlier line makes, received {label!r}")
    return values[label]
