"""Gradients in users' hands: of functions (`gradient`, `value_and_grad`), and of what was computed under a
`GradientTape`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from pippin.errors import PippinError, SettingError
from pippin.ops.recording import Recording
from pippin.program import Symbol, Trace, Variable, current_trace
from pippin.program.eager import handed_out
from pippin.transforms import gradients
from pippin.tree import flatten, map_structure, pack_sequence_as


class GradientTape:
    """Notes what is computed inside `with`, so that `gradient` can tell how a result changes with its sources.

        with pippin.GradientTape() as tape:
            loss = loss_of(y, model(x, training=True))
        slopes = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(slopes, model.trainable_variables))

    Inside a traced step it writes that step's lines; elsewhere it keeps a recording of its own. A tape inside a tape
    writes into the outer one, so that gradients can be differentiated again. Gradients run back to where the tape
    began: weights that were moved earlier in the same step are as they are then.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self.persistent, self.watch_accessed_variables = persistent, watch_accessed_variables
        self._trace: Trace | None = None
        self._active: AbstractContextManager[Trace] | None = None
        self._is_used = False
        self._first = 0  # of the trace's lines, when the tape began: what was before is as given
        self._watched: set[int] = set()
        self._seen: dict[int, Symbol] | None = None  # variables as they were when the tape ended

    def __enter__(self) -> GradientTape:
        outer = current_trace()
        if outer is not None:
            self._trace = outer
        else:
            self._trace = Recording()
            self._active = self._trace.active()
            self._active.__enter__()
        self._first = len(self._trace.lines)
        return self

    def __exit__(self, *failure: Any) -> None:
        self._seen = dict(self._need_trace()._now)
        if self._active is None:
            return
        self._active.__exit__(*failure)
        self._active = None
        if isinstance(self._trace, Recording) and failure[0] is None and self._trace._assigned:
            self._trace.settle()

    def watch(self, tensor: Any) -> None:
        """Take gradients with respect to arrays, values or variables, too. Of a NumPy array what `pippin.ops` and
        layers compute is noted, not what NumPy's own operators do."""
        for leaf in flatten(tensor):
            if isinstance(leaf, np.ndarray):
                if leaf.dtype.kind != "f":
                    raise SettingError(f"GradientTape.watch: expected floats, received an array of {leaf.dtype}.")
                trace = self._need_trace()
                if isinstance(trace, Recording):
                    trace.watch(leaf)
            elif isinstance(leaf, Variable):
                self._watched.add(id(leaf))

    def watched_variables(self) -> tuple[Variable, ...]:
        """The trainable variables that were read."""
        return tuple(v for v in self._need_trace().variables.values() if self._is_watched(v))

    def gradient(
        self, target: Any, sources: Any, output_gradients: Any = None, unconnected_gradients: Any = "none"
    ) -> Any:
        """How `target` changes with each of `sources`, in their structure. Where it doesn't depend on one, None, or
        zeros if unconnected_gradients is "zero". Several targets, or numbers of one, are added up."""
        trace = self._need_trace()
        if self._is_used and not self.persistent:
            raise PippinError(
                "GradientTape.gradient: expected one call, received another. Make the tape with persistent=True."
            )
        self._is_used = True
        listed = flatten(sources)
        leaves = [self._source(trace, leaf) for leaf in listed]
        targets = [leaf for leaf in flatten(target) if isinstance(leaf, Symbol) and leaf.trace is trace]
        given = flatten(output_gradients) if output_gradients is not None else [None] * len(targets)
        missing = getattr(unconnected_gradients, "value", unconnected_gradients)
        nothing = [None if missing == "none" else np.zeros(np.shape(leaf), np.float32) for leaf in listed]
        there = [leaf for leaf in leaves if leaf is not None]
        if not targets or not there:
            return pack_sequence_as(sources, nothing)
        total: Any = 0.0
        for one, seed in zip(targets, given, strict=True):
            total = total + (one if seed is None else one * trace.symbol(seed)).sum()
        found = dict(zip((leaf.value for leaf in there), gradients(total, there, first=self._first), strict=True))
        arrived = trace.notes.gradients
        if not isinstance(trace, Recording):
            trace.notes.slopes += [
                found[leaf.value].value
                for leaf, source in zip(leaves, listed, strict=True)
                if leaf is not None and isinstance(source, Variable) and leaf.value in arrived
            ]
        results: dict[int, Any] = dict(found)
        if isinstance(trace, Recording) and current_trace() is not trace:
            trace.settle(symbol.value for symbol in found.values())
            results = {value: handed_out(trace.known[symbol.value]) for value, symbol in found.items()}
        return pack_sequence_as(
            sources,
            [
                results[leaf.value] if leaf is not None and leaf.value in arrived else zero
                for leaf, zero in zip(leaves, nothing, strict=True)
            ],
        )

    def _source(self, trace: Trace, leaf: Any) -> Symbol | None:
        """The value of a source in the trace; None for what the tape never saw."""
        if isinstance(leaf, Variable):
            now = trace._now if self._seen is None else self._seen
            return now.get(id(leaf)) if self._is_watched(leaf) else None
        if isinstance(leaf, Symbol):
            return leaf if leaf.trace is trace else None
        known = trace._watched.get(id(leaf)) if isinstance(trace, Recording) else None
        return None if known is None else known[1]

    def _is_watched(self, variable: Variable) -> bool:
        return id(variable) in self._watched or (self.watch_accessed_variables and variable.trainable)

    def _need_trace(self) -> Trace:
        if self._trace is None:
            raise PippinError("GradientTape: expected `with GradientTape() as tape:`, received a tape that never ran.")
        return self._trace


def value_and_grad(function: Callable[..., Any], variables: Any = None) -> Callable[..., Any]:
    """A function that gives (value, gradients) of `function`, whose result is one number.

    The gradients are those of `variables`, if given, in their structure; otherwise of the arguments: of a single one
    alone, of several as a tuple. It works on arrays, and on symbols inside a step. Each call runs the function anew, so
    it may use whatever numbers it finds; what it computes is compiled once for each shape.

        loss, slopes = pippin.value_and_grad(loss_of, model.trainable_variables)(x, y)
    """

    def call(*arguments: Any, **keywords: Any) -> tuple[Any, Any]:
        with GradientTape() as tape:
            trace = tape._need_trace()
            tape.watch(variables)
            given = [map_structure(lambda leaf: trace.symbol(leaf) if _is_float(leaf) else leaf, a) for a in arguments]
            value = function(*given, **keywords)
        if not isinstance(value, Symbol) or value.size != 1:
            raise SettingError(
                f"value_and_grad: expected a function whose result is one number, received {value!r}. "
                "Sum or average it."
            )
        sources = variables if variables is not None else given[0] if len(given) == 1 else tuple(given)
        found = tape.gradient(value, sources, unconnected_gradients="zero")
        if isinstance(trace, Recording) and current_trace() is not trace:
            return handed_out(trace.numbers_of([value.value])[0]), found
        return value, found

    return call


def gradient(function: Callable[..., Any], variables: Any = None) -> Callable[..., Any]:
    """A function that gives the gradients of `function` as `value_and_grad` does, without the value."""
    both = value_and_grad(function, variables)
    return lambda *arguments, **keywords: both(*arguments, **keywords)[1]


def _is_float(leaf: Any) -> bool:
    return isinstance(leaf, float) or (isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind == "f")


def jvp(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """(the result of `fun` at `primals`, how fast it changes as they move along `tangents`); with `has_aux` the
    function gives a second thing, which is handed on.

    What moves forwards is the transpose of what moves backwards, so it is the gradient of a gradient. Source: Radul et
    al., "You only linearize once" (2023), section 1.
    """
    from pippin import ops

    primals, tangents = tuple(primals), tuple(tangents)
    if [np.shape(one) for one in flatten(primals)] != [np.shape(one) for one in flatten(tangents)]:
        raise SettingError("jvp: expected a tangent of the same shape for each primal, received others.")
    found = fun(*primals)
    value, more = (found[0], found[1:]) if has_aux else (found, ())

    def results(*moved: Any) -> list[Any]:
        return flatten(fun(*moved)[0] if has_aux else fun(*moved))

    def along(blames: list[Any]) -> Any:
        def weighed(*moved: Any) -> Any:
            return sum(ops.sum(result * blame) for result, blame in zip(results(*moved), blames, strict=True))

        pulled = gradient(weighed)(*primals)
        return sum(ops.sum(slope * way) for slope, way in zip(flatten(pulled), flatten(tangents), strict=True))

    moves = gradient(along)([np.zeros(np.shape(result), np.float32) for result in flatten(value)])
    return (value, pack_sequence_as(value, flatten(moves)), *more)
