"""What a layer holds: variables, random streams and further layers, found by themselves when set as attributes."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from pippin import constraints, initializers, regularizers
from pippin.changes import changed
from pippin.errors import ShapeError
from pippin.layers.held import HeldDict, HeldList
from pippin.program import Variable
from pippin.random import SeedGenerator
from pippin.saving.configured import Configured
from pippin.saving.loading import blank


class Holder(Configured):
    """The part of a layer that keeps its weights. A subclass starts with `_tracked`, `name` and `_trainable`."""

    name: str
    _tracked: list[Variable | Holder | SeedGenerator]
    _trainable: bool
    _changes = 0
    _says_nothing = frozenset({"_tracked", "name"})
    """Attributes that don't decide what a call computes."""

    def described(self) -> str:
        """How errors name the layer: Dense "head"."""
        return f'{type(self).__name__} "{self.name}"'

    def __setattr__(self, name: str, value: Any) -> None:
        if "_tracked" in self.__dict__ and name not in self._says_nothing:
            found = [leaf for leaf in _leaves(value) if isinstance(leaf, (Variable, Holder, SeedGenerator))]
            for leaf in found:
                self._hold(leaf)
            if type(value) in (list, dict) and (found or not value):
                value = (HeldList if type(value) is list else HeldDict)(value, self._hold)
        object.__setattr__(self, name, value)
        if name not in self._says_nothing:
            object.__setattr__(self, "_changes", self._changes + 1)
            changed()

    def _hold(self, thing: Any) -> None:
        """Count a variable, a random stream or a layer among what this layer consists of."""
        if isinstance(thing, (Variable, Holder, SeedGenerator)) and not _holds(self._tracked, thing):
            self._tracked.append(thing)
            changed()

    def add_weight(
        self,
        shape: tuple[int, ...] | None = None,
        initializer: Any = None,
        dtype: str | None = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """A new variable of this layer; by default glorot_uniform floats."""
        shape = tuple(shape or ())
        if any(not isinstance(size, (int, np.integer)) or size < 0 for size in shape):
            raise ShapeError(f'{self.described()}: expected whole sizes for weight "{name}", received shape {shape}.')
        value = blank(shape, dtype, self.described())
        if value is None:
            maker = initializers.get(initializer if initializer is not None else "glorot_uniform")
            value = np.asarray(maker(shape, dtype=dtype))
        variable = Variable(value, name=name or "variable", trainable=trainable, dtype=dtype)
        variable.path = f"{self.name}/{variable.name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        self._hold(variable)
        return variable

    def _own(self, kind: type) -> list[Any]:
        return [thing for thing in self._tracked if isinstance(thing, kind)]

    def _own_weights(self) -> list[Variable]:
        """Trainable ones first, as in Keras."""
        own = self._own(Variable)
        return [v for v in own if v.trainable] + [v for v in own if not v.trainable]

    @property
    def variables(self) -> list[Variable]:
        """All variables, seed states included: own ones first, then those of the layers inside."""
        own = self._own_weights() + [generator.state for generator in self._own(SeedGenerator)]
        return _joined(own, [layer.variables for layer in self._own(Holder)])

    @property
    def weights(self) -> list[Variable]:
        """Variables without seed states: trainable ones first within each layer, as in Keras."""
        return _joined(self._own_weights(), [layer.weights for layer in self._own(Holder)])

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        object.__setattr__(self, "_trainable", bool(value))
        changed()
        for layer in self._own(Holder):
            layer.trainable = value

    @property
    def trainable_weights(self) -> list[Variable]:
        if not self.trainable:
            return []
        own = [variable for variable in self._own(Variable) if variable.trainable]
        return _joined(own, [layer.trainable_weights for layer in self._own(Holder)])

    @property
    def non_trainable_weights(self) -> list[Variable]:
        trainable = self.trainable_weights
        return [variable for variable in self.weights if not _holds(trainable, variable)]

    trainable_variables = trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """Variables that training does not change by gradients, the states of random streams among them."""
        trainable = self.trainable_weights
        return [variable for variable in self.variables if not _holds(trainable, variable)]

    # Keras's words, which programs use.

    @property
    def _layers(self) -> list[Any]:
        return self._own(Holder)

    @property
    def _trainable_variables(self) -> list[Variable]:
        return [variable for variable in self._own(Variable) if variable.trainable]

    @property
    def _non_trainable_variables(self) -> list[Variable]:
        return [variable for variable in self._own(Variable) if not variable.trainable]

    @property
    def _seed_generators(self) -> list[SeedGenerator]:
        return self._own(SeedGenerator)

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> list[Any]:
        """The layers inside, in order, each with those inside it."""
        found: list[Any] = [self] if include_self else []
        for layer in self._own(Holder):
            found += layer._flatten_layers() if recursive else [layer]
        return list({id(layer): layer for layer in found}.values())

    def switches(self) -> tuple[Any, ...]:
        """What decides how the layer computes apart from its arguments: whether it and the layers inside may learn, and
        how often something was set on them."""
        return (self._trainable, self._changes, *(layer.switches() for layer in self._own(Holder)))

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, as arrays."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Replace all weights; one array for each of `weights`, in that order."""
        own = self.weights
        if len(weights) != len(own):
            raise ShapeError(f"{self.described()}: expected {len(own)} arrays of weights, received {len(weights)}.")
        for variable, array in zip(own, weights, strict=True):
            if np.shape(array) != variable.shape:
                raise ShapeError(
                    f'{self.described()}: expected shape {variable.shape} for weight "{variable.path}", '
                    f"received {np.shape(array)}."
                )
        for variable, array in zip(own, weights, strict=True):
            variable.assign(np.asarray(array))

    def count_params(self) -> int:
        """How many numbers all weights hold."""
        return sum(prod(variable.shape) for variable in self.weights)


def _leaves(value: Any) -> list[Any]:
    """What an attribute consists of. Of a long list of other things only the first is looked at."""
    if not isinstance(value, (list, tuple, dict)) or isinstance(value, Holder):
        return [value]
    parts = list(value.values()) if isinstance(value, dict) else value
    worth_a_look = (Variable, Holder, SeedGenerator, list, tuple, dict, type(None))
    if parts and not isinstance(parts[0], worth_a_look):
        return []
    return [leaf for part in parts for leaf in _leaves(part)]


def _holds(things: list[Any], thing: Any) -> bool:
    return any(thing is known for known in things)


def _joined(own: list[Variable], inner: list[list[Variable]]) -> list[Variable]:
    """Each variable once, own ones first."""
    return list({id(variable): variable for found in (own, *inner) for variable in found}.values())
