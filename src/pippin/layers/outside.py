"""Layers that work on data before a program sees it: on strings, and on tables of words. See docs/decisions/0012."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import numpy as np

from pippin.errors import SettingError
from pippin.layers.layer import Layer
from pippin.ops.tensor import KerasTensor, Node, has_keras_tensor
from pippin.program import Symbol
from pippin.program.eager import handed_out
from pippin.tree import flatten, map_structure


class OutsideLayer(Layer):
    """`call` gets NumPy arrays and gives NumPy arrays, and is never traced.

    A model may begin with such layers: they are applied to its data before the compiled step.
    """

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Apply the layer to arrays, lists or the functional API's tensors."""
        if has_keras_tensor(list(arguments), keywords):
            node = Node(self, arguments, keywords)
            shape, dtype = self.foretold(map_structure(lambda tensor: tensor.shape, arguments[0]))
            node.outputs = KerasTensor(shape, dtype, self.name, node)
            self._node, self.built = node, True
            return node.outputs
        if any(isinstance(leaf, Symbol) for leaf in flatten([list(arguments), keywords])):
            raise SettingError(
                f"{self.described()}: it works on data outside of the compiled step, so it can only be the first layer "
                "of a model, or be applied to the data, for example with dataset.map."
            )
        return map_structure(handed_out, self.call(*arguments, **self._accepted(keywords)))

    def foretold(self, shape: Any) -> tuple[Any, str]:
        """Shape and type of the result for inputs of a shape."""
        raise NotImplementedError(f"{self.described()}: expected foretold(shape).")

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.foretold(tuple(input_shape))[0]

    def compute_output_spec(self, *arguments: Any, **keywords: Any) -> Any:
        return KerasTensor(*self.foretold(map_structure(lambda tensor: tensor.shape, arguments[0])))

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learn from an array or a list, or from a dataset or another iterable of batches, `steps` of them."""
        self.reset_state()
        if not isinstance(data, (list, tuple, np.ndarray)):
            for number, batch in enumerate(data):
                if steps is not None and number >= steps:
                    break
                self.update_state(batch[0] if isinstance(batch, tuple) else batch)
        else:
            whole = np.asarray(data)
            self.update_state(whole[:, None] if whole.ndim == 1 else whole)
        self.finalize_state()

    def reset_state(self) -> None:
        """Forget what was learned."""

    def update_state(self, data: Any) -> None:
        """Learn from a batch."""
        raise NotImplementedError(f"{self.described()}: it has nothing to learn.")

    def finalize_state(self) -> None:
        """Make use of what was learned."""


def as_text(data: Any, encoding: str = "utf-8") -> np.ndarray:
    """An array of Python strings; bytes are decoded."""
    array = np.asarray(data)
    if array.dtype.kind == "U":
        return array.astype(object)
    flat = [one.decode(encoding) if isinstance(one, bytes) else str(one) for one in array.reshape(-1).tolist()]
    found = np.empty(len(flat), object)
    found[:] = flat
    return found.reshape(array.shape)


def outside_front(layers: list[Layer]) -> list[Layer]:
    """The layers of a stack that come before its program begins."""
    return list(takewhile(lambda layer: isinstance(layer, OutsideLayer), layers))
