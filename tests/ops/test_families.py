"""Operations of angles, powers, bits, order, joining, diagonals and NaN give what NumPy gives, on arrays and in
functional models."""

# One case, one line.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import layers, models, ops
from pippin.tree import flatten

DRAW = np.random.RandomState(0)
X = DRAW.uniform(-2, 2, (2, 3, 4)).astype(np.float32)
Y = DRAW.uniform(0.1, 0.9, (2, 3, 4)).astype(np.float32)
HOLES = np.where(DRAW.uniform(size=(2, 3, 4)) < 0.3, np.nan, X).astype(np.float32)
COUNTS = DRAW.randint(-9, 10, (2, 3, 4)).astype(np.int32)
OTHERS = np.array([3, -4, 7, 1], np.int32)
MASKS = DRAW.randint(0, 200, (2, 3, 4)).astype(np.int32)
TRUTHS = COUNTS > 0
ROW = np.array([3.0, -1.0, 2.0, 2.0, np.nan], np.float32)

SAME: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *((name, (Y,), {}) for name in ("arcsin", "arccos", "arctan", "arctanh", "arcsinh", "sinh", "cosh", "sinc", "deg2rad", "rad2deg")),
    *((name, (X,), {}) for name in ("arctan", "arcsinh", "sinh", "cosh", "sinc", "cbrt", "exp2", "trunc", "fabs", "signbit", "isreal", "i0")),
    ("arccosh", (Y + 1,), {}), ("arctan2", (X, X[::-1].copy()), {}), ("hypot", (X, Y), {}),
    ("logaddexp", (X, Y), {}), ("logaddexp2", (X, Y), {}), ("ldexp", (X, OTHERS), {}), ("heaviside", (np.array([-1.0, 0.0, 2.0], np.float32), 0.5), {}),
    *((name, (a, b), {}) for name in ("floor_divide", "mod", "fmod") for a, b in ((X, Y), (COUNTS, OTHERS))),
    ("gcd", (COUNTS, OTHERS), {}), ("lcm", (COUNTS, OTHERS), {}), ("power", (COUNTS, np.array([2, 0, 3, 1], np.int32)), {}),
    *((name, (MASKS, OTHERS), {}) for name in ("bitwise_and", "bitwise_or", "bitwise_xor")), ("bitwise_and", (TRUTHS, TRUTHS[::-1].copy()), {}),
    ("bitwise_invert", (MASKS,), {}), ("bitwise_not", (TRUTHS,), {}), ("left_shift", (COUNTS, np.int32(3)), {}), ("right_shift", (COUNTS, np.int32(1)), {}),
    ("fmax", (HOLES, Y), {}), ("fmin", (HOLES, Y), {}), ("nan_to_num", (np.array([1.0, np.nan, np.inf, -np.inf], np.float32),), {}),
    ("allclose", (X, X + 1e-7), {}), ("isin", (COUNTS, OTHERS), {}), ("isin", (COUNTS, OTHERS), {"invert": True}),
    ("isposinf", (ROW,), {}), ("isneginf", (ROW,), {}),
    *((name, (COUNTS,), settings) for name in ("sort", "argsort") for settings in ({}, {"axis": 1}, {"axis": None})),
    ("sort", (HOLES,), {}), ("searchsorted", (np.array([1.0, 2.0, 4.0], np.float32), X), {}), ("searchsorted", (np.array([1, 2, 4], np.int32), COUNTS), {"side": "right"}),
    ("digitize", (X, np.array([-1.0, 0.0, 1.0], np.float32)), {}), ("unique", (COUNTS,), {"return_inverse": True, "return_counts": True}), ("bincount", (MASKS[0, 0],), {}),
    ("histogram", (X,), {"bins": 5, "range": (-2, 2)}),
    *((name, (X,), settings) for name in ("cumsum", "cumprod") for settings in ({}, {"axis": 1})), ("cumsum", (COUNTS,), {"axis": 2}), ("cumprod", (Y,), {"axis": 0}),
    ("diff", (X,), {}), ("diff", (X,), {"n": 2, "axis": 1}), ("trapezoid", (X,), {"dx": 0.5}) if hasattr(np, "trapezoid") else ("diff", (COUNTS,), {}),
    ("roll", (X, 2), {}), ("roll", (X, (1, -2)), {"axis": (0, 2)}), ("cross", (X[..., :3].copy(), Y[..., :3].copy()), {}),
    ("prod", (Y,), {}), ("prod", (Y,), {"axis": (0, 2)}), ("prod", (COUNTS,), {"axis": 1, "keepdims": True}), ("ptp", (X,), {"axis": 1}),
    *((name, (HOLES,), settings) for name in ("nansum", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanprod") for settings in ({}, {"axis": 1}, {"axis": 2, "keepdims": True})),
    *((name, (HOLES,), settings) for name in ("nancumsum", "nancumprod") for settings in ({}, {"axis": 1})),
    *((name, (X, q), settings) for name, q in (("quantile", 0.3), ("quantile", [0.1, 0.5]), ("percentile", 80.0))
      for settings in ({}, {"axis": 1}, {"axis": 2, "keepdims": True}, {"axis": 1, "method": "nearest"})),
    ("median", (X,), {"axis": 1}), ("median", (ROW,), {}), ("nanmedian", (HOLES,), {"axis": 2}), ("nanquantile", (HOLES, 0.4), {"axis": 1}), ("nanpercentile", (HOLES, 40.0), {}),
    ("tril", (X,), {}), ("triu", (COUNTS,), {"k": 1}), ("tri", (3, 4, 1), {}), ("identity", (3,), {}), ("diagonal", (X,), {}), ("diagonal", (X,), {"offset": 1, "axis1": 2, "axis2": 1}),
    ("trace", (X,), {}), ("trace", (COUNTS,), {"offset": -1, "axis1": 1, "axis2": 2}), ("diag", (X[0, 0],), {"k": -1}), ("diag", (COUNTS[0],), {"k": 1}), ("diagflat", (X,), {}),
    ("vander", (X[0, 0],), {}), ("vander", (COUNTS[0, 0],), {"N": 3, "increasing": True}),
    ("hstack", ([X, Y],), {}), ("vstack", ([X[0, 0], Y[0, 0]],), {}), ("dstack", ([X, Y],), {}), ("append", (X, Y), {}), ("append", (X, Y), {"axis": 1}),
    ("array_split", (X, 3), {"axis": 2}), ("hsplit", (X, [1]), {}), ("vsplit", (X, 2), {}), ("dsplit", (X, 2), {}), ("fliplr", (X,), {}), ("flipud", (X,), {}),
    *(("rot90", (X,), {"k": k, "axes": (1, 2)}) for k in range(4)), ("meshgrid", (X[0, 0], Y[0, 0, :3]), {}), ("meshgrid", (X[0, 0], Y[0, 0, :3], COUNTS[0, 0]), {"indexing": "ij"}),
    ("take_along_axis", (X, np.array([[[0, -1]], [[2, 1]]])), {"axis": 2}), ("take_along_axis", (X, np.array([5, 0, -1])), {"axis": None}),
    ("select", ([X > 1, X < 0], [X, Y]), {"default": 9.0}), ("average", (X,), {"axis": 1, "weights": np.array([1.0, 2.0, 0.5], np.float32)}),
    *((name, (n,), {}) for name in ("bartlett", "blackman", "hamming", "hanning") for n in (1, 7)), ("kaiser", (6, 3.0), {}),
    *((name, (X[0], Y[1]), {}) for name in ("inner", "outer", "kron", "vdot")), ("inner", (X, Y[0, 0]), {}), ("kron", (X[0, 0], Y), {}), ("corrcoef", (X[0],), {}),
    *(("tensordot", (X, Y.transpose(2, 0, 1).copy()), {"axes": axes}) for axes in (1, ((2, 0), (0, 1)))), ("tensordot", (X[0], Y[0]), {"axes": 0}), ("tensordot", (X, Y), {"axes": 3}),
    *(("correlate", pair, {"mode": mode}) for pair in ((X[0, 0], Y[0, 0, :3]), (X[0, 0, :2], Y[0, 0]), (X[0, 0], Y[0, 0])) for mode in ("valid", "same", "full")),
    ("unravel_index", (MASKS % 24, (2, 3, 4)), {}), *((name, (x,), {}) for name in ("real", "imag", "conj", "conjugate") for x in (X, COUNTS)), ("angle", (X,), {}),
    ("unique", (COUNTS,), {"return_index": True}), ("logspace", (0, 2, 5), {}), ("geomspace", (1, 100, 4), {}),
]  # fmt: skip


def told(case: tuple[Any, ...]) -> str:
    return f"{case[0]} {[getattr(leaf, 'shape', leaf) for leaf in flatten(list(case[1]))]} {list(case[2])}"


def assert_same(found: Any, expected: Any) -> None:
    """Equal in shape and kind, and to a few roundings of float32: NumPy computes some of these in float64."""
    if isinstance(expected, (list, tuple)):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
        return
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    assert {"u": "i"}.get(found.dtype.kind, found.dtype.kind) == {"u": "i"}.get(expected.dtype.kind, expected.dtype.kind)
    np.testing.assert_allclose(found, expected, rtol=4e-6, atol=2e-6)


@pytest.mark.parametrize("case", SAME, ids=told)
def test_arrays_give_what_numpy_gives(case: tuple[str, tuple[Any, ...], dict[str, Any]]) -> None:
    name, arguments, settings = case
    with np.errstate(all="ignore"):
        # Equal numbers keep their order here, which NumPy does when asked.
        expected = getattr(np, name)(*arguments, **settings, **({"kind": "stable"} if name == "argsort" else {}))
    assert_same(getattr(ops, name)(*arguments, **settings), expected)


BY_EXAMPLE = [
    case for case in SAME
    if isinstance(case[1][0], np.ndarray) and case[1][0].ndim == 3 and "axis" in case[2]
    and case[2]["axis"] not in (None, (0, 2), (0, 1), 0) and case[0] not in ("roll", "unique", "take_along_axis", "append")
]  # fmt: skip


@pytest.mark.parametrize("case", BY_EXAMPLE, ids=told)
def test_functional_models_compute_the_same(case: tuple[str, tuple[Any, ...], dict[str, Any]]) -> None:
    name, (x, *rest), settings = case
    start = layers.Input(x.shape[1:], dtype=x.dtype.name)
    made = getattr(ops, name)(start, *rest, **settings)
    expected = getattr(ops, name)(x, *rest, **settings)
    model = models.Model(start, made)
    for one, symbol, other in zip(flatten(model(x)), flatten(made), flatten(expected), strict=True):
        assert symbol.dtype == other.dtype.name
        np.testing.assert_array_equal(one, other)


def test_what_depends_on_numbers_is_refused_where_there_are_none() -> None:
    start = layers.Input((4,))
    for call in (ops.nonzero, ops.unique, ops.bincount, ops.histogram):
        with pytest.raises(ValueError, match=f"{call.__name__}: expected arrays, received symbols"):
            call(start)
