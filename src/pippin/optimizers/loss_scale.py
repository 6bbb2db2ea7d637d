"""An optimizer around another one, which makes the loss large so that small gradients do not vanish."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError
from pippin.optimizers.memory import Memory
from pippin.optimizers.optimizer import Optimizer
from pippin.optimizers.settings import SHARED
from pippin.program import Variable, now
from pippin.saving.serialize import serialize


class LossScaleOptimizer(Optimizer):
    """Multiplies the loss by a scale and divides the gradients by it. A step with an infinite gradient is left out and
    halves the scale; `dynamic_growth_steps` good steps double it. Source: Micikevicius et al., "Mixed Precision
    Training" (2018), section 3.2."""

    skips_non_finite = True

    def __init__(
        self, inner_optimizer: Optimizer, initial_scale: float = 2.0**15, dynamic_growth_steps: int = 2000,
        name: str | None = None, **others: Any,
    ) -> None:  # fmt: skip
        if not others.pop("dynamic", True):
            raise SettingError(
                "LossScaleOptimizer dynamic: expected True. For a fixed scale set `loss_scale_factor` of the "
                "inner_optimizer."
            )
        for word in [word for word in SHARED if word in others]:
            # Keras's older files have all of them, unused.
            if others.pop(word) != SHARED[word]:
                raise SettingError(f"LossScaleOptimizer {word}: set it on the `inner_optimizer`.")
        super().__init__(0.0, name=name, **others)
        self.inner_optimizer = inner_optimizer
        self.initial_scale, self.dynamic_growth_steps = initial_scale, dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self.step_counter = self.add_variable((), dtype="int32", name="step_counter")
        self.dynamic_scale = self.add_variable((), name="dynamic_scale")
        self.dynamic_scale.assign(np.float32(self.initial_scale))
        self.inner_optimizer.build(variables)
        self.slots = self.inner_optimizer.slots

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        gradients, variables = self._matched(list(grads), trainable_variables)
        finite = ops.all(ops.stack([ops.all(ops.isfinite(g)) for g in gradients if g is not None]))
        scale, good = now(self.dynamic_scale), self.step_counter + np.int32(1)
        unscaled = [None if gradient is None else gradient / scale for gradient in gradients]
        changing = [*variables, *self.inner_optimizer.variables]
        self._keep_if(finite, changing, lambda: self.inner_optimizer.apply(unscaled, variables))
        grows = ops.equal(good, self.dynamic_growth_steps)
        factor = ops.where(finite, ops.where(grows, 2.0, 1.0), 0.5)
        self.dynamic_scale.assign(self.dynamic_scale * factor)
        self.step_counter.assign(ops.where(ops.logical_and(finite, ops.logical_not(grows)), good, np.int32(0)))

    def scale_loss(self, loss: Any) -> Any:
        return loss * (self.dynamic_scale if self.built else self.initial_scale)

    @property
    def variables(self) -> list[Variable]:
        return [*self._variables, *self.inner_optimizer.variables]

    def parts(self) -> dict[str, Memory]:
        return {"inner_optimizer": self.inner_optimizer}

    @property
    def iterations(self) -> Any:
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self) -> Any:
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name, "inner_optimizer": serialize(self.inner_optimizer),
            "initial_scale": self.initial_scale, "dynamic_growth_steps": self.dynamic_growth_steps,
        }  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from pippin.optimizers import deserialize

        inner = config["inner_optimizer"]
        made = deserialize(inner, custom_objects) if isinstance(inner, dict) else inner
        return cls(**{**config, "inner_optimizer": made})
