"""Operations that NumPy has too give what NumPy gives: on arrays, on whole numbers, and in functional models."""

# One case, one line.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pippin import layers, models, ops

X = np.random.RandomState(0).uniform(-2, 2, (2, 3, 4)).astype(np.float32)
Y = np.random.RandomState(1).uniform(0.5, 2, (2, 3, 4)).astype(np.float32)
COUNTS = np.random.RandomState(2).randint(-4, 5, (2, 3, 4)).astype(np.int32)
TRUTHS = COUNTS > 0

Case = tuple[str, tuple[Any, ...], dict[str, Any], Callable[..., Any]]
SAME: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *((name, (X, Y), {}) for name in ("add", "subtract", "multiply", "divide", "true_divide", "maximum", "minimum")),
    *((name, (COUNTS, COUNTS[:1] + 1), {}) for name in ("add", "subtract", "multiply", "maximum", "minimum")),
    ("power", (Y, X), {}), ("power", (Y, 3), {}), ("add", (COUNTS, 2), {}), ("multiply", (X, 0.5), {}), ("subtract", (1.0, X), {}),
    *((name, (X,), {}) for name in ("negative", "absolute", "abs", "sign", "square", "floor", "ceil", "round", "exp", "expm1", "sin", "cos", "tan", "tanh")),
    *((name, (COUNTS,), {}) for name in ("negative", "absolute", "sign", "square")),
    *((name, (Y,), {}) for name in ("sqrt", "log", "log1p", "log2", "log10", "reciprocal")),
    ("clip", (X, -0.5, 0.7), {}), ("clip", (COUNTS, -1, 2), {}), ("round", (X, 2), {}),
    *((name, (COUNTS, COUNTS[::-1].copy()), {}) for name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")),
    ("greater", (X, 0.3), {}), ("less_equal", (0.3, X), {}), ("isclose", (X, X + 1e-6), {}),
    *((name, (TRUTHS, X > 0), {}) for name in ("logical_and", "logical_or", "logical_xor")),
    ("logical_not", (TRUTHS,), {}), ("where", (TRUTHS, X, Y), {}), ("where", (TRUTHS, X, 0.0), {}),
    *((name, (np.array([1.0, np.nan, np.inf, -np.inf], np.float32),), {}) for name in ("isfinite", "isnan", "isinf")),
    *((name, (X,), settings) for name in ("sum", "mean", "var", "std", "max", "min", "amax", "amin")
      for settings in ({}, {"axis": 1}, {"axis": (0, 2), "keepdims": True}, {"axis": -1})),
    *((name, (COUNTS,), settings) for name in ("sum", "max", "min") for settings in ({}, {"axis": 1})),
    *((name, (TRUTHS,), settings) for name in ("any", "all") for settings in ({}, {"axis": 1}, {"axis": 2, "keepdims": True})),
    *((name, (x,), settings) for name in ("argmax", "argmin") for x in (X, COUNTS) for settings in ({}, {"axis": 1}, {"axis": -1, "keepdims": True})),
    ("count_nonzero", (COUNTS,), {}), ("count_nonzero", (COUNTS,), {"axis": 1}),
    ("reshape", (X, (4, -1)), {}), ("reshape", (X, -1), {}), ("transpose", (X,), {}), ("transpose", (X, (1, 0, 2)), {}),
    ("swapaxes", (X, 0, -1), {}), ("moveaxis", (X, 0, -1), {}), ("moveaxis", (X, (0, 1), (2, 0)), {}), ("ravel", (X,), {}),
    ("expand_dims", (X, 1), {}), ("expand_dims", (X, (0, -1)), {}), ("squeeze", (X[:1],), {}), ("squeeze", (X[:1],), {"axis": 0}),
    ("broadcast_to", (X[:1], (5, 3, 4)), {}), ("tile", (X, 2), {}), ("tile", (X, (2, 1, 3)), {}), ("tile", (X[0, 0], (2, 3)), {}),
    ("repeat", (X, 2), {}), ("repeat", (X, 3), {"axis": 1}), ("flip", (X,), {}), ("flip", (X,), {"axis": 1}),
    ("concatenate", ([X, Y],), {}), ("concatenate", ([X, Y],), {"axis": -1}), ("stack", ([X, Y],), {}), ("stack", ([X, Y],), {"axis": 2}),
    ("split", (X, 2), {}), ("split", (X, [1, 3]), {"axis": 2}), ("pad", (X, ((0, 1), (2, 0), (1, 1))), {}), ("pad", (X, 1), {"constant_values": 2.5}),
    ("take", (X, np.array([2, 0, -1])), {"axis": 1}), ("take", (X, np.array([[5, 0], [1, -2]])), {}),
    ("matmul", (X, np.swapaxes(Y, 1, 2).copy()), {}), ("matmul", (X[0], Y[0, 0]), {}), ("matmul", (Y[0, 0], X[0].T.copy()), {}),
    ("matmul", (COUNTS[0], X[0].T.copy()), {}), ("dot", (X[0, 0], Y[0, 0]), {}), ("dot", (X, Y[0].T.copy()), {}),
    ("dot", (X, np.swapaxes(Y, 1, 2).copy()), {}), ("dot", (2.0, X), {}),
    ("zeros_like", (X,), {}), ("ones_like", (COUNTS,), {}), ("full_like", (X, 2.5), {}), ("copy", (X,), {}),
    ("zeros", ((2, 3),), {}), ("ones", ((2,),), {}), ("full", ((2, 2), 7.0), {}), ("eye", (3, 4), {}), ("arange", (5,), {}),
    ("arange", (2, 9, 3), {}), ("linspace", (0, 1, 5), {}), ("shape", (X,), {}), ("ndim", (X,), {}), ("size", (X,), {}),
]  # fmt: skip


def told(case: tuple[Any, ...]) -> str:
    shapes = [getattr(a, "shape", a) for a in case[1]]
    return f"{case[0]} {shapes if not isinstance(case[1][0], list) else 'list'} {case[2]}"


def numpys(name: str, arguments: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    return getattr(np, name)(*arguments, **settings)


@pytest.mark.parametrize("case", SAME, ids=told)
def test_arrays_give_what_numpy_gives(case: tuple[Any, ...]) -> None:
    name, arguments, settings = case
    with np.errstate(all="ignore"):
        expected = numpys(name, arguments, settings)
    found = getattr(ops, name)(*arguments, **settings)
    if name == "split":
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, other)
        return
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-6)
    assert np.shape(found) == np.shape(expected)
    if isinstance(found, np.ndarray):
        # Programs know one float and one whole number, of 32 bits.
        assert found.dtype.kind == {"u": "i"}.get(np.asarray(expected).dtype.kind, np.asarray(expected).dtype.kind)


ONE_INPUT = [case for case in SAME if case[1][0] is X and case[0] not in ("split", "shape", "ndim", "size", "power")
             and not any(a is Y for a in case[1]) and ("axis" in case[2] or case[0] in ("negative", "tanh", "clip", "square", "zeros_like"))
             and case[2].get("axis") not in ((0, 2),)]  # fmt: skip


@pytest.mark.parametrize("case", ONE_INPUT, ids=told)
def test_functional_models_may_use_operations_as_layers(case: tuple[Any, ...]) -> None:
    name, arguments, settings = case
    start = layers.Input((3, 4))
    made = getattr(ops, name)(start, *arguments[1:], **settings)
    model = models.Model(start, ops.cast(made, "float32"))
    expected = numpys(name, arguments, settings)
    assert made.shape == (None, *expected.shape[1:])
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=2e-6, atol=1e-6)


def test_symbolic_tensors_calculate_with_operators() -> None:
    start = layers.Input((4,))
    made = ((start + 1.0) * 2.0 - start / 4.0) ** 2 - (-start) + (1.0 - start)
    x = X[0]
    expected = ((x + 1) * 2 - x / 4) ** 2 + x + (1 - x)
    np.testing.assert_allclose(models.Model(start, made).predict(x, verbose=0), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ops.reshape(X, (5, -1)), r"reshape: expected a shape of 24 numbers for input \(2, 3, 4\), received \(5, -1\)"),
        (lambda: ops.reshape(X, (-1, -1)), "at most one -1"),
        (lambda: ops.squeeze(X, 1), r"expected axes of length 1, received axis 1 of shape \(2, 3, 4\)"),
        (lambda: ops.split(X, 2, axis=1), r"split: expected a number of parts that divides axis 1 of shape \(2, 3, 4\), received 2"),
        (lambda: ops.pad(X, 1, mode="edge"), "mode of pad"),
        (lambda: ops.add(X, X[:, :2]), r"add: expected shapes that fit together.*\(2, 3, 4\) and \(2, 2, 4\)"),
        (lambda: ops.matmul(X[0], X[1]), "matmul: expected the summed lengths to be equal, received 4 and 3"),
        (lambda: ops.cast(X, "text"), 'expected a type of numbers such as "float32"'),
        (lambda: ops.top_k(X, 5), r"top_k: expected k from 1 to 4 for shape \(2, 3, 4\), received 5"),
        (lambda: ops.glu(X[..., :3]), "glu: expected an even length along axis -1"),
        (lambda: ops.normalize(X, order=3), "normalize: expected order 1 or 2, received 3"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_words(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
