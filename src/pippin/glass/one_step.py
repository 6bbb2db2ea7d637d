"""One training step of a model, opened: forward, loss, backward and update, line by line, with the numbers.

    step = glass.step(model, x, y)
    step.forward                           # every line of the forward pass, with its numbers
    step.layer("dense").neuron(3).tell()   # one neuron, in plain words
    step.check_gradient("dense/kernel")    # nudge a weight and see

The lines are those that training runs, the numbers are the reference engine's, and the model stays as it was.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.errors import DataError, SettingError, nearest
from pippin.glass.opened import Opened, open_step
from pippin.glass.ran import Computed, Place, Ran
from pippin.program import BACKWARD, FORWARD, LOSS, UPDATE, Variable
from pippin.training import validate
from pippin.training.feed import ArrayFeed, make_feed
from pippin.training.labels import goals_of
from pippin.training.work import build_for, inputs_of_batch, specs_of_batch

if TYPE_CHECKING:
    from pippin.glass.check import GradientCheck
    from pippin.glass.layer import LayerView
    from pippin.glass.pushes import Pushes
    from pippin.glass.telling import Telling
    from pippin.glass.weight import WeightView


def step(model: Any, x: Any, y: Any = None, sample_weight: Any = None) -> Step:
    """Open one training step of a compiled model on a batch.

    `x`, `y` and `sample_weight` are what `train_on_batch` takes: arrays, batch first. Nothing in the model changes: no
    weight, no memory of the optimizer, no metric, no random stream. (A model that knows no input shape yet gets its
    weights, as it would from `predict`.) Raises NotCompiledError before `compile`, and what `train_on_batch` raises for
    data that don't fit.
    """
    model._need_compiled()
    feed = make_feed(x, y, sample_weight)
    if not isinstance(feed, ArrayFeed):
        raise DataError(
            "x: expected the arrays of one batch, received an iterable of batches. Take one: next(iter(x))."
        )
    validate.check_training_data(model, feed)
    build_for(model, feed.x)
    validate.check_inputs(model, feed.x)
    validate.check_targets(model, goals_of(model), feed.y)
    opened = open_step(model, specs_of_batch(model, feed.x, feed.y, feed.weight))
    inputs = inputs_of_batch(opened.program, feed.x, feed.y, feed.weight)
    return Step(model, opened, inputs, opened.states())


class Step:
    """A step that was run and kept. `inputs` and `states` are the arrays it began with."""

    def __init__(
        self, model: Any, opened: Opened, inputs: dict[str, np.ndarray], states: dict[str, np.ndarray]
    ) -> None:
        self.model, self.opened, self.inputs, self.states = model, opened, inputs, states
        self.ran = Ran(opened.program, opened.values(inputs, states))

    # The four parts ---------------------------------------------------------------------------------------------------

    @property
    def lines(self) -> list[Computed]:
        """Every line of the step, those of the guard and the metrics too."""
        return self.ran.computed

    def _phase(self, phase: str) -> list[Computed]:
        return [computed for computed in self.lines if computed.phase == phase]

    @cached_property
    def forward(self) -> list[Computed]:
        """The lines from the data to the answer."""
        return self._phase(FORWARD)

    @cached_property
    def loss(self) -> list[Computed]:
        """The lines that make one number of how wrong the answers are."""
        return self._phase(LOSS)

    @cached_property
    def backward(self) -> list[Computed]:
        """The lines that find how the loss changes with every weight."""
        return self._phase(BACKWARD)

    @cached_property
    def update(self) -> list[Computed]:
        """The lines by which the optimizer moves the weights."""
        return self._phase(UPDATE)

    # What came out ----------------------------------------------------------------------------------------------------

    @property
    def batch(self) -> int:
        """Examples in the batch."""
        return len(next(iter(self.inputs.values())))

    @property
    def predictions(self) -> list[np.ndarray]:
        """What the model answered: an array for each output."""
        return [self.ran.values[value] for value in self.opened.notes.predictions]

    @property
    def loss_value(self) -> float:
        """The number that training makes smaller."""
        assert self.opened.notes.loss is not None
        return float(self.ran.values[self.opened.notes.loss])

    @property
    def example_losses(self) -> list[np.ndarray]:
        """For each output, the loss of every example (or of every place of every example), before sample weights."""
        return [self.ran.values[value] for value in self.opened.notes.losses]

    @property
    def is_finite(self) -> bool:
        """Whether the loss and all gradients are numbers; if not, training would leave the weights alone."""
        guard = self.opened.program.guard
        return guard is None or bool(self.ran.values[guard])

    # Places to look at ------------------------------------------------------------------------------------------------

    @cached_property
    def layers(self) -> list[LayerView]:
        """Every layer, in the order in which they were called; one that is used twice is there twice."""
        from pippin.glass.layer import LayerView

        return [LayerView(self, number) for number in range(len(self.opened.notes.calls))]

    def layer(self, name: str, call: int = 0) -> LayerView:
        """The layer of a name ("dense", or "encoder/dense" inside another); `call` counts the uses of a shared one."""
        places = [view.name for view in self.layers]
        found = [view for view in self.layers if view.name == name]
        found = found or [view for view in self.layers if view.name.rpartition("/")[2] == name]
        if len({view.name for view in found}) != 1:
            said = "several layers have" if found else "no layer has"
            listed = dict.fromkeys(view.name for view in found) if found else dict.fromkeys(places)
            raise SettingError(
                f"layer: {said} the name {name!r}.{'' if found else nearest(name, places)} Layers: {', '.join(listed)}."
            )
        if not 0 <= call < len(found):
            raise SettingError(f'layer "{name}": expected a call below {len(found)}, received {call}.')
        return found[call]

    @cached_property
    def weights(self) -> dict[str, Variable]:
        """The variables of the model that the step reads, by path."""
        own = {id(variable) for variable in self.model.variables}
        return {name: variable for name, variable in self.opened.variables.items() if id(variable) in own}

    def weight(self, name: str) -> WeightView:
        """A weight by its path ("dense/kernel"): its gradient, and the arithmetic that moves it."""
        from pippin.glass.weight import WeightView

        if name not in self.weights:
            raise SettingError(
                f"weight: the step has none called {name!r}.{nearest(name, self.weights)} Weights: "
                f"{', '.join(self.weights)}."
            )
        return WeightView(self, name)

    def pushes(self, weight: str, place: Place | None = None) -> Pushes:
        """Which examples pushed a weight, and which way."""
        return self.weight(weight).pushes(place)

    def check_gradient(self, weight: str, place: Place | None = None) -> GradientCheck:
        """Nudge a weight up and down, run the forward pass and the loss, and compare with the gradient."""
        return self.weight(weight).check_gradient(place)

    # Telling ----------------------------------------------------------------------------------------------------------

    def tell(self, depth: int = 1) -> str:
        """The step in words: 1 plain, 2 with formulas, 3 with the lines of the program."""
        return str(self.telling(depth))

    def telling(self, depth: int = 1) -> Telling:
        """The same, not drawn yet."""
        from pippin.glass.step_words import of_step

        return of_step(self, depth)

    def __repr__(self) -> str:
        return f"<step of {self.model.name} on {self.batch} examples: loss {self.loss_value:.4g}>"
