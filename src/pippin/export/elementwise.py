"""Emitters for what is done to every number by itself, and for numbers that never change."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.export.writer import Pair, Writer, emits, follows_the_batch

PLAIN = {
    "absolute": "Abs", "negative": "Neg", "sign": "Sign", "sqrt": "Sqrt", "floor": "Floor", "round": "Round",
    "exp": "Exp", "log": "Log", "tanh": "Tanh", "sigmoid": "Sigmoid", "erf": "Erf", "sin": "Sin", "cos": "Cos",
    "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "maximum": "Max", "minimum": "Min",
    "power": "Pow", "equal": "Equal", "less": "Less", "less_equal": "LessOrEqual", "logical_and": "And",
    "logical_or": "Or", "logical_not": "Not",
}  # fmt: skip
"""Primitives that mean the same as one operator."""
NARROW = ("bool", "uint8")
"""Types in which runtimes do no arithmetic."""
_WITH_TRUTH = ("equal", "logical_and", "logical_or", "logical_not")


@emits(*PLAIN)
def plain(pair: Pair, write: Writer) -> str:
    dtypes = {pair.spec(number).dtype for number in range(len(pair.inputs))}
    if "float32" not in dtypes and pair.name in ("floor", "round"):
        return pair.inputs[0]
    if dtypes & set(NARROW) and pair.name not in _WITH_TRUTH:
        wide = [write.cast(name, "int32") for name in pair.inputs]
        return write.cast(write.node(PLAIN[pair.name], *wide), pair.result.dtype)
    return str(write.node(PLAIN[pair.name], *pair.inputs))


@emits("square")
def square(pair: Pair, write: Writer) -> str:
    return str(write.node("Mul", pair.inputs[0], pair.inputs[0]))


@emits("expm1")
def expm1(pair: Pair, write: Writer) -> str:
    """e^x - 1 = tanh(x/2) · (e^x + 1), which loses nothing near 0."""
    x = pair.inputs[0]
    half = write.node("Tanh", write.node("Mul", x, write.number(0.5)))
    return str(write.node("Mul", half, write.node("Add", write.node("Exp", x), write.number(1.0))))


@emits("log1p")
def log1p(pair: Pair, write: Writer) -> str:
    """log(1 + x); x itself where 1 + x rounds to 1."""
    x, one = pair.inputs[0], write.number(1.0)
    more = write.node("Add", x, one)
    return str(write.node("Where", write.node("Equal", more, one), x, write.node("Log", more)))


@emits("where")
def where(pair: Pair, write: Writer) -> str:
    if pair.result.dtype != "bool":
        return str(write.node("Where", *pair.inputs))
    condition, a, b = pair.inputs
    other = write.node("And", write.node("Not", condition), b)
    return str(write.node("Or", write.node("And", condition, a), other))


@emits("is_finite")
def is_finite(pair: Pair, write: Writer) -> str:
    strange = write.node("Or", write.node("IsInf", pair.inputs[0]), write.node("IsNaN", pair.inputs[0]))
    return str(write.node("Not", strange))


@emits("cast")
def cast(pair: Pair, write: Writer) -> str:
    return write.cast(pair.inputs[0], pair.settings["dtype"])


@emits("stop_gradient")
def stop_gradient(pair: Pair, write: Writer) -> str:
    return pair.inputs[0]


@emits("constant")
def constant(pair: Pair, write: Writer) -> str:
    value: Any = pair.settings["value"]
    if not np.array_equal(value, pair.other.settings["value"]):
        raise follows_the_batch(pair)
    return write.number(value, pair.settings["dtype"])


@emits("iota")
def iota(pair: Pair, write: Writer) -> str:
    length, other = pair.settings["length"], pair.other.settings["length"]
    if length == other:
        return write.number(np.arange(length), "int32")
    end = write.node("Squeeze", write.sizes(pair, (length,), (other,)), write.whole(0))
    counted = write.node("Range", write.number(0, "int64"), end, write.number(1, "int64"))
    return write.cast(counted, "int32")
