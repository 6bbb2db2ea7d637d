"""Keras's `ops` that repeat a function: on arrays a plain loop in Python, in a trace one line (program/scan.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError
from pippin.ops import arrange
from pippin.ops.comparison import logical_and, where
from pippin.ops.tensor import has_keras_tensor, make_node
from pippin.primitives import INT
from pippin.program import Symbol, Trace, Variable, current_trace
from pippin.program.scan import write_scan
from pippin.tree import flatten, map_structure, pack_sequence_as


def _also_symbolic(function: Callable[..., Any]) -> Callable[..., Any]:
    """Called on the functional API's tensors, the loop becomes a node of the model."""

    @wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        if has_keras_tensor(list(arguments), keywords):
            return make_node(call, arguments, keywords)
        return function(*arguments, **keywords)

    return call


def _trace_of(*structures: Any) -> Trace | None:
    """The trace that a loop over these is written into; None if they are arrays, and nothing is traced."""
    symbols = [leaf for leaf in flatten(list(structures)) if isinstance(leaf, Symbol)]
    return current_trace() or (symbols[0].trace if symbols else None)


def _arrays(structure: Any) -> Any:
    return map_structure(lambda leaf: leaf.value if isinstance(leaf, Variable) else np.asarray(leaf), structure)


def _stacked(results: list[Any]) -> Any:
    """A list of structures as one structure of stacks."""
    if not results:
        return None
    columns = zip(*[flatten(result) for result in results], strict=True)
    return pack_sequence_as(results[0], [None if c[0] is None else np.stack(c) for c in columns])


def _length(xs: Any, length: int | None) -> int:
    sizes = {leaf.shape[0] for leaf in flatten(xs) if leaf is not None} | ({length} if length is not None else set())
    if len(sizes) != 1:
        found = sorted(str(size) for size in sizes)
        raise ShapeError(f"scan: expected one length of all xs, or `length`, received {found}.")
    return int(sizes.pop())


@_also_symbolic
def scan(
    f: Callable[..., Any], init: Any, xs: Any = None, length: int | None = None, reverse: bool = False, unroll: Any = 1
) -> Any:
    """(last carry, stacked ys) of `carry, y = f(carry, x)` for each x along the first axis of `xs`."""
    if not callable(f):
        raise TypeError(f"scan: `f` should be a callable. Received: f={f}")
    trace = _trace_of(init, xs)
    if trace is None:
        carry, slices = _arrays(init), _arrays(xs) if xs is not None else None
        kept = []
        steps = range(_length(slices, length) if xs is not None else _length(None, length))
        for t in reversed(steps) if reverse else steps:
            carry, y = f(carry, None if xs is None else map_structure(lambda leaf, t=t: leaf[t], slices))
            kept.append(y)
        return carry, _stacked(kept[::-1] if reverse else kept)
    first = [trace.symbol(leaf) for leaf in flatten(init)]
    given = [] if xs is None else [trace.symbol(leaf) for leaf in flatten(xs)]
    made: dict[str, Any] = {}

    def step(now: list[Symbol], here: list[Symbol]) -> tuple[list[Any], list[Any]]:
        carry, y = f(pack_sequence_as(init, now), None if xs is None else pack_sequence_as(xs, here))
        made["y"] = y
        return flatten(carry), [leaf for leaf in flatten(y) if leaf is not None]

    last, kept = write_scan(trace, step, first, given, _length(given or None, length), reverse)
    stacks = iter(kept)
    ys = map_structure(lambda leaf: None if leaf is None else next(stacks), made["y"])
    return pack_sequence_as(init, last), ys


@_also_symbolic
def fori_loop(lower: int, upper: int, body_fun: Callable[..., Any], init_val: Any) -> Any:
    """`val = body_fun(i, val)` for i from `lower` to before `upper`, which are whole numbers known beforehand."""
    trace = _trace_of(init_val)
    if trace is None:
        value = init_val
        for i in range(int(lower), int(upper)):
            value = body_fun(i, value)
        return value
    if isinstance(lower, Symbol) or isinstance(upper, Symbol):
        raise SettingError("fori_loop: expected bounds that are known while the program is written, received symbols.")
    first = [trace.symbol(int(lower), INT), *(trace.symbol(leaf) for leaf in flatten(init_val))]

    def step(now: list[Symbol], here: list[Symbol]) -> tuple[list[Any], list[Any]]:
        return [now[0] + 1, *flatten(body_fun(now[0], pack_sequence_as(init_val, now[1:])))], []

    last, _ = write_scan(trace, step, first, [], max(0, int(upper) - int(lower)))
    return pack_sequence_as(init_val, last[1:])


@_also_symbolic
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """`loop_vars = body(*loop_vars)` as long as `cond(*loop_vars)`. In a trace `maximum_iterations` must be given: a
    program says beforehand how long it takes."""
    is_many = isinstance(loop_vars, (list, tuple))
    given = tuple(loop_vars) if is_many else (loop_vars,)
    trace = _trace_of(given)
    if trace is None:
        now, count = given, 0
        while cond(*now) and (maximum_iterations is None or count < maximum_iterations):
            now, count = _as_tuple(body(*now)), count + 1
        return now if is_many else now[0]
    if maximum_iterations is None:
        raise SettingError(
            "while_loop: expected maximum_iterations, received none. A program says beforehand how long it takes: "
            "give a number of steps that is enough."
        )

    def step(before: list[Symbol], here: list[Symbol]) -> tuple[list[Any], list[Any]]:
        going, *now = before
        packed = pack_sequence_as(given, now)
        going = logical_and(going, cond(*packed))
        after = flatten(_as_tuple(body(*packed)))
        return [going, *(where(going, new, old) for new, old in zip(after, now, strict=True))], []

    first = [trace.symbol(True), *(trace.symbol(leaf) for leaf in flatten(given))]
    last, _ = write_scan(trace, step, first, [], int(maximum_iterations))
    result = pack_sequence_as(given, last[1:])
    return result if is_many else result[0]


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


@_also_symbolic
def map(f: Callable[..., Any], xs: Any) -> Any:
    """`f(x)` for each x along the first axis of `xs`, stacked."""
    if not callable(f):
        raise TypeError(f"map: `f` should be a callable. Received: f={f}")
    return scan(lambda _, x: ((), f(x)), (), xs)[1]


@_also_symbolic
def vectorized_map(function: Callable[..., Any], elements: Any) -> Any:
    """`function(x)` for each x along the first axis of `elements`, stacked."""
    return map(function, elements)


@_also_symbolic
def associative_scan(f: Callable[..., Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """All prefixes combined by an associative `f(a, b)`, which works on whole arrays: ceil(log2 n) rounds.

    Source: Blelloch, "Prefix sums and their applications" (1990).
    """
    if not callable(f):
        raise TypeError(f"associative_scan: `f` should be a callable. Received: f={f}")
    leaves = [leaf if isinstance(leaf, Symbol) else np.asarray(leaf) for leaf in flatten(elems)]
    places = [axis % len(leaf.shape) for leaf in leaves]
    if len({leaf.shape[place] for leaf, place in zip(leaves, places, strict=True)}) > 1:
        raise ShapeError("associative_scan: expected arrays that are equally long along the axis.")

    def combine(a: list[Any], b: list[Any]) -> list[Any]:
        return flatten(f(pack_sequence_as(elems, a), pack_sequence_as(elems, b)))

    def cut(xs: Sequence[Any], start: int | None, stop: int | None, step: int | None = None) -> list[Any]:
        return [x[(*(slice(None),) * place, slice(start, stop, step))] for x, place in zip(xs, places, strict=True)]

    def prefixes(xs: list[Any]) -> list[Any]:
        n = xs[0].shape[places[0]]
        if n < 2:
            return xs
        odd = prefixes(combine(cut(xs, 0, n - 1, 2), cut(xs, 1, n, 2)))
        even = cut(xs, 0, 1)
        if n > 2:
            rest = combine(cut(odd, 0, (n - 1) // 2), cut(xs, 2, n, 2))
            even = [arrange.concatenate(pair, p) for *pair, p in zip(even, rest, places, strict=True)]
        return [_interleaved(a, b, place) for a, b, place in zip(even, odd, places, strict=True)]

    def turned(xs: list[Any]) -> list[Any]:
        return [arrange.flip(x, place) for x, place in zip(xs, places, strict=True)] if reverse else xs

    return pack_sequence_as(elems, turned(prefixes(turned(leaves))))


def _interleaved(even: Any, odd: Any, axis: int) -> Any:
    """even[0], odd[0], even[1], odd[1], ... along an axis; there may be one more of the even ones."""
    count = even.shape[axis] + odd.shape[axis]
    if even.shape[axis] > odd.shape[axis]:
        odd = arrange.concatenate([odd, even[(*(slice(None),) * axis, slice(0, 1))]], axis)
    both = arrange.stack([even, odd], axis + 1)
    shape = (*even.shape[:axis], 2 * even.shape[axis], *even.shape[axis + 1 :])
    return arrange.reshape(both, shape)[(*(slice(None),) * axis, slice(0, count))]
