"""What an optimizer is: a learning rate, a count of steps, memory for each weight, and the rule that moves a weight."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError
from pippin.naming import auto_name, snake_case
from pippin.optimizers.clipping import clipped
from pippin.optimizers.memory import Memory
from pippin.optimizers.schedules import LearningRateSchedule
from pippin.optimizers.schedules import deserialize as schedule_of
from pippin.optimizers.settings import SHARED, check_others, check_settings, is_number
from pippin.program import UPDATE, Variable, current_trace, now
from pippin.saving.serialize import serialize


class Optimizer(Memory):
    """The base of optimizers. A subclass makes its memory in `build(variables)` and writes
    `update_step(gradient, variable, learning_rate)`.

    Gradients may be clipped: each to a norm (clipnorm), each number to a size (clipvalue), or all together to a norm
    (global_clipnorm). `weight_decay` shrinks weights by learning_rate · weight_decay at each step, before the step.
    `use_ema` keeps a moving average of each weight, which becomes the weight every `ema_overwrite_frequency` steps and
    at the end of fit. With `gradient_accumulation_steps` the weights move once in so many steps, by the mean gradient.
    The loss is multiplied by `loss_scale_factor`, the gradients are divided by it.
    """

    skips_non_finite = False
    """Whether it leaves out steps with infinite gradients, instead of training being stopped."""

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **others: Any,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        learning_rate = others.pop("lr", learning_rate)  # Keras 2's word
        check_others(kind, others)
        if not callable(learning_rate) and not (is_number(learning_rate) and 0 <= learning_rate < 1e10):
            raise SettingError(f"{kind} learning_rate: expected a number from 0 to 1e10, received {learning_rate!r}.")
        self.name = name or auto_name(snake_case(kind))
        self.weight_decay, self.loss_scale_factor = weight_decay, loss_scale_factor
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.gradient_accumulation_steps = gradient_accumulation_steps
        check_settings(kind, vars(self))
        self._undecayed: list[Variable] = []
        self._undecayed_names: re.Pattern[str] | None = None
        self._iterations = self.add_variable((), dtype="int32", name="iteration")
        self._learning_rate: Any = learning_rate
        if not callable(learning_rate):
            self._learning_rate = self.add_variable((), name="learning_rate")
            self._learning_rate.assign(np.float32(learning_rate))

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the memory for these weights."""
        if self.built:
            return
        super().build(variables)
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = self.add_optimizer_variables(variables, "gradient_accumulator")

    # The count of steps and the learning rate ---------------------------------------------------------------------

    @property
    def iterations(self) -> Any:
        """How often the weights have moved."""
        if not self.gradient_accumulation_steps:
            return self._iterations
        return ops.cast(ops.floor(ops.cast(self._iterations, "float32") / self.gradient_accumulation_steps), "int32")

    @property
    def learning_rate(self) -> Any:
        rate = self._learning_rate
        if isinstance(rate, Variable):
            return rate
        return rate(self._iterations) if _takes_step(rate) else rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        old = self._learning_rate
        if callable(value):
            self._learning_rate = value
            self._variables = [variable for variable in self._variables if variable is not old]
        elif not isinstance(old, Variable):
            raise TypeError(
                "This optimizer was created with a `LearningRateSchedule` object as its `learning_rate` constructor "
                f"argument ({type(old).__name__}), so its learning rate can't be set: {type(self).__name__} received "
                f"{value!r}. Make the optimizer with a number to be able to set another."
            )
        else:
            old.assign(np.float32(value))

    lr = learning_rate

    def scale_loss(self, loss: Any) -> Any:
        """The loss as gradients are to be taken of it."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    # Steps --------------------------------------------------------------------------------------------------------

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Write (or do) one update of every variable; without `trainable_variables`, of those it was built for."""
        gradients = list(grads)
        if not gradients:
            return
        gradients, variables = _there(*self._matched(gradients, trainable_variables))
        if self.loss_scale_factor is not None:
            gradients = [gradient / self.loss_scale_factor for gradient in gradients]
        keep_average = self._average_keeper() if self.use_ema else None
        if self.gradient_accumulation_steps:
            self._gather_or_move(gradients, variables, self.gradient_accumulation_steps)
        else:
            self._move(gradients, variables)
        if keep_average is not None:
            for variable in self._trainable_variables:
                keep_average(variable)
        for variable in variables:
            if variable.constraint is not None:
                with _at(variable):
                    variable.assign(variable.constraint(variable))
        self._iterations.assign(self._iterations + np.int32(1))

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """One update from (gradient, variable) pairs; returns the count of steps."""
        listed = list(grads_and_vars)
        self.apply([gradient for gradient, _ in listed], [variable for _, variable in listed])
        return self._iterations

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        raise NotImplementedError(
            f"{type(self).__name__}: an optimizer defines update_step(gradient, variable, learning_rate)."
        )

    def assign(self, variable: Variable, value: Any) -> None:
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        variable.assign(variable + value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        variable.assign(variable - value)

    def _matched(self, gradients: list[Any], variables: Any) -> tuple[list[Any], list[Variable]]:
        """Gradients beside the weights they belong to."""
        kind = type(self).__name__
        if variables is None and not self.built:
            raise SettingError(
                f"{kind}: expected apply(gradients, variables), received no variables, and build(variables) was not "
                "called."
            )
        listed = self._trainable_variables if variables is None else list(variables)
        if len(gradients) != len(listed):
            raise SettingError(f"{kind}: expected {len(listed)} gradients, received {len(gradients)}.")
        self.build(listed)
        known = {id(variable) for variable in self._trainable_variables}
        strange = [variable.path for variable in listed if id(variable) not in known]
        if strange:
            raise SettingError(
                f"{kind}: expected the variables it was built for, received others: {', '.join(strange)}. "
                "Make a new optimizer for a new set of weights."
            )
        return gradients, listed

    def _begin_move(self) -> None:
        """What a subclass does once in a step, before the weights move."""

    def _move(self, gradients: list[Any], variables: list[Variable]) -> None:
        self._begin_move()
        rate = self.learning_rate
        for gradient, variable in zip(self._clip_gradients(gradients), variables, strict=True):
            with _at(variable):
                self._decay(variable, rate)
                self.update_step(gradient, variable, rate)

    def _gather_or_move(self, gradients: list[Any], variables: list[Variable], steps: int) -> None:
        """Add up gradients; every so many steps move the weights by their mean. Both are computed, one is kept, so
        that each step is the same program."""
        due = _is_multiple(self._iterations + np.int32(1), steps)
        gathered = [self.slot("gradient_accumulator", variable) for variable in variables]
        sums = [total + gradient for total, gradient in zip(gathered, gradients, strict=True)]
        self._keep_if(due, variables, lambda: self._move([total / steps for total in sums], variables))
        for variable, place, total in zip(variables, gathered, sums, strict=True):
            with _at(variable):
                place.assign(ops.where(due, 0.0, total))

    def _keep_if(self, condition: Any, variables: list[Variable], move: Callable[[], None]) -> None:
        """Do what changes weights and memory, and take it back where the condition is false."""
        changing = [*variables, *self._variables]
        before = [now(variable) for variable in changing]
        move()
        for variable, old in zip(changing, before, strict=True):
            new = now(variable)
            if new is not old:
                variable.assign(ops.where(condition, new, old))

    def _average_keeper(self) -> Callable[[Variable], None]:
        """What brings the average of a weight up to date, and makes it the weight when that is due. Its numbers are
        worked out before the weights move, so that it fits into the loop that moves them."""
        momentum = ops.where(ops.equal(self.iterations, 0), 0.0, float(self.ema_momentum))
        every = self.ema_overwrite_frequency
        due = None if every is None else _is_multiple(self.iterations + np.int32(1), every)

        def keep(variable: Variable) -> None:
            with _at(variable):
                kept = self.slot("average", variable)
                average = kept.assign(kept * momentum + variable * (1.0 - momentum))
                if due is not None:
                    variable.assign(ops.where(due, average, variable))

        return keep

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Training is over: weights become their moving averages, if there are any."""
        if self.use_ema and self.built:
            for variable in var_list:
                variable.assign(now(self.slot("average", variable)))

    # Clipping and decay -------------------------------------------------------------------------------------------

    def _clip_gradients(self, gradients: list[Any]) -> list[Any]:
        return clipped(gradients, self.clipnorm, self.clipvalue, self.global_clipnorm)

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Leave these weights, or those in whose name one of `var_names` is found ("bias"), out of weight decay."""
        if self.built:
            raise SettingError(f"{type(self).__name__}: expected exclude_from_weight_decay before the first step.")
        self._undecayed = list(var_list or ())
        self._undecayed_names = re.compile("|".join(var_names)) if var_names else None

    def _decay_of(self, variable: Variable) -> float | None:
        """The decay of a weight that is not left out."""
        return self.weight_decay

    def _decay(self, variable: Variable, rate: Any) -> None:
        named = self._undecayed_names is not None and self._undecayed_names.search(variable.name) is not None
        decay = self._decay_of(variable)
        if decay is not None and not named and all(variable is not one for one in self._undecayed):
            variable.assign(variable - variable * (rate * decay))

    def _apply_weight_decay(self, variables: Sequence[Variable]) -> None:
        """Keras's name for the decay of several weights."""
        for variable in variables:
            self._decay(variable, self.learning_rate)

    # Configuration ------------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        rate = self._learning_rate
        shared = {word: getattr(self, word) for word in SHARED}
        own = {word: value for word, value in super().get_config().items() if word != "decay"}
        return {**own, **shared, "learning_rate": float(rate.value) if isinstance(rate, Variable) else serialize(rate)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The optimizer that `get_config` described."""
        rate = config.get("learning_rate")
        if isinstance(rate, dict):
            config = {**config, "learning_rate": schedule_of(rate, custom_objects)}
        return cls(**config)


@contextmanager
def _at(variable: Variable) -> Iterator[None]:
    """Lines written inside belong to the layer of a weight and to the update."""
    trace = current_trace()
    if trace is None:
        yield
    else:
        with trace.at(layer=variable.path.rpartition("/")[0], phase=UPDATE):
            yield


def _there(gradients: list[Any], variables: list[Variable]) -> tuple[list[Any], list[Variable]]:
    """The pairs that have a gradient; the others are warned of by name."""
    missing = [v.path for gradient, v in zip(gradients, variables, strict=True) if gradient is None]
    if not missing:
        return gradients, variables
    if len(missing) == len(variables):
        raise SettingError("No gradients provided for any variable. The loss does not depend on them.")
    warnings.warn(f"expected a gradient for every variable, received none for {', '.join(missing)}.", stacklevel=4)
    pairs = [(gradient, v) for gradient, v in zip(gradients, variables, strict=True) if gradient is not None]
    return [gradient for gradient, _ in pairs], [variable for _, variable in pairs]


def _takes_step(rate: Callable[..., Any]) -> bool:
    """Whether a learning rate is a function of the step; Keras also allows one of nothing."""
    return isinstance(rate, LearningRateSchedule) or bool(signature(rate).parameters)


def _is_multiple(number: Any, of: int) -> Any:
    quotient = ops.cast(number, "float32") / float(of)
    return ops.equal(ops.floor(quotient), quotient)
