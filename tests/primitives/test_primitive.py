"""Specs of arrays, and the words with which shape rules refuse what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin.errors import ShapeError
from pippin.primitives import TABLE, Spec, spec_of


@pytest.mark.parametrize(
    "given,expected",
    [
        ("float16", "float32"), ("float32", "float32"), ("float64", "float32"), ("int64", "int32"),
        ("int8", "int32"), ("uint8", "uint8"), ("uint32", "uint32"), ("uint16", "int32"), ("bool", "bool"),
    ],
)  # fmt: skip
def test_a_program_knows_one_type_for_each_kind_of_number(given: str, expected: str) -> None:
    assert spec_of(np.zeros((2, 3), given)) == Spec((2, 3), expected)


@pytest.mark.parametrize(
    "array", [np.array(["a"]), np.array([None]), np.array([1j]), np.array(["2020-01-01"], "M8[D]")]
)
def test_what_is_no_number_is_refused_with_the_cure(array: np.ndarray) -> None:
    with pytest.raises(ShapeError, match=r"expected an array of numbers, received dtype .*astype"):
        spec_of(array)


def test_a_spec_counts_its_numbers_and_bytes() -> None:
    assert (Spec((2, 3)).size, Spec((2, 3)).bytes, Spec((), "bool").bytes, Spec((0, 5)).bytes) == (
        6,
        24,
        1,
        0,
    )
    assert str(Spec((2, 3), "uint8")) == "uint8[2,3]"


F = Spec((2, 3))
POOL: dict[str, Any] = {"size": (2, 2), "strides": (2, 2), "padding": (0, 0, 0, 0)}
CONV: dict[str, Any] = {"strides": (1, 1), "padding": (0, 0, 0, 0), "dilation": (1, 1)}
REFUSED: list[tuple[str, tuple[Spec, ...], dict[str, Any], str]] = [
    ("add", (F, Spec((4,))), {}, r"add: expected shapes that fit together .* \(2, 3\) and \(4,\)"),
    ("add", (F, Spec((2, 3), "int32")), {}, "add: expected two operands of one type"),
    ("logical_and", (F, F), {}, "logical_and: expected bool operands"),
    ("logical_not", (F,), {}, "logical_not: expected true/false"),
    ("where", (F, F, F), {}, "where: expected a true/false condition"),
    ("cast", (F,), {"dtype": "float16"}, "cast: expected one of float32, int32"),
    ("tanh", (Spec((2,), "int32"),), {}, "tanh: expected floating-point numbers, received int32"),
    ("sum", (F,), {"axes": (2,), "keepdims": False}, "sum: expected different axes from 0 to 1"),
    ("sum", (F,), {"axes": (0, 0), "keepdims": False}, "sum: expected different axes"),
    ("max", (Spec((0, 3)),), {"axes": (0,), "keepdims": False}, "max: expected at least one number"),
    ("argmax", (Spec((0, 3)),), {"axis": 0}, "argmax: expected at least one number"),
    ("argmax", (F,), {"axis": 2}, "argmax: expected different axes"),
    ("reshape", (F,), {"shape": (4,)}, "reshape: expected a shape of 6 numbers"),
    ("reshape", (F,), {"shape": (-2, -3)}, "reshape: expected a shape of 6 numbers"),
    ("transpose", (F,), {"order": (0, 0)}, "transpose: expected an order of the axes 0 to 1"),
    ("broadcast_to", (F,), {"shape": (2, 4)}, "broadcast_to: expected a shape that"),
    ("broadcast_to", (F,), {"shape": (3,)}, "broadcast_to: expected a shape that"),
    (
        "concatenate",
        (F, Spec((2, 4))),
        {"axis": 0},
        "concatenate: expected shapes that differ only along axis 0",
    ),
    ("concatenate", (F,), {"axis": 2}, "concatenate: expected an axis from 0 to 1"),
    ("slice", (F,), {"start": (0, 0), "stop": (2, 4), "step": (1, 1)}, "slice: expected 0 <= start <= stop"),
    ("slice", (F,), {"start": (0, 0), "stop": (2, 3), "step": (1, 0)}, "slice: expected 0 <= start <= stop"),
    ("pad", (F,), {"low": (-1, 0), "high": (0, 0), "inner": (0, 0)}, "pad: expected 2 paddings of 0 or more"),
    ("reverse", (F,), {"axes": (2,)}, "reverse: expected axes from 0 to 1"),
    (
        "matmul",
        (F, F),
        {"transpose_a": False, "transpose_b": False},
        "matmul: expected the summed lengths to be equal",
    ),
    (
        "matmul",
        (F, Spec((3,))),
        {"transpose_a": False, "transpose_b": False},
        "matmul: expected two floating-point arrays",
    ),
    ("gather", (F, F), {}, "gather: expected rows and int32 row numbers"),
    (
        "scatter_add",
        (Spec((3,), "int32"), F),
        {"length": 3},
        "scatter_add: expected one row for each row number",
    ),
    ("conv2d", (F, Spec((3, 3, 1, 2))), CONV, "conv2d: expected pictures .* with 4 axes"),
    ("conv2d", (Spec((1, 5, 5, 2)), Spec((3, 3, 1, 2))), CONV, "conv2d: expected 1 channels"),
    (
        "conv2d",
        (Spec((1, 2, 5, 1)), Spec((3, 3, 1, 2))),
        CONV,
        "at least as large as the window.*padding='same'",
    ),
    (
        "conv2d_input_gradient",
        (Spec((1, 3, 3, 2)), Spec((3, 3, 1, 2))),
        {**CONV, "size": (6, 5)},
        "expected the gradient of",
    ),
    (
        "conv2d_kernel_gradient",
        (Spec((1, 5, 5, 1)), Spec((1, 3, 3, 2))),
        {**CONV, "size": (2, 3)},
        "expected the gradient of",
    ),
    ("max_pool", (Spec((1, 1, 4, 1)),), POOL, "at least as large as the window 2x2, received 1x4"),
    ("max_pool", (Spec((1, 4, 4, 1)),), {**POOL, "padding": (2, 0, 0, 0)}, "padding smaller than the window"),
    (
        "max_pool_pick",
        (Spec((1, 4, 4, 1)), Spec((1, 4, 4, 2))),
        POOL,
        "max_pool_pick: expected two arrays of one shape",
    ),
    (
        "max_pool_place",
        (Spec((1, 4, 4, 1)), Spec((1, 3, 2, 1))),
        POOL,
        "max_pool_place: expected the pooled shape",
    ),
    (
        "average_pool_spread",
        (Spec((1, 3, 2, 1)),),
        {**POOL, "sides": (4, 4)},
        "average_pool_spread: expected the pooled shape",
    ),
    (
        "look_through",
        (Spec((1, 4, 4, 1)), Spec((1, 8))),
        {"fill": "wrap", "smooth": True},
        "expected a frame",
    ),
    (
        "look_through",
        (Spec((1, 4, 4, 1)), Spec((1, 6))),
        {"fill": "mirror", "smooth": True},
        "known fill.*'mirror'",
    ),
    ("random_uniform", (F,), {"shape": (3,), "call": 0}, "random_uniform: expected a state of two uint32"),
]


@pytest.mark.parametrize(
    "name,specs,settings,words", REFUSED, ids=[f"{name}-{n}" for n, (name, *_) in enumerate(REFUSED)]
)
def test_what_does_not_fit_is_refused_in_words(
    name: str, specs: tuple[Spec, ...], settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(ShapeError, match=words):
        TABLE[name].shape(*specs, **settings)


def test_a_primitive_cannot_be_called_without_a_symbol() -> None:
    with pytest.raises(AssertionError, match="add was called without a symbol"):
        TABLE["add"](1.0, 2.0)
