"""Random programs, legal by construction: Hypothesis chooses the moves, each move writes a few lines. Only
for tests.

Two engines may round differently, so a program must not turn a rounding into a jump. Numbers whose every
digit is exact (sums and products of small multiples of 1/4) are known as such, and only they are compared,
floored, or asked for their maximum; the smooth functions may be given any number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil, log2, prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

from pippin.primitives import TABLE, Spec
from pippin.primitives.primitive import FLOAT, INT, UINT
from pippin.program import BACKWARD, GUARD, UPDATE, Program, Symbol, Trace
from pippin.transforms import gradients

Draw = Callable[..., Any]
Shape = tuple[int, ...]

# Nothing, one, and the edges of 4, 8 and 16 lanes.
LENGTHS = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33)
MOST_NUMBERS = 4000
# float32 holds 24 bits; two are kept in reserve.
EXACT_BITS = 22


@dataclass(frozen=True)
class Known:
    """A value and what is known about its numbers.

    |x| <= 2^high, and whole multiples of 2^low if low is not None.
    """

    symbol: Symbol
    high: float
    low: float | None

    @property
    def exact(self) -> bool:
        return self.low is not None and self.high - self.low <= EXACT_BITS

    @property
    def shape(self) -> Shape:
        return self.symbol.shape


class Written:
    """A program, and numbers for its inputs and states."""

    def __init__(
        self, program: Program, inputs: dict[str, np.ndarray], states: dict[str, np.ndarray]
    ) -> None:
        self.program, self.inputs, self.states = program, inputs, states

    def __repr__(self) -> str:
        return f"<{self.program!r} with states {sorted(self.states)}>"


@dataclass
class Writer:
    """A program in the making: floating-point values to choose from, and the numbers of its inputs."""

    draw: Draw
    trace: Trace = field(default_factory=lambda: Trace("random"))
    values: list[Known] = field(default_factory=list)
    inputs: dict[str, np.ndarray] = field(default_factory=dict)
    states: dict[str, np.ndarray] = field(default_factory=dict)

    def choose(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def pick(self, wanted: Callable[[Known], bool] = lambda known: True) -> Known | None:
        found = [known for known in self.values if wanted(known)]
        return self.draw(st.sampled_from(found)) if found else None

    def shape(self, rank: int) -> Shape:
        sizes = [self.choose(*LENGTHS) for _ in range(rank)]
        while prod(sizes) > MOST_NUMBERS:
            sizes[sizes.index(max(sizes))] = 3
        # Now and then, nothing at all.
        if rank and self.draw(st.integers(0, 19)) == 19:
            sizes[self.draw(st.integers(0, rank - 1))] = 0
        return tuple(sizes)

    def numbers(self, shape: Shape) -> np.ndarray:
        seed = self.draw(st.integers(0, 2**16))
        return np.array(np.random.default_rng(seed).integers(-8, 9, shape) / 4, np.float32)

    def given(self, shape: Shape) -> Known:
        """A new input or state."""
        if self.draw(st.booleans()):
            name = f"x{len(self.inputs)}"
            self.inputs[name] = self.numbers(shape)
            symbol = self.trace.input(name, Spec(shape))
        else:
            name = f"layer/w{len(self.states)}"
            self.states[name] = self.numbers(shape)
            symbol = self.trace.state(name, Spec(shape))
        return self.keep(symbol, 1, -2)

    def keep(self, symbol: Symbol, high: float, low: float | None) -> Known:
        """Remember a value; one that may have grown too large is squashed first."""
        if high > 10:
            symbol, high, low = (
                symbol.trace.write(TABLE["tanh"], (symbol * 2.0 ** -ceil(high - 1),), {}),
                0,
                None,
            )
        known = Known(symbol, high, low)
        self.values.append(known)
        return known

    def moved(self, known: Known, symbol: Symbol) -> Known:
        """The same numbers in other places, or zeros beside them."""
        return self.keep(symbol, known.high, known.low)


def low_of(a: Known, b: Known, combine: Callable[[float, float], float]) -> float | None:
    return None if a.low is None or b.low is None else combine(a.low, b.low)


# Moves: each writes a few lines, or none where nothing fits -----------------------------------------------


def smooth(w: Writer, x: Known) -> None:
    name = w.choose("tanh", "sigmoid", "sin", "cos", "erf", "arctan")
    w.keep(w.trace.write(TABLE[name], (x.symbol,), {}), 1, None)


def growing(w: Writer, x: Known) -> None:
    if x.high <= 2:
        w.keep(w.trace.write(TABLE[w.choose("exp", "expm1")], (x.symbol,), {}), 6, None)


def rooted(w: Writer, x: Known) -> None:
    square = x.symbol * x.symbol
    name = w.choose("sqrt", "log", "log1p")
    w.keep(w.trace.write(TABLE[name], (square + 0.5,), {}), x.high + 1, None)


def signed(w: Writer, x: Known) -> None:
    w.keep(-x.symbol, x.high, x.low)
    if x.exact:
        w.keep(abs(x.symbol), x.high, x.low)


def partner(w: Writer, x: Known) -> Known:
    """A second operand: an earlier value of a fitting shape, or a new one that is broadcast."""
    found = w.pick(
        lambda known: (
            known.shape == x.shape or (x.shape != () and known.shape == x.shape[-1:]) or known.shape == ()
        )
    )
    if found is not None and w.draw(st.booleans()):
        return found
    rows = tuple(1 if w.draw(st.booleans()) else size for size in x.shape)
    return w.given(w.choose((), x.shape, x.shape[-1:], rows))


def combined(w: Writer, x: Known) -> None:
    y = partner(w, x)
    kind = w.choose("add", "subtract", "multiply")
    symbol = w.trace.write(
        TABLE[kind], (x.symbol, y.symbol) if w.draw(st.booleans()) else (y.symbol, x.symbol), {}
    )
    if kind == "multiply":
        w.keep(symbol, x.high + y.high, low_of(x, y, lambda a, b: a + b))
    else:
        w.keep(symbol, max(x.high, y.high) + 1, low_of(x, y, min))


def with_number(w: Writer, x: Known) -> None:
    symbol = x.symbol
    name, result, high, low = w.choose(
        ("plus", symbol + 0.5, 1, -1),
        ("twice", 2.0 * symbol, 1, 1),
        ("from one", 1.0 - symbol, 1, 0),
        ("square", symbol**2, x.high, 0),
    )
    if name == "square":
        w.keep(result, 2 * x.high, None if x.low is None else 2 * x.low)
    elif name == "twice":
        w.keep(result, x.high + high, None if x.low is None else x.low + low)
    else:
        w.keep(result, max(x.high, 0) + high, None if x.low is None else min(x.low, low))


def quotient(w: Writer, x: Known) -> None:
    y = partner(w, x)
    w.keep(x.symbol / (y.symbol * y.symbol + 1.0), x.high, None)
    w.keep((y.symbol * y.symbol + 0.5) ** w.choose(0.5, -1.0, 1.5), 1.5 * max(1, 2 * y.high + 1), None)


def larger(w: Writer, x: Known) -> None:
    y = partner(w, x)
    if x.exact and y.exact:
        name = w.choose("maximum", "minimum")
        w.keep(w.trace.write(TABLE[name], (x.symbol, y.symbol), {}), max(x.high, y.high), low_of(x, y, min))


def chosen(w: Writer, x: Known) -> None:
    y, other = partner(w, x), w.pick(lambda known: known.shape == x.shape) or x
    if x.exact and y.exact:
        condition = w.trace.write(TABLE[w.choose("less", "less_equal", "equal")], (x.symbol, y.symbol), {})
        if w.draw(st.booleans()):
            condition = w.choose(~condition & (x.symbol < 1.0), condition | (x.symbol < 1.0))
        w.keep(condition.where(other.symbol, w.choose(0.0, 1.0)), max(other.high, 0), low_of(other, x, min))
        w.keep(condition.cast(FLOAT), 0, 0)


def stepped(w: Writer, x: Known) -> None:
    if x.exact:
        w.keep(w.trace.write(TABLE[w.choose("floor", "round", "sign")], (x.symbol,), {}), x.high + 1, 0)


def reduced(w: Writer, x: Known) -> None:
    axes = tuple(axis for axis in range(x.symbol.rank) if w.draw(st.booleans()))
    keepdims, many = w.draw(st.booleans()), max(1, prod(x.shape[axis] for axis in axes))
    if w.draw(st.booleans()):
        w.keep(x.symbol.sum(axes, keepdims), x.high + log2(many), x.low)
    else:
        w.keep(x.symbol.mean(axes, keepdims), x.high, None)
    if x.exact and all(x.shape[axis] for axis in axes):
        w.keep(x.symbol.max(axes, keepdims), x.high, x.low)


def looked_up(w: Writer, x: Known) -> None:
    if x.symbol.rank and x.symbol.size and x.exact:
        positions = x.symbol.argmax(w.draw(st.integers(0, x.symbol.rank - 1)))
        w.keep(positions.cast(FLOAT), 6, 0)
        rows = w.given((max(x.shape), w.choose(1, 3, 16)))
        picked = w.moved(rows, w.trace.write(TABLE["gather"], (rows.symbol, positions), {}))
        added = w.trace.write(TABLE["scatter_add"], (positions, picked.symbol), {"length": max(x.shape)})
        w.keep(added, rows.high + log2(max(1, positions.size)), rows.low)


def sorted_rows(w: Writer, x: Known) -> None:
    if x.symbol.rank and x.exact:
        w.keep(w.trace.write(TABLE["argsort"], (x.symbol,), {}).cast(FLOAT), log2(max(2, x.shape[-1])), 0)


def bits(w: Writer, x: Known) -> None:
    """Of whole numbers, negative ones among them."""
    y = partner(w, x)
    if x.exact and y.exact:
        whole, other = x.symbol.cast(INT), y.symbol.cast(INT)
        name = w.choose("bitwise_and", "bitwise_or", "bitwise_xor")
        w.keep(w.trace.write(TABLE[name], (whole, other), {}).cast(FLOAT), max(x.high, y.high, 0) + 1, 0)
        places = w.choose(1, 2, 3)
        name = w.choose("shift_left", "shift_right")
        w.keep(w.trace.write(TABLE[name], (whole, places), {}).cast(FLOAT), max(x.high, 0) + places, 0)


def reshaped(w: Writer, x: Known) -> None:
    size, shape = x.symbol.size, x.shape
    options = [(size,), (*shape, 1), (1, *shape), *[(size // d, d) for d in (2, 3, 4, 8) if size % d == 0]]
    w.moved(x, x.symbol.reshape(w.choose(*options)))


def rearranged(w: Writer, x: Known) -> None:
    order = w.draw(st.permutations(range(x.symbol.rank)))
    w.moved(x, x.symbol.transpose(order))
    w.moved(x, x.symbol.reverse([axis for axis in range(x.symbol.rank) if w.draw(st.booleans())]))


def cut_and_padded(w: Writer, x: Known) -> None:
    bounds = [sorted((w.draw(st.integers(0, size)), w.draw(st.integers(0, size)))) for size in x.shape]
    steps = [w.choose(1, 1, 2, 3) for _ in x.shape]
    w.moved(x, x.symbol.slice([a for a, _ in bounds], [b for _, b in bounds], steps))
    low, high, inner = ([w.choose(0, 0, 1, 2) for _ in x.shape] for _ in range(3))
    if x.symbol.size * 4**x.symbol.rank < MOST_NUMBERS:
        w.moved(x, x.symbol.pad(low, high, inner))


def repeated(w: Writer, x: Known) -> None:
    if x.symbol.size < MOST_NUMBERS / 8:
        w.moved(x, x.symbol.broadcast_to((w.choose(1, 2, 5), *x.shape)))
        if x.symbol.rank:
            other = w.pick(lambda known: known.shape == x.shape) or x
            axis = w.draw(st.integers(0, x.symbol.rank - 1))
            symbol = w.trace.write(TABLE["concatenate"], (x.symbol, other.symbol), {"axis": axis})
            w.keep(symbol, max(x.high, other.high), low_of(x, other, min))


def dense(w: Writer, x: Known) -> None:
    """A layer as layers write it: product, bias, and often an activation."""
    if x.symbol.rank != 2 or x.symbol.size == 0:
        return
    kernel = w.given((x.shape[1], w.choose(1, 5, 8, 10, 17)))
    high = x.high + kernel.high + log2(x.shape[1])
    with w.trace.at("dense"):
        product = Known(x.symbol @ kernel.symbol, high, low_of(x, kernel, lambda a, b: a + b))
        bias = w.given(product.shape[1:])
        result = replace(product, symbol=product.symbol + bias.symbol, high=max(high, bias.high) + 1)
        if result.exact and w.draw(st.booleans()):
            result = replace(result, symbol=w.trace.write(TABLE["maximum"], (result.symbol, 0.0), {}))
        w.keep(result.symbol, result.high, result.low)


def product(w: Writer, x: Known) -> None:
    if x.symbol.rank == 2:
        y = w.pick(lambda known: known.symbol.rank == 2 and known.shape == x.shape) or x
        first = w.draw(st.booleans())
        symbol = x.symbol.matmul(y.symbol, transpose_a=first, transpose_b=not first)
        if symbol.size <= MOST_NUMBERS:
            terms = max(1, x.shape[0] if first else x.shape[1])
            w.keep(symbol, x.high + y.high + log2(terms), low_of(x, y, lambda a, b: a + b))


def softmax(w: Writer, x: Known) -> None:
    """As losses write it.

    The maximum taken away, exponentials, their sum; and a cross-entropy with chosen classes.
    """
    if x.symbol.rank == 2 and x.symbol.size and x.high <= 4:
        shifted = x.symbol - w.trace.write(TABLE["stop_gradient"], (x.symbol.max((1,), keepdims=True),), {})
        exponentials = shifted.exp()
        total = exponentials.sum((1,), keepdims=True)
        w.keep(exponentials / total, 0, None)
        classes = w.trace.write(TABLE["iota"], (), {"length": x.shape[1]})
        truth = classes.equal(w.draw(st.integers(0, x.shape[1] - 1))).cast(FLOAT)
        w.keep(-((shifted - total.log()) * truth).sum((1,)), x.high + 6, None)


def picture(w: Writer, x: Known) -> None:
    """A convolution and a pooling."""
    pictures = w.given((w.choose(1, 2, 3), w.choose(4, 5, 8), w.choose(4, 6), w.choose(1, 3)))
    window, stride, dilation, pad = w.choose(1, 2, 3), w.choose(1, 2), w.choose(1, 1, 2), w.choose(0, 1)
    kernel = w.given((window, w.choose(1, 2), pictures.shape[3], w.choose(1, 4, 8, 17)))
    reach = dilation * (window - 1) + 1
    if reach > pictures.shape[1] + pad or dilation + 1 > pictures.shape[2]:
        return
    settings = {"strides": (stride, 1), "padding": (0, pad, 0, 0), "dilation": (dilation, dilation)}
    with w.trace.at("conv"):
        answer = w.trace.write(TABLE["conv2d"], (pictures.symbol, kernel.symbol), settings)
        terms = prod(kernel.shape[:3])
        made = w.keep(
            answer, pictures.high + kernel.high + log2(terms), low_of(pictures, kernel, lambda a, b: a + b)
        )
    if made.shape[1] >= 2 and made.shape[2] >= 2:
        pooling = {"size": (2, 2), "strides": (w.choose(1, 2), 2), "padding": (0, 0, 0, w.choose(0, 1))}
        w.keep(w.trace.write(TABLE["average_pool"], (made.symbol,), pooling), made.high, None)
        if made.exact:
            w.moved(made, w.trace.write(TABLE["max_pool"], (made.symbol,), pooling))


def dropped(w: Writer, x: Known) -> None:
    """Random numbers from a state, and a mask of them."""
    if "seed" not in w.states:
        w.states["seed"] = np.array([w.draw(st.integers(0, 2**32 - 1)), 3], np.uint32)
        w.trace.state("seed", Spec((2,), UINT))
    state = w.trace.symbol_of(w.trace.states["seed"])
    uniform = w.trace.write(TABLE["random_uniform"], (state,), {"shape": x.shape, "call": w.choose(0, 1, 2)})
    w.keep((uniform < 0.5).where(x.symbol, 0.0), x.high, x.low)
    w.keep(uniform, 0, -24)


def held_back(w: Writer, x: Known) -> None:
    w.moved(x, w.trace.write(TABLE["stop_gradient"], (x.symbol,), {}))
    w.keep(w.trace.write(TABLE["is_finite"], (x.symbol,), {}).cast(FLOAT), 0, 0)
    if x.exact:
        w.keep(x.symbol.cast(INT).cast(FLOAT), x.high, 0)


MOVES = (
    smooth, growing, rooted, signed, combined, with_number, quotient, larger, chosen, stepped, reduced,
    looked_up, sorted_rows, bits, reshaped, rearranged, cut_and_padded, repeated, dense, product, softmax, picture,
    dropped, held_back,
)  # fmt: skip


@st.composite
def programs(draw: Draw, most_moves: int = 8) -> Written:
    """A program that ends in a loss, its gradients, and a step of every state against its own gradient."""
    w = Writer(draw)
    w.given(w.shape(draw(st.integers(0, 3))))
    w.given((w.choose(*LENGTHS), w.choose(*LENGTHS)))
    for _ in range(draw(st.integers(1, most_moves))):
        move = w.choose(*MOVES)
        x = w.pick()
        assert x is not None
        move(w, x)
    last = [known.symbol for known in w.values[-3:]]
    for number, symbol in enumerate(last):
        w.trace.output(f"value{number}", symbol)
    loss = w.trace.symbol(0.0)
    for symbol in {known.symbol.value: known.symbol for known in w.values}.values():
        loss = loss + symbol.mean()
    w.trace.output("loss", loss)
    if draw(st.booleans()):
        with w.trace.at(phase=GUARD):
            w.trace.guard = w.trace.write(TABLE["all_finite"], (loss,), {}).value
    _differentiate(w, loss)
    return Written(w.trace.program(), w.inputs, w.states)


def _differentiate(w: Writer, loss: Symbol) -> None:
    names = [*w.inputs, *(name for name in w.states if name != "seed")]
    places = {**w.trace.inputs, **w.trace.states}
    with w.trace.at(phase=BACKWARD):
        found = gradients(loss, [w.trace.symbol_of(places[name]) for name in names])
    for name, gradient in zip(names, found, strict=True):
        w.trace.output(f"gradient of {name}", gradient)
        if name in w.states:
            with w.trace.at("optimizer", UPDATE):
                w.trace.updates[name] = (w.trace.symbol_of(places[name]) - gradient * 0.125).value
