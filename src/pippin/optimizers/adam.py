"""Adam and its sister with weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.optimizers.optimizer import Optimizer
from pippin.optimizers.settings import takes_shared_settings
from pippin.program import Variable


class Adam(Optimizer):
    """Each weight gets its own step size from the mean and the spread of its past gradients.

    Further arguments are those of all optimizers, see Optimizer.
    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1 with the efficient order of
    computation of section 2; amsgrad: Reddi et al. (2018), algorithm 2.
    """

    @takes_shared_settings
    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        amsgrad: bool = False, **shared: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        for word, beta in (("beta_1", beta_1), ("beta_2", beta_2)):
            if not 0 <= beta < 1:
                raise SettingError(
                    f"{type(self).__name__} {word}: expected a number from 0 to below 1, received {beta!r}."
                )
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self.add_optimizer_variables(variables, ("momentum", "velocity"))
        if self.amsgrad:
            self.add_optimizer_variables(variables, "velocity_hat")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        momentum, velocity = self.slot("momentum", variable), self.slot("velocity", variable)
        m = momentum.assign(momentum + (gradient - momentum) * (1.0 - self.beta_1))
        v = velocity.assign(velocity + (ops.square(gradient) - velocity) * (1.0 - self.beta_2))
        if self.amsgrad:
            largest = self.slot("velocity_hat", variable)
            v = largest.assign(ops.maximum(largest, v))
        rate = unbiased(learning_rate, self.iterations, self.beta_1, self.beta_2)
        variable.assign(variable - m * rate / (ops.sqrt(v) + self.epsilon))


def unbiased(rate: Any, iterations: Any, beta_1: float, beta_2: float) -> Any:
    """The learning rate that makes up for averages which began at 0."""
    step = ops.cast(iterations + 1, "float32")
    return rate * ops.sqrt(1.0 - ops.power(beta_2, step)) / (1.0 - ops.power(beta_1, step))


class AdamW(Adam):
    """Adam whose weight decay does not pass through the step sizes. Source: Loshchilov and Hutter (2019), algorithm
    2."""

    @takes_shared_settings
    def __init__(
        self, learning_rate: Any = 0.001, weight_decay: float = 0.004, beta_1: float = 0.9, beta_2: float = 0.999,
        epsilon: float = 1e-7, amsgrad: bool = False, **shared: Any,
    ) -> None:  # fmt: skip
        if weight_decay is None:
            raise SettingError(
                "AdamW: Argument `weight_decay` must be a float. Received: weight_decay=None. Use Adam without it."
            )
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **shared)
