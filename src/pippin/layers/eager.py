"""A layer on arrays, at once: the call is traced for their shapes, compiled for the current engine, and kept for the
next call. The same call again takes a shortcut that ends in the engine (see changes.py for when it may)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.changes import present
from pippin.engines import Runner, current_engine
from pippin.primitives import Spec, spec_of
from pippin.program import Trace, Variable
from pippin.transforms import simplify
from pippin.tree import flatten, map_structure

if TYPE_CHECKING:
    from pippin.layers.layer import Layer

MOST_COMPILED = 256
"""Calls that a layer keeps; beyond that the oldest is forgotten."""

Compiled = tuple[Runner, dict[str, Variable], Any]


def call_on_arrays(layer: Layer, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """The layer's result on arrays (or lists of numbers); its variables are read, and replaced if the layer assigns
    them."""
    then = present[0]
    given = [map_structure(lambda leaf: None if leaf is None else _as_array(leaf), _structured(a)) for a in arguments]
    named = map_structure(lambda leaf: _as_array(leaf) if isinstance(leaf, (np.ndarray, Variable)) else leaf, keywords)
    arrays = [leaf for leaf in flatten([given, named]) if isinstance(leaf, np.ndarray)]
    specs = tuple(map(spec_of, arrays))
    # Everything but the numbers in the arrays is part of the program.
    written = repr(map_structure(lambda leaf: "array" if isinstance(leaf, np.ndarray) else leaf, [given, named]))
    key = (specs, written, layer.switches(), current_engine().name)
    if key not in layer.compiled_calls:
        compiled = _compile(layer, given, named, specs)
        # What the call itself sets on layers is no reason to compile it again.
        key = (specs, written, layer.switches(), current_engine().name)
        layer.compiled_calls[key] = compiled
        if len(layer.compiled_calls) > MOST_COMPILED:
            del layer.compiled_calls[next(iter(layer.compiled_calls))]
    runner, variables, packed = layer.compiled_calls[key]
    states = {name: variable.value for name, variable in variables.items()}
    outputs = runner({f"x{number}": array for number, array in enumerate(arrays)}, states)
    if packed == 0 and len(given) == len(arrays) == 1 and _is_plain(keywords):
        layer._direct_call = runner.remember(layer._direct_call, then, keywords, states)
    return map_structure(lambda number: outputs[f"y{number}"], packed)


def _is_plain(keywords: dict[str, Any]) -> bool:
    return all(value is None or value is True or value is False for value in keywords.values())


def _structured(argument: Any) -> Any:
    """A list of bare numbers is an array; a list that holds arrays is a list of inputs."""
    if isinstance(argument, (list, tuple)) and not any(isinstance(leaf, np.ndarray) for leaf in flatten(argument)):
        return np.asarray(argument)
    return argument


def _as_array(leaf: Any) -> np.ndarray:
    array = np.asarray(leaf)
    return np.ascontiguousarray(array, spec_of(array).dtype).reshape(array.shape)


def _compile(layer: Layer, given: list[Any], keywords: dict[str, Any], specs: tuple[Spec, ...]) -> Compiled:
    trace = Trace(layer.name)
    supply = iter(enumerate(specs))

    def make(leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray):
            return leaf
        number, spec = next(supply)
        return trace.input(f"x{number}", spec)

    with trace.active():
        given, keywords = map_structure(make, [given, keywords])
        result = layer(*given, **keywords)
        leaves = flatten(result)
        for number, leaf in enumerate(leaves):
            trace.output(f"y{number}", trace.symbol(leaf))
    numbers = iter(range(len(leaves)))
    packed = map_structure(lambda _: next(numbers), result)
    return current_engine().compile(simplify(trace.program())), dict(trace.variables), packed
