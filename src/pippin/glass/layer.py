"""A layer in a step: what came in, what its weights made of it, what went out, the blame that came back, and how its
weights moved."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.errors import SettingError, nearest
from pippin.glass import names
from pippin.glass.between import answers_of, makers
from pippin.glass.making import Equation, chain
from pippin.glass.ran import Computed, Place
from pippin.program import Line, Variable

if TYPE_CHECKING:
    from pippin.glass.check import GradientCheck
    from pippin.glass.neuron import NeuronView
    from pippin.glass.one_step import Step
    from pippin.glass.telling import Telling
    from pippin.glass.weight import WeightView
    from pippin.program.trace import Call


class LayerView:
    """One call of a layer. Arrays are those of the whole batch, batch first; what was not computed is None."""

    def __init__(self, step: Step, number: int) -> None:
        self.step, self.number = step, number
        self.call: Call = step.opened.notes.calls[number]
        self.sum_value = step.opened.sums.get(number)

    @property
    def name(self) -> str:
        """Where the layer stands: "dense", or "encoder/dense"."""
        return self.call.place

    @property
    def layer(self) -> Any:
        """The layer itself."""
        return self.call.layer

    @property
    def kind(self) -> str:
        """Its class: "Dense"."""
        return type(self.layer).__name__

    @property
    def is_own(self) -> bool:
        """Whether it is a layer that someone wrote for themselves, outside of Pippin."""
        return not type(self.layer).__module__.startswith("pippin.")

    @property
    def number_of_calls(self) -> int:
        """How often the step uses the layer."""
        return sum(call.layer is self.layer for call in self.step.opened.notes.calls)

    @property
    def call_number(self) -> int:
        """Which of these uses this is, from 0."""
        return sum(call.layer is self.layer for call in self.step.opened.notes.calls[: self.number])

    # Forward ----------------------------------------------------------------------------------------------------------

    def _array(self, value: int | None) -> np.ndarray | None:
        return None if value is None else self.step.ran.values[value]

    @property
    def inputs(self) -> list[np.ndarray]:
        """What came in: an array for each input."""
        return [self.step.ran.values[value] for value in self.call.inputs]

    @property
    def input(self) -> np.ndarray:
        """What came in (the first input, where there are several)."""
        return self.inputs[0]

    @property
    def outputs(self) -> list[np.ndarray]:
        """What went out: an array for each output."""
        return [self.step.ran.values[value] for value in self.call.outputs]

    @property
    def output(self) -> np.ndarray:
        """What went out."""
        return self.outputs[0]

    @cached_property
    def variables(self) -> dict[str, Variable]:
        """The layer's variables by short names: "kernel", "bias"."""
        found = {}
        for variable in self.layer.variables:
            path = self.step.opened.name_of(variable)
            if path is not None:
                found[variable.path.removeprefix(f"{self.layer.name}/")] = variable
        return found

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """The weights as they were when the step began."""
        own = {id(variable) for variable in self.layer.weights}
        return {
            short: self.step.states[self._path(variable)]
            for short, variable in self.variables.items() if id(variable) in own
        }  # fmt: skip

    def _path(self, variable: Variable) -> str:
        path = self.step.opened.name_of(variable)
        assert path is not None
        return path

    @property
    def pre_activation(self) -> np.ndarray | None:
        """The weighted sum, bias and all, before the activation; None for a layer that makes none."""
        return self._array(self.sum_value)

    @property
    def activation(self) -> np.ndarray | None:
        """What the activation made of the weighted sum; None for a layer without."""
        return self.output if self.has_activation else None

    @property
    def has_activation(self) -> bool:
        """Whether the weighted sum is changed before it goes out."""
        return self.sum_value is not None and self.sum_value not in self.call.outputs

    @cached_property
    def own_lines(self) -> list[Line]:
        """The lines from the inputs to the outputs."""
        return answers_of(self.step.ran.made_by, self.call)

    @property
    def activation_lines(self) -> list[Line]:
        """The lines behind the weighted sum."""
        if not self.has_activation:
            return []
        assert self.sum_value is not None
        return makers(self.step.ran.made_by, self.call.outputs, {self.sum_value, *self.call.inputs})

    @property
    def lines(self) -> list[Computed]:
        """The lines of the forward pass, with their numbers."""
        return self.step.ran.lines(self.own_lines)

    # Backward ---------------------------------------------------------------------------------------------------------

    def _gradient(self, value: int | None) -> np.ndarray | None:
        slope = None if value is None else self.step.opened.notes.gradients.get(value)
        return self._array(slope)

    @property
    def output_gradient(self) -> np.ndarray | None:
        """The gradient that arrives: how the loss grows with each number that went out."""
        return self._gradient(self.call.outputs[0])

    @property
    def pre_activation_gradient(self) -> np.ndarray | None:
        """The same before the activation."""
        return self._gradient(self.sum_value)

    @property
    def input_gradient(self) -> np.ndarray | None:
        """The gradient that leaves: how the loss grows with each number that came in. None where nothing before the
        layer learns, so that nobody asked."""
        return self._gradient(self.call.inputs[0]) if self.call.inputs else None

    @property
    def gradients(self) -> dict[str, np.ndarray | None]:
        """How the loss grows with each number of each weight; None for weights that don't learn."""
        return {short: self._gradient(self.step.opened.state_of(self.variables[short])) for short in self.weights}

    @property
    def backward_lines(self) -> list[Computed]:
        """The lines of the backward pass that belong to the layer."""
        place = self.call.place
        return [
            computed for computed in self.step.backward
            if computed.layer == place or computed.layer.startswith(f"{place}/")
        ]  # fmt: skip

    # Update -----------------------------------------------------------------------------------------------------------

    @cached_property
    def updates(self) -> dict[str, WeightView]:
        """Each weight that the step changes, with its arithmetic."""
        changed = self.step.opened.program.updates
        return {short: self.weight(short) for short in self.weights if self._path(self.variables[short]) in changed}

    def weight(self, short: str) -> WeightView:
        """A weight by its short name ("kernel")."""
        if short not in self.weights:
            listed = f"Weights: {', '.join(self.weights)}." if self.weights else "The layer has none."
            raise SettingError(
                f'layer "{self.name}": no weight is called {short!r}.{nearest(short, self.weights)} {listed}'
            )
        return self.step.weight(self._path(self.variables[short]))

    def check_gradient(self, weight: str, place: Place | None = None) -> GradientCheck:
        """See Step.check_gradient; `weight` is the short name."""
        return self.weight(weight).check_gradient(place)

    # Single numbers ---------------------------------------------------------------------------------------------------

    def neuron(self, unit: int, example: int = 0, position: Place | None = None) -> NeuronView:
        """One neuron on one example: entry `unit` of the output's last axis. `position` is the place on the axes
        between (row and column of a picture); where it is left out, the neuron's strongest."""
        from pippin.glass.neuron import NeuronView

        return NeuronView(self, unit, example, position)

    filter = neuron

    def equations(self, place: Place) -> list[Equation]:
        """How the output's number at a place came about, from the layer's inputs."""
        named = set(self.call.outputs) | ({self.sum_value} if self.sum_value is not None else set())
        name = names.spoken(names.of_layer(self), place)
        return chain(self.step.ran, self.call.outputs[0], place, set(self.call.inputs), named, name)

    # Telling ----------------------------------------------------------------------------------------------------------

    def tell(self, depth: int = 1, example: int = 0) -> str:
        """The layer in words: 1 plain, 2 with formulas, 3 with the lines of the program."""
        return str(self.telling(depth, example))

    def telling(self, depth: int = 1, example: int = 0) -> Telling:
        """The same, not drawn yet."""
        from pippin.glass.layer_words import of_layer

        return of_layer(self, depth, example)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name} in a step: {self.input.shape} to {self.output.shape}>"
