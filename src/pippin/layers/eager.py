"""A layer on arrays, at once: the call is traced for their shapes, compiled for the current engine, and kept for the
next call. The same call again takes a shortcut that ends in the engine (see changes.py for when it may)."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.changes import present
from pippin.engines import Runner, current_engine
from pippin.ops.masks import any_array_has_one, mask_of, masks_of, set_mask
from pippin.primitives import spec_of
from pippin.program import Symbol, Trace, Variable
from pippin.program.eager import handed_out, hands_out_plain_arrays
from pippin.transforms import simplify
from pippin.tree import flatten, map_structure

if TYPE_CHECKING:
    from pippin.layers.layer import Layer

MOST_COMPILED = 256
"""Calls that a layer keeps; beyond that the oldest is forgotten."""

Compiled = tuple[Runner, dict[str, Variable], Any, tuple[int, ...], int]
"""The runner, the variables it reads, the structure of the results, which of them have masks, and how many losses."""


def call_on_arrays(layer: Layer, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """The layer's result on arrays (or lists of numbers); its variables are read, and replaced if the layer assigns
    them."""
    then = present[0]
    given = [map_structure(lambda leaf: None if leaf is None else _as_array(leaf), _structured(a)) for a in arguments]
    named = map_structure(lambda leaf: _as_array(leaf) if isinstance(leaf, (np.ndarray, Variable)) else leaf, keywords)
    arrays = [leaf for leaf in flatten([given, named]) if isinstance(leaf, np.ndarray)]
    masks = flatten(masks_of([list(arguments), keywords])) if any_array_has_one() else []
    masks = masks if len(masks) == len(flatten([given, named])) else []  # a list of bare numbers has become one array
    specs = (*map(spec_of, arrays), *(None if mask is None else spec_of(mask) for mask in masks))
    # Everything but the numbers in the arrays is part of the program.
    written = repr(map_structure(lambda leaf: "array" if isinstance(leaf, np.ndarray) else leaf, [given, named]))
    key = (specs, written, layer.switches(), current_engine().name)
    if key not in layer.compiled_calls:
        compiled = _compile(layer, given, named, masks)
        # What the call itself sets on layers is no reason to compile it again.
        key = (specs, written, layer.switches(), current_engine().name)
        layer.compiled_calls[key] = compiled
        if len(layer.compiled_calls) > MOST_COMPILED:
            del layer.compiled_calls[next(iter(layer.compiled_calls))]
    runner, variables, packed, masked, losses = layer.compiled_calls[key]
    states = {name: variable.value for name, variable in variables.items()}
    inputs = {f"x{number}": array for number, array in enumerate(arrays)}
    inputs |= {f"mask{number}": mask for number, mask in enumerate(masks) if mask is not None}
    outputs = {name: handed_out(array) for name, array in runner(inputs, states).items()}
    layer.losses_on_arrays = [outputs[f"loss{number}"] for number in range(losses)]
    is_short = packed == 0 and len(given) == len(inputs) == 1 and not masked and not losses
    if is_short and _is_plain(keywords) and hands_out_plain_arrays():
        layer._direct_call = runner.remember(layer._direct_call, then, keywords, states)
    for number in masked:
        set_mask(outputs[f"y{number}"], outputs[f"y{number} mask"])
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


def _compile(layer: Layer, given: list[Any], keywords: dict[str, Any], masks: list[Any]) -> Compiled:
    trace = Trace(layer.name)
    supply = count()

    def make(leaf: Any) -> Any:
        return trace.input(f"x{next(supply)}", spec_of(leaf)) if isinstance(leaf, np.ndarray) else leaf

    with trace.active():
        given, keywords = map_structure(make, [given, keywords])
        for number, (leaf, mask) in enumerate(zip(flatten([given, keywords]), masks, strict=False)):
            if mask is not None:
                set_mask(leaf, trace.input(f"mask{number}", spec_of(mask)))
        result = layer(*given, **keywords)
        leaves = flatten(result)
        for number, leaf in enumerate(leaves):
            trace.output(f"y{number}", trace.symbol(leaf))
        masked = tuple(number for number, leaf in enumerate(leaves) if mask_of(leaf) is not None)
        for number in masked:
            trace.output(f"y{number} mask", mask_of(leaves[number]))
        losses = [loss for loss in layer.losses_of(trace) if isinstance(loss, Symbol)]
        for number, loss in enumerate(losses):
            trace.output(f"loss{number}", loss)
    numbers = iter(range(len(leaves)))
    packed = map_structure(lambda _: next(numbers), result)
    return current_engine().compile(simplify(trace.program())), dict(trace.variables), packed, masked, len(losses)
