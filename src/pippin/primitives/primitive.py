"""What a primitive is: one frozen record that holds everything true about one instruction of a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from pippin.errors import ShapeError

FLOAT, INT, UINT, BYTE, BOOL = "float32", "int32", "uint32", "uint8", "bool"
TYPES = (FLOAT, INT, UINT, BYTE, BOOL)

Settings = Mapping[str, Any]
Sample = tuple[tuple[np.ndarray, ...], dict[str, Any]]


@dataclass(frozen=True)
class Spec:
    """Shape and type of a value: what is known about it before any number exists."""

    shape: tuple[int, ...]
    dtype: str = FLOAT

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.size * (1 if self.dtype in (BYTE, BOOL) else 4)

    def __str__(self) -> str:
        return f"{self.dtype}[{','.join(map(str, self.shape))}]"


def spec_of(array: np.ndarray) -> Spec:
    """The spec of an array; float64 counts as float, int64 as int, because programs know only one of each."""
    kind = array.dtype.kind
    if kind == "f" or array.dtype.name == "bfloat16":
        return Spec(array.shape, FLOAT)
    if kind == "b":
        return Spec(array.shape, BOOL)
    if array.dtype.name in TYPES:
        return Spec(array.shape, array.dtype.name)
    if kind in "iu":
        return Spec(array.shape, INT)
    raise ShapeError(
        f"expected an array of numbers, received dtype {array.dtype}. Convert it, for example with .astype('float32')."
    )


@dataclass(frozen=True, eq=False)
class Primitive:
    """One instruction: its word, its meaning in notation and plain English, and the rules engines and passes ask for.

    `shape(*specs, **settings)` gives the result's Spec (a tuple if a line has several results, and so do the rules
    below) or raises ShapeError with the words a user needs.
    `reference(*arrays, **settings)` is the meaning, in NumPy. `derivative(dy, y, *inputs, **settings)` gives one
    symbol per input (None where nothing flows), written in primitives. `jax(jnp, *inputs, **settings)` is handed the
    module. `flops(result, *specs, **settings)` estimates the work. `samples(rng)` gives arguments for generic tests.
    """

    name: str
    math: str
    says: str
    shape: Callable[..., Spec]
    reference: Callable[..., np.ndarray]
    jax: Callable[..., Any]
    samples: Callable[[np.random.Generator], list[Sample]]
    derivative: Callable[..., Sequence[Any]] | None = None
    flops: Callable[..., float] = field(default=lambda result, *specs, **settings: float(result.size))
    simplify: Callable[..., Any] | None = None
    """(constants, *symbols, **settings) → a simpler symbol or None; `constants[i]` is input i's number if known."""
    elementwise: bool = False
    """Every output number depends only on the input numbers at the same place (after broadcasting)."""
    along_last: bool = False
    """Reduces the last axis to length 1 when its settings say so: a row at a time is enough to compute it."""
    alias: bool = False
    """Moves no number: the result is the input's memory, read with another shape."""
    repeats: bool = False
    """Only repeats numbers into a larger shape, as elementwise primitives do with their operands by themselves."""
    ends_in_rows: bool = False
    """Heavy work whose native kernel tells when rows of the result are final: a loop can follow while they are near."""
    masked: Callable[..., Any] | None = None
    """(condition, *symbols, **settings) → a smaller way to write `where(condition, result, 0)`, or None."""
    total: Callable[..., Any] | None = None
    """(axes, *symbols, **settings) → something smaller with the same sum over these axes, or None."""
    by_rows: Callable[..., bool] | None = None
    """(**settings) → whether each row of the result needs only the same row of the first operand."""
    over_steps: Callable[..., Any] | None = None
    """(length, stack, constant, **settings) → the results of all steps of a scan at once, first axis time."""
    summed_steps: Callable[..., Any] | None = None
    """(length, *stacks, **settings) → the sum of the results of all steps of a scan."""
    body: Any = None
    """A fused line's record holds the program of the lines it stands for; no other record has one."""

    def __call__(self, *arguments: Any, **settings: Any) -> Any:
        """Write a line: at least one argument must be a symbol; numbers and arrays become constants."""
        for argument in arguments:
            if hasattr(argument, "write_line"):
                return argument.write_line(self, arguments, settings)
        raise AssertionError(
            f"{self.name} was called without a symbol: programs are written with symbols, arrays go through ops"
        )

    def __repr__(self) -> str:
        return f"<primitive {self.name}: {self.math}>"


def broadcast_shapes(name: str, *specs: Spec) -> tuple[int, ...]:
    """The common shape of operands under NumPy's broadcasting rule, or the error that shows where they differ."""
    try:
        return np.broadcast_shapes(*(spec.shape for spec in specs))
    except ValueError:
        shapes = " and ".join(str(spec.shape) for spec in specs)
        raise ShapeError(
            f"{name}: expected shapes that fit together (equal, or 1, counted from the right), received {shapes}."
        ) from None


def need_rank(name: str, what: str, spec: Spec, rank: int) -> None:
    """Raise unless a spec has the rank that a primitive needs."""
    if spec.rank != rank:
        raise ShapeError(f"{name}: expected {what} with {rank} axes, received shape {spec.shape}.")


def need_float(name: str, *specs: Spec) -> None:
    """Raise unless all operands are floating-point."""
    for spec in specs:
        if spec.dtype != FLOAT:
            raise ShapeError(f"{name}: expected floating-point numbers, received {spec}. Cast them to float32 first.")
