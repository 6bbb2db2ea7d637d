"""What an optimizer is: a learning rate, a count of steps, memory for each weight, and the rule that moves a weight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError
from pippin.program import UPDATE, Variable, current_trace
from pippin.saving.configured import Configured


class Optimizer(Configured):
    """The base of optimizers. A subclass names its SLOTS and writes `update_step(gradient, variable, learning_rate)`.

    Gradients may be clipped: each to a norm (clipnorm), each number to a size (clipvalue), or all together to a norm
    (global_clipnorm). `weight_decay` shrinks weights by learning_rate · weight_decay at each step.
    """

    SLOTS: tuple[str, ...] = ()

    def __init__(
        self,
        learning_rate: Any = 0.01,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
        **unused: Any,
    ) -> None:
        if not callable(learning_rate) and not (
            np.isscalar(learning_rate) and 0 <= float(learning_rate) < 1e10
        ):
            raise SettingError(
                f"{type(self).__name__} learning_rate: expected a number from 0 to 1e10, received {learning_rate!r}."
            )
        for word, value in (
            ("clipnorm", clipnorm),
            ("clipvalue", clipvalue),
            ("global_clipnorm", global_clipnorm),
        ):
            if value is not None and value <= 0:
                raise SettingError(
                    f"{type(self).__name__} {word}: expected a number above 0, received {value!r}."
                )
        if sum(value is not None for value in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise SettingError(
                f"{type(self).__name__}: expected at most one of clipnorm, clipvalue and global_clipnorm."
            )
        from pippin.layers.layer import snake_case

        self.name = name or snake_case(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.iterations = Variable(np.zeros((), np.int32), name="iteration", trainable=False, dtype="int32")
        self.iterations.path = f"{self.name}/iteration"
        self._schedule = learning_rate if callable(learning_rate) else None
        self._learning_rate = Variable(
            np.float32(0.0 if self._schedule else learning_rate), name="learning_rate", trainable=False
        )
        self._learning_rate.path = f"{self.name}/learning_rate"
        self.slots: dict[str, list[Variable]] = {}
        self._numbers: dict[int, int] = {}
        self._undecayed: set[int] = set()
        self.built = False

    # Memory -----------------------------------------------------------------------------------------------------

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots: for each weight as many numbers as it has, all 0."""
        if self.built:
            return
        self._numbers = {id(variable): number for number, variable in enumerate(variables)}
        for slot in self.slot_names():
            self.slots[slot] = [self._slot(slot, variable) for variable in variables]
        self.built = True

    def slot_names(self) -> tuple[str, ...]:
        return self.SLOTS

    def _slot(self, slot: str, variable: Variable) -> Variable:
        made = Variable(
            np.zeros(variable.shape, np.float32),
            name=f"{variable.path}_{slot}".replace("/", "_"),
            trainable=False,
        )
        made.path = f"{self.name}/{variable.path.replace('/', '_')}_{slot}"
        return made

    def slot(self, name: str, variable: Variable) -> Variable:
        """What the optimizer remembers of a weight under a name, such as "momentum"."""
        return self.slots[name][self._numbers[id(variable)]]

    @property
    def variables(self) -> list[Variable]:
        """All variables in Keras's order: the count of steps, the learning rate, then each weight's slots in turn."""
        by_weight = [slot for slots in zip(*self.slots.values(), strict=True) for slot in slots]
        return [self.iterations, self._learning_rate, *by_weight]

    # The learning rate --------------------------------------------------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        if self._schedule is not None:
            return self._schedule(self.iterations)
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if callable(value):
            self._schedule = value
        else:
            self._schedule = None
            self._learning_rate.assign(np.float32(value))

    lr = learning_rate

    # Steps --------------------------------------------------------------------------------------------------------

    def apply(self, gradients: Sequence[Any], variables: Sequence[Variable] | None = None) -> None:
        """Write (or do) one update of every variable."""
        assert variables is not None
        self.build(variables)
        gradients = self._clipped(list(gradients))
        trace = current_trace()
        rate = self.learning_rate
        for gradient, variable in zip(gradients, variables, strict=True):
            if trace is None:
                self._update(gradient, variable, rate)
            else:
                with trace.at(layer=variable.path.rpartition("/")[0], phase=UPDATE):
                    self._update(gradient, variable, rate)
        self.iterations.assign(self.iterations + np.int32(1))

    def apply_gradients(self, pairs: Iterable[tuple[Any, Variable]]) -> None:
        """One update from (gradient, variable) pairs."""
        listed = list(pairs)
        self.apply([gradient for gradient, _ in listed], [variable for _, variable in listed])

    def _update(self, gradient: Any, variable: Variable, rate: Any) -> None:
        if self.weight_decay is not None and id(variable) not in self._undecayed:
            variable.assign(variable - variable * (rate * self.weight_decay))
        self.update_step(gradient, variable, rate)
        if variable.constraint is not None:
            variable.assign(variable.constraint(variable))

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        raise NotImplementedError(
            f"{type(self).__name__}: an optimizer defines update_step(gradient, variable, learning_rate)."
        )

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Leave these weights (or those whose name contains one of `var_names`) out of weight decay."""
        self._undecayed |= {id(variable) for variable in var_list or ()}

    def _clipped(self, gradients: list[Any]) -> list[Any]:
        if self.clipvalue is not None:
            return [ops.clip(g, -float(self.clipvalue), float(self.clipvalue)) for g in gradients]
        if self.clipnorm is not None:
            return [_to_norm(g, ops.sum(ops.square(g)), self.clipnorm) for g in gradients]
        if self.global_clipnorm is not None:
            total: Any = sum(
                (ops.sum(ops.square(g)) for g in gradients[1:]), ops.sum(ops.square(gradients[0]))
            )
            return [_to_norm(g, total, self.global_clipnorm) for g in gradients]
        return gradients

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("unused", None)
        rate = config.get("learning_rate") if self._schedule is not None else float(self._learning_rate.value)
        return {
            "name": self.name,
            "learning_rate": rate,
            **{k: v for k, v in config.items() if k not in ("name", "learning_rate")},
        }


def _to_norm(gradient: Any, squares: Any, limit: float) -> Any:
    """The gradient, shortened to length `limit` if it is longer."""
    norm = ops.sqrt(squares)
    return gradient * (float(limit) / ops.maximum(norm, float(limit)))
