"""Several optimizers in one: each weight has its own, found by its path."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import Any

import numpy as np

from pippin.errors import SettingError
from pippin.naming import snake_case
from pippin.optimizers.loss_scale import LossScaleOptimizer
from pippin.optimizers.memory import Memory
from pippin.optimizers.optimizer import Optimizer
from pippin.program import Variable
from pippin.saving.serialize import serialize


class OptimizerMap(MutableMapping[str, Optimizer]):
    """Optimizers by patterns of paths ("encoder/.*"); weights that no pattern matches have the default."""

    def __init__(self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(f"OptimizerMap default_optimizer: expected an Optimizer, received {default_optimizer!r}.")
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise TypeError(f"OptimizerMap optimizer_map: expected a dict, received {optimizer_map!r}.")
        self.default_optimizer = default_optimizer
        self._by_pattern: dict[str, Optimizer] = dict(optimizer_map or {})

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._by_pattern:
            return self._by_pattern[key]
        fitting = [pattern for pattern in self._by_pattern if re.fullmatch(pattern, key)]
        if len(fitting) > 1:
            raise SettingError(f"OptimizerMap: expected one optimizer for {key}, it matches {', '.join(fitting)}.")
        return self._by_pattern[fitting[0]] if fitting else self.default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str) or key in self._by_pattern:
            raise SettingError(f"OptimizerMap: expected a new pattern of a path, received {key!r}.")
        self._by_pattern[key] = _single(optimizer)

    def __delitem__(self, key: str) -> None:
        del self._by_pattern[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_pattern)

    def __len__(self) -> int:
        return len(self._by_pattern)

    def __call__(self, variable: Variable) -> Optimizer:
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        return {
            "default_optimizer": serialize(self.default_optimizer),
            "optimizer_map": serialize(self._by_pattern),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> OptimizerMap:
        default, by_pattern = config["default_optimizer"], config["optimizer_map"]
        return cls(_made(default, custom_objects), {key: _made(one, custom_objects) for key, one in by_pattern.items()})


class MultiOptimizer(Optimizer):
    """Moves each weight by the optimizer that an OptimizerMap, or a function of the weight, gives for it."""

    def __init__(
        self, optimizer_map: Callable[[Variable], Optimizer], loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        self.optimizers: list[Optimizer] = []
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        self.optimizer_map = optimizer_map
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in (*optimizer_map.values(), optimizer_map.default_optimizer):
                self._place_of(optimizer)

    def _place_of(self, optimizer: Optimizer) -> int:
        """Where an optimizer stands among those in use; a new one joins them."""
        for place, known in enumerate(self.optimizers):
            if known is optimizer:
                return place
        _single(optimizer).loss_scale_factor = self.loss_scale_factor
        self.optimizers.append(optimizer)
        return len(self.optimizers) - 1

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._places = [self._place_of(self.optimizer_map(variable)) for variable in variables]
        for place, optimizer in enumerate(self.optimizers):
            own = self._of(place, variables)
            if own:
                optimizer.build(own)
                self.slots |= {f"{place} {word}": slots for word, slots in optimizer.slots.items()}

    def _of(self, place: int, things: Sequence[Any]) -> list[Any]:
        """Of things that belong to the weights in their order, those of an optimizer."""
        return [thing for thing, at in zip(things, self._places, strict=True) if at == place]

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        gradients, variables = self._matched(list(grads), trainable_variables)
        in_order = {id(variable): gradient for gradient, variable in zip(gradients, variables, strict=True)}
        for place, optimizer in enumerate(self.optimizers):
            own = [one for one in self._of(place, self._trainable_variables) if id(one) in in_order]
            if own:
                optimizer.apply([in_order[id(variable)] for variable in own], own)
        self._iterations.assign(self._iterations + np.int32(1))

    @property
    def variables(self) -> list[Variable]:
        return [*self._variables, *(variable for optimizer in self.optimizers for variable in optimizer.variables)]

    def parts(self) -> dict[str, Memory]:
        kinds = Counter[str]()
        found: dict[str, Memory] = {}
        for optimizer in self.optimizers:
            word = snake_case(type(optimizer).__name__)
            found[f"optimizers/{word}" + (f"_{kinds[word]}" if kinds[word] else "")] = optimizer
            kinds[word] += 1
        return found

    @property
    def learning_rate(self) -> Any:
        raise AttributeError("MultiOptimizer has no learning_rate of its own: ask one of its `optimizers`.")

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError("MultiOptimizer has no learning_rate of its own: set that of one of its `optimizers`.")

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        for place, optimizer in enumerate(self.optimizers):
            optimizer.finalize_variable_values(
                [variable for variable in var_list if self._places[self._get_variable_index(variable)] == place]
            )

    def get_config(self) -> dict[str, Any]:
        return {
            "optimizer_map": serialize(self.optimizer_map), "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        given = config["optimizer_map"]
        if isinstance(given, dict):
            given = OptimizerMap.from_config(given["config"], custom_objects)
        return cls(**{**config, "optimizer_map": given})


def _single(optimizer: Any) -> Optimizer:
    if not isinstance(optimizer, Optimizer) or isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
        raise SettingError(
            f"MultiOptimizer: an inner optimizer cannot be {type(optimizer).__name__}. Expected one of single weights."
        )
    return optimizer


def _made(described: Any, custom_objects: Any) -> Any:
    from pippin.optimizers import deserialize

    return deserialize(described, custom_objects) if isinstance(described, dict) else described
