"""Muon: steps of matrices in which all directions count alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import sqrt
from typing import Any

from pippin import ops
from pippin.errors import ShapeError
from pippin.optimizers.adam import unbiased
from pippin.optimizers.optimizer import Optimizer
from pippin.optimizers.settings import takes_shared_settings
from pippin.program import Variable


class Muon(Optimizer):
    """Matrices move by their momentum made orthogonal; all other weights, embeddings, and those whose path one of
    `exclude_layers` is found in, by AdamW.

    Sources: Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024); `rms_rate`: Liu et al.,
    "Muon is Scalable for LLM Training" (2025), equation 4.
    """

    @takes_shared_settings
    def __init__(
        self, learning_rate: Any = 0.001, adam_beta_1: float = 0.9, adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004, epsilon: float = 1e-7, weight_decay: float | None = 0.004, *,
        exclude_layers: Sequence[str] | None = None, exclude_embeddings: bool = True, muon_a: float = 3.4445,
        muon_b: float = -4.7750, muon_c: float = 2.0315, adam_lr_ratio: float = 1, momentum: float = 0.95,
        ns_steps: int = 5, nesterov: bool = True, rms_rate: float | None = 0.2, **shared: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, weight_decay, **shared)
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam_beta_1, adam_beta_2, epsilon
        self.adam_weight_decay, self.adam_lr_ratio = adam_weight_decay, adam_lr_ratio
        self.exclude_layers, self.exclude_embeddings = list(exclude_layers or ()), exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.momentum, self.ns_steps, self.nesterov, self.rms_rate = momentum, ns_steps, nesterov, rms_rate

    def _should_use_adamw(self, variable: Variable) -> bool:
        return (
            variable.ndim != 2
            or (self.exclude_embeddings and "embedding" in variable.path.lower())
            or any(re.search(word, variable.path) for word in self.exclude_layers)
        )

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._velocities: list[Variable | None] = []
        for variable in variables:
            self.add_variable_from_reference(variable, "momentum")
            by_adam = self._should_use_adamw(variable)
            self._velocities.append(self.add_variable_from_reference(variable, "velocity") if by_adam else None)

    def _decay_of(self, variable: Variable) -> float | None:
        return self.adam_weight_decay if self._should_use_adamw(variable) else self.weight_decay

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        velocity = self._velocities[self._get_variable_index(variable)]
        momentum = self.slot("momentum", variable)
        if velocity is not None:
            m = momentum.assign(momentum + (gradient - momentum) * (1.0 - self.adam_beta_1))
            v = velocity.assign(velocity + (ops.square(gradient) - velocity) * (1.0 - self.adam_beta_2))
            rate = unbiased(learning_rate * self.adam_lr_ratio, self.iterations, self.adam_beta_1, self.adam_beta_2)
            variable.assign(variable - m * rate / (ops.sqrt(v) + self.epsilon))
            return
        m = momentum.assign(momentum * self.momentum + gradient)
        step = self.zeropower_via_newtonschulz5(gradient + m * self.momentum if self.nesterov else m, self.ns_steps)
        variable.assign(variable - self.lr_adjust(step * learning_rate))

    def lr_adjust(self, x: Any) -> Any:
        """A step made as long as one of Adam's, whatever the shape of the matrix."""
        return x if self.rms_rate is None else x * (sqrt(max(x.shape)) * self.rms_rate)

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """The orthogonal matrix next to x, roughly: singular values are driven towards 1 by the polynomial
        muon_a · s + muon_b · s³ + muon_c · s⁵, `steps` times."""
        if x.ndim < 2:
            raise ShapeError(f"Muon: expected a matrix, received shape {x.shape}.")
        is_tall = x.shape[-2] > x.shape[-1]
        x = ops.swapaxes(x, -1, -2) if is_tall else x
        length = ops.sqrt(ops.sum(ops.square(x), (-2, -1), keepdims=True))
        x = x / (length + 1e-7)
        for _ in range(steps):
            product = ops.matmul(x, ops.swapaxes(x, -1, -2))
            curve = product * self.muon_b + ops.matmul(product, product) * self.muon_c
            x = x * self.muon_a + ops.matmul(curve, x)
        return ops.swapaxes(x, -1, -2) if is_tall else x
