"""Tracing: variables read as states, assignments become updates, and each line knows its layer and phase."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.engines.reference import ReferenceEngine
from pippin.errors import PippinError
from pippin.primitives import Spec
from pippin.program import (
    BACKWARD,
    FORWARD,
    Symbol,
    Trace,
    Variable,
    check,
    current_trace,
    reopen,
    trace_function,
)


def named(path: str, value: object) -> Variable:
    variable = Variable(value)
    variable.path = path
    return variable


def test_a_variable_read_twice_is_one_state() -> None:
    weight, trace = named("dense/kernel", np.ones((2, 3))), Trace("test")
    with trace.active():
        first, second = weight * 2.0, weight + 1.0
    assert isinstance(first, Symbol) and isinstance(second, Symbol)
    assert trace.states == {"dense/kernel": 0}


def test_two_variables_of_one_path_get_two_names() -> None:
    one, other, trace = named("w", 1.0), named("w", 2.0), Trace("test")
    with trace.active():
        _ = one + other
    assert list(trace.states) == ["w", "w_1"]
    assert trace.variables == {"w": one, "w_1": other}


def test_what_is_read_after_an_assignment_is_what_was_assigned() -> None:
    counter, trace = named("counter", np.zeros((), np.int32)), Trace("test")
    with trace.active():
        counter.assign_add(1)
        counter.assign(counter * 2)
        trace.output("y", trace.read(counter))
    states = {"counter": np.array(5, np.int32)}
    outputs = ReferenceEngine().compile(check(trace.program()))({}, states)
    assert outputs["y"] == states["counter"] == 12
    assert counter.value == 0, "tracing must not touch the numbers"


def test_an_assignment_of_another_shape_names_the_variable() -> None:
    weight, trace = named("dense/bias", np.zeros(3)), Trace("test")
    with (
        trace.active(),
        pytest.raises(PippinError, match=r'"dense/bias": expected float32\[3\], was assigned float32\[1\]'),
    ):
        weight.assign(trace.symbol(np.zeros(1)))


def test_outside_a_trace_variables_are_arrays() -> None:
    weight = named("w", np.arange(3.0))
    assert current_trace() is None
    np.testing.assert_array_equal(weight * 2 + weight, [0, 3, 6])


def test_a_trace_ends_even_when_the_function_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        trace_function(lambda x: 1 / 0, Spec((2,)))
    assert current_trace() is None


def test_traces_nest() -> None:
    outer, inner = Trace("outer"), Trace("inner")
    with outer.active():
        with inner.active():
            assert current_trace() is inner
        assert current_trace() is outer


def test_each_line_knows_the_layer_and_phase_it_was_written_in() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec((2,)))
    with trace.at("dense"):
        x = x + 1.0
        with trace.at(phase=BACKWARD):
            x = x * 2.0
        with pytest.raises(ValueError), trace.at("other"):
            raise ValueError
        x = -x
    _ = -x
    places = [(line.layer, line.phase) for line in trace.lines if line.inputs]
    assert places == [("dense", FORWARD), ("dense", BACKWARD), ("dense", FORWARD), ("", FORWARD)]


def test_a_function_with_several_results_numbers_its_outputs() -> None:
    assert list(trace_function(lambda x: (x, 2.0), Spec((2,))).outputs) == ["y0", "y1"]
    assert list(trace_function(lambda x: x, Spec((2,))).outputs) == ["y"]


def test_a_reopened_program_can_be_written_on_without_changing_the_first() -> None:
    first = trace_function(lambda x: x * 3.0, Spec((2,)))
    trace = reopen(first)
    trace.output("z", trace.symbol_of(first.outputs["y"]) + 1.0)
    second = check(trace.program())
    assert list(first.outputs) == ["y"] and len(second.lines) == len(first.lines) + 2
    outputs = ReferenceEngine().compile(second)({"x0": np.array([1.0, 2.0])}, {})
    np.testing.assert_array_equal(outputs["z"], [4, 7])


@pytest.mark.parametrize("thing", [1, 1.5, True, np.float64(2), np.arange(3), np.zeros((2, 0))])
def test_anything_that_stands_for_numbers_becomes_a_constant(thing: object) -> None:
    program = trace_function(lambda: thing)
    np.testing.assert_array_equal(ReferenceEngine().compile(check(program))({}, {})["y"], np.asarray(thing))
