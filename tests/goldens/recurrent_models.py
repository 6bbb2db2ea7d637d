"""Recurrent models that real Keras and Pippin are asked about, from the same weights on the same data.

Each function is given the library, `keras` or `pippin`, and says the same words to it; it returns a model that isn't
compiled. Inputs are sequences (4, 6, 5) with padding, or words (4, 6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SETTINGS: dict[str, list[dict[str, Any]]] = {
    "SimpleRNN": [{}, {"return_sequences": True, "activation": "relu"}, {"go_backwards": True, "use_bias": False}],
    "LSTM": [
        {}, {"return_sequences": True, "go_backwards": True}, {"unit_forget_bias": False, "activation": "softsign"},
        {"recurrent_activation": "hard_sigmoid", "kernel_regularizer": "l2", "recurrent_constraint": "max_norm"},
    ],
    "GRU": [{}, {"reset_after": False, "return_sequences": True}, {"use_bias": False, "go_backwards": True}],
}  # fmt: skip


def _plain(kind: str, settings: dict[str, Any], masked: bool) -> Callable[[Any], Any]:
    def build(keras: Any) -> Any:
        layers = keras.layers
        first = [layers.Masking()] if masked else []
        return keras.Sequential([keras.Input((6, 5)), *first, getattr(layers, kind)(4, **settings), layers.Dense(2)])

    return build


def _both_ways(mode: str, sequences: bool) -> Callable[[Any], Any]:
    def build(keras: Any) -> Any:
        layers = keras.layers
        inner = layers.LSTM(3, return_sequences=sequences)
        return keras.Sequential([
            keras.Input((6,), dtype="int32"), layers.Embedding(7, 5, mask_zero=True),
            layers.Bidirectional(inner, merge_mode=mode), layers.Dense(2),
        ])  # fmt: skip

    return build


def stacked_cells(keras: Any) -> Any:
    layers = keras.layers
    cells = [layers.LSTMCell(3), layers.GRUCell(4), layers.SimpleRNNCell(2)]
    return keras.Sequential([keras.Input((6, 5)), layers.RNN(cells, return_sequences=True), layers.Dense(2)])


def at_each_step(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential([
        keras.Input((6, 5)), layers.TimeDistributed(layers.Dense(3, activation="relu")),
        layers.GRU(3, return_sequences=True), layers.TimeDistributed(layers.Dense(2)),
    ])  # fmt: skip


def encoder_and_decoder(keras: Any) -> Any:
    layers = keras.layers
    start = keras.Input((6, 5))
    _, h, c = layers.LSTM(3, return_state=True)(start)
    decoded = layers.LSTM(3, return_sequences=True)(start, initial_state=[h, c])
    both = layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode="concat")(decoded)
    return keras.Model(start, layers.Dense(2)(both))


MODELS: dict[str, Callable[[Any], Any]] = {
    **{
        f"{kind} {settings}{' masked' if masked else ''}": _plain(kind, settings, masked)
        for kind, many in SETTINGS.items() for settings in many for masked in (False, True)
    },
    **{
        f"Bidirectional {mode} {sequences}": _both_ways(mode, sequences)
        for mode, sequences in (("concat", False), ("concat", True), ("sum", True), ("ave", False), ("mul", True))
    },
    "stacked cells": stacked_cells, "at each step": at_each_step, "encoder and decoder": encoder_and_decoder,
}  # fmt: skip
