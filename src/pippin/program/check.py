"""Is every line of a program legal? Run after every transform under test; a fault here is Pippin's, not the user's."""

from __future__ import annotations

from pippin.primitives.scan import alone
from pippin.program.program import PHASES, Program


def check(program: Program) -> Program:
    """Return the program if each value is made once, before it is read, with the shape its primitive's rule gives."""
    made = {*program.inputs.values(), *program.states.values()}
    assert len(made) == len(program.inputs) + len(program.states), "an input or state is listed twice"
    for number, line in enumerate(program.lines):
        where = f"line {number} ({line.primitive.name} of {line.layer or 'no layer'})"
        missing = [value for value in line.inputs if value not in made]
        assert not missing, f"{where} reads {missing} before they are made"
        assert not made & set(line.outputs), f"{where} makes a value a second time"
        assert line.phase in PHASES, f"{where} has the unknown phase {line.phase!r}"
        if line.primitive.body is None:
            specs = line.primitive.shape(*[program.specs[value] for value in line.inputs], **line.settings)
            found = alone([program.specs[value] for value in line.outputs])
            assert specs == found, f"{where}: {specs} by its rule, {found} in the program"
        if "body" in line.settings:
            check(line.settings["body"])
        made |= set(line.outputs)
    for name, value in {**program.outputs, **program.updates}.items():
        assert value in made, f"{name} is never made"
    for name, value in program.updates.items():
        assert program.specs[value] == program.specs[program.states[name]], (
            f"the update of {name} changes its shape or type"
        )
    assert program.guard is None or program.guard in made, "the guard is never made"
    return program
