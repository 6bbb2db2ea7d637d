"""A model's training step, opened: the program that training runs, with every value that is worth looking at kept in
its lines. Traced on the side: the model is left as it was."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pippin import naming
from pippin.engines.reference import ReferenceRunner, run_lines
from pippin.glass.between import answers_of, sum_of_weights
from pippin.program import Program, Trace, Variable
from pippin.program.trace import Call, Notes
from pippin.random import random_state, restore_random_state
from pippin.training.step import TRAIN, BatchSpecs, write_step
from pippin.transforms import simplify


@dataclass(frozen=True)
class Opened:
    """The step's program, the variables behind its states, and what is worth looking at in it.

    `sums` maps the place of each call to the value that its weights made, before the activation.
    """

    program: Program
    variables: Mapping[str, Variable]
    notes: Notes
    sums: Mapping[int, int]

    def values(
        self, inputs: Mapping[str, np.ndarray], states: Mapping[str, np.ndarray], float_type: Any = np.float32
    ) -> dict[int, np.ndarray]:
        """Every value of one run on the reference engine; nothing is replaced."""
        found = ReferenceRunner(self.program, float_type).start(inputs, states)
        run_lines(self.program, found, float_type)
        return found

    def states(self) -> dict[str, np.ndarray]:
        """Copies of what the model's variables hold now."""
        return {name: variable.numpy() for name, variable in self.variables.items()}

    def state_of(self, variable: Variable) -> int | None:
        """The value that a variable has when the step begins; None if the step doesn't read it."""
        name = self.name_of(variable)
        return None if name is None else self.program.states[name]

    def name_of(self, variable: Variable) -> str | None:
        """What the program calls a variable."""
        return next((name for name, known in self.variables.items() if known is variable), None)


def open_step(model: Any, specs: BatchSpecs) -> Opened:
    """Trace the training step of a built, compiled model for a batch."""
    with unchanged(model):
        trace, _, _ = write_step(model, TRAIN, specs)
    notes = trace.notes
    notes.calls = _named(trace.notes.calls)
    sums = _sums(trace)
    shown = {value for call in notes.calls for value in (*call.inputs, *call.outputs)} | set(sums.values())
    shown |= {trace.states[name] for name in trace.states}
    notes.gradients = {value: slope for value, slope in notes.gradients.items() if value in shown}
    worth = {*shown, *notes.predictions, *notes.losses, *notes.gradients.values()}
    worth |= {notes.loss} if notes.loss is not None else set()
    trace.outputs = {f"note {value}": value for value in sorted(worth)}
    program = simplify(trace.program())
    now = {value: program.outputs[f"note {value}"] for value in worth}
    return Opened(
        replace(program, outputs={}),
        dict(trace.variables),
        Notes(
            [replace(c, inputs=_moved(c.inputs, now), outputs=_moved(c.outputs, now)) for c in notes.calls],
            [now[value] for value in notes.predictions],
            [now[value] for value in notes.losses],
            None if notes.loss is None else now[notes.loss],
            {now[value]: now[slope] for value, slope in notes.gradients.items()},
        ),
        {number: now[value] for number, value in sums.items()},
    )


def _named(calls: list[Call]) -> list[Call]:
    """The calls of layers, without those of models, whose layers speak for them; each layer with a name of its own."""
    owners: dict[str, Any] = {}
    found = []
    for call in calls:
        if not call.place:
            continue
        name, number = call.place, 1
        while owners.setdefault(name, call.layer) is not call.layer:
            number += 1
            name = f"{call.place} ({number})"
        found.append(replace(call, place=name))
    return found


def _moved(values: tuple[int, ...], now: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(now[value] for value in values)


def _sums(trace: Trace) -> dict[int, int]:
    """For each call that makes a weighted sum before anything else: the value of that sum."""
    made_by = dict(trace.made_by)
    weights = set(trace.states.values())
    found = {}
    for number, call in enumerate(trace.notes.calls):
        if len(call.outputs) == 1:
            value = sum_of_weights(answers_of(made_by, call), weights, call)
            if value is not None:
                found[number] = value
    return found


@contextmanager
def unchanged(model: Any) -> Iterator[None]:
    """Whatever tracing makes inside (slots of the optimizer, metrics, names, random streams) is taken back at the
    end."""
    kept = [(thing, _shallow(thing)) for thing in (model.compilation, model.compilation.optimizer)]
    figures, names, random = dict(model.result_variables), dict(naming._counts), random_state()
    try:
        yield
    finally:
        for thing, before in kept:
            vars(thing).clear()
            vars(thing).update(before)
        model.result_variables = figures
        naming._counts.clear()
        naming._counts.update(names)
        restore_random_state(random)


def _shallow(thing: Any) -> dict[str, Any]:
    """The attributes, with containers copied: what is put into them later is not in the copy."""
    return {
        name: copy.copy(value) if isinstance(value, (dict, list, set)) else value for name, value in vars(thing).items()
    }
