"""The recurrent layer: a cell that goes through time, step by step, as one line of the program."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.layers.cells import (
    DropoutRNNCell,
    StackedRNNCells,
    initial_state_of,
    need_cell,
    size_of,
    step_of,
    takes_training,
)
from pippin.layers.layer import Layer, parameters
from pippin.layers.nested import revived
from pippin.layers.through_time import through_time
from pippin.program import Trace, Variable, current_trace
from pippin.tree import flatten, map_structure, pack_sequence_as


class RNN(Layer):
    """Goes through sequences (batch, time, ...) with a cell, and gives its last output, or all with return_sequences.

    A cell has `state_size` (a number or a list of them) and `call(inputs, states)`, which returns the output of a time
    step and the new states. Where the mask is False, a step is skipped: states stay, and the output is that of the step
    before (0 with zero_output_for_mask). A stateful layer goes on in the next batch where the last one ended.
    `unroll` is accepted and changes nothing: a loop is a line, whatever its length.
    """

    supports_masking = True
    _says_nothing = Layer._says_nothing | {"states"}

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **keywords: Any,
    ) -> None:
        keywords.pop("input_length", None)
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        need_cell(cell)
        super().__init__(**keywords)
        self.cell = cell
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.states: Any = None
        sizes = cell.state_size
        if not isinstance(sizes, (int, list, tuple)):
            raise SettingError(f"{self.described()}: expected a state_size that is a number or a list, got {sizes!r}.")
        self.single_state = isinstance(sizes, int)
        self.state_size = [sizes] if isinstance(sizes, int) else list(sizes)

    # Shapes and states ------------------------------------------------------------------------------------------

    def check_input_shape(self, shape: Any) -> None:
        if isinstance(shape, tuple) and len(shape) < 3:
            raise ShapeError(
                f"{self.described()}: expected sequences (batch, time, features), expected ndim=3, found "
                f"ndim={len(shape)}: received shape {shape}."
            )

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((sequences_shape[0], *sequences_shape[2:]))
        if self.stateful and self.states is None and sequences_shape[0] is not None:
            self._make_states(sequences_shape[0])

    def _make_ready(self, arguments: tuple[Any, ...], keywords: Mapping[str, Any] | None = None) -> None:
        super()._make_ready(arguments, keywords)
        if not self.stateful:
            return
        batch = arguments[0].shape[0]
        if self.states is None:
            if batch is None:
                raise SettingError(
                    "When using `stateful=True` in a RNN, the batch size must be static. Found dynamic batch size: "
                    f"sequence.shape={arguments[0].shape}. Give it with Input(batch_shape=(batch, time, features))."
                )
            self._make_states(batch)
        expected = flatten(self.states)[0].shape[0]
        if batch not in (None, expected):
            raise ShapeError(
                f"{self.described()}: a stateful layer goes on from its states. Expected batch size: {expected}. "
                f"Received batch size: {batch}. Call reset_state() and build it anew for another size."
            )

    def _make_states(self, batch: int) -> None:
        def variable(value: Any) -> Variable:
            made = Variable(value, name="rnn_state", trainable=False)
            made.path = f"{self.name}/rnn_state"
            return made

        # They are no weights: neither counted nor saved.
        object.__setattr__(self, "states", map_structure(variable, self.get_initial_state(batch)))

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """What the first time step starts from."""
        found = initial_state_of(self.cell, batch_size)
        return list(found) if isinstance(found, (list, tuple)) else [found]

    def reset_state(self) -> None:
        """A stateful layer forgets: its next batch begins with zeros."""
        for variable in flatten(self.states) if self.states is not None else ():
            variable.assign(ops.zeros(variable.shape))

    def reset_states(self) -> None:
        """The older name of `reset_state`."""
        self.reset_state()

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        batch, length = sequences_shape[:2]
        output: tuple[Any, ...] = (batch, size_of(self.cell))
        if self.return_sequences:
            output = (batch, length, size_of(self.cell))
        if not self.return_state:
            return output
        states = [
            (batch, size) if isinstance(size, int) else [(batch, one) for one in size] for size in self.state_size
        ]
        return output, *states

    def compute_mask(self, _: Any, mask: Any) -> Any:
        mask = flatten(mask)[0]
        output = mask if self.return_sequences else None
        return [output, *(None for _ in self.state_size)] if self.return_state else output

    # Through time -----------------------------------------------------------------------------------------------

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool | None = False) -> Any:
        if initial_state is None:
            initial_state = self.states if self.stateful else self.get_initial_state(sequences.shape[0])
        states = list(initial_state) if isinstance(initial_state, (list, tuple)) else [initial_state]
        trace = current_trace()
        assert trace is not None
        states = map_structure(lambda state: _first_state(trace, state), states)
        if training:
            _draw_masks(self.cell, sequences[:, 0], states, training)
        last_output, outputs, states = self.inner_loop(sequences, states, flatten(mask)[0], training)
        _forget_masks(self.cell)
        if self.stateful:
            for variable, state in zip(flatten(self.states), flatten(states), strict=True):
                variable.assign(state)
        output = outputs if self.return_sequences else last_output
        return (output, *states) if self.return_state else output

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool | None = False) -> Any:
        """(last output, all outputs or None, last states) of the cell on all time steps."""
        keywords = {"training": training} if takes_training(self.cell) else {}
        found: dict[str, Any] = {}

        def step(now: list[Any], here: list[Any]) -> tuple[list[Any], list[Any]]:
            before = pack_sequence_as(initial_state, now)
            output, new = step_of(self.cell, here[0], before, **keywords)
            states = flatten(new)
            if len(states) != len(now):
                raise ShapeError(
                    f"{self.described()}: expected {len(now)} new states from its cell, received {len(states)}."
                )
            # Most cells put out what they also hand on: then it is kept only once.
            place = next((n for n, state in enumerate(states) if state is output), None)
            if mask is not None:
                states = [_where(here[1], state, old) for state, old in zip(states, now, strict=True)]
                if self.zero_output_for_mask:
                    output, place = _where(here[1], output, ops.zeros_like(output)), None
                elif place is not None and place == 0:
                    output = states[0]
                else:
                    before_output = before[-1][0] if isinstance(before[0], (list, tuple)) else before[0]
                    output, place = _where(here[1], output, before_output), None
            found["place"] = place
            return states, [] if place is not None and not self.return_sequences else [output]

        slices = [_swapped(sequences)] + ([] if mask is None else [_swapped(ops.cast(mask, "bool"))])
        last, kept = through_time(
            self, step, flatten(initial_state), slices, sequences.shape[1], reverse=self.go_backwards
        )
        states = pack_sequence_as(initial_state, last)
        place = found["place"]
        end = 0 if self.go_backwards else -1
        last_output = last[place] if place is not None else kept[0][end] if sequences.shape[1] else None
        if not self.return_sequences:
            return last_output, None, states
        return last_output, _swapped(ops.flip(kept[0], 0) if self.go_backwards else kept[0]), states

    def get_config(self) -> dict[str, Any]:
        config = {word: value for word, value in super().get_config().items() if word != "use_cudnn"}
        return {**config, "zero_output_for_mask": self.zero_output_for_mask}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The layer that `get_config` described."""
        return cls(**revived(config, custom_objects))


def _first_state(trace: Trace, state: Any) -> Any:
    """A state as a symbol; zeros are one number, repeated."""
    if isinstance(state, np.ndarray) and not state.any():
        return trace.symbol(0.0).broadcast_to(state.shape)
    return ops.cast(trace.symbol(state), "float32")


def _swapped(x: Any) -> Any:
    """Batch and time change places."""
    return ops.transpose(x, (1, 0, *range(2, len(x.shape))))


def _where(counts: Any, new: Any, old: Any) -> Any:
    """`new` for examples whose step counts, `old` for the others."""
    if counts.rank > 1:
        counts = ops.any(counts, axis=tuple(range(1, counts.rank)))
    return ops.where(ops.reshape(counts, (counts.shape[0], *[1] * (new.rank - 1))), new, old)


def _draw_masks(cell: Any, inputs: Any, states: Any, training: bool) -> None:
    """Draw the dropout of all cells before the loop, so that it is the same in every time step."""
    if isinstance(cell, DropoutRNNCell):
        cell.get_dropout_mask(inputs)
        cell.get_recurrent_dropout_mask(states[0] if isinstance(states, (list, tuple)) else states)
    if isinstance(cell, StackedRNNCells):
        for one, own in zip(cell.cells, states, strict=True):
            _draw_masks(one, inputs, own, training)
            inputs = ops.zeros((inputs.shape[0], size_of(one)))


def _forget_masks(cell: Any) -> None:
    if isinstance(cell, DropoutRNNCell):
        cell.reset_dropout_mask()
        cell.reset_recurrent_dropout_mask()
    if isinstance(cell, StackedRNNCells):
        for one in cell.cells:
            _forget_masks(one)


def settings_of_cell(cls: type[RNN]) -> None:
    """What a layer of a certain cell was told about its cell can be read on the layer, too."""
    own = parameters(RNN.__init__)
    for word in parameters(cls.__init__) - own - {"**", "self", "use_cudnn", "activity_regularizer"}:
        setattr(cls, word, property(attrgetter(f"cell.{word}")))
