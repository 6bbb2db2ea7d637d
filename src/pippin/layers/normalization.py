"""Batch normalization: the signals of a batch brought to mean 0 and spread 1, channel by channel."""

from __future__ import annotations

from typing import Any

from pippin import constraints, initializers, ops, regularizers
from pippin.errors import ShapeError
from pippin.layers.arguments import refuse
from pippin.layers.layer import Layer
from pippin.layers.shapes import shown


class BatchNormalization(Layer):
    """(x - mean) / √(variance + epsilon) · gamma + beta, each for one entry along `axis`.

    In training, mean and variance are those of the batch, and moving averages of them are kept; otherwise (and always
    when `trainable` is False, as in Keras) they are the moving averages.
    Source: Ioffe and Szegedy, "Batch Normalization" (2015), algorithms 1 and 2.
    """

    supports_masking = True

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        refuse("BatchNormalization renorm", renorm, False, "Pippin has plain batch normalization.")
        refuse("BatchNormalization synchronized", synchronized, False, "Each batch is normalized as a whole.")
        self.axis, self.momentum, self.epsilon = int(axis), float(momentum), float(epsilon)
        self.center, self.scale = center, scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.gamma: Any = None
        self.beta: Any = None

    def check_input_shape(self, shape: Any) -> None:
        if not isinstance(shape, tuple):
            return
        if not -len(shape) <= self.axis < len(shape):
            raise ShapeError(
                f"{self.described()}: expected an input with an axis {self.axis}, received shape {shown(shape)}."
            )
        if self.built and shape[self.axis] != self.moving_mean.shape[0]:
            raise ShapeError(
                f"{self.described()}: expected {self.moving_mean.shape[0]} entries along axis {self.axis}, "
                f"received shape {shown(shape)}."
            )

    def build(self, input_shape: Any) -> None:
        shape = (input_shape[self.axis],)
        if shape == (None,):
            raise ShapeError(
                f"{self.described()}: expected a known length of axis {self.axis}, received shape {input_shape}."
            )
        if self.scale:
            self.gamma = self.add_weight(
                shape,
                self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                name="gamma",
            )
        if self.center:
            self.beta = self.add_weight(
                shape,
                self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                name="beta",
            )
        self.moving_mean = self.add_weight(shape, self.moving_mean_initializer, trainable=False, name="moving_mean")
        self.moving_variance = self.add_weight(
            shape, self.moving_variance_initializer, trainable=False, name="moving_variance"
        )

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        mean, variance = (
            self._statistics(inputs) if training and self.trainable else (self.moving_mean, self.moving_variance)
        )
        return ops.batch_normalization(
            ops.cast(inputs, "float32"), mean, variance, self.axis, self.beta, self.gamma, self.epsilon
        )

    def _statistics(self, inputs: Any) -> tuple[Any, Any]:
        """Mean and variance of the batch; the moving averages go a step towards them."""
        place = self.axis % len(inputs.shape)
        mean, variance = ops.moments(inputs, [axis for axis in range(len(inputs.shape)) if axis != place])
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + now * (1.0 - self.momentum))
        return mean, variance
