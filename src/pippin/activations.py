"""Keras's activation functions by name: the gatekeepers between a neuron's weighted sum and its signal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pippin import ops
from pippin.errors import unknown
from pippin.ops.activation import (
    celu,
    elu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    mish,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh_shrink,
    threshold,
)
from pippin.ops.arithmetic import tanh
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.primitives import TABLE


@operation(1)
def linear(x: Tensor) -> Tensor:
    """The number itself."""
    return x


@operation(1)
def relu(x: Tensor, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """max(x, 0): positive signals pass, negative ones become 0 (or shrink by negative_slope, measured from the
    threshold)."""
    x = as_float(x)
    passed = (x > threshold).where(x, 0.0) if threshold else TABLE["maximum"](x, 0.0)
    if max_value is not None:
        passed = TABLE["minimum"](passed, float(max_value))
    return passed - TABLE["maximum"](threshold - x, 0.0) * negative_slope if negative_slope else passed


@operation(1)
def gelu(x: Tensor, approximate: bool = False) -> Tensor:
    """x times the share of a normal distribution below it. Unlike `ops.gelu`, exact unless asked otherwise, as in
    Keras."""
    return ops.gelu(x, approximate)


@operation(1)
def exponential(x: Tensor) -> Tensor:
    """e^x."""
    return as_float(x).exp()


swish = silu
hard_swish = hard_silu

_FUNCTIONS: tuple[Callable[..., Any], ...] = (
    celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh, leaky_relu, linear, log_sigmoid,
    log_softmax, mish, relu, relu6, selu, sigmoid, silu, soft_shrink, softmax, softplus, softsign, sparse_plus,
    sparse_sigmoid, sparsemax, squareplus, tanh, tanh_shrink, threshold,
)  # fmt: skip
ALL: dict[str, Callable[..., Any]] = {
    **{function.__name__: function for function in _FUNCTIONS}, "swish": silu, "hard_swish": hard_silu,
}  # fmt: skip


def get(identifier: Any) -> Callable[..., Any]:
    """The activation for a name, a function, a layer, a configuration of one, or None (linear)."""
    if identifier is None:
        return linear
    if isinstance(identifier, dict):
        return _described(identifier)
    if isinstance(identifier, str) and identifier in ALL:
        return ALL[identifier]
    if callable(identifier):
        function: Callable[..., Any] = identifier
        return function
    raise unknown("activation", identifier, ALL)


def _described(config: dict[str, Any]) -> Callable[..., Any]:
    """A function as Keras writes it ({"class_name": "function", "config": "relu"}), or a layer that serves as one."""
    if config.get("class_name") == "function":
        return get(config.get("config"))
    from pippin import layers

    return layers.deserialize(config)  # type: ignore[no-any-return]


def serialize(activation: Callable[..., Any]) -> Any:
    """The name of an activation, or the configuration of a layer that serves as one."""
    from pippin.saving.serialize import serialize as described

    return described(activation)


deserialize = get
