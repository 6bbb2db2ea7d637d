"""RMSprop: steps that shrink where gradients are large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pippin import ops
from pippin.optimizers.optimizer import Optimizer
from pippin.optimizers.settings import takes_shared_settings
from pippin.program import Variable


class RMSprop(Optimizer):
    """Steps divided by the root of the mean of recent squared gradients. Source: Hinton, lecture 6e of CSC321 (2012).

    Further arguments are those of all optimizers, see Optimizer.
    """

    @takes_shared_settings
    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-7,
        centered: bool = False, **shared: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self.add_optimizer_variables(variables, "velocity")
        if self.momentum:
            self.add_optimizer_variables(variables, "momentum")
        if self.centered:
            self.add_optimizer_variables(variables, "average_gradient")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        slot = self.slot("velocity", variable)
        velocity = slot.assign(slot * self.rho + ops.square(gradient) * (1.0 - self.rho))
        if self.centered:
            mean = self.slot("average_gradient", variable)
            average = mean.assign(mean * self.rho + gradient * (1.0 - self.rho))
            velocity = velocity - ops.square(average)
        step = gradient * learning_rate / ops.sqrt(velocity + self.epsilon)
        if self.momentum:
            moved = self.slot("momentum", variable)
            step = moved.assign(moved * self.momentum + step)
        variable.assign(variable - step)
