"""The simplest recurrent layer: each state is an activation of the input and of the state before."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.layers.cells import RecurrentCell
from pippin.layers.rnn import RNN, settings_of_cell


class SimpleRNNCell(RecurrentCell):
    """state = activation(x · kernel + state · recurrent_kernel + bias), and that is its output."""

    gates = 1

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
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
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, **keywords,
        )  # fmt: skip

    def call(self, inputs: Any, states: Any, training: bool | None = False) -> Any:
        before = states[0] if isinstance(states, (list, tuple)) else states
        (x,), (h,) = self.dropped(inputs, training, 1), self.dropped(before, training, 1, recurrent=True)
        z = ops.matmul(x, self.kernel)
        if self.bias is not None:
            z = z + self.bias
        output = self.activation(z + ops.matmul(h, self.recurrent_kernel))
        return output, [output] if isinstance(states, (list, tuple)) else output


class SimpleRNN(RNN):
    """A fully connected recurrent layer. Source: Elman, Finding structure in time (1990)."""

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
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
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        cell = SimpleRNNCell(
            units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint, dropout=dropout,
            recurrent_dropout=recurrent_dropout, seed=seed, implementation=keywords.pop("implementation", 2),
            dtype=keywords.get("dtype"), trainable=keywords.get("trainable", True), name="simple_rnn_cell",
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful, unroll,
            activity_regularizer=activity_regularizer, **keywords,
        )  # fmt: skip


settings_of_cell(SimpleRNN)
