"""Keras's activation functions by name: the gatekeepers between a neuron's weighted sum and its signal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pippin.errors import unknown
from pippin.ops.nn import (
    elu,
    gelu,
    hard_sigmoid,
    hard_silu,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
)
from pippin.ops.numpy import exp as exponential
from pippin.ops.numpy import tanh
from pippin.ops.operation import operation
from pippin.primitives import TABLE


@operation(1)
def linear(x):
    """The number itself."""
    return x


@operation(1)
def relu(x, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0):
    """max(x, 0): positive signals pass, negative ones become 0 (or shrink by negative_slope)."""
    if negative_slope == 0.0 and threshold == 0.0:
        y = TABLE["maximum"](x, 0.0)
    else:
        y = (x >= threshold).where(x, (x - threshold) * negative_slope)
    return y if max_value is None else TABLE["minimum"](y, float(max_value))


swish = silu
hard_swish = hard_silu

ALL: dict[str, Callable[..., Any]] = {
    "linear": linear, "relu": relu, "sigmoid": sigmoid, "softmax": softmax, "tanh": tanh, "elu": elu, "selu": selu,
    "gelu": gelu, "silu": silu, "swish": silu, "hard_sigmoid": hard_sigmoid, "hard_silu": hard_silu,
    "hard_swish": hard_silu, "leaky_relu": leaky_relu, "log_sigmoid": log_sigmoid, "log_softmax": log_softmax,
    "relu6": relu6, "softplus": softplus, "softsign": softsign, "exponential": exponential,
}  # fmt: skip


def get(identifier: Any) -> Callable[..., Any]:
    """The activation for a name, a function, or None (linear)."""
    if identifier is None:
        return linear
    if isinstance(identifier, str):
        if identifier not in ALL:
            raise unknown("activation", identifier, ALL)
        return ALL[identifier]
    if callable(identifier):
        return identifier
    raise unknown("activation", identifier, ALL)


def serialize(activation: Callable[..., Any]) -> str:
    """The name of an activation."""
    return activation.__name__


deserialize = get
