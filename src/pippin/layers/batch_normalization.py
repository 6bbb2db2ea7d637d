"""Signals brought to mean 0 and spread 1, channel by channel over a batch."""

from __future__ import annotations

from typing import Any

from pippin import constraints, initializers, ops, regularizers
from pippin.errors import SettingError, ShapeError
from pippin.layers.layer import Layer
from pippin.layers.shapes import shown


class BatchNormalization(Layer):
    """(x - mean) / √(variance + epsilon) · gamma + beta, each for one entry along `axis`.

    In training, mean and variance are those of the batch, and moving averages of them are kept; otherwise (and always
    when `trainable` is False, as in Keras) they are the moving averages. Time steps that a mask leaves out don't count.

    With `renorm`, what the batch gives is corrected by r and d towards moving averages of their own, kept within
    `renorm_clipping` ({"rmin", "rmax", "dmax"}): so small batches are trained with nearly what they are used with.
    Sources: Ioffe and Szegedy, Batch Normalization (2015), algorithms 1 and 2; Ioffe, Batch Renormalization (2017).
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
        self.renorm, self.renorm_momentum = renorm, renorm_momentum
        self.renorm_clipping = dict(renorm_clipping or {}) if renorm else renorm_clipping
        if renorm:
            _check_clipping(self.renorm_clipping)
        # Each batch is normalized as a whole: there is nobody else to wait for.
        self.synchronized = bool(synchronized)
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
        if self.renorm:

            def spread(shape: Any, dtype: Any = None) -> Any:
                return ops.sqrt(self.moving_variance_initializer(shape, dtype=dtype))

            self.moving_stddev = self.add_weight(shape, spread, trainable=False, name="moving_stddev")
            self.renorm_mean = self.add_weight(shape, self.moving_mean_initializer, trainable=False, name="renorm_mean")
            self.renorm_stddev = self.add_weight(shape, spread, trainable=False, name="renorm_stddev")

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        x = ops.cast(inputs, "float32")
        gamma, beta = self.gamma, self.beta
        if not (training and self.trainable):
            mean, variance = self.moving_mean, self.moving_variance
        else:
            mean, variance = self._moments(x, mask)
            if self.renorm:
                gamma, beta = self._corrected(mean, variance)
                self._follow_renormed(mean, variance)
            else:
                _follow(self.moving_mean, mean, self.momentum)
                _follow(self.moving_variance, variance, self.momentum)
        return ops.batch_normalization(x, mean, variance, self.axis, beta, gamma, self.epsilon)

    def _moments(self, x: Any, mask: Any) -> tuple[Any, Any]:
        """Mean and variance of the batch; of the time steps that count, if there is a mask."""
        place = self.axis % len(x.shape)
        axes = [axis for axis in range(len(x.shape)) if axis != place]
        if mask is None:
            return ops.moments(x, axes)  # type: ignore[no-any-return]
        counts = ops.broadcast_to(ops.expand_dims(ops.cast(mask, "float32"), -1), x.shape)
        total = ops.sum(counts, axes, keepdims=True) + 1e-7
        mean = ops.sum(counts * x, axes, keepdims=True) / total
        variance = ops.sum(counts * ops.square(x - mean), axes, keepdims=True) / total
        return ops.squeeze(mean, tuple(axes)), ops.squeeze(variance, tuple(axes))

    def _corrected(self, mean: Any, variance: Any) -> tuple[Any, Any]:
        """gamma and beta with the correction in them: (x · r + d) · gamma + beta = x · (r · gamma) + (d · gamma +
        beta)."""
        usual = ops.maximum(self.renorm_stddev, self.epsilon**0.5)
        r, d = ops.sqrt(variance + self.epsilon) / usual, (mean - self.renorm_mean) / usual
        clipping = self.renorm_clipping or {}
        if clipping.get("rmin") is not None:
            r = ops.maximum(r, float(clipping["rmin"]))
        if clipping.get("rmax") is not None:
            r = ops.minimum(r, float(clipping["rmax"]))
        if clipping.get("dmax") is not None:
            d = ops.clip(d, -float(clipping["dmax"]), float(clipping["dmax"]))
        gamma, beta = ops.stop_gradient(r), ops.stop_gradient(d)
        if self.gamma is not None:
            gamma, beta = gamma * self.gamma, beta * self.gamma
        return gamma, beta if self.beta is None else beta + self.beta

    def _follow_renormed(self, mean: Any, variance: Any) -> None:
        spread = ops.sqrt(variance + self.epsilon)
        _follow(self.renorm_mean, mean, self.renorm_momentum)
        _follow(self.renorm_stddev, spread, self.renorm_momentum)
        _follow(self.moving_mean, mean, self.momentum)
        new = _follow(self.moving_stddev, spread, self.momentum)
        self.moving_variance.assign(ops.relu(new * new - self.epsilon))


def _follow(moving: Any, now: Any, momentum: float) -> Any:
    """A moving average goes a step towards what is now."""
    new = moving * momentum + now * (1.0 - momentum)
    moving.assign(new)
    return new


def _check_clipping(clipping: Any) -> None:
    strange = sorted(set(clipping) - {"rmin", "rmax", "dmax"})
    if strange:
        raise SettingError(
            f"Received invalid keys for `renorm_clipping` argument: {strange}. Supported values: rmax, rmin, dmax."
        )
    rmin, rmax, dmax = (clipping.get(word) for word in ("rmin", "rmax", "dmax"))
    if rmin is not None and rmax is not None and rmax < rmin:
        raise SettingError(
            f"rmax should be greater than rmin in the `renorm_clipping` argument. Received: rmax={rmax}, rmin={rmin}."
        )
    if dmax is not None and dmax < 0:
        raise SettingError(f"dmax should be non-negative in the `renorm_clipping` argument. Received: dmax={dmax}.")
