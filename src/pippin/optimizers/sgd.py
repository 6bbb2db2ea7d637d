"""Gradient descent, plain and with momentum, and RMSprop."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.optimizers.optimizer import Optimizer
from pippin.program import Variable


class SGD(Optimizer):
    """weight - learning_rate · gradient; with momentum, the step keeps part of the step before.

    Source: Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013), equations 1 to 4.
    """

    def __init__(
        self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, weight_decay: float | None = None,
        clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None,
        name: str = "SGD", **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name, **keywords)
        if not 0 <= momentum <= 1:
            raise SettingError(f"SGD momentum: expected a number from 0 to 1, received {momentum!r}.")
        self.momentum, self.nesterov = momentum, nesterov

    def slot_names(self) -> tuple[str, ...]:
        return ("momentum",) if self.momentum else ()

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        if not self.momentum:
            variable.assign(variable - gradient * learning_rate)
            return
        slot = self.slot("momentum", variable)
        m = slot.assign(slot * self.momentum - gradient * learning_rate)
        step = m * self.momentum - gradient * learning_rate if self.nesterov else m
        variable.assign(variable + step)


class RMSprop(Optimizer):
    """Steps divided by the root of the mean of recent squared gradients. Source: Hinton, lecture 6e of CSC321 (2012)."""

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-7, centered: bool = False,
        weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
        global_clipnorm: float | None = None, name: str = "rmsprop", **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name, **keywords)
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered

    def slot_names(self) -> tuple[str, ...]:
        return (
            "velocity",
            *(("momentum",) if self.momentum else ()),
            *(("average_gradient",) if self.centered else ()),
        )

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
