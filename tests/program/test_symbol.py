"""A symbol behaves as the array it stands for.

Operators, indexing, reductions. And it says so where it can't.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pippin.engines.reference import ReferenceEngine
from pippin.errors import PippinError, ShapeError
from pippin.primitives import Spec, spec_of
from pippin.program import Symbol, Trace, trace_function


def compute(function: Callable[..., Any], *arrays: np.ndarray) -> np.ndarray:
    """What a function of symbols gives for arrays."""
    program = trace_function(function, *map(spec_of, arrays))
    return ReferenceEngine().compile(program)({f"x{n}": array for n, array in enumerate(arrays)}, {})["y"]


A = np.array([[1.0, -2.0, 3.0], [0.5, 0.0, -1.5]], np.float32)
B = np.array([[2.0, 2.0, 0.25], [4.0, 1.0, -1.0]], np.float32)
OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
]


@pytest.mark.parametrize("function", OPERATORS, ids=lambda function: function.__name__)
def test_operators_mean_what_they_mean_on_arrays(function: Callable[[Any, Any], Any]) -> None:
    np.testing.assert_array_equal(compute(function, A, B), function(A, B))
    np.testing.assert_array_equal(compute(lambda x: function(x, 2.0), A), function(A, np.float32(2)))
    np.testing.assert_array_equal(compute(lambda x: function(2.0, x), B), function(np.float32(2), B))
    np.testing.assert_array_equal(compute(lambda x: function(B, x), A * A + 1), function(B, A * A + 1))


@pytest.mark.parametrize("exponent", [2, 2.0, 3, 0.5, np.array([2.0, 3.0, 0.0], np.float32)])
def test_powers_take_numbers_and_arrays(exponent: Any) -> None:
    np.testing.assert_allclose(compute(lambda x: x**exponent, np.abs(A)), np.abs(A) ** exponent, rtol=1e-6)


def test_a_number_can_be_raised_to_a_symbol() -> None:
    np.testing.assert_allclose(compute(lambda x: 2.0**x, A), 2.0**A, rtol=1e-6)


def test_unary_operators_and_products() -> None:
    np.testing.assert_array_equal(compute(lambda x: -x, A), -A)
    np.testing.assert_array_equal(compute(abs, A), abs(A))
    np.testing.assert_allclose(compute(lambda x, y: x @ y, A, B.T.copy()), A @ B.T)
    np.testing.assert_array_equal(
        compute(lambda x: ~(x > 0) & (x > -2) | (x > 2), A), ~(A > 0) & (A > -2) | (A > 2)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [((3, 4), (4, 2)), ((2, 3, 4), (4, 5)), ((2, 1, 3, 4), (5, 4, 2)), ((4,), (4, 3)), ((3, 4), (4,)), ((4,), (4,)),
     ((2, 3, 4), (4,))],
)  # fmt: skip
def test_products_of_all_ranks_mean_what_they_mean_in_numpy(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=one).astype(np.float32), rng.normal(size=other).astype(np.float32)
    np.testing.assert_allclose(compute(lambda x, y: x @ y, a, b), a @ b, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(compute(lambda y: a @ y, b), a @ b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("place", [0, 2, -1])
def test_an_index_may_be_computed(place: int) -> None:
    x, at = np.arange(24, dtype=np.float32).reshape(2, 3, 4), np.array(place, np.int32)
    for cut in (
        lambda a, n: a[:, n], lambda a, n: a[..., n], lambda a, n: a[:, n, 1:3], lambda a, n: a[1, n],
        lambda a, n: a[..., n, :], lambda a, n: a[:, None, n], lambda a, n: a[0, n, n],
    ):  # fmt: skip
        np.testing.assert_array_equal(compute(cut, x, at), cut(x, place))


@given(hnp.basic_indices((4, 1, 5), allow_newaxis=True, max_dims=6))
def test_every_basic_index_means_what_it_means_in_numpy(key: Any) -> None:
    x = np.arange(20, dtype=np.float32).reshape(4, 1, 5)
    np.testing.assert_array_equal(compute(lambda symbol: symbol[key], x), x[key])


@given(st.slices(7), st.slices(0))
def test_every_slice_means_what_it_means_in_numpy(first: slice, second: slice) -> None:
    x = np.zeros((7, 0), np.float32)
    assert compute(lambda symbol: symbol[first, second], x).shape == x[first, second].shape
    y = np.arange(7, dtype=np.float32)
    np.testing.assert_array_equal(compute(lambda symbol: symbol[first], y), y[first])


@pytest.mark.parametrize("key", [(0, 0, 0), 5, -3])
def test_an_index_outside_is_refused_while_the_program_is_written(key: Any) -> None:
    with pytest.raises(IndexError):
        compute(lambda symbol: symbol[key], A)


@pytest.mark.parametrize("key", [[0, 1], np.array([0, 1]), 0.5, "a"])
def test_an_index_of_another_kind_is_refused_with_the_cure(key: Any) -> None:
    with pytest.raises(
        TypeError, match=r"whole numbers, slices, None and \.\.\. as indices .* received .*gather"
    ):
        compute(lambda symbol: symbol[key], A)


@pytest.mark.parametrize("axes", [None, (0,), (-1,), (1, 0), ()])
@pytest.mark.parametrize("keepdims", [False, True])
def test_reductions_count_negative_axes_from_the_end(axes: Any, keepdims: bool) -> None:
    for name in ("sum", "max", "mean"):
        expected = getattr(np, name)(A, axis=axes, keepdims=keepdims)
        result = compute(lambda x, name=name: getattr(x, name)(axes, keepdims), A)
        np.testing.assert_allclose(result, expected, rtol=1e-6)
    np.testing.assert_array_equal(compute(lambda x: x.argmax(-1), A), A.argmax(-1))


@pytest.mark.parametrize(
    "shape,target",
    [((2, 3), (3,)), ((2, 3), (1, 3)), ((2, 3), (2, 1)), ((2, 3), ()), ((4, 2, 3), (1, 3)), ((2, 0), (2, 1))],
)
def test_summing_to_a_shape_undoes_broadcasting(shape: tuple[int, ...], target: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    extra = len(shape) - len(target)
    axes = tuple(a for a in range(len(shape)) if a < extra or (target[a - extra] == 1 and shape[a] != 1))
    np.testing.assert_allclose(
        compute(lambda s: s.sum_to(target), x), x.sum(axes, keepdims=True).reshape(target), rtol=1e-6
    )


def symbol(shape: tuple[int, ...] = (2, 3), dtype: str = "float32") -> Symbol:
    return Trace("test").input("x", Spec(shape, dtype))


def test_a_symbol_has_no_truth_value_and_says_what_to_use() -> None:
    with pytest.raises(TypeError, match=r"no truth value.*ops\.where"):
        bool(symbol() > 0)


def test_a_symbol_is_no_array_and_says_so() -> None:
    with pytest.raises(TypeError, match="can't become a NumPy array"):
        np.asarray(symbol())


def test_a_symbol_knows_its_shape() -> None:
    x = symbol()
    assert (x.shape, x.rank, x.ndim, x.size, x.dtype, len(x)) == ((2, 3), 2, 2, 6, "float32", 2)
    assert x.line is None and (x + 1.0).line is not None


def test_what_stands_for_no_number_is_left_to_python() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        symbol() + "a"
    with pytest.raises(TypeError, match="unsupported operand"):
        object() * symbol()


def test_numbers_take_the_type_of_the_symbol() -> None:
    x = symbol(dtype="int32")
    assert (x + 1).dtype == (1 - x).dtype == "int32"
    assert (symbol() + 1).dtype == "float32"
    assert (symbol() > 0).where(1, 0).dtype == "float32"


def test_a_fraction_is_not_silently_cut_to_a_whole_number() -> None:
    assert (symbol(dtype="int32") * 0.5).dtype == (symbol(dtype="int32") / 2).dtype == "float32"
    with pytest.raises(ShapeError, match=r"0\.5.*int32.*[Cc]ast"):
        symbol(dtype="int32").where(0.5, symbol(dtype="int32"))


def test_symbols_of_two_traces_do_not_mix() -> None:
    with pytest.raises(PippinError, match="another trace"):
        symbol() + symbol()
