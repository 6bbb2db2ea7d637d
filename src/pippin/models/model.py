"""A model: a layer that can be compiled, trained, measured, asked, summarised and saved."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from pippin.layers.layer import Layer
from pippin.layers.shapes import as_leaves
from pippin.ops.tensor import KerasTensor, infer
from pippin.program import Program, explain
from pippin.training.trainer import Trainer
from pippin.tree import map_structure


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
        if arguments or "inputs" in keywords:  # a subclass that is made from tensors
            from pippin.models.functional import Functional

            self.__class__ = functional_form(type(self))  # type: ignore[arg-type]
            Functional.__init__(self, *arguments, **keywords)  # type: ignore[arg-type]
            return
        super().__init__(*arguments, **keywords)
        self._start_trainer()

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside, without those of nested models."""
        return list(self._own(Layer))

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError("`Model.layers` attribute is reserved: keep layers under another name.")

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

    @property
    def entering(self) -> list[Any]:
        """The tensors that the program begins with: the inputs, or what layers of strings make of them."""
        return self.inputs  # type: ignore[attr-defined, no-any-return]

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
        """Write the model, its weights and its optimizer to a `.keras` (or legacy `.h5`) file, whole or not at all."""
        from pippin.saving import save_model

        save_model(self, filepath, overwrite=overwrite, zipped=zipped, **keywords)

    def save_weights(self, filepath: Any, overwrite: bool = True, **keywords: Any) -> None:
        """Write the weights to a `.weights.h5` file."""
        from pippin.saving import save_weights

        save_weights(self, filepath, overwrite=overwrite, **keywords)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **keywords: Any) -> None:
        """Read the weights from a `.weights.h5`, `.keras` or legacy `.h5` file."""
        from pippin.saving import load_weights

        load_weights(self, filepath, skip_mismatch=skip_mismatch, **keywords)

    def export(
        self, filepath: Any, format: str | None = None, verbose: bool | None = None, input_signature: Any = None,
        examples: Any = None,
    ) -> Any:  # fmt: skip
        """Write what `predict` computes to an ONNX file, for other programs, and prove it with onnxruntime where that
        is installed.

        `input_signature` ([((None, 784), "float32")]) gives the shapes that the model leaves open; `examples` is data
        to prove it with. Returns the proof. Raises ExportError by the name of a layer that ONNX can't hold.
        """
        from pippin.export import export_onnx

        if (format or "onnx") != "onnx":
            raise ValueError(
                f"{self.described()}: expected format='onnx', the one Pippin writes, received {format!r}. For "
                "Keras, save the model as .keras."
            )
        proof = export_onnx(self, filepath, input_signature, examples)
        if verbose is not False:
            from pippin.utils.console import say

            say(f"{filepath}: {proof or 'written, not proved: pip install onnxruntime and export again'}")
        return proof

    def to_json(self, **keywords: Any) -> str:
        """The model without its weights, as JSON: `model_from_json` makes it again."""
        from pippin.saving.models import to_json

        return to_json(self, **keywords)

    def get_compile_config(self) -> dict[str, Any] | None:
        """What `compile` was told, as a file keeps it; None before `compile`."""
        if self.compilation is None:
            return None
        told = {
            word: getattr(self.compilation, word)
            for word in ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")
        }
        return {**told, "run_eagerly": False, "steps_per_execution": 1, "jit_compile": "auto"}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The model that `get_config` described, with fresh weights. Own classes come from `custom_objects`."""
        if {"layers", "input_layers", "output_layers"} <= config.keys():
            from pippin.saving.graph import functional_from_config
            from pippin.saving.revive import Reviver

            return functional_from_config(cls, config, Reviver(custom_objects or {}, "from_config"))
        return cls(**config)

    def __reduce__(self) -> Any:
        """A pickle of a model is its `.keras` file, and the classes and functions of the caller's own by name."""
        from pippin.saving.cloning import own_things
        from pippin.saving.models import model_bytes, model_of_bytes

        return model_of_bytes, (model_bytes(self), own_things(self))

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as `get_compile_config`, written as plain data, says."""
        from pippin.saving.revive import Reviver

        Reviver({}, "compile_from_config").compile_as_told(self, config)

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape (batch first, as None), by calling the model on symbols."""
        self._build_once(input_shape)
        tensors = map_structure(lambda leaf: KerasTensor(leaf.sizes), as_leaves(input_shape))
        infer(self, (tensors,), {})

    def _build_once(self, input_shape: Any) -> None:
        if not self.built and type(self).build is Model.build:
            self.built, self.built_for = True, input_shape  # its layers are built when `call` comes to them
        else:
            super()._build_once(input_shape)

    def count_params(self) -> int:
        if not self.built:
            raise ValueError(
                f"{self.described()}: its weights are made when the input shape is known: call build(input_shape) or "
                "use it on data first."
            )
        return sum(int(np.prod(variable.shape)) for variable in self.weights)


@cache
def functional_form(cls: type[Model]) -> type[Model]:
    """A subclass of Model as one of Functional, whose methods come after its own."""
    from pippin.models.functional import Functional

    if issubclass(cls, Functional):
        return cls
    return type(cls.__name__, (cls, Functional), {"__module__": cls.__module__, "__qualname__": cls.__qualname__})
