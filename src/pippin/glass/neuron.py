"""One neuron on one example: what it was shown, what it made of each number, whether its gate let the signal through,
and the blame that came back. A filter of a convolution is a neuron that looks at one spot of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pippin.errors import SettingError
from pippin.glass.making import Equation
from pippin.glass.ran import Place

if TYPE_CHECKING:
    from pippin.glass.layer import LayerView
    from pippin.glass.telling import Telling
    from pippin.glass.weight import WeightView


@dataclass(frozen=True)
class Product:
    """One input of a neuron (its place among the layer's inputs) times the weight for it (its place in the kernel)."""

    input_place: Place
    input: float
    weight_place: Place
    weight: float

    @property
    def product(self) -> float:
        return self.input * self.weight


class NeuronView:
    """Entry `unit` of a layer's output for one example, at one position."""

    def __init__(self, view: LayerView, unit: int, example: int, position: Place | None) -> None:
        self.view, self.unit, self.example = view, unit, example
        output = view.output
        if output.ndim < 2:
            raise SettingError(
                f'neuron: expected a layer that gives a number for each example and neuron, "{view.name}" gives shape '
                f"{output.shape}."
            )
        _need_below(f'layer "{view.name}" neuron', unit, output.shape[-1])
        _need_below("example", example, output.shape[0])
        self.position = self._strongest() if position is None else tuple(position)
        between = output.shape[1:-1]
        if len(self.position) != len(between) or any(
            not 0 <= spot < size for spot, size in zip(self.position, between, strict=True)
        ):
            raise SettingError(f'layer "{view.name}": expected a position within {between}, received {self.position}.')

    def _strongest(self) -> Place:
        answers = self.view.output[self.example, ..., self.unit]
        if answers.ndim == 0:
            return ()
        return tuple(int(spot) for spot in np.unravel_index(int(answers.argmax()), answers.shape))

    @property
    def place(self) -> Place:
        """Where the neuron's number stands in the layer's output."""
        return (self.example, *self.position, self.unit)

    # Forward ----------------------------------------------------------------------------------------------------------

    @cached_property
    def equations(self) -> list[Equation]:
        """How the neuron's number came about: the sum of products, the bias, the activation."""
        return self.view.equations(self.place)

    @cached_property
    def _states(self) -> set[int]:
        return set(self.view.step.opened.program.states.values())

    @cached_property
    def _sum(self) -> Equation | None:
        """The equation that adds up the products of inputs and weights."""
        ran = self.view.step.ran
        if self.view.sum_value is not None:
            for equation in self.equations:
                read = [ran.origin(value, (0,) * ran.values[value].ndim)[0] for value in equation.line.inputs]
                if equation.is_sum and len(read) == 2 and len(self._states & set(read)) == 1:
                    return equation
        return None

    @cached_property
    def products(self) -> list[Product]:
        """Each input times its weight; empty for a layer that weighs nothing. Inputs that a border of zeros stands for
        are not listed."""
        if self._sum is None:
            return []
        ran = self.view.step.ran
        found = []
        for pair in zip(*ran.terms(self._sum.line, self._sum.place), strict=True):
            ends = [(ran.origin(term.value, term.place), term.number) for term in pair]
            weighed, weight = sorted(ends, key=lambda end: end[0][0] in self._states)
            found.append(Product(weighed[0][1], weighed[1], weight[0][1], weight[1]))
        return found

    @property
    def kernel(self) -> WeightView | None:
        """The weight that holds the neuron's weights for its inputs."""
        if self._sum is None:
            return None
        step = self.view.step
        ends = [step.ran.origin(value, (0,) * step.ran.values[value].ndim)[0] for value in self._sum.line.inputs]
        kernel = next(value for value in ends if value in self._states)
        return step.weight(next(name for name, value in step.opened.program.states.items() if value == kernel))

    @property
    def sum(self) -> float | None:
        """All products added up, without the bias."""
        return None if self._sum is None else float(self._sum.result)

    @property
    def bias(self) -> float | None:
        """What is added to the sum: a weight of the neuron's own; None for a layer without."""
        view = self.view
        line = None if view.sum_value is None else view.step.ran.made_by[view.sum_value]
        if line is None or self._sum is None or line is self._sum.line:
            return None
        own = [value for value in line.inputs if value in self._states]
        return float(view.step.ran.values[own[0]].reshape(-1)[self.unit]) if len(own) == 1 else None

    @property
    def pre_activation(self) -> float | None:
        """Sum and bias, before the activation."""
        found = self.view.pre_activation
        return None if found is None else float(found[self.place])

    @property
    def output(self) -> float:
        """What the neuron sends on."""
        return float(self.view.output[self.place])

    # Backward ---------------------------------------------------------------------------------------------------------

    @property
    def output_gradient(self) -> float | None:
        """How the loss grows with the neuron's output; None where nobody asked."""
        found = self.view.output_gradient
        return None if found is None else float(found[self.place])

    @property
    def pre_activation_gradient(self) -> float | None:
        """The same before the activation: what got through the gate on the way back."""
        found = self.view.pre_activation_gradient
        return None if found is None else float(found[self.place])

    # Telling ----------------------------------------------------------------------------------------------------------

    def tell(self, depth: int = 1) -> str:
        """The neuron in words: 1 plain, 2 with formulas, 3 with the lines of the program."""
        return str(self.telling(depth))

    def telling(self, depth: int = 1) -> Telling:
        """The same, not drawn yet."""
        from pippin.glass.neuron_words import of_neuron

        return of_neuron(self, depth)

    def __repr__(self) -> str:
        return f"<neuron {self.unit} of {self.view.name} on example {self.example}: {self.output:.4g}>"


def _need_below(word: str, number: int, limit: int) -> None:
    if not 0 <= number < limit:
        raise SettingError(f"{word}: expected a whole number from 0 to {limit - 1}, received {number}.")
