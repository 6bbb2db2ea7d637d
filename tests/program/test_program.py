"""What a program knows about itself: names, lives of values, work; and that equal settings are recognized."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.primitives import Spec
from pippin.program import Variable, line_flops, trace_function
from pippin.program.program import same_settings

WEIGHT = Variable(np.zeros((16, 4)), name="kernel")
PROGRAM = trace_function(lambda x: (x @ WEIGHT).exp(), Spec((8, 16)))


def test_specs_are_found_by_name() -> None:
    assert [PROGRAM.spec(name).shape for name in ("x0", "kernel", "y")] == [(8, 16), (16, 4), (8, 4)]
    with pytest.raises(KeyError):
        PROGRAM.spec("nothing")


def test_a_value_lives_until_its_last_reader_and_results_to_the_end() -> None:
    product, result = PROGRAM.lines[0].output, PROGRAM.outputs["y"]
    assert PROGRAM.last_use() == {PROGRAM.inputs["x0"]: 0, PROGRAM.states["kernel"]: 0, product: 1, result: 2}


def test_the_work_of_a_program_is_the_work_of_its_lines() -> None:
    assert line_flops(PROGRAM, PROGRAM.lines[0]) == 2 * 8 * 16 * 4
    assert PROGRAM.flops() == sum(line_flops(PROGRAM, line) for line in PROGRAM.lines) > 2 * 8 * 16 * 4


def test_settings_are_compared_by_their_numbers() -> None:
    assert same_settings({"value": np.array([1, 2])}, {"value": np.array([1, 2])})
    assert not same_settings({"value": np.array([1, 2])}, {"value": np.array([1, 3])})
    assert not same_settings({"axes": (0,)}, {"axes": (1,)})
    assert not same_settings({"axes": (0,)}, {})
