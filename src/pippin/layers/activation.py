"""Activation functions that are layers because they have settings, or weights of their own."""

from __future__ import annotations

from typing import Any

from pippin import activations, constraints, initializers, ops, regularizers
from pippin.errors import SettingError, ShapeError
from pippin.layers.layer import Layer


def _not_negative(kind: str, argument: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        never = "a negative value" if argument == "max_value" else "None or a negative value"
        raise SettingError(
            f"{argument} of a {kind} layer cannot be {never}. Expected a number of 0 or more, received {value!r}."
        )
    return value


class ReLU(Layer):
    """max(x, 0), capped at max_value; below the threshold, negative_slope · (x - threshold)."""

    supports_masking = True
    ready_when_made = True

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.max_value = None if max_value is None else _not_negative("ReLU", "max_value", max_value)
        self.negative_slope = _not_negative("ReLU", "negative_slope", negative_slope)
        self.threshold = _not_negative("ReLU", "threshold", threshold)

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(Layer):
    """x, shrunk by negative_slope below 0."""

    supports_masking = True
    ready_when_made = True

    def __init__(self, negative_slope: float = 0.3, *, alpha: float | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        # `alpha` is what Keras 2 called it.
        self.negative_slope = _not_negative(
            "LeakyReLU", "negative_slope", negative_slope if alpha is None else alpha
        )

    def call(self, inputs: Any) -> Any:
        return activations.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {name: value for name, value in config.items() if name != "alpha"}


class ELU(Layer):
    """x, and alpha · (e^x - 1) below 0."""

    supports_masking = True
    ready_when_made = True

    def __init__(self, alpha: float = 1.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.alpha = alpha

    def call(self, inputs: Any) -> Any:
        return activations.elu(inputs, self.alpha)


class PReLU(Layer):
    """x, and alpha · x below 0; alpha is learned, one for each place except along `shared_axes` (counted with the batch
    as 0)."""

    supports_masking = True

    def __init__(
        self, alpha_initializer: Any = "Zeros", alpha_regularizer: Any = None, alpha_constraint: Any = None,
        shared_axes: Any = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(**keywords)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        self.shared_axes = (
            [shared_axes] if isinstance(shared_axes, int) else None if shared_axes is None else list(shared_axes)
        )

    def build(self, input_shape: Any) -> None:
        shape = [1 if place in (self.shared_axes or ()) else size for place, size in enumerate(input_shape)][1:]
        if None in shape:
            raise ShapeError(
                f"{self.described()}: expected known lengths of all axes that alpha is not shared along, "
                f"received shape {input_shape}. Name the others in shared_axes."
            )
        self.alpha = self.add_weight(
            tuple(shape),
            self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
            name="alpha",
        )

    def call(self, inputs: Any) -> Any:
        return ops.relu(inputs) - ops.multiply(self.alpha, ops.relu(ops.negative(inputs)))


class Softmax(Layer):
    """Probabilities along `axis`; where a mask is False, 0."""

    supports_masking = True
    ready_when_made = True

    def __init__(self, axis: Any = -1, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.axis = axis

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return activations.softmax(inputs, self.axis)
        shape = mask.shape
        if len(shape) > len(inputs.shape):
            raise ShapeError(
                f"{self.described()}: the mask must not have more dimensions than the inputs, received a mask of shape "
                f"{tuple(shape)} for {tuple(inputs.shape)}."
            )
        if any(n not in (1, size) for n, size in zip(shape[::-1], inputs.shape[::-1], strict=False)):
            raise ShapeError(
                f"{self.described()}: the mask must be broadcastable to the inputs, received a mask of shape "
                f"{tuple(shape)} for {tuple(inputs.shape)}."
            )
        mask = ops.cast(mask, "bool")
        # A number far below any other: e to its power is 0, and no infinity enters the sums.
        shown = activations.softmax(ops.where(mask, inputs, -1e9), self.axis)
        return ops.where(mask, shown, 0.0)
