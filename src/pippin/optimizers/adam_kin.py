"""Relatives of Adam: Adamax, Nadam, Lamb, Lion and schedule-free AdamW."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.optimizers.optimizer import Optimizer
from pippin.optimizers.settings import takes_shared_settings
from pippin.program import Variable


class _TwoMoments(Optimizer):
    """An optimizer that remembers the mean of gradients and of another thing made of them."""

    SECOND = "velocity"

    def __init__(self, learning_rate: Any, beta_1: float, beta_2: float, epsilon: float, **shared: Any) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        if not self.built:
            super().build(variables)
            self.add_optimizer_variables(variables, ("momentum", self.SECOND))

    def _moments(self, gradient: Any, variable: Variable) -> tuple[Any, Any]:
        """The means of gradients and of their squares, brought up to date."""
        momentum, velocity = self.slot("momentum", variable), self.slot("velocity", variable)
        m = momentum.assign(momentum + (gradient - momentum) * (1.0 - self.beta_1))
        v = velocity.assign(velocity + (ops.square(gradient) - velocity) * (1.0 - self.beta_2))
        return m, v

    def _step(self, ahead: int = 1) -> Any:
        """The number of this step, counted from 1."""
        return ops.cast(self.iterations + ahead, "float32")


class Adamax(_TwoMoments):
    """Adam whose step sizes follow the largest gradient, not the mean square. Source: Kingma and Ba (2015), algorithm
    2."""

    SECOND = "norm"

    @takes_shared_settings
    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        **shared: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **shared)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        momentum, norm = self.slot("momentum", variable), self.slot("norm", variable)
        m = momentum.assign(momentum + (gradient - momentum) * (1.0 - self.beta_1))
        u = norm.assign(ops.maximum(norm * self.beta_2, ops.absolute(gradient)))
        rate = learning_rate / (1.0 - ops.power(self.beta_1, self._step()))
        variable.assign(variable - m * rate / (u + self.epsilon))


class Nadam(_TwoMoments):
    """Adam that looks a step ahead, as Nesterov's momentum does. Source: Dozat, "Incorporating Nesterov Momentum into
    Adam" (2016), algorithm 8."""

    @takes_shared_settings
    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        **shared: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **shared)

    def build(self, variables: Sequence[Variable]) -> None:
        if not self.built:
            super().build(variables)
            self._u_product = self.add_variable((), "ones", name="momentum_product")

    def _share(self, ahead: int) -> Any:
        """How much of the momentum counts in a step: more and more of beta_1."""
        return (1.0 - ops.power(0.96, self._step(ahead)) * 0.5) * self.beta_1

    def _begin_move(self) -> None:
        self._u_product.assign(self._u_product * self._share(1))

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        m, v = self._moments(gradient, variable)
        coming = self._share(2)
        ahead = m * (coming / (1.0 - self._u_product * coming))
        here = gradient * ((1.0 - self._share(1)) / (1.0 - self._u_product))
        spread = v / (1.0 - ops.power(self.beta_2, self._step()))
        variable.assign(variable - (ahead + here) * learning_rate / (ops.sqrt(spread) + self.epsilon))


class Lamb(_TwoMoments):
    """Adam whose step is as long, against the weights, in each layer: for very large batches. Source: You et al.,
    "Large Batch Optimization for Deep Learning" (2020), algorithm 2."""

    @takes_shared_settings
    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        **shared: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **shared)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        m, v = self._moments(gradient, variable)
        mean = m / (1.0 - ops.power(self.beta_1, self._step()))
        spread = v / (1.0 - ops.power(self.beta_2, self._step()))
        step = mean / (ops.sqrt(spread) + self.epsilon)
        weights, steps = (ops.sqrt(ops.sum(ops.square(one))) for one in (variable, step))
        both = ops.logical_and(ops.greater(weights, 0.0), ops.greater(steps, 0.0))
        ratio = ops.where(both, weights / ops.where(both, steps, 1.0), 1.0)
        variable.assign(variable - step * (ratio * learning_rate))


class Lion(Optimizer):
    """Every weight moves by the learning rate, up or down as its momentum says. Source: Chen et al., "Symbolic
    Discovery of Optimization Algorithms" (2023), algorithm 2."""

    @takes_shared_settings
    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.99, **shared: Any) -> None:
        super().__init__(learning_rate, **shared)
        if not 0 < beta_1 <= 1:
            raise SettingError(
                "Lion: Argument `beta_1` must be in the [0, 1] range. Otherwise, the optimizer degenerates to SignSGD. "
                f"Received: beta_1={beta_1!r}."
            )
        self.beta_1, self.beta_2 = beta_1, beta_2

    def build(self, variables: Sequence[Variable]) -> None:
        if not self.built:
            super().build(variables)
            self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        momentum = self.slot("momentum", variable)
        direction = ops.sign(momentum * self.beta_1 + gradient * (1.0 - self.beta_1))
        variable.assign(variable - direction * learning_rate)
        momentum.assign(momentum * self.beta_2 + gradient * (1.0 - self.beta_2))


class ScheduleFreeAdamW(_TwoMoments):
    """AdamW that needs no schedule: weights are between where its steps lead and the mean of where they led.

    Source: Defazio et al., "The Road Less Scheduled" (2024), algorithm 1; `momentum` holds its sequence z.
    """

    @takes_shared_settings
    def __init__(
        self, learning_rate: Any = 0.0025, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8,
        warmup_steps: int = 0, **shared: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **shared)
        self.warmup_steps = warmup_steps

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        for variable in variables:
            self.slot("momentum", variable).value[...] = variable.value

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        place, velocity = self.slot("momentum", variable), self.slot("velocity", variable)
        step = self._step()
        if self.warmup_steps > 0:
            learning_rate = learning_rate * ops.minimum(step / float(self.warmup_steps), 1.0)
        mean = (variable - place * (1.0 - self.beta_1)) / self.beta_1
        v = velocity.assign(velocity + (ops.square(gradient) - velocity) * (1.0 - self.beta_2))
        spread = v / (1.0 - ops.power(self.beta_2, step))
        z = place.assign(place - gradient * learning_rate / (ops.sqrt(spread) + self.epsilon))
        mean = mean + (z - mean) / step
        variable.assign(z * (1.0 - self.beta_1) + mean * self.beta_1)
