"""A layer whose matrix never stretches: its weights divided by their largest singular value."""

from __future__ import annotations

from typing import Any

from pippin import initializers, ops
from pippin.errors import SettingError
from pippin.layers.input_spec import InputSpec
from pippin.layers.wrappers import Wrapper


class SpectralNormalization(Wrapper):
    """Calls a layer with a `kernel` or `embeddings`; in training these are first divided by their spectral norm.

    The norm is found by `power_iterations` steps of the power method, going on where the last call stopped: v = W u,
    u = Wᵀ v, each brought to length 1; the norm is vᵀ W u. Source: Miyato et al. (2018), arXiv:1802.05957.
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **keywords: Any) -> None:
        super().__init__(layer, **keywords)
        if power_iterations <= 0:
            raise SettingError(
                "SpectralNormalization: `power_iterations` should be greater than zero. Received: "
                f"`power_iterations={power_iterations}`"
            )
        self.power_iterations = power_iterations

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        found = [word for word in ("kernel", "embeddings") if hasattr(self.layer, word)]
        if not found:
            raise SettingError(f"{type(self.layer).__name__} object has no attribute 'kernel' nor 'embeddings'")
        self.kernel = getattr(self.layer, found[0])
        self.vector_u = self.add_weight(
            (1, self.kernel.shape[-1]), initializers.TruncatedNormal(stddev=0.02), trainable=False, name="vector_u"
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            u, kernel = self.normalized_weights()
            is_zero = ops.all(ops.equal(self.kernel, 0.0))
            self.vector_u.assign(ops.where(is_zero, self.vector_u, u))
            self.kernel.assign(ops.where(is_zero, self.kernel, kernel))
        return self.layer(inputs)

    def normalized_weights(self) -> tuple[Any, Any]:
        """The next u, and the weights divided by their spectral norm."""
        weights = ops.reshape(self.kernel, (-1, self.kernel.shape[-1]))
        u: Any = self.vector_u
        for _ in range(self.power_iterations):
            v = _of_length_1(ops.matmul(u, ops.transpose(weights)))
            u = _of_length_1(ops.matmul(v, weights))
        u, v = ops.stop_gradient(u), ops.stop_gradient(v)
        norm = ops.matmul(ops.matmul(v, weights), ops.transpose(u))
        return u, ops.reshape(weights / norm, self.kernel.shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)


def _of_length_1(vector: Any) -> Any:
    return vector * ops.rsqrt(ops.maximum(ops.sum(ops.square(vector)), 1e-12))
