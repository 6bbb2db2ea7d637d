"""Primitives that rearrange numbers without changing any: reshape, transpose, repeat, join, cut, pad, reverse."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.primitive import Primitive, Sample, Spec


def _draw(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def _nothing_moves(result: Spec, *specs: Spec, **settings: Any) -> float:
    return 0.0


# reshape ----------------------------------------------------------------------------------------------------------


def _reshape_shape(x: Spec, *, shape: tuple[int, ...]) -> Spec:
    if any(size < 0 for size in shape) or prod(shape) != x.size:
        raise ShapeError(
            f"reshape: expected a shape of {x.size} numbers for input {x.shape}, received {shape} with {prod(shape)}."
        )
    return Spec(tuple(shape), x.dtype)


def _reshape_simplify(constants: tuple[float | None, ...], x: Any, *, shape: tuple[int, ...]) -> Any:
    if x.shape == shape:
        return x
    made_by = x.line
    if made_by is not None and made_by.primitive is reshape:
        return x.trace.symbol_of(made_by.inputs[0]).reshape(shape)
    return None


reshape = Primitive(
    "reshape", "y = x in another shape", "Lays the same numbers out in another shape; none moves in memory.",
    _reshape_shape, reference=lambda x, *, shape: x.reshape(shape),
    jax=lambda jax, x, *, shape: x.reshape(shape),
    samples=lambda rng: [
        ((_draw(rng, *before),), {"shape": after})
        for before, after in (
            ((6,), (2, 3)), ((2, 3), (6,)), ((), (1, 1)), ((0, 3), (3, 0)), ((4, 4, 3), (4, 12)), ((1, 5), (5,))
        )
    ],
    derivative=lambda dy, y, x, *, shape: (dy.reshape(x.shape),), flops=_nothing_moves,
    simplify=_reshape_simplify, alias=True,
)  # fmt: skip


# transpose --------------------------------------------------------------------------------------------------------


def _transpose_shape(x: Spec, *, order: tuple[int, ...]) -> Spec:
    if sorted(order) != list(range(x.rank)):
        raise ShapeError(
            f"transpose: expected an order of the axes 0 to {x.rank - 1} for shape {x.shape}, received {order}."
        )
    return Spec(tuple(x.shape[axis] for axis in order), x.dtype)


def _inverse(order: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(position) for position in np.argsort(order))


def _transpose_simplify(constants: tuple[float | None, ...], x: Any, *, order: tuple[int, ...]) -> Any:
    if order == tuple(range(x.rank)):
        return x
    # Moving axes of length 1 around moves no number.
    if [a for a in order if x.shape[a] != 1] == [a for a in range(x.rank) if x.shape[a] != 1]:
        return x.reshape(tuple(x.shape[axis] for axis in order))
    return None


transpose = Primitive(
    "transpose", "y = x with its axes in another order", "Swaps axes: rows become columns.", _transpose_shape,
    reference=lambda x, *, order: np.transpose(x, order), jax=lambda jax, x, *, order: jax.numpy.transpose(x, order),
    samples=lambda rng: [
        ((_draw(rng, *shape),), {"order": order})
        for shape, order in (
            ((3, 5), (1, 0)), ((0, 4), (1, 0)), ((2, 3, 4), (2, 0, 1)), ((2, 3, 4), (0, 2, 1)),
            ((2, 3, 4, 5), (0, 3, 1, 2)), ((17, 33), (1, 0)),
        )
    ],
    derivative=lambda dy, y, x, *, order: (dy.transpose(_inverse(order)),), flops=_nothing_moves,
    simplify=_transpose_simplify,
)  # fmt: skip


# broadcast_to -----------------------------------------------------------------------------------------------------


def _broadcast_shape(x: Spec, *, shape: tuple[int, ...]) -> Spec:
    fits = x.rank <= len(shape) and all(
        have in (1, want) for have, want in zip(reversed(x.shape), reversed(shape), strict=False)
    )
    if not fits:
        raise ShapeError(f"broadcast_to: expected a shape that {x.shape} can be repeated into, received {shape}.")
    return Spec(tuple(shape), x.dtype)


def _broadcast_simplify(constants: tuple[float | None, ...], x: Any, *, shape: tuple[int, ...]) -> Any:
    return x if x.shape == shape else None


broadcast_to = Primitive(
    "broadcast_to", "y = x, repeated", "Repeats numbers until they fill a larger shape.", _broadcast_shape,
    reference=lambda x, *, shape: np.broadcast_to(x, shape),
    jax=lambda jax, x, *, shape: jax.numpy.broadcast_to(x, shape),
    samples=lambda rng: [
        ((_draw(rng, *before),), {"shape": after})
        for before, after in (
            ((), (5,)), ((1,), (7,)), ((4,), (3, 4)), ((3, 1), (3, 5)), ((1, 6), (0, 6)), ((2, 1, 3), (2, 4, 3)),
            ((), (2, 2, 2)),
        )
    ],
    derivative=lambda dy, y, x, *, shape: (dy.sum_to(x.shape),), flops=_nothing_moves,
    simplify=_broadcast_simplify, elementwise=True, repeats=True,
)  # fmt: skip


# concatenate ------------------------------------------------------------------------------------------------------


def _concatenate_shape(*parts: Spec, axis: int) -> Spec:
    first = parts[0]
    for other in parts[1:]:
        same = (
            other.rank == first.rank
            and other.dtype == first.dtype
            and all(a == b for place, (a, b) in enumerate(zip(first.shape, other.shape, strict=True)) if place != axis)
        )
        if not same:
            raise ShapeError(
                f"concatenate: expected shapes that differ only along axis {axis}, received {first} and {other}."
            )
    if not 0 <= axis < first.rank:
        raise ShapeError(f"concatenate: expected an axis from 0 to {first.rank - 1}, received {axis}.")
    size = sum(part.shape[axis] for part in parts)
    return Spec(first.shape[:axis] + (size,) + first.shape[axis + 1 :], first.dtype)


def _concatenate_derivative(dy: Any, y: Any, *parts: Any, axis: int) -> list[Any]:
    gradients, begin = [], 0
    for part in parts:
        start = tuple(begin if place == axis else 0 for place in range(part.rank))
        gradients.append(dy.slice(start, tuple(a + b for a, b in zip(start, part.shape, strict=True))))
        begin += part.shape[axis]
    return gradients


concatenate = Primitive(
    "concatenate", "y = a, b, ... in a row", "Puts arrays one after another.", _concatenate_shape,
    reference=lambda *parts, axis: np.concatenate(parts, axis=axis),
    jax=lambda jax, *parts, axis: jax.numpy.concatenate(parts, axis=axis),
    samples=lambda rng: [
        ((_draw(rng, 3), _draw(rng, 4)), {"axis": 0}),
        ((_draw(rng, 2, 3), _draw(rng, 2, 5), _draw(rng, 2, 1)), {"axis": 1}),
        ((_draw(rng, 0, 3), _draw(rng, 2, 3)), {"axis": 0}), ((_draw(rng, 2, 3, 4), _draw(rng, 2, 1, 4)), {"axis": 1}),
        ((_draw(rng, 4),), {"axis": 0}),
    ],
    derivative=_concatenate_derivative, flops=_nothing_moves,
)  # fmt: skip


# slice and pad: each is the other's derivative --------------------------------------------------------------------


def _slice_shape(x: Spec, *, start: tuple[int, ...], stop: tuple[int, ...], step: tuple[int, ...]) -> Spec:
    sizes = []
    for size, a, b, s in zip(x.shape, start, stop, step, strict=True):
        if not (0 <= a <= b <= size and s >= 1):
            raise ShapeError(
                f"slice: expected 0 <= start <= stop <= {size} and step >= 1 on each axis of {x.shape}, "
                f"received {start}, {stop}, {step}."
            )
        sizes.append(-(-(b - a) // s))
    return Spec(tuple(sizes), x.dtype)


def _cut(x: Any, start: tuple[int, ...], stop: tuple[int, ...], step: tuple[int, ...]) -> Any:
    return x[tuple(slice(a, b, s) for a, b, s in zip(start, stop, step, strict=True))]


def _slice_derivative(
    dy: Any, y: Any, x: Any, *, start: tuple[int, ...], stop: tuple[int, ...], step: tuple[int, ...]
) -> tuple[Any]:
    covered = [max(0, (n - 1) * s + 1) for n, s in zip(y.shape, step, strict=True)]
    high = tuple(size - a - c for size, a, c in zip(x.shape, start, covered, strict=True))
    return (dy.pad(start, high, tuple(s - 1 for s in step)),)


def _slice_simplify(
    constants: tuple[float | None, ...], x: Any, *, start: tuple[int, ...], stop: tuple[int, ...], step: tuple[int, ...]
) -> Any:
    return x if stop == x.shape and not any(start) and set(step) <= {1} else None


slice_ = Primitive(
    "slice", "y = x[start:stop:step]", "Cuts out a part.", _slice_shape,
    reference=lambda x, *, start, stop, step: _cut(x, start, stop, step),
    jax=lambda jax, x, *, start, stop, step: jax.lax.slice(x, start, stop, step),
    samples=lambda rng: [
        ((_draw(rng, 7),), {"start": (2,), "stop": (6,), "step": (1,)}),
        ((_draw(rng, 7),), {"start": (0,), "stop": (7,), "step": (3,)}),
        ((_draw(rng, 7),), {"start": (1,), "stop": (1,), "step": (1,)}),
        ((_draw(rng, 5, 6),), {"start": (1, 0), "stop": (4, 6), "step": (2, 5)}),
        ((_draw(rng, 2, 5, 3),), {"start": (0, 2, 1), "stop": (2, 5, 2), "step": (1, 1, 1)}),
    ],
    derivative=_slice_derivative, flops=_nothing_moves, simplify=_slice_simplify,
)  # fmt: skip


def _pad_shape(x: Spec, *, low: tuple[int, ...], high: tuple[int, ...], inner: tuple[int, ...]) -> Spec:
    if not len(low) == len(high) == len(inner) == x.rank or min((*low, *high, *inner, 0)) < 0:
        raise ShapeError(
            f"pad: expected {x.rank} paddings of 0 or more for shape {x.shape}, received {low}, {high}, {inner}."
        )
    spread = [n + max(0, n - 1) * i for n, i in zip(x.shape, inner, strict=True)]
    return Spec(tuple(a + n + b for a, n, b in zip(low, spread, high, strict=True)), x.dtype)


def _pad_reference(x: np.ndarray, *, low: tuple[int, ...], high: tuple[int, ...], inner: tuple[int, ...]) -> np.ndarray:
    result = np.zeros(_pad_shape(Spec(x.shape), low=low, high=high, inner=inner).shape, x.dtype)
    places = tuple(slice(a, a + n + max(0, n - 1) * i, i + 1) for a, n, i in zip(low, x.shape, inner, strict=True))
    result[places] = x
    return result


def _pad_derivative(
    dy: Any, y: Any, x: Any, *, low: tuple[int, ...], high: tuple[int, ...], inner: tuple[int, ...]
) -> tuple[Any]:
    stop = tuple(size - b for size, b in zip(y.shape, high, strict=True))
    return (dy.slice(low, stop, tuple(i + 1 for i in inner)),)


pad = Primitive(
    "pad", "y = zeros around x", "Puts zeros around the numbers, or between them.", _pad_shape, _pad_reference,
    jax=lambda jax, x, *, low, high, inner: (
        jax.lax.pad(x, jax.numpy.zeros((), x.dtype), list(zip(low, high, inner, strict=True)))
    ),
    samples=lambda rng: [
        ((_draw(rng, 4),), {"low": (1,), "high": (2,), "inner": (0,)}),
        ((_draw(rng, 4),), {"low": (0,), "high": (1,), "inner": (2,)}),
        ((_draw(rng, 0),), {"low": (1,), "high": (2,), "inner": (1,)}),
        ((_draw(rng, 2, 3, 3, 2),), {"low": (0, 1, 2, 0), "high": (0, 1, 0, 0), "inner": (0, 0, 0, 0)}),
        ((_draw(rng, 3, 4),), {"low": (1, 0), "high": (0, 3), "inner": (1, 0)}),
    ],
    derivative=_pad_derivative, flops=_nothing_moves,
)  # fmt: skip


# reverse ----------------------------------------------------------------------------------------------------------


def _reverse_shape(x: Spec, *, axes: tuple[int, ...]) -> Spec:
    if any(not 0 <= axis < x.rank for axis in axes):
        raise ShapeError(f"reverse: expected axes from 0 to {x.rank - 1} for shape {x.shape}, received {axes}.")
    return x


def _reverse_samples(rng: np.random.Generator) -> list[Sample]:
    cases = (((7,), (0,)), ((3, 5), (1,)), ((2, 4, 4, 3), (1, 2)), ((0, 3), (0,)))
    return [((_draw(rng, *shape),), {"axes": axes}) for shape, axes in cases]


reverse = Primitive(
    "reverse", "y = x backwards", "Turns the order of the numbers around, as a mirror does.", _reverse_shape,
    reference=lambda x, *, axes: np.flip(x, axes), jax=lambda jax, x, *, axes: jax.numpy.flip(x, axes),
    samples=_reverse_samples, derivative=lambda dy, y, x, *, axes: (dy.reverse(axes),), flops=_nothing_moves,
)  # fmt: skip
