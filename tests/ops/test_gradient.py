"""Gradients in users' hands: tapes and functions."""

from __future__ import annotations

import numpy as np
import pytest

import pippin
from pippin import layers, models, ops, optimizers
from pippin.errors import PippinError, SettingError, ShapeError
from pippin.primitives import Spec
from pippin.program import trace_function

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 3)).astype(np.float32)
Y = X.sum(1, keepdims=True) + 1.0


def _variable(*numbers: float, trainable: bool = True) -> pippin.Variable:
    return pippin.Variable(np.array(numbers, np.float32), trainable=trainable)


def _slope(function: object, at: np.ndarray, by: float = 1e-2) -> np.ndarray:
    """Central differences: their error is by², some 1e-4 of the numbers here, beside rounding of 1e-7 / by."""
    found = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[place] = by
        found[place] = (float(function(at + step)) - float(function(at - step))) / (2 * by)  # type: ignore[operator]
    return found


def test_a_tape_gives_the_slope_of_what_was_computed_under_it() -> None:
    w = _variable(1.0, -2.0, 0.5)
    with pippin.GradientTape() as tape:
        loss = ops.mean(ops.square(ops.matmul(X, ops.reshape(w, (3, 1))) - Y))
    found = tape.gradient(loss, w)

    def plainly(at: np.ndarray) -> float:
        return float(np.mean((X @ at[:, None] - Y) ** 2))

    np.testing.assert_allclose(found, _slope(plainly, w.numpy()), rtol=1e-3)
    assert float(loss) == pytest.approx(plainly(w.numpy()), rel=1e-6)


def test_gradients_come_in_the_structure_of_their_sources() -> None:
    a, b, strange = _variable(2.0), _variable(3.0), _variable(1.0)
    with pippin.GradientTape() as tape:
        loss = ops.sum(a * b)
    found = tape.gradient(loss, {"a": a, "rest": [b, strange]})
    assert found["a"] == 3.0 and found["rest"][0] == 2.0 and found["rest"][1] is None


def test_unconnected_sources_may_be_zeros() -> None:
    a, strange = _variable(2.0), _variable(1.0, 1.0)
    with pippin.GradientTape() as tape:
        loss = ops.sum(a * a)
    np.testing.assert_array_equal(tape.gradient(loss, [strange], unconnected_gradients="zero")[0], np.zeros(2))


def test_a_tape_answers_once_unless_it_is_persistent() -> None:
    w = _variable(2.0)
    for persistent in (False, True):
        with pippin.GradientTape(persistent=persistent) as tape:
            square, cube = ops.sum(w * w), ops.sum(w**3)
        assert tape.gradient(square, w) == 4.0
        if persistent:
            assert tape.gradient(cube, w) == 12.0
        else:
            with pytest.raises(PippinError, match="persistent=True"):
                tape.gradient(cube, w)


def test_arrays_count_when_they_are_watched() -> None:
    x = np.array([1.0, 2.0], np.float32)
    for watched in (True, False):
        with pippin.GradientTape() as tape:
            if watched:
                tape.watch(x)
            y = ops.sum(ops.exp(x))
        found = tape.gradient(y, x)
        if watched:
            np.testing.assert_allclose(found, np.exp(x), rtol=1e-6)
        else:
            assert found is None


def test_variables_count_by_whether_they_are_trainable_or_watched() -> None:
    w, fixed = _variable(2.0), _variable(3.0, trainable=False)
    with pippin.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(fixed)
        product = ops.sum(w * fixed)
    assert tape.gradient(product, [w, fixed]) == [None, np.float32(2.0)]
    with pippin.GradientTape() as tape:
        product = ops.sum(w * fixed)
    assert tape.watched_variables() == (w,)
    assert tape.gradient(product, [w, fixed]) == [np.float32(3.0), None]


def test_a_tape_in_a_tape_gives_second_derivatives() -> None:
    w = _variable(1.0, 2.0)
    with pippin.GradientTape() as outer:
        with pippin.GradientTape() as inner:
            cubes = ops.sum(w**3)
        slope = inner.gradient(cubes, w)
    np.testing.assert_allclose(outer.gradient(slope, w), 6 * w.numpy(), rtol=1e-6)


def test_the_penalty_on_a_gradient_is_differentiated_too() -> None:
    critic = models.Sequential([layers.Input((3,)), layers.Dense(4, activation="tanh"), layers.Dense(1)])

    def penalty() -> object:
        with pippin.GradientTape() as inner:
            inner.watch(X)
            judged = critic(X, training=True)
        slopes = inner.gradient(judged, X)
        norms = ops.sqrt(ops.sum(ops.square(slopes), axis=1))
        return ops.mean(ops.square(norms - 1.0))

    with pippin.GradientTape() as tape:
        value = penalty()
    found = tape.gradient(value, critic.trainable_variables[0])
    kernel = critic.trainable_variables[0]
    before = kernel.numpy()

    def at(numbers: np.ndarray) -> float:
        kernel.assign(numbers)
        return float(penalty())  # type: ignore[arg-type]

    np.testing.assert_allclose(found, _slope(at, before), atol=2e-3)


def test_seeds_weigh_the_numbers_of_a_target() -> None:
    w = _variable(1.0, 2.0)
    with pippin.GradientTape() as tape:
        squares = w * w
    found = tape.gradient(squares, w, output_gradients=np.array([1.0, 10.0], np.float32))
    np.testing.assert_array_equal(found, [2.0, 40.0])


def test_an_array_changed_later_has_counted_as_it_was() -> None:
    x = np.ones(2, np.float32)
    w = _variable(1.0, 1.0)
    with pippin.GradientTape() as tape:
        product = ops.sum(w * x)
        x[:] = 100.0
    np.testing.assert_array_equal(tape.gradient(product, w), [1.0, 1.0])
    assert float(product) == 2.0


def test_a_variable_moved_after_the_tape_keeps_the_slope_of_its_old_place() -> None:
    w = _variable(3.0)
    with pippin.GradientTape(persistent=True) as tape:
        square = ops.sum(w * w)
    w.assign(np.array([100.0], np.float32))
    assert tape.gradient(square, w) == 6.0


def test_variables_assigned_under_a_tape_have_their_numbers_afterwards() -> None:
    total, w = _variable(0.0, trainable=False), _variable(2.0)
    with pippin.GradientTape() as tape:
        total.assign(total + w)
        total.assign(total + w)
        loss = ops.sum(w * w)
    assert total.numpy() == 4.0 and tape.gradient(loss, w) == 4.0


def test_a_loop_with_a_tape_trains_a_model_as_fit_does() -> None:
    def made() -> models.Sequential:
        pippin.utils.set_random_seed(3)
        return models.Sequential([layers.Input((3,)), layers.Dense(4, activation="relu"), layers.Dense(1)])

    by_hand, by_fit = made(), made()
    optimizer = optimizers.Adam(0.01)
    for _ in range(5):
        with pippin.GradientTape() as tape:
            loss = ops.mean(ops.square(by_hand(X, training=True) - Y))
        slopes = tape.gradient(loss, by_hand.trainable_variables)
        optimizer.apply_gradients(zip(slopes, by_hand.trainable_variables, strict=True))
    by_fit.compile(optimizers.Adam(0.01), "mse")
    by_fit.fit(X, Y, epochs=5, batch_size=8, shuffle=False, verbose=0)
    for one, other in zip(by_hand.get_weights(), by_fit.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)  # the same steps, added up in another order


def test_the_numbers_of_a_recorded_value_are_there_for_python() -> None:
    w = _variable(2.0)
    with pippin.GradientTape():
        value = ops.sum(w * w)
        assert value > 3.0 and float(value) == 4.0 and f"{value:.1f}" == "4.0" and value.numpy() == 4.0


def test_the_gradient_of_a_function_has_the_shape_of_its_argument() -> None:
    np.testing.assert_allclose(pippin.gradient(lambda a: ops.sum(ops.sin(a)))(X), np.cos(X), rtol=1e-5)


def test_value_and_grad_of_several_arguments_is_a_tuple() -> None:
    value, (left, right) = pippin.value_and_grad(lambda a, b: ops.sum(a * b))(np.full(2, 2.0, np.float32), 3.0)
    assert value == 12.0 and right == 4.0
    np.testing.assert_array_equal(left, [3.0, 3.0])


def test_value_and_grad_of_variables_sees_new_numbers_at_each_call() -> None:
    w = _variable(1.0)
    batch = {"x": 1.0}
    slope = pippin.gradient(lambda: ops.sum(w * w) * batch["x"], [w])
    assert slope() == [np.float32(2.0)]
    w.assign(np.array([2.0], np.float32))
    batch["x"] = 10.0
    assert slope() == [np.float32(40.0)]


def test_gradients_of_gradients_nest() -> None:
    third = pippin.gradient(pippin.gradient(pippin.gradient(lambda a: ops.sum(a**4))))
    assert third(np.float32(2.0)) == pytest.approx(48.0, rel=1e-5)


def test_functions_of_many_numbers_are_refused() -> None:
    with pytest.raises(SettingError, match="one number"):
        pippin.gradient(lambda a: a * 2.0)(X)


def test_gradient_works_inside_a_traced_function() -> None:
    program = trace_function(lambda x: pippin.gradient(lambda a: ops.sum(ops.exp(a)))(x), Spec((3,), "float32"))
    assert program.spec("y").shape == (3,)


def test_a_move_forwards_is_the_slope_times_the_way() -> None:
    x, way = np.array([0.5, -1.0, 2.0], np.float32), np.array([1.0, 2.0, -0.5], np.float32)
    value, moved = ops.jvp(lambda t: ops.sin(t) * t, (x,), (way,))
    np.testing.assert_allclose(value, np.sin(x) * x, rtol=1e-6)
    np.testing.assert_allclose(moved, (np.cos(x) * x + np.sin(x)) * way, rtol=1e-5)
    (total, _), (slope, pair), note = ops.jvp(
        lambda a, b: ((ops.sum(a * b), [a + b]), "seen"), (x, way), (way, x), has_aux=True
    )
    assert note == "seen" and float(total) == pytest.approx(float(x @ way))
    assert float(slope) == pytest.approx(float(way @ way + x @ x), rel=1e-5)
    np.testing.assert_allclose(pair[0], x + way, rtol=1e-6)


def test_bits_are_looked_at() -> None:
    assert ops.nextafter(1.0, 2.0) == np.nextafter(np.float32(1), np.float32(2))
    ones = np.ones((2, 4), np.float32)
    np.testing.assert_array_equal(ops.view(ones, "int32"), ones.view(np.int32))
    assert ops.view(ones, "uint8").shape == (2, 16) and ops.view(ones).dtype == np.float32
    with pytest.raises(ShapeError, match="last axis"):
        ops.view(np.zeros((2, 3), np.uint8), "float32")
