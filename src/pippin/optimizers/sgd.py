"""Gradient descent, plain and with momentum."""

from __future__ import annotations

from typing import Any

from pippin.errors import SettingError
from pippin.optimizers.optimizer import Optimizer
from pippin.program import Variable


class SGD(Optimizer):
    """weight - learning_rate · gradient; with momentum, the step keeps part of the step before.

    Further arguments are those of all optimizers: weight_decay, clipnorm, clipvalue, global_clipnorm, name.
    Source: Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013), equations 1 to
    4.
    """

    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, **shared: Any) -> None:
        super().__init__(learning_rate, **shared)
        if not 0 <= momentum <= 1:
            raise SettingError(f"SGD momentum: expected a number from 0 to 1, received {momentum!r}.")
        self.momentum, self.nesterov = momentum, nesterov

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        return (("momentum",),) if self.momentum else ()

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        if not self.momentum:
            variable.assign(variable - gradient * learning_rate)
            return
        slot = self.slot("momentum", variable)
        m = slot.assign(slot * self.momentum - gradient * learning_rate)
        step = m * self.momentum - gradient * learning_rate if self.nesterov else m
        variable.assign(variable + step)
