"""The recurrent layer with a memory that gates write, keep and read."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import activations, initializers, ops
from pippin.layers.cells import RecurrentCell
from pippin.layers.rnn import RNN, settings_of_cell


class LSTMCell(RecurrentCell):
    """One step of long short-term memory. Gates in the order of the kernels' columns: input i, forget f, candidate c,
    output o. carry = f · carry + i · activation(c); output = o · activation(carry). States: output and carry.

    With unit_forget_bias the forget gate begins open. Sources: Hochreiter and Schmidhuber, Long short-term memory
    (1997); Jozefowicz et al., An empirical exploration of recurrent network architectures (2015), section 3.
    """

    gates = 4

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, **keywords,
        )  # fmt: skip
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [self.units, self.units]

    def bias_start(self) -> Any:
        if not self.unit_forget_bias:
            return self.bias_initializer

        def start(shape: Any, *arguments: Any, **keywords: Any) -> Any:
            parts = [
                (self.bias_initializer, self.units), (initializers.get("ones"), self.units),
                (self.bias_initializer, 2 * self.units),
            ]  # fmt: skip
            return np.concatenate([np.asarray(maker((size,), *arguments, **keywords)) for maker, size in parts])

        return start

    def call(self, inputs: Any, states: Any, training: bool | None = False) -> Any:
        x, h = self.dropped(inputs, training, 4), self.dropped(states[0], training, 4, recurrent=True)
        i, f, c, o = (self._gate(n, x[n], h[n]) for n in range(4))
        carry = self.recurrent_activation(f) * states[1] + self.recurrent_activation(i) * self.activation(c)
        output = self.recurrent_activation(o) * self.activation(carry)
        return output, [output, carry]

    def _gate(self, gate: int, x: Any, h: Any) -> Any:
        """One gate before its activation. Each has its own product: cut from a common one it would be copied in each
        time step."""
        z = ops.matmul(x, self.part(self.kernel, gate))
        if self.bias is not None:
            z = z + self.part(self.bias, gate)
        return z + ops.matmul(h, self.part(self.recurrent_kernel, gate))

    def get_initial_state(self, batch_size: Any = None) -> Any:
        return [ops.zeros((batch_size, self.units)) for _ in range(2)]


class LSTM(RNN):
    """Long short-term memory (see LSTMCell) over sequences (batch, time, features). `use_cudnn` changes nothing."""

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
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
        use_cudnn: Any = "auto",
        **keywords: Any,
    ) -> None:
        cell = LSTMCell(
            units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint, dropout=dropout,
            recurrent_dropout=recurrent_dropout, seed=seed, recurrent_activation=recurrent_activation,
            unit_forget_bias=unit_forget_bias, implementation=keywords.pop("implementation", 2),
            dtype=keywords.get("dtype"), trainable=keywords.get("trainable", True), name="lstm_cell",
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful, unroll,
            activity_regularizer=activity_regularizer, **keywords,
        )  # fmt: skip
        self.use_cudnn = use_cudnn


settings_of_cell(LSTM)
