"""The chain rule over a whole trace.

What depends, what adds up, what stops, and that it can be done again and again.
"""

from __future__ import annotations

import numpy as np
import pytest

from pippin.engines.reference import ReferenceEngine
from pippin.errors import PippinError
from pippin.primitives import TABLE, Spec
from pippin.program import BACKWARD, FORWARD, Trace, check
from pippin.transforms import gradients

Inputs = dict[str, np.ndarray]


def outputs(trace: Trace, inputs: Inputs) -> dict[str, np.ndarray]:
    return ReferenceEngine(np.float64).compile(check(trace.program()))(inputs, {})


def test_a_value_used_twice_collects_the_blame_of_both_uses() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec(()))
    trace.output("dx", gradients(x * x + x * 3.0, [x])[0])
    assert outputs(trace, {"x": np.array(5.0)})["dx"] == 13


def test_what_does_not_matter_has_zeros_of_its_own_shape() -> None:
    trace = Trace("test")
    x, y = trace.input("x", Spec((2,))), trace.input("y", Spec((3, 1)))
    for number, symbol in enumerate(gradients(x.sum(), [x, y])):
        trace.output(f"d{number}", symbol)
    result = outputs(trace, {"x": np.ones(2), "y": np.ones((3, 1))})
    np.testing.assert_array_equal(result["d0"], [1, 1])
    np.testing.assert_array_equal(result["d1"], np.zeros((3, 1)))


def test_no_lines_are_written_for_values_that_lead_nowhere() -> None:
    trace = Trace("test")
    x, data = trace.input("x", Spec((2,))), trace.input("data", Spec((2,)))
    loss = (x * data.exp().sin()).sum()
    before = len(trace.lines)
    gradients(loss, [x])
    added = {line.primitive.name for line in trace.lines[before:]}
    assert not added & {"cos", "exp", "sin"}


def test_the_gradient_by_a_value_in_the_middle_is_what_arrives_there() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec((2,)))
    middle = x * 2.0
    trace.output("d", gradients((middle * middle).sum(), [middle])[0])
    np.testing.assert_array_equal(outputs(trace, {"x": np.array([1.0, 3.0])})["d"], [4, 12])


def test_lines_written_after_the_result_do_not_count() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec(()))
    loss = x * 2.0
    _later = loss * loss
    trace.output("d", gradients(loss, [x])[0])
    assert outputs(trace, {"x": np.array(3.0)})["d"] == 2


def test_blame_does_not_pass_whole_numbers_truths_or_a_stop() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec((3,)))
    stopped = TABLE["stop_gradient"](x)
    loss = (
        x.cast("int32").cast("float32")
        + (x > 0).where(2.0, 1.0)
        + stopped * stopped
        + x.argmax(0).cast("float32")
    ).sum()
    trace.output("d", gradients(loss, [x])[0])
    np.testing.assert_array_equal(outputs(trace, {"x": np.array([1.0, -2.0, 3.0])})["d"], np.zeros(3))


def test_a_seed_says_how_much_each_number_counts() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec((3,)))
    trace.output("d", gradients(x * x, [x], seed=np.array([1.0, 10.0, 0.0], np.float32))[0])
    np.testing.assert_array_equal(outputs(trace, {"x": np.array([1.0, 2.0, 3.0])})["d"], [2, 40, 0])


def test_several_numbers_without_a_seed_are_refused_with_the_cure() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec((3,)))
    with pytest.raises(
        PippinError, match=r"expected a single number .* received shape \(3,\).*Sum it first, or pass a seed"
    ):
        gradients(x * x, [x])


def test_backward_lines_belong_to_the_layer_whose_lines_they_answer() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec((2, 2)))
    with trace.at("first"):
        y = x.exp()
    with trace.at("second"):
        loss = y.sin().sum()
    before = len(trace.lines)
    gradients(loss, [x])
    assert {line.phase for line in trace.lines[:before]} == {FORWARD}
    assert {line.phase for line in trace.lines[before:]} == {BACKWARD}
    layers = [line.layer for line in trace.lines[before:] if line.inputs and line.layer]
    assert layers == sorted(layers, reverse=True) and set(layers) == {"first", "second"}


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_differentiating_again_and_again_gives_every_higher_derivative(order: int) -> None:
    """d^n/dx^n of x^4 · e^(2x), by Leibniz's rule."""
    trace = Trace("test")
    x = trace.input("x", Spec(()))
    y = x**4 * (x * 2.0).exp()
    for _ in range(order):
        (y,) = gradients(y, [x])
    trace.output("d", y)
    at, binomial, falling = 0.7, 1.0, 1.0
    expected = 0.0
    for k in range(min(order, 4) + 1):
        expected += binomial * falling * at ** (4 - k) * 2.0 ** (order - k) * np.exp(2 * at)
        binomial, falling = binomial * (order - k) / (k + 1), falling * (4 - k)
    assert outputs(trace, {"x": np.array(at)})["d"] == pytest.approx(expected, rel=1e-12)


def test_the_matrix_of_second_derivatives_is_symmetric() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec((4,)))
    loss = (x.reshape((2, 2)) @ x.reshape((2, 2))).exp().sum() * x.max()
    (first,) = gradients(loss, [x])
    for row in range(4):
        trace.output(f"row{row}", gradients(first[row], [x])[0])
    result = outputs(trace, {"x": np.array([0.3, -0.2, 0.9, 0.1])})
    matrix = np.stack([result[f"row{row}"] for row in range(4)])
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-12)
    assert np.abs(matrix).min() > 0
