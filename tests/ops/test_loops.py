"""Loops of functions: the same on arrays, where Python loops, and in a program, where one line does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pippin import layers, models, ops
from pippin.engines import get_engine
from pippin.errors import SettingError
from pippin.primitives import spec_of
from pippin.program import Trace
from pippin.transforms import simplify
from pippin.tree import flatten

X = np.random.default_rng(3).normal(size=(5, 3)).astype(np.float32)


def in_a_program(function: Callable[..., Any], *arrays: np.ndarray) -> list[np.ndarray]:
    """The results of a function as the native engine computes them."""
    trace = Trace("loops")
    with trace.active():
        given = [trace.input(f"x{n}", spec_of(array)) for n, array in enumerate(arrays)]
        leaves = flatten(function(*given))
        for number, leaf in enumerate(leaves):
            trace.output(f"y{number}", trace.symbol(leaf))
    inputs = {f"x{n}": array for n, array in enumerate(arrays)}
    outputs = get_engine("native").compile(simplify(trace.program()))(inputs, {})
    return [outputs[f"y{number}"] for number in range(len(leaves))]


def prefix_sums(x: Any) -> Any:
    return ops.scan(lambda carry, row: (carry + row, {"sum": carry, "row": row * 2.0}), ops.zeros((3,)), x)


def backwards(x: Any) -> Any:
    return ops.scan(lambda carry, row: (carry * 0.5 + row, carry), ops.zeros((3,)), x, reverse=True)


def without_xs(x: Any) -> Any:
    return ops.scan(lambda carry, _: (carry * 1.5, None), x, length=4)[0]


def counted(x: Any) -> Any:
    return ops.fori_loop(2, 6, lambda i, value: value * 0.5 + ops.cast(i, "float32"), x)


def halved(x: Any) -> Any:
    return ops.while_loop(
        lambda value, n: ops.max(value) > 0.2, lambda value, n: (value * 0.5, n + 1), (x, np.int32(0)), 20
    )


def mapped(x: Any) -> Any:
    return ops.map(lambda row: (ops.sum(row), row + 1.0), x)


LOOPS = (prefix_sums, backwards, without_xs, counted, halved, mapped)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_gives_the_same_on_arrays_and_in_a_program(loop: Callable[..., Any]) -> None:
    plain = [leaf for leaf in flatten(loop(X)) if leaf is not None]
    for found, expected in zip(in_a_program(loop, X), plain, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_prefix_sums_are_those_of_numpy() -> None:
    last, kept = prefix_sums(X)
    np.testing.assert_allclose(last, X.sum(0), rtol=1e-5)
    np.testing.assert_allclose(kept["sum"][1:], np.cumsum(X, 0)[:-1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 8])
def test_an_associative_scan_gives_all_prefixes(n: int, reverse: bool) -> None:
    x = np.random.default_rng(n).normal(size=(2, n)).astype(np.float32)
    expected = np.cumsum(x[:, ::-1], 1)[:, ::-1] if reverse else np.cumsum(x, 1)
    run = lambda given: ops.associative_scan(ops.add, given, reverse=reverse, axis=1)  # noqa: E731
    np.testing.assert_allclose(run(x), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(in_a_program(run, x)[0], expected, rtol=1e-5, atol=1e-6)


def test_a_loop_may_be_part_of_a_functional_model() -> None:
    start = layers.Input((4,))
    model = models.Model(start, ops.fori_loop(0, 3, lambda i, value: value * 2.0, start))
    np.testing.assert_array_equal(model.predict(np.ones((2, 4), np.float32), verbose=0), 8.0)


def test_a_while_loop_without_a_bound_is_refused_in_a_program() -> None:
    assert ops.while_loop(lambda n: n < 5, lambda n: n + 1, 0) == 5
    with pytest.raises(SettingError, match="maximum_iterations"):
        in_a_program(lambda x: ops.while_loop(lambda v: ops.sum(v) > 0, lambda v: v - 1.0, x), X)


def test_a_step_that_changes_its_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="carried value 0"):
        in_a_program(lambda x: ops.scan(lambda c, row: (ops.sum(row), row), ops.zeros((3,)), x), X)
