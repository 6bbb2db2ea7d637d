"""Signals brought to mean 0 and spread 1, example by example."""

from __future__ import annotations

import warnings
from typing import Any

from pippin import constraints, initializers, ops, regularizers
from pippin.errors import SettingError, ShapeError
from pippin.layers.layer import Layer


class _Normalization(Layer):
    """Weights along some axes: gamma that scales and beta that moves, if they are wanted."""

    supports_masking = True
    scale: bool
    center: bool

    def remember(self, beta: tuple[Any, Any, Any], gamma: tuple[Any, Any, Any]) -> None:
        """The initializer, regularizer and constraint of each."""
        for word, (initializer, regularizer, constraint) in (("beta", beta), ("gamma", gamma)):
            setattr(self, f"{word}_initializer", initializers.get(initializer))
            setattr(self, f"{word}_regularizer", regularizers.get(regularizer))
            setattr(self, f"{word}_constraint", constraints.get(constraint))

    def make_weight(self, word: str, shape: tuple[int, ...]) -> Any:
        return self.add_weight(
            shape, getattr(self, f"{word}_initializer"), regularizer=getattr(self, f"{word}_regularizer"),
            constraint=getattr(self, f"{word}_constraint"), name=word,
        )  # fmt: skip

    def need_axes_of(self, shape: Any, axes: Any) -> None:
        """Raise unless a shape has these axes."""
        for axis in (axes,) if isinstance(axes, int) else axes:
            if isinstance(shape, tuple) and not -len(shape) <= axis < len(shape):
                raise ShapeError(
                    f"{self.described()}: Axis {axis} is out of bounds for input shape {shape}. Received: axis={axes}"
                )


def _axes(kind: str, axis: Any) -> int | list[int]:
    if isinstance(axis, int) and not isinstance(axis, bool):
        return axis
    if isinstance(axis, (list, tuple)):
        return list(axis)
    raise TypeError(
        f"{kind}: Invalid value for `axis` argument: expected an int or a list/tuple of ints. Expected an int or a "
        f"list/tuple of ints for the argument 'axis', but received: {axis!r}"
    )


class LayerNormalization(_Normalization):
    """(x - mean) / √(variance + epsilon) · gamma + beta, over `axis`, each example (and place) on its own.

    Source: Ba, Kiros and Hinton, "Layer Normalization" (2016), equation 4.
    """

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        # An older setting, which divides by the spread without taking the mean away.
        self_scaling = bool(keywords.pop("rms_scaling", False))
        super().__init__(**keywords)
        self.rms_scaling = self_scaling
        if self_scaling:
            warnings.warn(
                "LayerNormalization rms_scaling=True is deprecated: it divides by the standard deviation, not by the "
                "root mean square. Use RMSNormalization.",
                stacklevel=2,
            )
        self.axis: Any = _axes("LayerNormalization", axis)
        self.epsilon, self.center, self.scale = epsilon, center, scale
        self.remember(
            (beta_initializer, beta_regularizer, beta_constraint),
            (gamma_initializer, gamma_regularizer, gamma_constraint),
        )

    def check_input_shape(self, shape: Any) -> None:
        self.need_axes_of(shape, self.axis)

    def build(self, input_shape: Any) -> None:
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        shape = tuple(input_shape[axis] for axis in self.axis)
        self.gamma = self.make_weight("gamma", shape) if self.scale or self.rms_scaling else None
        self.beta = self.make_weight("beta", shape) if self.center and not self.rms_scaling else None

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, "float32")
        rank = len(x.shape)
        mean, variance = ops.moments(x, self.axis, keepdims=True)
        spread = ops.divide(1.0, ops.sqrt(ops.add(variance, float(self.epsilon))))
        centred = x if self.rms_scaling else ops.subtract(x, mean)
        result = ops.multiply(centred, spread)
        places = [axis % rank for axis in self.axis]
        shape = [x.shape[place] if place in places else 1 for place in range(rank)]
        if self.gamma is not None:
            result = ops.multiply(result, ops.reshape(self.gamma, shape))
        return result if self.beta is None else ops.add(result, ops.reshape(self.beta, shape))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rms_scaling": self.rms_scaling}


class GroupNormalization(_Normalization):
    """The channels fall into `groups`; each example's group is brought to mean 0 and spread 1, then scaled by gamma and
    moved by beta, which differ by channel. A group for each channel with groups=-1.

    Source: Wu and He, "Group Normalization" (2018), equation 7.
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        if not isinstance(groups, int) or isinstance(groups, bool) or (groups <= 0 and groups != -1):
            raise SettingError(
                "GroupNormalization: Received an invalid value for argument `groups`, expected a positive integer (or "
                f"-1 for a group for each channel). Received: groups={groups}"
            )
        self.groups, self.axis, self.epsilon, self.center, self.scale = groups, axis, epsilon, center, scale
        self.remember(
            (beta_initializer, beta_regularizer, beta_constraint),
            (gamma_initializer, gamma_regularizer, gamma_constraint),
        )

    def check_input_shape(self, shape: Any) -> None:
        self.need_axes_of(shape, self.axis)

    def build(self, input_shape: Any) -> None:
        channels = input_shape[self.axis]
        if channels is None:
            raise ShapeError(
                f"{self.described()}: Axis {self.axis} of input tensor should have a defined dimension but the layer "
                f"received an input with shape {input_shape}."
            )
        if self.groups == -1:
            self.groups = channels
        if channels < self.groups:
            raise ShapeError(
                f"{self.described()}: Number of groups ({self.groups}) cannot be more than the number of channels "
                f"({channels})."
            )
        if channels % self.groups:
            raise ShapeError(
                f"{self.described()}: Number of groups ({self.groups}) must be a multiple of the number of channels "
                f"({channels})."
            )
        self.gamma = self.make_weight("gamma", (channels,)) if self.scale else None
        self.beta = self.make_weight("beta", (channels,)) if self.center else None

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, "float32")
        place, rank = self.axis % len(x.shape), len(x.shape)
        apart = ops.reshape(x, (*x.shape[:place], self.groups, x.shape[place] // self.groups, *x.shape[place + 1 :]))
        axes = [axis for axis in range(1, rank + 1) if axis != place]
        mean, variance = ops.moments(apart, axes, keepdims=True)
        spread = ops.divide(1.0, ops.sqrt(ops.add(variance, float(self.epsilon))))
        result = ops.reshape(ops.multiply(ops.subtract(apart, mean), spread), x.shape)
        shape = [x.shape[place] if axis == place else 1 for axis in range(rank)]
        if self.gamma is not None:
            result = ops.multiply(result, ops.reshape(self.gamma, shape))
        return result if self.beta is None else ops.add(result, ops.reshape(self.beta, shape))


class RMSNormalization(_Normalization):
    """x / √(mean of x² + epsilon) · scale, over `axis`.

    Source: Zhang and Sennrich, "Root Mean Square Layer Normalization" (2019), equation 4.
    """

    supports_masking = False

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.axis: Any = _axes("RMSNormalization", axis)
        self.epsilon = epsilon

    def check_input_shape(self, shape: Any) -> None:
        self.need_axes_of(shape, self.axis)

    def build(self, input_shape: Any) -> None:
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        self.scale = self.add_weight(tuple(input_shape[axis] for axis in self.axis), "ones", name="scale")  # type: ignore[assignment]

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, "float32")
        size = ops.sqrt(ops.add(ops.mean(ops.square(x), self.axis, keepdims=True), float(self.epsilon)))
        places = [axis % len(x.shape) for axis in self.axis]
        shape = [n if place in places else 1 for place, n in enumerate(x.shape)]
        return ops.multiply(ops.divide(x, size), ops.reshape(self.scale, shape))


class UnitNormalization(_Normalization):
    """x divided by its length along `axis`: each example becomes a vector of length 1."""

    ready_when_made = True

    def __init__(self, axis: Any = -1, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.axis: Any = _axes("UnitNormalization", axis)

    def check_input_shape(self, shape: Any) -> None:
        self.need_axes_of(shape, self.axis)

    def call(self, inputs: Any) -> Any:
        return ops.normalize(inputs, self.axis, order=2, epsilon=1e-12)
