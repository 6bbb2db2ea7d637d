"""Programs as text: what people read, and what is read back without losing a number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pippin.engines.reference import ReferenceEngine
from pippin.errors import PippinError
from pippin.primitives import TABLE, Spec
from pippin.program import Program, Trace, Variable, check, explain, read, trace_function, write


def layer(x: object) -> object:
    weight = Variable(np.ones((3, 2)))
    weight.path = "my layer (1)/kernel"
    return x @ weight + 0.5  # type: ignore[operator]


PROGRAM = trace_function(layer, Spec((4, 3)), name="predict")


def test_a_program_is_printed_line_by_line() -> None:
    assert write(PROGRAM).splitlines() == [
        "program predict",
        "input x0: float32[4,3]",
        "state my layer (1)/kernel: float32[3,2]",
        "%2: float32[4,2] = matmul(x0, my layer (1)/kernel) transpose_a=False transpose_b=False  |  forward",
        "%3: float32[] = constant() value=0.5 dtype='float32'  |  forward",
        "%4: float32[4,2] = add(%2, %3)  |  forward",
        "output y = %4",
    ]
    assert str(PROGRAM) == write(PROGRAM)


def test_names_with_spaces_and_brackets_are_read_back() -> None:
    again = check(read(write(PROGRAM)))
    assert write(again) == write(PROGRAM)
    assert again.states == PROGRAM.states


@pytest.mark.parametrize(
    "value",
    [math.inf, -math.inf, math.nan, -0.0, 1e-45, 3.4e38, 0.1, True, -7,
     np.array([np.nan, -np.inf, np.inf, -0.0, 1 / 3]), np.zeros((2, 0)), np.array([[1, -2]], np.int32)],
    ids=str,
)  # fmt: skip
def test_constants_are_read_back_to_the_last_bit(value: object) -> None:
    program = trace_function(lambda: value)
    again = check(read(write(program)))
    first, second = (ReferenceEngine().compile(p)({}, {})["y"] for p in (program, again))
    assert first.dtype == second.dtype and first.tobytes() == second.tobytes()


def test_settings_made_by_numpy_are_written_as_plain_numbers() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec((6,)))
    trace.output("y", x.reshape((np.int64(2), np.int64(3))))
    assert "shape=(2,3)" in write(trace.program())
    check(read(write(trace.program())))


def test_guard_updates_and_late_states_are_read_back() -> None:
    trace = Trace("step")
    x = trace.input("x", Spec((2,))) * 2.0
    late = trace.state("w", Spec((2,)))
    trace.updates["w"] = (late + x).value
    trace.guard = trace.write(TABLE["all_finite"], (x,), {}).value
    program = check(trace.program())
    again = check(read(write(program)))
    assert (again.guard, again.updates, again.states) == (program.guard, program.updates, program.states)


def test_a_dropped_line_leaves_a_gap_that_is_read_back() -> None:
    trace = Trace("gap")
    x = trace.input("x", Spec((2,)))
    _unused, y = x + 1.0, x * x
    trace.output("y", y)
    program = trace.program().with_lines(
        [line for line in trace.lines if line.primitive is TABLE["multiply"]]
    )
    assert write(check(read(write(program)))) == write(program)


@pytest.mark.parametrize(
    "text,words",
    [
        (
            "program p\ninput x: float32[2]\n%1: float32[2] = tanhh(x)  |  forward",
            r"Unknown primitive: 'tanhh'.*\"tanh\"",
        ),
        (
            "program p\n%1: float32[2] = tanh(x)  |  forward",
            "expected a value that an earlier line makes, received 'x'",
        ),
        ("program p\ninput x: float32(2)", "expected a type and shape such as"),
        ("program p\n%1 = tanh(x)", "expected a line such as"),
    ],
)
def test_text_that_is_no_program_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(PippinError, match=words):
        read(text)


def test_nothing_in_a_text_is_ever_run() -> None:
    text = "program p\n%0: float32[] = constant() value=__import__('os').getcwd() dtype='float32'  |  forward"
    with pytest.raises((PippinError, ValueError)):
        read(text)


def test_the_explanation_says_each_line_in_plain_words() -> None:
    text = explain(PROGRAM)
    assert "FORWARD" in text and TABLE["matmul"].says in text and TABLE["add"].math in text
    assert isinstance(read(write(PROGRAM)), Program)
