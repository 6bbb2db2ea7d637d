"""Where everything stands in a file of weights: a layer's class and its place among its kind, as Keras names them, so
that weights find their layers whatever these are called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pippin.layers.layer import Layer
from pippin.models.functional import Functional
from pippin.models.model import Model
from pippin.models.sequential import Sequential
from pippin.naming import snake_case


def places(thing: Layer, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Layer]]:
    """(path, layer) of a layer and all inside it, each once, by Keras's rules."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return
    seen.add(id(thing))
    yield path, thing
    for word, inside in _parts(thing):
        below = f"{path}/{plain(word)}" if path else plain(word)
        if isinstance(inside, Layer):
            yield from places(inside, below, seen)
        else:
            yield from _listed(inside, below, seen)


def plain(word: str) -> str:
    """ASCII only: for any other name HDF5 turns to a newer layout of groups, which is refused when it is read."""
    return word.encode("ascii", "backslashreplace").decode().replace("\\", "_")


def _parts(thing: Layer) -> list[tuple[str, Any]]:
    """What is inside a layer, by the names of its attributes; those with an underscore last."""
    if isinstance(thing, (Sequential, Functional)):
        return [("layers", thing.layers)]
    own = {word: value for word, value in vars(thing).items() if word not in _of_every_layer() and _holds_layers(value)}
    if isinstance(thing, Model):
        own["layers"] = thing.layers
    return sorted(own.items(), key=lambda pair: f"~{pair[0]}" if pair[0].startswith("_") else pair[0])


def _of_every_layer() -> frozenset[str]:
    if not _base_words:
        _base_words.update(vars(Layer(name="none")), vars(Model(name="none")))
    return frozenset(_base_words)


_base_words: set[str] = set()


def _holds_layers(value: Any) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, Layer) or (
        isinstance(value, (list, tuple)) and any(isinstance(part, (Layer, list, tuple, dict)) for part in value)
    )


def _listed(container: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Layer]]:
    """Layers in a list are named by their class and their place among its kind."""
    if id(container) in seen:
        return
    seen.add(id(container))
    counts: dict[str, int] = {}
    for part in container.values() if isinstance(container, dict) else container:
        if not isinstance(part, (Layer, list, tuple, dict)):
            continue
        word = plain(snake_case(type(part).__name__)) if isinstance(part, Layer) else "container"
        counts[word] = counts.get(word, -1) + 1
        below = f"{path}/{word}" + (f"_{counts[word]}" if counts[word] else "")
        if isinstance(part, Layer):
            yield from places(part, below, seen)
        else:
            yield from _listed(part, below, seen)


def named_by_config(layer: Layer) -> Iterator[int]:
    """Ids of the layers whose names a file's description gives; what a class of the user's own makes may be named
    anew."""
    if type(layer).__module__.startswith("pippin."):
        yield id(layer)
        for inside in layer.layers if isinstance(layer, (Sequential, Functional)) else ():
            yield from named_by_config(inside)
