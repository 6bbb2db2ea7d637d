"""Optimizers that add up squared gradients: Adagrad, Adadelta, Ftrl, and Adafactor, which adds up rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.initializers import Constant
from pippin.optimizers.optimizer import Optimizer
from pippin.optimizers.settings import takes_shared_settings
from pippin.program import Variable


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients: what moves rarely moves far. Source: Duchi et al.,
    "Adaptive Subgradient Methods" (2011), with the diagonal of section 1.1."""

    @takes_shared_settings
    def __init__(
        self, learning_rate: Any = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7, **shared: Any
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        if not self.built:
            super().build(variables)
            self.add_optimizer_variables(variables, "accumulator", Constant(self.initial_accumulator_value))

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        slot = self.slot("accumulator", variable)
        total = slot.assign(slot + ops.square(gradient))
        variable.assign(variable - gradient * learning_rate / ops.sqrt(total + self.epsilon))


class Adadelta(Optimizer):
    """Steps in the unit of the weights: the root mean square of recent steps over that of recent gradients. Source:
    Zeiler, "ADADELTA" (2012), algorithm 1."""

    @takes_shared_settings
    def __init__(self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float = 1e-7, **shared: Any) -> None:
        super().__init__(learning_rate, **shared)
        self.rho, self.epsilon = rho, epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        if not self.built:
            super().build(variables)
            self.add_optimizer_variables(variables, ("accumulated_grad", "accumulated_delta_var"))

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        gradients, steps = self.slot("accumulated_grad", variable), self.slot("accumulated_delta_var", variable)
        recent = gradients.assign(gradients * self.rho + ops.square(gradient) * (1.0 - self.rho))
        step = gradient * ops.sqrt(steps + self.epsilon) / ops.sqrt(recent + self.epsilon)
        steps.assign(steps * self.rho + ops.square(step) * (1.0 - self.rho))
        variable.assign(variable - step * learning_rate)


class Ftrl(Optimizer):
    """Follow the regularized leader: weights that little speaks for become exactly 0. Source: McMahan et al., "Ad Click
    Prediction" (2013), algorithm 1; shrinkage as in TensorFlow."""

    @takes_shared_settings
    def __init__(
        self, learning_rate: Any = 0.001, learning_rate_power: float = -0.5, initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0, beta: float = 0.0, **shared: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        if learning_rate_power > 0:
            raise SettingError(
                "`learning_rate_power` needs to be negative or zero. Received: "
                f"learning_rate_power={learning_rate_power!r}."
            )
        self.learning_rate_power, self.initial_accumulator_value = learning_rate_power, initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        for word, value in vars(self).items():
            if word.endswith(("_strength", "_accumulator_value")) and value < 0:
                raise SettingError(f"`{word}` needs to be positive or zero. Received: {word}={value!r}.")

    def build(self, variables: Sequence[Variable]) -> None:
        if not self.built:
            super().build(variables)
            starts = [Constant(self.initial_accumulator_value), "zeros"]
            self.add_optimizer_variables(variables, ("accumulator", "linear"), starts)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        squares, linear = self.slot("accumulator", variable), self.slot("linear", variable)
        power, l1 = -self.learning_rate_power, float(self.l1_regularization_strength)
        before = ops.power(squares, power)
        total = squares.assign(squares + ops.square(gradient))
        after = ops.power(total, power)
        pull = gradient + variable * (2.0 * self.l2_shrinkage_regularization_strength)
        z = linear.assign(linear + pull - variable * ((after - before) / learning_rate))
        curve = (after + self.beta) / learning_rate + 2.0 * self.l2_regularization_strength
        variable.assign((ops.clip(z, -l1, l1) - z) / curve)


class Adafactor(Optimizer):
    """Adam in less memory: of a matrix only sums over its rows and columns are remembered. Source: Shazeer and Stern,
    "Adafactor" (2018), algorithms 4 and 5."""

    @takes_shared_settings
    def __init__(
        self, learning_rate: Any = 0.001, beta_2_decay: float = -0.8, epsilon_1: float = 1e-30, epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0, relative_step: bool = True, **shared: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        self.beta_2_decay, self.epsilon_1, self.epsilon_2 = beta_2_decay, epsilon_1, epsilon_2
        self.clip_threshold, self.relative_step = clip_threshold, relative_step

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._rows: list[Variable] = []
        self._columns: list[Variable] = []
        for variable in variables:
            shape = variable.shape
            # A vector has neither: Keras keeps a whole number in the place of each, and so do files.
            rows, columns, kind = ((), (), "int32") if len(shape) < 2 else (shape[:-1], (*shape[:-2], shape[-1]), None)
            self._rows.append(self.add_variable(rows, dtype=kind, name=variable.name))
            self._columns.append(self.add_variable(columns, dtype=kind, name=variable.name))
            self.add_variable_from_reference(variable, "velocity")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        step = ops.cast(self.iterations + 1, "float32")
        rate = ops.minimum(learning_rate, 1.0 / ops.sqrt(step))
        squares = ops.square(gradient) + self.epsilon_1
        keep = 1.0 - ops.power(step, float(self.beta_2_decay))
        velocity = self.slot("velocity", variable)
        if variable.ndim > 1:
            place = self._get_variable_index(variable)
            rows, columns = self._rows[place], self._columns[place]
            r = rows.assign(rows * keep + ops.mean(squares, -1) * (1.0 - keep))
            c = columns.assign(columns * keep + ops.mean(squares, -2) * (1.0 - keep))
            share = r / ops.mean(r, -1, keepdims=True)
            v = velocity.assign(ops.expand_dims(share, -1) * ops.expand_dims(c, -2))
        else:
            v = velocity.assign(velocity * keep + squares * (1.0 - keep))
        direction = gradient / ops.sqrt(v)
        direction = direction / ops.maximum(_root_mean_square(direction) / self.clip_threshold, 1.0)
        size = ops.maximum(_root_mean_square(variable), float(self.epsilon_2)) * rate
        variable.assign(variable - direction * size)


def _root_mean_square(x: Any) -> Any:
    return ops.sqrt(ops.mean(ops.square(x)))
