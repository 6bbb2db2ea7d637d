"""A model: a layer that can be compiled, trained, measured, asked, summarised and saved."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.layers.layer import Layer
from pippin.program import Program, explain
from pippin.training.trainer import Trainer


class Model(Trainer, Layer):
    """Layers that work together. `Model(inputs, outputs)` makes one from the functional API's tensors; a subclass
    defines `call(inputs)`; `Sequential` stacks layers."""

    _says_nothing = Trainer._says_nothing | Layer._says_nothing

    def __new__(cls, *arguments: Any, **keywords: Any) -> Any:
        if cls is Model and (arguments or "inputs" in keywords):
            from pippin.models.functional import Functional

            return super().__new__(Functional, *arguments, **keywords)
        return super().__new__(cls, *arguments, **keywords)

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._start_trainer()

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside, without those of nested models."""
        return list(self._own(Layer))

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer with a name or at a place."""
        from pippin.errors import nearest

        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ValueError(f"get_layer: expected an index below {len(self.layers)}, received {index}.")
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in self.layers]
        raise ValueError(f"get_layer: no layer is called {name!r}.{nearest(name, names)} Layers: {', '.join(names)}.")

    def _place_below(self, outer: str) -> str:
        # The outermost model adds nothing to the names of its layers' lines.
        return f"{outer}/{self.name}" if outer else ""

    def input_names_and_types(self) -> list[tuple[str, str]]:
        """The name and type of each input; floats where nothing else is said."""
        return [("x", "float32")]

    def program(self, batch_size: int = 32) -> str:
        """The whole training step (or, before `compile`, the forward pass) as text: lines, shapes, phases, plain
        sentences."""
        return explain(self.step_program(batch_size))

    def step_program(self, batch_size: int = 32) -> Program:
        """The program of one training step on `batch_size` examples, or of the forward pass before `compile`."""
        from pippin.training.step import describe_step

        return describe_step(self, batch_size)

    def summary(self, line_length: int | None = None, positions: Any = None,
                print_fn: Any = None, expand_nested: bool = False, show_trainable: bool = False,
                layer_range: Any = None) -> None:  # fmt: skip
        """Print the layers, their output shapes and their numbers of weights."""
        from pippin.models.summary import print_summary

        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def save(self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **keywords: Any) -> None:
        """Write the model, its weights and its optimizer to a `.keras` file, whole or not at all."""
        from pippin.saving import save_model

        save_model(self, filepath, overwrite=overwrite, **keywords)

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Write the weights to a `.weights.h5` file."""
        from pippin.saving import save_weights

        save_weights(self, filepath, overwrite=overwrite)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **keywords: Any) -> None:
        """Read the weights from a `.weights.h5` or `.keras` file."""
        from pippin.saving import load_weights

        load_weights(self, filepath, skip_mismatch=skip_mismatch)

    def to_json(self, **keywords: Any) -> str:
        """The model without its weights, as JSON: `model_from_json` makes it again."""
        from pippin.saving.models import to_json

        return to_json(self, **keywords)

    def get_compile_config(self) -> dict[str, Any] | None:
        """What `compile` was told, as a file keeps it; None before `compile`."""
        if self.compiled is None:
            return None
        told = {
            word: getattr(self.compiled, word)
            for word in ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")
        }
        return {**told, "run_eagerly": False, "steps_per_execution": 1, "jit_compile": "auto"}

    def get_build_config(self) -> dict[str, Any] | None:
        """Nothing: a model's layers know for which shapes they were made."""
        return None

    def count_params(self) -> int:
        if not self.built:
            raise ValueError(
                f"{self.described()}: its weights are made when the input shape is known: call build(input_shape) or "
                "use it on data first."
            )
        return sum(int(np.prod(variable.shape)) for variable in self.weights)
