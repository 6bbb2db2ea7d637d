"""Lengths, distances, windows as columns, blocks as depth, attention: what NumPy or the definition says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import ops

DRAW = np.random.RandomState(0)
X = DRAW.normal(size=(2, 3, 4)).astype(np.float32)
PICTURES = DRAW.normal(size=(2, 3, 6, 7)).astype(np.float32)


def near(found: Any, expected: Any) -> None:
    """float32 over sums of a few dozen numbers around 1."""
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    ("order", "axis"),
    [*((n, axis) for n in (None, 0, 1, 2, 3, -1, 0.5, np.inf, -np.inf) for axis in (1, (2,))),
     *((n, axis) for n in (None, "fro", 1, -1, np.inf, -np.inf) for axis in ((0, 2), (2, 1)))],
)  # fmt: skip
def test_lengths_and_sizes_are_numpys(order: Any, axis: Any, keepdims: bool) -> None:
    wanted = np.linalg.norm(X, order, axis if isinstance(axis, int) or len(axis) > 1 else axis[0], keepdims)
    near(ops.norm(X, order, axis, keepdims), wanted)


def test_without_axes_everything_is_measured_at_once() -> None:
    near(ops.norm(X), np.sqrt((X**2).sum()))
    near(ops.norm(X[0], 1), np.linalg.norm(X[0], 1))


@pytest.mark.parametrize(("order", "axis"), [("fro", 1), ("nuc", 1), (3, (0, 1)), (1, (0, 1, 2))])
def test_sizes_that_are_not_there_are_refused(order: Any, axis: Any) -> None:
    with pytest.raises(ValueError, match="Invalid `ord` argument"):
        ops.norm(X, order, axis)


def test_distances_are_those_of_every_pair_of_rows() -> None:
    other = DRAW.normal(size=(2, 5, 4)).astype(np.float32)
    near(ops.cdist(X, other), np.linalg.norm(X[:, :, None] - other[:, None], axis=-1))


@pytest.mark.parametrize("window", [(3, 1, 0, 1), (2, 2, 1, 1), ((2, 3), (1, 2), (1, 0), (2, 3)), (3, 1, 1, 2)])
def test_columns_are_windows_and_are_added_up_on_the_way_back(window: Any) -> None:
    size, apart, pad, step = ((n, n) if isinstance(n, int) else n for n in window)
    wide = np.pad(PICTURES, ((0, 0), (0, 0), (pad[0],) * 2, (pad[1],) * 2))
    reach = [a * (s - 1) + 1 for a, s in zip(apart, size, strict=True)]
    view = np.lib.stride_tricks.sliding_window_view(wide, reach, (2, 3))
    view = view[:, :, :: step[0], :: step[1], :: apart[0], :: apart[1]]
    expected = view.transpose(0, 1, 4, 5, 2, 3).reshape(2, 3 * size[0] * size[1], -1)
    columns = ops.unfold(PICTURES, *window)
    np.testing.assert_array_equal(columns, expected)
    times = ops.fold(ops.unfold(np.ones_like(PICTURES), *window), (6, 7), *window)
    near(ops.fold(columns, (6, 7), *window), PICTURES * np.asarray(times))


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_blocks_become_depth_and_come_back(data_format: str) -> None:
    x = np.arange(2 * 4 * 6 * 3, dtype=np.float32).reshape(2, 4, 6, 3)
    x = x if data_format == "channels_last" else x.transpose(0, 3, 1, 2).copy()
    deep = ops.space_to_depth(x, 2, data_format)
    assert deep.shape == ((2, 2, 3, 12) if data_format == "channels_last" else (2, 12, 2, 3))
    np.testing.assert_array_equal(ops.depth_to_space(deep, 2, data_format), x)
    first = np.asarray(deep)[0, 0, 0] if data_format == "channels_last" else np.asarray(deep)[0, :, 0, 0]
    assert first.tolist() == [0, 1, 2, 3, 4, 5, 18, 19, 20, 21, 22, 23]


def test_sequences_are_frames_at_even_distances() -> None:
    assert ops.extract_sequences(np.arange(7.0), 3, 2).tolist() == [[0, 1, 2], [2, 3, 4], [4, 5, 6]]
    with pytest.raises(ValueError, match="at most 7"):
        ops.extract_sequences(np.arange(7.0), 8, 1)


def attention(
    query: Any, key: Any, value: Any, allowed: Any, scale: float, bias: Any = 0.0, cap: float = np.inf
) -> Any:
    scores = np.einsum("bqnc,bknc->bnqk", query, key) * scale
    scores = (scores if cap == np.inf else cap * np.tanh(scores / cap)) + bias
    weights = np.exp(scores - scores.max(-1, keepdims=True)) * allowed
    return np.einsum("bnqk,bknc->bqnc", weights / weights.sum(-1, keepdims=True), value)


def test_attention_is_its_equation() -> None:
    query, key, value = (DRAW.normal(size=(2, n, 4, 3)).astype(np.float32) for n in (5, 6, 6))
    few, fewer = key[:, :, :2].copy(), value[:, :, :2].copy()
    mask, bias = DRAW.uniform(size=(2, 1, 5, 6)) < 0.7, DRAW.normal(size=(2, 4, 5, 6)).astype(np.float32)
    mask[..., 0] = True
    plain = 3**-0.5
    near(ops.dot_product_attention(query, key, value), attention(query, key, value, 1, plain))
    found = ops.dot_product_attention(query, few, fewer, bias, mask, scale=0.3, attn_logits_soft_cap=2.0)
    near(found, attention(query, few.repeat(2, 2), fewer.repeat(2, 2), mask, 0.3, bias, 2.0))
    earlier = np.tri(5, 6, dtype=bool)
    near(ops.dot_product_attention(query, key, value, is_causal=True), attention(query, key, value, earlier, plain))


def test_normalized_examples_have_their_mean_and_length() -> None:
    scale, shift = np.array([1.0, 2.0, 3.0, 4.0], np.float32), np.float32([0, 1, 0, 1])
    apart = (X - X.mean(-1, keepdims=True)) / np.sqrt(X.var(-1, keepdims=True) + 1e-3)
    near(ops.layer_normalization(X, scale, shift, epsilon=1e-3), apart * scale + shift)
    long = X / np.sqrt((X**2).mean((1, 2), keepdims=True) + 1e-7)
    near(ops.rms_normalization(X, axis=(1, 2)), long)
    near(ops.rms_normalization(X, np.ones((3, 4), np.float32), (1, 2)), long)


def test_numbers_beyond_a_type_stay_at_its_ends() -> None:
    x = np.array([-3e9, -1.0, 0.6, 256.0, 3e9], np.float32)
    assert ops.saturate_cast(x, "uint8").tolist() == [0, 0, 0, 255, 255]
    # float32 has no 2³¹ - 1: the largest below it is 128 less.
    assert ops.saturate_cast(x, "int32").tolist() == [-(2**31), -1, 0, 256, 2**31 - 128]
    assert ops.saturate_cast(np.array([-5, 300], np.int32), "uint8").tolist() == [0, 255]
    assert ops.saturate_cast(x, "bool").tolist() == [False, False, True, True, True]


def test_several_classes_at_once_and_decibels() -> None:
    assert ops.multi_hot(np.array([[0, 2], [1, 1]]), 4).tolist() == [[1, 0, 1, 0], [0, 1, 0, 0]]
    with pytest.raises(ValueError, match="num_classes"):
        ops.multi_hot(np.array([1]))
    assert float(ops.psnr(X, X + 0.1, 1.0)) == pytest.approx(20.0, abs=1e-4)
