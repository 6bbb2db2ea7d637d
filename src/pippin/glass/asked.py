"""One number of a model's answer, as a question that may be asked of many inputs at once: what is it, and how does it
change with every input number? The lines are those of `predict`, differentiated; the weights may be others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pippin.engines import Runner, current_engine
from pippin.errors import DataError, SettingError
from pippin.program import Variable
from pippin.training.step import PREDICT, BatchSpecs, input_names, write_step
from pippin.training.work import build_for, specs_of_batch
from pippin.transforms import gradients, simplify
from pippin.tree import flatten, map_structure, pack_sequence_as

AT_ONCE = 64
"""Inputs that are asked about together."""

Arrays = Sequence[np.ndarray]
States = Mapping[str, np.ndarray]


class Asked:
    """What a model answers to inputs like `x`, one example with its batch axis. Changes nothing in the model.

    `place` is the position of the number in the answer to one example: None for the largest.
    """

    def __init__(self, model: Any, x: Any, place: int | tuple[int, ...] | None) -> None:
        self.model, self.structure = model, x
        self.x = [np.asarray(leaf) for leaf in flatten(x)]
        if any(leaf.ndim == 0 or len(leaf) != 1 for leaf in self.x):
            shapes = ", ".join(str(leaf.shape) for leaf in self.x)
            raise DataError(
                f"explain: expected one example with its batch axis, such as x[:1], received shape {shapes}."
            )
        build_for(model, x)
        self._runners: dict[tuple[int, bool], tuple[Runner, dict[str, Variable]]] = {}
        self.specs = self._specs(1)
        self.place: tuple[int, ...] = ()
        whole = self._ask(self.x, None, False)[0][0]
        self.place = self._within(whole, place)
        self._runners.clear()

    def _specs(self, rows: int) -> BatchSpecs:
        many = pack_sequence_as(self.structure, [np.repeat(leaf, rows, axis=0) for leaf in self.x])
        # Bytes become numbers on the way in, and only numbers have slopes.
        many = map_structure(lambda leaf: leaf.astype(np.float32) if leaf.dtype == np.uint8 else leaf, many)
        return specs_of_batch(self.model, many, None, None)

    @staticmethod
    def _within(answer: np.ndarray, place: int | tuple[int, ...] | None) -> tuple[int, ...]:
        """The position in an answer, checked."""
        if place is None:
            return tuple(int(at) for at in np.unravel_index(int(answer.argmax()), answer.shape))
        at = (place,) if isinstance(place, (int, np.integer)) else tuple(place)
        if len(at) != answer.ndim or any(not 0 <= one < size for one, size in zip(at, answer.shape, strict=True)):
            raise SettingError(f"explain: expected an output within {answer.shape}, received {place!r}.")
        return at

    # Asking -----------------------------------------------------------------------------------------------------------

    def values(self, inputs: Arrays, states: States | None = None) -> np.ndarray:
        """The number for each of many inputs, float64."""
        return np.concatenate([self._ask(part, states, False)[0] for part in _parts(inputs)]).astype(np.float64)

    def slopes(self, inputs: Arrays, states: States | None = None) -> list[np.ndarray]:
        """How the number changes with every number of the inputs: an array for each, with their shapes."""
        found = [self._ask(part, states, True)[1] for part in _parts(inputs)]
        return [np.concatenate(parts).astype(np.float64) for parts in zip(*found, strict=True)]

    def shuffled(self, random: np.random.Generator) -> dict[str, np.ndarray]:
        """The model's states with the numbers of each learned weight in another order: as large as they were, but
        without what was learned."""
        learned = {id(variable) for variable in self.model.trainable_variables}
        return {
            name: random.permutation(variable.value.reshape(-1)).reshape(variable.value.shape)
            if id(variable) in learned
            else variable.numpy()
            for name, variable in sorted(self._compiled(1, False)[1].items())
        }

    @property
    def has_slopes(self) -> bool:
        """Whether all inputs are numbers that can change by a little: words and classes can't."""
        return all(spec.dtype == "float32" for spec in flatten(self.specs.x))

    def _ask(self, inputs: Arrays, states: States | None, sloping: bool) -> tuple[np.ndarray, list[np.ndarray]]:
        runner, variables = self._compiled(len(inputs[0]), sloping)
        names = input_names("x", self.structure)
        given = {
            name: np.ascontiguousarray(leaf, runner.program.spec(name).dtype)
            for name, leaf in zip(names, inputs, strict=True)
            if name in runner.program.inputs
        }
        known = {} if states is None else states
        found = runner(given, {n: known[n].copy() if n in known else v.numpy() for n, v in variables.items()})
        return found["value"], [found[f"slope {name}"] for name in names] if sloping else []

    def _compiled(self, rows: int, sloping: bool) -> tuple[Runner, dict[str, Variable]]:
        """The program for so many inputs."""
        if (rows, sloping) not in self._runners:
            trace, _, _ = write_step(self.model, PREDICT, self._specs(rows))
            answers = trace.notes.predictions
            if len(answers) != 1:
                raise SettingError(
                    f"explain: expected a model with one output, received one with {len(answers)}. "
                    "Make one of them: Model(model.inputs, model.outputs[0])."
                )
            with trace.active():
                answer = trace.symbol_of(answers[0])
                value = answer[(slice(None), *self.place)] if self.place else answer
                trace.outputs = {"value": value.value}
                if sloping:
                    names = [name for name in input_names("x", self.structure) if name in trace.inputs]
                    sources = [trace.symbol_of(trace.inputs[name]) for name in names]
                    for name, slope in zip(names, gradients(value.sum(), sources), strict=True):
                        trace.output(f"slope {name}", slope)
            program = simplify(replace(trace.program(), updates={}, guard=None))
            variables = {name: variable for name, variable in trace.variables.items() if name in program.states}
            self._runners[rows, sloping] = current_engine().compile(program), variables
        return self._runners[rows, sloping]


def _parts(inputs: Arrays) -> list[list[np.ndarray]]:
    """Some inputs at a time."""
    return [[leaf[first : first + AT_ONCE] for leaf in inputs] for first in range(0, len(inputs[0]), AT_ONCE)]
