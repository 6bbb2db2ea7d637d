"""Zeros of both signs, infinities, NaN, the smallest and the largest numbers, through every elementwise
primitive.

Native kernels run with denormal numbers flushed to zero, for speed and so that every instruction set gives
one answer; so a subnormal input may count as zero and a subnormal result may come out as zero. Everything
else must be NumPy's.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from conformance.running import (
    INSTRUCTION_SETS,
    NAMES,
    inputs_of,
    judge,
    native_engine,
    one_line,
    run,
    samples_of,
)
from pippin.engines.reference import ReferenceEngine
from pippin.primitives import TABLE
from pippin.primitives.primitive import Primitive

TINY, LARGEST = np.finfo(np.float32).tiny, np.finfo(np.float32).max
SUBNORMAL = np.float32(1e-40)
SPECIAL = np.array(
    [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 1e-8, -1e-8, 88.0, -88.0, 104.0, -104.0, 1e5, TINY, -TINY,
     SUBNORMAL, -SUBNORMAL, LARGEST, -LARGEST, np.inf, -np.inf, np.nan],
    np.float32,
)  # fmt: skip
# Rounding of the engine's own functions, in units of the last place (the most that was seen is 1.4).
ULPS = 2.0
# sin and cos of huge numbers need hundreds of digits of π; beyond this they promise nothing but a number from
# -1 to 1.
LARGEST_ANGLE = 1e5


def of_floats(name: str) -> bool:
    """Whether all of a primitive's samples are floating-point operands without settings."""
    return TABLE[name].elementwise and all(
        not settings and all(np.asarray(a).dtype == np.float32 for a in arguments)
        for arguments, settings in samples_of(TABLE[name])
    )


def every_combination(operands: int) -> list[np.ndarray]:
    grid = np.array(list(itertools.product(SPECIAL, repeat=operands)), np.float32)
    # An odd length, so that both the vectors and the rest behind them are computed.
    return [np.ascontiguousarray(column) for column in np.concatenate([grid, grid[:7]]).T]


def flushed(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind != "f":
        return array
    return np.where(np.abs(array) < TINY, np.copysign(np.float32(0), array), array).astype(array.dtype)


def agree(received: np.ndarray, primitive: Primitive, inputs: list[np.ndarray]) -> np.ndarray:
    """Where `received` is the reference's result for `inputs`, its sign included when it is a zero."""
    program, arrays = one_line(primitive, inputs, {}), inputs_of(inputs)
    expected = run(ReferenceEngine(), program, arrays)["y"]
    if expected.dtype.kind != "f":
        return np.asarray(received == expected)
    exact = run(judge(), program, arrays)["y"]
    with np.errstate(all="ignore"):
        # Where float32 overflows or is not defined, so must the engine be; elsewhere the float64 result
        # decides.
        exact = np.where(np.isfinite(expected), exact, expected)
        close = np.abs(received - exact) <= ULPS * 2.0**-23 * np.maximum(np.abs(exact), TINY)
        same = (received == exact) & ((exact != 0) | (np.signbit(received) == np.signbit(expected)))
        # The reference itself overflows within the rounding of the largest number.
        edge = np.isinf(received) & (np.abs(exact) > LARGEST * (1 - ULPS * 2.0**-23))
    return close & ((expected != 0) | same) | same | edge | (np.isnan(received) & np.isnan(expected))


@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
@pytest.mark.parametrize("name", [name for name in NAMES if of_floats(name)])
def test_native_treats_special_numbers_as_numpy_does(name: str, isa: str) -> None:
    primitive, native = TABLE[name], native_engine(isa)
    inputs = every_combination(len(samples_of(primitive)[0][0]))
    received = run(native, one_line(primitive, inputs, {}), inputs_of(inputs))["y"]
    right = agree(received, primitive, inputs)
    if name in ("sin", "cos"):
        far = np.isfinite(inputs[0]) & (np.abs(inputs[0]) > LARGEST_ANGLE)
        right |= far & (np.abs(received) <= 1)
    small_inputs = np.any([np.abs(a) < TINY for a in inputs], axis=0)
    right |= small_inputs & agree(flushed(received), primitive, [flushed(a) for a in inputs])
    if received.dtype.kind == "f":
        expected = run(ReferenceEngine(), one_line(primitive, inputs, {}), inputs_of(inputs))["y"]
        right |= (np.abs(expected) <= TINY) & (np.abs(received) <= TINY)
    wrong = [(*(a[i] for a in inputs), received[i]) for i in np.flatnonzero(~right)]
    assert not wrong, (
        f"{name}: wrong for {len(wrong)} combinations, such as {wrong[:4]} (operands, then what came out)"
    )


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "erf", "exp", "expm1", "log1p"])
def test_the_reference_neither_warns_nor_breaks_on_special_numbers(name: str) -> None:
    result = run(ReferenceEngine(), one_line(TABLE[name], [SPECIAL], {}), {"x0": SPECIAL})["y"]
    assert np.isnan(result[-1])
    in_reach = SPECIAL[(SPECIAL > -1) & np.isfinite(SPECIAL)]
    assert not np.isnan(
        run(ReferenceEngine(), one_line(TABLE[name], [in_reach], {}), {"x0": in_reach})["y"]
    ).any()


def extreme_pictures(rng: np.random.Generator) -> np.ndarray:
    """Pictures of a few special numbers only, so that windows have many equals, and some nothing but -inf."""
    return rng.choice(np.array([-np.inf, -np.inf, -np.inf, np.inf, np.nan, 1], np.float32), (3, 7, 6, 18))


@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
@pytest.mark.parametrize("padding", [(0, 0, 0, 0), (1, 1, 1, 1), (2, 0, 0, 2)])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_native_finds_the_winners_of_windows_of_special_numbers_where_the_reference_does(
    stride: int, padding: tuple[int, int, int, int], isa: str
) -> None:
    settings = {"size": (3, 3), "strides": (stride, stride), "padding": padding}
    rng, native = np.random.default_rng(3), native_engine(isa)
    x = extreme_pictures(rng)
    v = rng.normal(size=x.shape).astype(np.float32)
    dy = rng.integers(1, 9, TABLE["max_pool"].reference(x, **settings).shape).astype(np.float32)
    for name, arguments in (("max_pool", [x]), ("max_pool_pick", [x, v]), ("max_pool_place", [x, dy])):
        program, inputs = one_line(TABLE[name], arguments, settings), inputs_of(arguments)
        expected = run(ReferenceEngine(), program, inputs)["y"]
        np.testing.assert_array_equal(run(native, program, inputs)["y"], expected, err_msg=name)
