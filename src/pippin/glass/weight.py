"""A weight in a step: how the loss grows with it, the optimizer's arithmetic that moves it, and who pushed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.errors import SettingError
from pippin.glass import names
from pippin.glass.making import Equation, chain
from pippin.glass.ran import Computed, Place
from pippin.program import UPDATE

if TYPE_CHECKING:
    from pippin.glass.check import GradientCheck
    from pippin.glass.one_step import Step
    from pippin.glass.pushes import Pushes
    from pippin.glass.telling import Telling


class WeightView:
    """A variable of the model and what the step does to it."""

    def __init__(self, step: Step, name: str) -> None:
        self.step, self.name = step, name
        program = step.opened.program
        self.value = program.states[name]
        self.new_value = program.updates.get(name, self.value)
        self.gradient_value = step.opened.notes.gradients.get(self.value)

    @property
    def old(self) -> np.ndarray:
        """What it was."""
        return self.step.ran.values[self.value]

    @property
    def new(self) -> np.ndarray:
        """What training would have made of it."""
        return self.step.ran.values[self.new_value]

    @property
    def change(self) -> np.ndarray:
        """new - old."""
        change: np.ndarray = self.new - self.old
        return change

    @property
    def gradient(self) -> np.ndarray | None:
        """How the loss grows with each of its numbers; None if it doesn't learn."""
        return None if self.gradient_value is None else self.step.ran.values[self.gradient_value]

    def place(self, place: Any = None) -> Place:
        """`place` as a tuple that fits; where None, that of the largest gradient (of the largest change, without)."""
        if place is None:
            sizes = np.abs(self.change if self.gradient is None else self.gradient)
            return tuple(int(spot) for spot in np.unravel_index(int(sizes.argmax()), sizes.shape)) if sizes.size else ()
        spot = (place,) if isinstance(place, (int, np.integer)) else tuple(place)
        fits = len(spot) == self.old.ndim and all(-n <= s < n for s, n in zip(spot, self.old.shape, strict=True))
        if not fits:
            raise SettingError(
                f'weight "{self.name}": expected a place within shape {self.old.shape}, received {spot}. Give a whole '
                "number for each axis."
            )
        return tuple(int(s) % n for s, n in zip(spot, self.old.shape, strict=True))

    @property
    def _given(self) -> set[int]:
        """Values that the arithmetic begins with: all that was known before the phase that makes the new value."""
        line = self.step.ran.made_by.get(self.new_value)
        phase = UPDATE if line is None else line.phase
        if phase == UPDATE:
            return {
                o
                for made in self.step.opened.program.lines
                if made.phase != phase and made.inputs
                for o in made.outputs
            }
        return {value for call in self.step.opened.notes.calls for value in (*call.inputs, *call.outputs)}

    def equations(self, place: Any = None) -> list[Equation]:
        """The arithmetic of the update for one number of the weight, in the order it is done; the last gives the new
        number. Empty if the step leaves the weight alone."""
        if self.new_value == self.value:
            return []
        named = set(self.step.opened.program.updates.values())
        spot = self.place(place)
        name = names.spoken(names.of_weight(self.step, self.name), spot)
        return chain(self.step.ran, self.new_value, spot, self._given, named, name)

    @property
    def lines(self) -> list[Computed]:
        """The lines of the update that make the new value."""
        from pippin.glass.between import makers

        return self.step.ran.lines(makers(self.step.ran.made_by, [self.new_value], self._given))

    def check_gradient(self, place: Any = None) -> GradientCheck:
        """Nudge one number up and down, run the forward pass and the loss, and compare with the gradient."""
        from pippin.glass.check import check_gradient

        return check_gradient(self, self.place(place))

    def pushes(self, place: Any = None) -> Pushes:
        """Which examples pushed the weight (one number of it, or, without a place, each), and which way."""
        from pippin.glass.pushes import find_pushes

        return find_pushes(self, None if place is None else self.place(place))

    def tell(self, depth: int = 1, place: Any = None) -> str:
        """The update in words: 1 plain, 2 with formulas, 3 with the lines of the program."""
        return str(self.telling(depth, place))

    def telling(self, depth: int = 1, place: Any = None) -> Telling:
        """The same, not drawn yet."""
        from pippin.glass.weight_words import of_weight

        return of_weight(self, depth, self.place(place))

    def __repr__(self) -> str:
        return f"<weight {self.name} {self.old.shape} in a step>"
