"""The recurrent layer with two gates and no memory of its own."""

from __future__ import annotations

from typing import Any

from pippin import activations, ops
from pippin.layers.cells import RecurrentCell
from pippin.layers.rnn import RNN, settings_of_cell


class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit. Gates in the order of the kernels' columns: update z, reset r, candidate h.
    state = z · state + (1 - z) · h, and that is its output.

    With reset_after the reset gate works on the product with the state, which then has a bias of its own: bias is
    (2, 3 · units), for the input and for the state. Source: Cho et al., Learning phrase representations using RNN
    encoder-decoder (2014), section 2.3.
    """

    gates = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, **keywords,
        )  # fmt: skip
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def call(self, inputs: Any, states: Any, training: bool | None = False) -> Any:
        before = states[0] if isinstance(states, (list, tuple)) else states
        x, h = self.dropped(inputs, training, 3), self.dropped(before, training, 3, recurrent=True)
        update, reset = (self.recurrent_activation(self._of_input(n, x[n]) + self._of_state(n, h[n])) for n in range(2))
        inner = reset * self._of_state(2, h[2]) if self.reset_after else self._of_state(2, reset * h[2])
        new = self.activation(self._of_input(2, x[2]) + inner)
        output = update * before + (1.0 - update) * new
        return output, [output] if isinstance(states, (list, tuple)) else output

    def _of_input(self, gate: int, x: Any) -> Any:
        z = ops.matmul(x, self.part(self.kernel, gate))
        if self.bias is None:
            return z
        return z + self.part(self.bias[0] if self.reset_after else self.bias, gate)

    def _of_state(self, gate: int, h: Any) -> Any:
        z = ops.matmul(h, self.part(self.recurrent_kernel, gate))
        return z + self.part(self.bias[1], gate) if self.bias is not None and self.reset_after else z


class GRU(RNN):
    """Gated recurrent unit (see GRUCell) over sequences (batch, time, features). `use_cudnn` changes nothing."""

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **keywords: Any,
    ) -> None:
        cell = GRUCell(
            units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint, dropout=dropout,
            recurrent_dropout=recurrent_dropout, seed=seed, recurrent_activation=recurrent_activation,
            reset_after=reset_after, implementation=keywords.pop("implementation", 2),
            dtype=keywords.get("dtype"), trainable=keywords.get("trainable", True), name="gru_cell",
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful, unroll,
            activity_regularizer=activity_regularizer, **keywords,
        )  # fmt: skip
        self.use_cudnn = use_cudnn


settings_of_cell(GRU)
