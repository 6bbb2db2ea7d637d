"""Primitives that make many numbers one: sums, maxima, positions of maxima, and the check that all are finite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.primitive import BOOL, INT, Primitive, Sample, Spec


def reduced_shape(shape: tuple[int, ...], axes: Sequence[int], keepdims: bool) -> tuple[int, ...]:
    """The shape that is left when `axes` (counted from 0) are reduced."""
    if keepdims:
        return tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


def _check_axes(name: str, x: Spec, axes: Sequence[int]) -> None:
    if len(set(axes)) != len(axes) or any(not 0 <= axis < x.rank for axis in axes):
        raise ShapeError(
            f"{name}: expected different axes from 0 to {x.rank - 1} for shape {x.shape}, received {tuple(axes)}."
        )


def _nothing_to_choose_from(name: str, x: Spec, axes: Sequence[int]) -> ShapeError:
    return ShapeError(f"{name}: expected at least one number along axes {tuple(axes)}, received shape {x.shape}.")


def _reduce_shape(name: str, empty: bool) -> Any:
    def shape(x: Spec, *, axes: tuple[int, ...], keepdims: bool) -> Spec:
        _check_axes(name, x, axes)
        if not empty and any(x.shape[axis] == 0 for axis in axes):
            raise _nothing_to_choose_from(name, x, axes)
        return Spec(reduced_shape(x.shape, axes, keepdims), x.dtype)

    return shape


def _samples(rng: np.random.Generator, empty: bool) -> list[Sample]:
    cases: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
        ((7,), (0,)), ((33,), (0,)), ((5, 3), (0,)), ((5, 3), (1,)), ((5, 40), (1,)), ((20, 2), (1,)),
        ((4, 3, 6), (0, 2)), ((4, 3, 6), (1,)), ((2, 5, 5, 3), (0, 1, 2)), ((2, 5, 5, 3), (1, 2)), ((3, 4), ()),
        ((300, 5), (0,)), ((3, 2, 4), (0, 1, 2)),
        ((0, 3), (1,)), ((1, 1), (0, 1)),
    ]  # fmt: skip
    if empty:
        cases += [((0, 3), (0,)), ((0,), (0,)), ((2, 0), (1,))]
    # A shuffled ramp: all numbers differ, so that the maximum is unique and its derivative exists.
    return [
        ((rng.permutation(np.linspace(-2, 2, int(np.prod(shape)))).reshape(shape).astype(np.float32),),
         {"axes": axes, "keepdims": bool(keep)})
        for shape, axes in cases for keep in (False, True)
    ]  # fmt: skip


def _spread(dy: Any, shape: tuple[int, ...], axes: Sequence[int]) -> Any:
    """Give every reduced position the number of its result."""
    return dy.reshape(reduced_shape(shape, axes, keepdims=True)).broadcast_to(shape)


def _of_one(constants: tuple[float | None, ...], x: Any, *, axes: tuple[int, ...], keepdims: bool) -> Any:
    if all(x.shape[axis] == 1 for axis in axes):
        return x.reshape(reduced_shape(x.shape, axes, keepdims))
    return None


def _sum_simplify(constants: tuple[float | None, ...], x: Any, *, axes: tuple[int, ...], keepdims: bool) -> Any:
    made_by = x.line
    if made_by is not None and made_by.primitive.total is not None:
        smaller = made_by.primitive.total(axes, *map(x.trace.symbol_of, made_by.inputs), **made_by.settings)
        if smaller is not None:
            return smaller.sum(axes, keepdims=keepdims)
    return _of_one(constants, x, axes=axes, keepdims=keepdims)


sum_ = Primitive(
    "sum", "y = Σ x", "Adds up many numbers into one.", _reduce_shape("sum", empty=True),
    reference=lambda x, *, axes, keepdims: np.sum(x, axis=axes, keepdims=keepdims, dtype=x.dtype),
    jax=lambda jax, x, *, axes, keepdims: jax.numpy.sum(x, axis=axes, keepdims=keepdims, dtype=x.dtype),
    samples=lambda rng: _samples(rng, empty=True),
    derivative=lambda dy, y, x, *, axes, keepdims: (_spread(dy, x.shape, axes),),
    flops=lambda result, x, **settings: float(x.size), simplify=_sum_simplify, along_last=True,
    summed_steps=lambda length, x, *, axes, keepdims: (
        x.sum([axis + 1 for axis in axes], keepdims=True).sum([0]) if keepdims
        else x.sum([0, *(axis + 1 for axis in axes)])
    ),
)  # fmt: skip


def _max_derivative(dy: Any, y: Any, x: Any, *, axes: tuple[int, ...], keepdims: bool) -> tuple[Any]:
    # Equal maxima share the gradient evenly.
    winners = x.equal(_spread(y, x.shape, axes)).cast("float32")
    share = winners / _spread(winners.sum(axes, keepdims=True), x.shape, axes)
    return (_spread(dy, x.shape, axes) * share,)


max_ = Primitive(
    "max", "y = max x", "Finds the largest of many numbers.", _reduce_shape("max", empty=False),
    reference=lambda x, *, axes, keepdims: np.max(x, axis=axes, keepdims=keepdims),
    jax=lambda jax, x, *, axes, keepdims: jax.numpy.max(x, axis=axes, keepdims=keepdims),
    samples=lambda rng: _samples(rng, empty=False), derivative=_max_derivative,
    flops=lambda result, x, **settings: float(x.size), simplify=_of_one, along_last=True,
)  # fmt: skip


def _argmax_shape(x: Spec, *, axis: int) -> Spec:
    _check_axes("argmax", x, (axis,))
    if x.shape[axis] == 0:
        raise _nothing_to_choose_from("argmax", x, (axis,))
    return Spec(reduced_shape(x.shape, (axis,), keepdims=False), INT)


argmax = Primitive(
    "argmax", "y = position of max x", "Finds where the largest number stands, counted from 0.", _argmax_shape,
    reference=lambda x, *, axis: np.asarray(np.argmax(x, axis=axis), np.int32),
    jax=lambda jax, x, *, axis: jax.numpy.argmax(x, axis=axis).astype("int32"),
    samples=lambda rng: [
        ((rng.integers(0, 5, shape).astype(np.float32),), {"axis": axis})
        for shape in ((7,), (5, 3), (20, 2), (6, 10), (3, 40), (0, 3), (4, 3, 6))
        for axis in range(len(shape)) if shape[axis]
    ],
    derivative=lambda dy, y, x, *, axis: (None,), flops=lambda result, x, *, axis: float(x.size), along_last=True,
)  # fmt: skip


def _all_finite(*arrays: np.ndarray) -> np.ndarray:
    return np.asarray(all(np.isfinite(x).all() for x in arrays))


def _all_finite_samples(rng: np.random.Generator) -> list[Sample]:
    found: list[Sample] = []
    for shape in ((), (0,), (1,), (33,), (3, 5), (1000,)):
        x = rng.normal(size=shape).astype(np.float32)
        found.append(((x,), {}))
        for bad in (np.nan, np.inf, -np.inf):
            spoiled = x.copy().reshape(-1)
            spoiled[-1:] = bad
            found.append(((spoiled.reshape(shape),), {}))
            found.append(((x, rng.normal(size=17).astype(np.float32), spoiled.reshape(shape)), {}))
    return found


all_finite = Primitive(
    "all_finite", "y = every x is a number", "True if no number of any operand is NaN or infinite.",
    shape=lambda *specs: Spec((), BOOL), reference=_all_finite,
    jax=lambda jax, *arrays: jax.numpy.stack([jax.numpy.isfinite(x).all() for x in arrays]).all(),
    samples=_all_finite_samples, derivative=lambda dy, y, *arrays: (None,) * len(arrays),
    flops=lambda result, *specs: float(sum(x.size for x in specs)),
)  # fmt: skip
