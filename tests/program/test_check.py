"""Every kind of illegal program is found, and the fault named with its line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pippin.primitives import Spec
from pippin.program import Program, Variable, check, trace_function

PROGRAM = trace_function(lambda x: (x + 1.0).exp().sum(), Spec((2, 3)))


def spoiled(**changes: object) -> Program:
    return replace(PROGRAM, **changes)  # type: ignore[arg-type]


def test_a_traced_program_is_legal() -> None:
    assert check(PROGRAM) is PROGRAM


def test_reading_a_value_before_it_is_made_is_found() -> None:
    with pytest.raises(AssertionError, match=r"line 0 \(add .*reads"):
        check(spoiled(lines=PROGRAM.lines[1:]))


def test_making_a_value_twice_is_found() -> None:
    with pytest.raises(AssertionError, match=r"line 1 .* makes a value a second time"):
        check(spoiled(lines=(PROGRAM.lines[0], *PROGRAM.lines)))


def test_a_shape_that_is_not_the_rules_is_found() -> None:
    specs = (*PROGRAM.specs[:-1], Spec((7,)))
    with pytest.raises(AssertionError, match=r"float32\[\] by its rule, float32\[7\] in the program"):
        check(spoiled(specs=specs))


def test_an_unknown_phase_is_found() -> None:
    with pytest.raises(AssertionError, match="unknown phase 'sideways'"):
        check(spoiled(lines=(replace(PROGRAM.lines[0], phase="sideways"), *PROGRAM.lines[1:])))


def test_an_output_or_guard_that_is_never_made_is_found() -> None:
    with pytest.raises(AssertionError, match="y is never made"):
        check(spoiled(lines=PROGRAM.lines[:-1]))
    with pytest.raises(AssertionError, match="the guard is never made"):
        check(spoiled(guard=99))


def test_one_value_for_two_inputs_is_found() -> None:
    with pytest.raises(AssertionError, match="listed twice"):
        check(spoiled(inputs={"x0": 0, "again": 0}))


def test_an_update_of_another_shape_is_found() -> None:
    weight = Variable([1.0, 2.0])
    program = trace_function(lambda: weight + 1.0)
    with pytest.raises(AssertionError, match="the update of variable changes its shape or type"):
        check(replace(program, updates={"variable": program.lines[0].output}))
