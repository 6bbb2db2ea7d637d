"""Models that are made alike share their steps: traced, simplified and compiled once, used by each with its own
variables.

Likeness is found in two ways. A stack of Pippin's own layers is compared before it is traced, by all that tracing can
ask for: the classes, their attributes, the optimizer, the loss, the metrics. Everything else (classes, functions and
lambdas of users may ask for anything) is traced, and the programs are compared.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from pippin.engines import Runner, current_engine
from pippin.initializers import Initializer
from pippin.layers.held import HeldDict, HeldList
from pippin.program import Program, Variable
from pippin.program.trace import free_name
from pippin.training.step import PREDICT, RESULT, TRAIN, BatchSpecs, Step, close_step, trace_step
from pippin.transforms.simplify import hashable
from pippin.tree import flatten

_SMALL = 1 << 20
_kept: WeakValueDictionary[Any, _Shared] = WeakValueDictionary()
_lately: deque[_Shared] = deque(maxlen=64)  # small ones stay for models to come, even when no model has them any more


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class _Shared:
    """A compiled step, and where among a model's variables those behind its states are."""

    runner: Runner
    step: Step
    places: dict[str, int]

    def bound_to(self, variables: list[Variable], model: Any) -> tuple[Runner, Step]:
        """The step on the variables of a model, under their names."""
        names: dict[str, str] = {}
        bound: dict[str, Variable] = {}
        for known in self.step.variables:
            place = self.places.get(known)
            variable = model.result_variable(known.removeprefix(RESULT)) if place is None else variables[place]
            names[known] = free_name(variable.path, (bound, self.step.program.inputs))
            bound[names[known]] = variable
        old = self.step.program
        program = replace(
            old,
            states={names[name]: value for name, value in old.states.items()},
            updates={names[name]: value for name, value in old.updates.items()},
        )
        records, resets = (tuple(names[name] for name in some) for some in (self.step.records, self.step.resets))
        return self.runner.again(program), Step(program, bound, self.step.predictions, records, resets, self)


def steps_of(model: Any, mode: str, batches: Sequence[BatchSpecs]) -> list[tuple[Runner, Step]]:
    """The compiled steps of a model for a mode and batches of several sizes."""
    likeness = _Likeness.of(model, mode, batches[0])
    return [_step_of(model, mode, specs, likeness) for specs in batches]


def _step_of(model: Any, mode: str, specs: BatchSpecs, likeness: _Likeness | None) -> tuple[Runner, Step]:
    engine = current_engine()
    if likeness is None:
        return _traced(model, mode, specs)[1:]
    key = (engine.name, mode, hashable_specs(specs), likeness.key)
    known = _kept.get(key)
    if known is not None:
        return known.bound_to(likeness.variables, model)
    shared, runner, step = _traced(model, mode, specs)
    numbers = {id(variable): number for number, variable in enumerate(likeness.variables)}
    # In the order of their states, which is the same under all names.
    of_states = zip(shared.step.variables, step.variables.values(), step.variables, strict=True)
    places = {known: numbers.get(id(variable)) for known, variable, name in of_states if name not in step.records}
    if None not in places.values():
        own = replace(shared.step, predictions=step.predictions)
        alike = _Shared(shared.runner, own, places)  # type: ignore[arg-type]
        _keep(key, alike)
        step = replace(step, shared=(step.shared, alike))
    return runner, step


def _traced(model: Any, mode: str, specs: BatchSpecs) -> tuple[_Shared, Runner, Step]:
    """The step of a model, traced; with the program of an earlier trace, if that was the same."""
    engine = current_engine()
    traced = trace_step(model, mode, specs)
    key = (engine.name, _structure(traced))
    shared = _kept.get(key)
    if shared is None:
        places = {name: number for number, name in enumerate(traced.variables)}
        step = replace(close_step(traced), variables=dict.fromkeys(places))  # the weights may go with their model
        shared = _Shared(engine.compile(step.program), step, places)
        _keep(key, shared)
    runner, step = shared.bound_to(list(traced.variables.values()), model)
    return shared, runner, replace(step, predictions=traced.predictions)  # in a dict or alone, it is the same program


def _keep(key: Any, shared: _Shared) -> None:
    _kept[key] = shared
    if getattr(shared.runner, "bytes", 0) <= _SMALL:
        _lately.append(shared)


def _structure(step: Step) -> Any:
    """All of a traced step except the names of its layers and states: equal ones compute the same."""
    program: Program = step.program
    state_numbers = {name: number for number, name in enumerate(program.states)}
    return (
        tuple(program.inputs.items()), tuple(program.states.values()), tuple(program.outputs.items()),
        tuple((state_numbers[name], value) for name, value in program.updates.items()),
        program.specs, program.guard, step.records, tuple(state_numbers[name] for name in step.resets),
        tuple(
            (line.primitive.name, line.inputs, line.outputs, line.phase, hashable(tuple(sorted(line.settings.items()))))
            for line in program.lines
        ),
    )  # fmt: skip


class _Strange(Exception):
    """Something whose part in a trace can't be known without tracing."""


# Names are for people, `_arguments` for files; `_node` and `_losses` are of other traces; numbers of a variable are no
# part of a program.
_WITHOUT_PART = frozenset(
    {"name", "path", "_arguments", "_node", "_losses", "losses_on_arrays", "compiled_calls", "_value"}
)
_PLAIN = frozenset({type(None), str, int})
_HELD: dict[type, type] = {HeldList: list, HeldDict: dict}


class _Likeness:
    """A walk through all that tracing a step of a model can ask for: models with equal keys have the same program, on
    their `variables` in this order. The key is flat: whatever has parts says how many, or where they end."""

    def __init__(self) -> None:
        self.variables: list[Variable] = []
        self._found: list[Any] = []
        self._met: dict[int, int] = {}

    @classmethod
    def of(cls, model: Any, mode: str, specs: BatchSpecs) -> _Likeness | None:
        """The likeness of a model, None if only a trace can tell."""
        parts = model.parts()
        # Labels by the name of their output: only a trace knows how it is called.
        if parts is None or isinstance(specs.y, dict) or isinstance(specs.weight, dict):
            return None
        if mode != PREDICT:
            compiled = model.compilation
            compiled.settle([model.name], [flatten(specs.y)[0]], model.outputs)
            parts = [*parts, *compiled.goals_and_metrics(), compiled.optimizer if mode == TRAIN else None]
        found = cls()
        try:
            found._add(parts)
        except _Strange:
            return None
        return found

    @property
    def key(self) -> tuple[Any, ...]:
        return tuple(self._found)

    def _add(self, thing: Any) -> None:
        kind = _HELD.get(type(thing), type(thing))
        if kind in _PLAIN:
            self._found.append(thing)
        elif kind is bool or kind is float:
            self._found.append((kind, repr(thing)))  # 1, 1.0 and True are equal; so are 0.0 and -0.0
        elif kind is list or kind is tuple:
            self._found.append((kind, len(thing)))
            for part in thing:
                self._add(part)
        elif kind is dict:
            self._found.append((kind, len(thing)))
            for word, part in thing.items():
                self._add(word)
                self._add(part)
        elif isinstance(thing, (np.ndarray, np.generic)):
            self._found.append(hashable(np.asarray(thing)))
        elif _is_ours(thing):
            self._found.append(thing)
        elif kind.__module__.partition(".")[0] == "pippin" and hasattr(thing, "__dict__"):
            self._add_own(thing, kind)
        else:
            raise _Strange

    def _add_own(self, thing: Any, kind: type) -> None:
        """An object of a class of Pippin's."""
        count = len(self._met)
        number = self._met.setdefault(id(thing), count)
        self._found.append((kind, number))
        if number < count or isinstance(thing, Initializer):
            return  # met before; or used up, when the weights were made
        if kind is Variable:
            self.variables.append(thing)
            self._found.append((thing.shape, thing.value.dtype))
        for word, part in vars(thing).items():
            if word not in _WITHOUT_PART:
                self._found.append(word)
                self._add(part)
        self._found.append(...)


def _is_ours(thing: Any) -> bool:
    """Whether it is a function or class of Pippin's, which always does the same."""
    return isinstance(thing, (FunctionType, type)) and (thing.__module__ or "").partition(".")[0] == "pippin"


def hashable_specs(specs: BatchSpecs) -> Any:
    """The specs of a batch as a key."""

    def plain(structure: Any) -> Any:
        if isinstance(structure, dict):
            return tuple((name, plain(structure[name])) for name in sorted(structure))
        return tuple(map(plain, structure)) if isinstance(structure, (list, tuple)) else structure

    return plain(specs.x), plain(specs.y), plain(specs.weight)
