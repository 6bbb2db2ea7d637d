"""What an optimizer is: a learning rate, a count of steps, memory for each weight, and the rule that moves a weight."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError
from pippin.naming import auto_name, snake_case
from pippin.program import UPDATE, Variable, current_trace
from pippin.saving.configured import Configured

# Keras's arguments that Pippin has no meaning for yet, with the only value each may have.
_NOT_YET = {
    "use_ema": False, "ema_momentum": 0.99, "ema_overwrite_frequency": None, "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}  # fmt: skip


class Optimizer(Configured):
    """The base of optimizers. A subclass names its SLOTS and writes `update_step(gradient, variable, learning_rate)`.

    Gradients may be clipped: each to a norm (clipnorm), each number to a size (clipvalue), or all together to a norm
    (global_clipnorm). `weight_decay` shrinks weights by learning_rate · weight_decay at each step, before the step.
    """

    SLOTS: tuple[tuple[str, ...], ...] = ()
    """Names of what is remembered for each weight, in groups. Files hold group after group, each weight by weight."""

    def __init__(
        self,
        learning_rate: Any = 0.01,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
        **others: Any,
    ) -> None:
        kind = type(self).__name__
        _check_others(kind, others)
        if not callable(learning_rate) and not (_is_number(learning_rate) and 0 <= learning_rate < 1e10):
            raise SettingError(f"{kind} learning_rate: expected a number from 0 to 1e10, received {learning_rate!r}.")
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        for word, value in clips.items():
            if value is not None and not (_is_number(value) and value > 0):
                raise SettingError(f"{kind} {word}: expected a number above 0, received {value!r}.")
        if sum(value is not None for value in clips.values()) > 1:
            raise SettingError(f"{kind}: expected at most one of {', '.join(clips)}, received {clips}.")
        if weight_decay is not None and not (_is_number(weight_decay) and weight_decay >= 0):
            raise SettingError(f"{kind} weight_decay: expected a number of 0 or more, received {weight_decay!r}.")
        self.name = name or auto_name(snake_case(kind))
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.iterations = self._number("iteration", np.int32(0))
        self._schedule = learning_rate if callable(learning_rate) else None
        self._learning_rate = self._number("learning_rate", np.float32(0.0 if self._schedule else learning_rate))
        self.slots: dict[str, list[Variable]] = {}
        self._weights: list[Variable] = []
        self._undecayed: list[Variable] = []
        self._undecayed_names: re.Pattern[str] | None = None
        self.built = False

    def _number(self, name: str, value: Any) -> Variable:
        variable = Variable(value, name=name, trainable=False, dtype=value.dtype.name)
        variable.path = f"{self.name}/{name}"
        return variable

    # Memory -----------------------------------------------------------------------------------------------------

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots: for each weight as many numbers as it has, all 0."""
        if self.built:
            return
        self._weights = list(variables)
        for group in self.slot_groups():
            for slot in group:
                self.slots[slot] = [self._slot(slot, variable) for variable in variables]
        self.built = True

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        """The names of the slots that are used with the present settings, in groups."""
        return self.SLOTS

    def _slot(self, slot: str, variable: Variable) -> Variable:
        name = f"{variable.path}_{slot}".replace("/", "_")
        made = Variable(np.zeros(variable.shape, np.float32), name=name, trainable=False)
        made.path = f"{self.name}/{name}"
        return made

    def slot(self, name: str, variable: Variable) -> Variable:
        """What the optimizer remembers of a weight under a name, such as "momentum"."""
        return next(slot for slot, one in zip(self.slots[name], self._weights, strict=True) if one is variable)

    @property
    def variables(self) -> list[Variable]:
        """All variables in Keras's order: the count of steps, the learning rate, then the slots, group after group."""
        groups = [[self.slots[slot] for slot in group] for group in self.slot_groups()] if self.built else []
        remembered = [slot for group in groups for slots in zip(*group, strict=True) for slot in slots]
        rate = [] if self._schedule is not None else [self._learning_rate]
        return [self.iterations, *rate, *remembered]

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
        if variables is None:
            raise SettingError(f"{type(self).__name__}: expected apply(gradients, variables), received no variables.")
        self.build(variables)
        known = {id(variable) for variable in self._weights}
        strange = [variable.path for variable in variables if id(variable) not in known]
        if strange:
            raise SettingError(
                f"{type(self).__name__}: expected the variables it was built for, received others: "
                f"{', '.join(strange)}. "
                "Make a new optimizer for a new set of weights."
            )
        rate = self.learning_rate
        trace = current_trace()
        for gradient, variable in zip(self._clipped(list(gradients)), variables, strict=True):
            if trace is None:
                self._update(gradient, variable, rate)
            else:
                with trace.at(layer=variable.path.rpartition("/")[0], phase=UPDATE):
                    self._update(gradient, variable, rate)
        self.iterations.assign(self.iterations + np.int32(1))

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """One update from (gradient, variable) pairs; returns the count of steps."""
        listed = list(grads_and_vars)
        self.apply([gradient for gradient, _ in listed], [variable for _, variable in listed])
        return self.iterations

    def _update(self, gradient: Any, variable: Variable, rate: Any) -> None:
        if self.weight_decay is not None and self._decays(variable):
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
        """Leave these weights, or those in whose name one of `var_names` is found ("bias"), out of weight decay."""
        if self.built:
            raise SettingError(f"{type(self).__name__}: expected exclude_from_weight_decay before the first step.")
        self._undecayed = list(var_list or ())
        self._undecayed_names = re.compile("|".join(var_names)) if var_names else None

    def _decays(self, variable: Variable) -> bool:
        named = self._undecayed_names is not None and self._undecayed_names.search(variable.name) is not None
        return not named and all(variable is not one for one in self._undecayed)

    def _clipped(self, gradients: list[Any]) -> list[Any]:
        if self.clipvalue is not None:
            return [ops.clip(g, -float(self.clipvalue), float(self.clipvalue)) for g in gradients]
        if self.clipnorm is not None:
            return [_to_norm(g, ops.sum(ops.square(g)), self.clipnorm) for g in gradients]
        if self.global_clipnorm is not None:
            total: Any = sum((ops.sum(ops.square(g)) for g in gradients[1:]), ops.sum(ops.square(gradients[0])))
            return [_to_norm(g, total, self.global_clipnorm) for g in gradients]
        return gradients

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("decay", None)
        if self._schedule is None:
            config["learning_rate"] = float(self._learning_rate.value)
        shared = {word: getattr(self, word) for word in ("weight_decay", "clipnorm", "global_clipnorm", "clipvalue")}
        return {**config, **shared, **_NOT_YET, "name": self.name}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _check_others(kind: str, others: dict[str, Any]) -> None:
    """Refuse what has no meaning here, by name."""
    if others.pop("decay", None) is not None:
        warnings.warn(f"{kind} decay: no longer used, as in Keras 3; the learning rate stays as it is.", stacklevel=4)
    strange = sorted(set(others) - set(_NOT_YET))
    if strange:
        raise SettingError(f"{kind}: expected only Keras's arguments, received {', '.join(strange)}.")
    for word, value in others.items():
        if value != _NOT_YET[word]:
            raise SettingError(
                f"{kind} {word}: expected {_NOT_YET[word]!r}, received {value!r}. Pippin does not have it yet."
            )


def _to_norm(gradient: Any, squares: Any, limit: float) -> Any:
    """The gradient, shortened to length `limit` if it is longer."""
    return gradient * (float(limit) / ops.maximum(ops.sqrt(squares), float(limit)))
