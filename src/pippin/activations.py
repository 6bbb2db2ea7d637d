"""Keras's activation functions by name: the gatekeepers between a neuron's weighted sum and its signal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from pippin.ops.angles import tanh
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.primitives import TABLE
from pippin.saving.named import given_object


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
    if isinstance(identifier, (dict, str)):
        return deserialize(identifier)
    if callable(identifier):
        function: Callable[..., Any] = identifier
        return function
    raise unknown("activation", identifier, ALL)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Callable[..., Any]:
    """The activation that `serialize` wrote: a name, a function as Keras writes it
    ({"class_name": "function", "config": "relu"}), or a layer that serves as one. Own functions come from
    `custom_objects` or are registered."""
    if isinstance(config, dict) and config.get("class_name") != "function":
        from pippin import layers

        return layers.deserialize(config, custom_objects)  # type: ignore[no-any-return,arg-type]
    name: Any = config.get("config") if isinstance(config, dict) else config
    found = given_object((name,), custom_objects or {}) or ALL.get(name)
    if found is None:
        raise unknown("activation", name, ALL)
    function: Callable[..., Any] = found
    return function


def serialize(activation: Callable[..., Any]) -> Any:
    """The name of an activation, or the configuration of a layer that serves as one."""
    from pippin.saving.serialize import serialize as described

    return described(activation)
