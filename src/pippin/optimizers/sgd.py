"""Gradient descent, plain and with momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pippin.errors import SettingError
from pippin.optimizers.optimizer import Optimizer
from pippin.optimizers.settings import is_number, takes_shared_settings
from pippin.program import Variable


class SGD(Optimizer):
    """weight - learning_rate · gradient; with momentum, the step keeps part of the step before.

    Further arguments are those of all optimizers, see Optimizer.
    Source: Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013), equations 1 to
    4.
    """

    @takes_shared_settings
    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, **shared: Any) -> None:
        super().__init__(learning_rate, **shared)
        if not (is_number(momentum) and 0 <= momentum <= 1):
            raise SettingError(f"SGD: `momentum` must be a float between [0, 1]. Received: momentum={momentum!r}.")
        self.momentum, self.nesterov = momentum, nesterov

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        if self.momentum:
            self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        if not self.momentum:
            variable.assign(variable - gradient * learning_rate)
            return
        slot = self.slot("momentum", variable)
        m = slot.assign(slot * self.momentum - gradient * learning_rate)
        step = m * self.momentum - gradient * learning_rate if self.nesterov else m
        variable.assign(variable + step)
