"""What recurrent cells share: weights for the input and for the state, and dropout that is the same in all time
steps."""

from __future__ import annotations

from typing import Any

from pippin import activations, constraints, initializers, ops, regularizers
from pippin.errors import SettingError
from pippin.layers.draw import uniform
from pippin.layers.layer import Layer
from pippin.layers.nested import revived
from pippin.program import current_trace
from pippin.random import SeedGenerator
from pippin.tree import flatten


class DropoutRNNCell:
    """A cell that drops parts of its input and of its state: the same ones in all time steps of a batch.

    Source: Gal and Ghahramani, "A theoretically grounded application of dropout in recurrent neural networks" (2016).
    """

    dropout: float
    recurrent_dropout: float
    seed_generator: SeedGenerator
    dropout_mask_count: int | None = None
    """How many parts of the cell have a mask of their own; None if one serves all."""
    _dropout_mask: Any = None
    _recurrent_dropout_mask: Any = None

    def get_dropout_mask(self, step_input: Any) -> Any:
        """Factors for the input, drawn once for all time steps."""
        return self._mask("_dropout_mask", step_input, self.dropout)

    def get_recurrent_dropout_mask(self, step_input: Any) -> Any:
        """Factors for the state, drawn once for all time steps."""
        return self._mask("_recurrent_dropout_mask", step_input, self.recurrent_dropout)

    def reset_dropout_mask(self) -> None:
        """Draw anew at the next time step."""
        object.__setattr__(self, "_dropout_mask", None)

    def reset_recurrent_dropout_mask(self) -> None:
        """Draw anew at the next time step."""
        object.__setattr__(self, "_recurrent_dropout_mask", None)

    def _mask(self, word: str, like: Any, rate: float) -> Any:
        if rate <= 0:
            return None
        found, trace = getattr(self, word), current_trace()
        outside = flatten(found)[0].trace if found is not None else None
        while trace is not None and trace is not outside:
            trace = getattr(trace, "outer", None)  # drawn before the loop that we are in
        if trace is None:
            count = self.dropout_mask_count
            masks = [self._drawn(like, rate) for _ in range(count or 1)]
            found = masks if count is not None else masks[0]
            # Not as a setting of the cell: it belongs to this trace.
            object.__setattr__(self, word, found)
        return found

    def _drawn(self, like: Any, rate: float) -> Any:
        kept = uniform(self.seed_generator, like.shape) >= float(rate)
        return ops.where(kept, 1.0 / (1.0 - rate), 0.0)

    def dropped(self, x: Any, training: bool | None, parts: int, recurrent: bool = False) -> list[Any]:
        """The input, or the state, as each part of the cell sees it."""
        rate = self.recurrent_dropout if recurrent else self.dropout
        if not training or not 0 < rate < 1:
            return [x] * parts
        mask = self.get_recurrent_dropout_mask(x) if recurrent else self.get_dropout_mask(x)
        return [x * one for one in mask] if isinstance(mask, list) else [x * mask] * parts


class RecurrentCell(Layer, DropoutRNNCell):
    """One time step of a recurrent layer: kernel (features, gates · units), recurrent_kernel (units, gates · units).

    A subclass says how many `gates` it has, and computes in `call(inputs, states)`.
    """

    gates = 1

    def __init__(
        self, units: int, activation: Any, use_bias: bool, kernel_initializer: Any, recurrent_initializer: Any,
        bias_initializer: Any, kernel_regularizer: Any, recurrent_regularizer: Any, bias_regularizer: Any,
        kernel_constraint: Any, recurrent_constraint: Any, bias_constraint: Any, dropout: float,
        recurrent_dropout: float, seed: int | None, **keywords: Any,
    ) -> None:  # fmt: skip
        self.need_units(units)
        self.implementation = keywords.pop("implementation", 2)
        super().__init__(**keywords)
        self.units = int(units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        if self.gates > 1 and (self.recurrent_dropout != 0 or self.implementation == 1):
            self.dropout_mask_count = self.gates
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
        self.state_size: Any = self.units
        self.output_size = self.units

    @staticmethod
    def need_units(units: Any) -> None:
        """Raise unless there is at least one unit."""
        if isinstance(units, bool) or not hasattr(units, "__index__") or units <= 0:
            raise SettingError(
                f"Received an invalid value for argument `units`, expected a positive integer, got {units!r}."
            )

    def build(self, input_shape: Any) -> None:
        columns = self.gates * self.units
        self.kernel = self.add_weight(
            (input_shape[-1], columns), self.kernel_initializer, regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint, name="kernel",
        )  # fmt: skip
        self.recurrent_kernel = self.add_weight(
            (self.units, columns), self.recurrent_initializer, regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint, name="recurrent_kernel",
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                self.bias_shape(), self.bias_start(), regularizer=self.bias_regularizer,
                constraint=self.bias_constraint, name="bias",
            )  # fmt: skip

    def bias_shape(self) -> tuple[int, ...]:
        """The shape of the bias."""
        return (self.gates * self.units,)

    def bias_start(self) -> Any:
        """The initializer of the bias."""
        return self.bias_initializer

    def part(self, weight: Any, gate: int) -> Any:
        """The columns of a weight that belong to a gate."""
        return weight[..., gate * self.units : (gate + 1) * self.units]

    def get_initial_state(self, batch_size: Any = None) -> Any:
        """Zeros, (batch, units)."""
        return [ops.zeros((batch_size, self.units))]


def size_of(cell: Any) -> int:
    """How many numbers a cell puts out."""
    own = getattr(cell, "output_size", None)
    if own is not None:
        return int(own)
    return int(cell.state_size[0] if isinstance(cell.state_size, (list, tuple)) else cell.state_size)


def step_of(cell: Any, inputs: Any, states: Any, **keywords: Any) -> Any:
    """One step of any cell; a cell that is no layer is an object with `call`."""
    return cell(inputs, states, **keywords) if callable(cell) else cell.call(inputs, states, **keywords)


def need_cell(cell: Any) -> None:
    """Raise unless this is a cell."""
    for word in ("call", "state_size"):
        if word not in dir(cell):
            raise SettingError(f"expected a cell with a `{word}`, received one without: {cell!r}")


class StackedRNNCells(Layer):
    """Cells on top of each other, as one: each time step goes through all of them. States are a list for each cell."""

    def __init__(self, cells: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        for cell in cells:
            need_cell(cell)
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        return size_of(self.cells[-1])

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """The initial states of all cells."""
        return [initial_state_of(cell, batch_size) for cell in self.cells]

    def build(self, input_shape: Any) -> None:
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
            input_shape = (input_shape[0], size_of(cell))

    def call(self, inputs: Any, states: Any, training: bool | None = False, **keywords: Any) -> Any:
        new_states = []
        for cell, own in zip(self.cells, states, strict=True):
            is_list = isinstance(own, (list, tuple))
            given = {**keywords, "training": training} if takes_training(cell) else keywords
            inputs, new = step_of(cell, inputs, list(own) if is_list else [own], **given)
            new_states.append(new[0] if isinstance(new, (list, tuple)) and len(new) == 1 and not is_list else new)
        return inputs, new_states[0] if len(new_states) == 1 else new_states

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The cells that `get_config` described."""
        return cls(**revived(config, custom_objects))


def takes_training(cell: Any) -> bool:
    """Whether a cell wants to know if this is training."""
    from pippin.layers.layer import parameters

    return isinstance(cell, Layer) and not {"training", "**"}.isdisjoint(parameters(type(cell).call))


def initial_state_of(cell: Any, batch_size: Any) -> Any:
    """What a cell starts from: by its own word, or zeros."""
    own = getattr(cell, "get_initial_state", None)
    if own is not None:
        return own(batch_size=batch_size)
    sizes = cell.state_size
    if isinstance(sizes, int):
        return ops.zeros((batch_size, sizes))
    return [ops.zeros((batch_size, size)) for size in sizes]
