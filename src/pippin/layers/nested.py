"""Layers among a layer's arguments: made from their descriptions when the layer is made from its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pippin.saving.named import registered, written


def revived(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A configuration whose layers are layers. Own classes come from `custom_objects`, or were registered."""
    return {word: _layer(value, custom_objects or {}) if word != "dtype" else value for word, value in config.items()}


def _layer(value: Any, custom: Mapping[str, Any]) -> Any:
    from pippin import layers

    if isinstance(value, (list, tuple)) and any(isinstance(part, dict) for part in value):
        return [_layer(part, custom) for part in value]
    if not isinstance(value, dict) or "class_name" not in value:
        return value
    made = _made(value, custom)
    build = value.get("build_config")
    if isinstance(made, layers.Layer) and not made.built and isinstance(build, dict) and build.get("input_shape"):
        made.build_from_config(build)
    return made


def _made(value: dict[str, Any], custom: Mapping[str, Any]) -> Any:
    from pippin import layers

    name, known = str(value["class_name"]), str(value.get("registered_name"))
    for objects in (custom, registered):
        word = name if name in objects else known
        if word in objects:
            return objects[word].from_config(dict(value.get("config") or {}))
    module = str(value.get("module", "keras.layers"))
    if (module, name) in written:
        return written[module, name].from_config(dict(value.get("config") or {}))  # type: ignore[attr-defined]
    if module != "keras.layers":
        return value
    return layers.deserialize(value)
