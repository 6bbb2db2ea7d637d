"""What an optimizer remembers: its variables, made beside the weights they belong to, in the order that files keep."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from pippin import initializers
from pippin.errors import SettingError, ShapeError
from pippin.program import Variable, now
from pippin.saving.configured import Configured


class Memory(Configured):
    """The variables of an optimizer. `build` makes them; subclasses add theirs with `add_optimizer_variables`."""

    name: str

    def __init__(self) -> None:
        self.built = False
        self.slots: dict[str, list[Variable]] = {}
        """By name, such as "momentum": what is remembered of the weights, in their order."""
        self._variables: list[Variable] = []
        self._trainable_variables: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        """Learn which weights there are. A subclass calls this first, then makes its variables."""
        self._trainable_variables = list(variables)
        self.built = True

    def add_variable(
        self, shape: Sequence[int], initializer: Any = "zeros", dtype: str | None = None, aggregation: str = "none",
        layout: Any = None, name: str | None = None,
    ) -> Variable:  # fmt: skip
        """One more variable, written to files behind those before it."""
        value = np.asarray(initializers.get(initializer)(tuple(shape)))
        made = Variable(value, name=name or "variable", trainable=False, dtype=_whole_or_float(dtype))
        made.path = f"{self.name}/{made.name}"
        self._variables.append(made)
        return made

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """A variable of the shape of a weight: what the optimizer remembers of it under a name."""
        slot = name or "var"
        full = f"{reference_variable.path}_{slot}".replace("/", "_")
        made = self.add_variable(reference_variable.shape, initializer, reference_variable.dtype, name=full)
        self.slots.setdefault(slot, []).append(made)
        return made

    def add_optimizer_variables(
        self, trainable_variables: Sequence[Variable], name: str | Sequence[str], initializer: Any = "zeros"
    ) -> Any:
        """A variable for each weight; with several names, as many for each weight, one behind the other.

        Returns a list, or a tuple of lists, one for each name.
        """
        names = [name] if isinstance(name, str) else list(name)
        starts = list(initializer) if isinstance(initializer, (list, tuple)) else [initializer] * len(names)
        if len(starts) != len(names):
            raise SettingError(f"expected an initializer for each of {names}, received {len(starts)}.")
        made = [
            [self.add_variable_from_reference(variable, *one) for one in zip(names, starts, strict=True)]
            for variable in trainable_variables
        ]
        listed = tuple([row[place] for row in made] for place in range(len(names)))
        return listed[0] if isinstance(name, str) else listed

    def slot(self, name: str, variable: Variable) -> Variable:
        """What is remembered of a weight under a name that all weights have."""
        return self.slots[name][self._get_variable_index(variable)]

    def _get_variable_index(self, variable: Variable) -> int:
        """The place of a weight among those the optimizer was built for; subclasses of users ask for it by this
        name."""
        return next(place for place, one in enumerate(self._trainable_variables) if one is variable)

    @property
    def variables(self) -> list[Variable]:
        """All variables in Keras's order: the count of steps, the learning rate, then what was added."""
        return list(self._variables)

    def parts(self) -> dict[str, Memory]:
        """Optimizers inside of this one, by where their numbers lie in files."""
        return {}

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replace the numbers of all variables."""
        if not self.built:
            raise SettingError(
                f"You are calling `set_weights()` on an optimizer that has not been built: {type(self).__name__}. Call "
                "build(variables) first."
            )
        for variable, weight in zip(self.variables, weights, strict=False):
            if variable.shape != tuple(np.shape(weight)):
                raise ShapeError(
                    f'{type(self).__name__}: expected "{variable.path}" of shape {variable.shape}, received '
                    f"{np.shape(weight)}."
                )
            variable.assign(weight)

    def save_own_variables(self, store: Any) -> None:
        """Put all numbers into a store (a dict, a group of a file) under "0", "1", ..."""
        for number, variable in enumerate(self.variables):
            store[str(number)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Take all numbers from a store that `save_own_variables` filled; one of another size is left with a
        warning."""
        variables = self.variables
        if len(store.keys()) != len(variables):
            warnings.warn(
                f"{type(self).__name__} {self.name}: expected {len(variables)} variables, the file has "
                f"{len(store.keys())}; they were left as they are.",
                stacklevel=2,
            )
            return
        for number, variable in enumerate(variables):
            variable.assign(np.asarray(store[str(number)]))

    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Sequence[Any]
    ) -> tuple[list[Any], list[Any]]:
        """The new (weights, optimizer variables) after one step from the given ones; nothing of its own is changed."""
        mine = [*self._trainable_variables, *self.variables]
        given = [*trainable_variables, *optimizer_variables]
        if not self.built or len(given) != len(mine):
            raise SettingError(
                f"{type(self).__name__} stateless_apply: expected {len(self._trainable_variables)} weights and "
                f"{len(self.variables)} optimizer variables after build(variables), received "
                f"{len(trainable_variables)} and {len(optimizer_variables)}."
            )
        before = [now(variable) for variable in mine]
        for variable, value in zip(mine, given, strict=True):
            variable.assign(value)
        self.apply(grads)  # type: ignore[attr-defined]
        after = [now(variable) for variable in mine]
        for variable, value in zip(mine, before, strict=True):
            variable.assign(value)
        count = len(self._trainable_variables)
        return after[:count], after[count:]


def _whole_or_float(dtype: str | None) -> str:
    return "int32" if dtype is not None and "int" in str(dtype) else "float32"
