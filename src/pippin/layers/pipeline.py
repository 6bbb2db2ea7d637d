"""Layers one after the other as one layer, for data before a model."""

from __future__ import annotations

from typing import Any

from pippin.errors import SettingError
from pippin.layers.calls import ordered_parameters
from pippin.layers.layer import Layer
from pippin.ops.masks import masks_of
from pippin.saving.serialize import serialize


class Pipeline(Layer):
    """What the last of `layers` makes of what the others made, each in the place of its turn."""

    def __init__(self, layers: Any, name: str | None = None) -> None:
        super().__init__(name=name)
        if not isinstance(layers, (list, tuple)):
            raise SettingError(f"Pipeline layers: expected a list of layers, received {layers!r}.")
        self.layers = list(layers)

    def call(self, inputs: Any, training: bool | None = True, mask: Any = None) -> Any:
        for layer in self.layers:
            taken = ordered_parameters(type(layer).call)
            told = {"mask": mask} if "mask" in taken and mask is not None else {}
            if "training" in taken and training is not None:
                told["training"] = training
            inputs = layer(inputs, **told)
            mask = masks_of(inputs)
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "layers": [serialize(layer) for layer in self.layers]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Pipeline:
        from pippin.layers import deserialize

        layers = config.get("layers")
        if not isinstance(layers, (list, tuple)):
            raise SettingError(f"Pipeline: expected a configuration with a list of `layers`, received {layers!r}.")
        made = [layer if isinstance(layer, Layer) else deserialize(layer) for layer in layers]
        return cls(**{**config, "layers": made})
