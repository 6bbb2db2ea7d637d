"""Keras's `ops` between signals and their frequencies. There are no complex numbers in a program: what is complex is a
pair, the real and the imaginary parts. A transform is a product with a table of cosines and sines, whose sums are exact
to the last bits for the short lengths of frames; its derivative and its speed are those of `matmul`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError, ShapeError, unknown
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float

WINDOWS = {
    "boxcar": (1.0,), "hann": (0.5, 0.5), "hamming": (0.54, 0.46), "blackman": (0.42, 0.5, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
}  # fmt: skip
"""Sums of cosines. Source: Harris, "On the use of windows for harmonic analysis" (1978)."""


def window_of(kind: str, window: Any, length: int, periodic: bool) -> np.ndarray:
    """The weights of a frame's samples, by name or as they are."""
    if isinstance(window, str):
        if window not in WINDOWS:
            raise unknown(f"window of {kind}", window, tuple(WINDOWS))
        turn = 2 * np.pi * np.arange(length) / max(1, length if periodic else length - 1)
        return np.asarray(sum((-1) ** n * share * np.cos(n * turn) for n, share in enumerate(WINDOWS[window])))
    weights = np.ones(length) if window is None else np.asarray(window, np.float64)
    if weights.shape != (length,):
        raise ShapeError(f"The shape of `window` must be equal to [{length}] ({kind}). Received: {weights.shape}.")
    return weights


def fourier(length: int, fft_length: int) -> tuple[np.ndarray, np.ndarray]:
    """The real and the imaginary parts that samples give to frequencies, both (length, fft_length // 2 + 1)."""
    cosines, sines = turns(length, fft_length // 2 + 1, fft_length)
    return cosines, -sines


def frame_kernels(
    kind: str, length: int, fft_length: int, window: Any, periodic: bool, scaling: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """The same for the samples of a frame seen through a window, of length 1 ("density") or sum 1 ("spectrum")."""
    weights = window_of(kind, window, length, periodic)
    scale = {"density": np.sqrt(np.sum(weights**2)), "spectrum": np.sum(np.abs(weights))}.get(scaling or "", 1.0)
    weights = weights if window is None else weights / scale
    real, imaginary = fourier(length, fft_length)
    return real * weights[:, None], imaginary * weights[:, None]


@lru_cache(32)
def turns(rows: int, columns: int, whole: int) -> tuple[np.ndarray, np.ndarray]:
    """The cosines and the sines of row · column / whole of a turn, (rows, columns)."""
    angle = np.outer(np.arange(rows), np.arange(columns)) % whole * (2 * np.pi / whole)
    return np.cos(angle), np.sin(angle)


@operation(1)
def fft(x: Any) -> tuple[Tensor, Tensor]:
    """The discrete Fourier transform along the last axis of a pair (real, imaginary), as such a pair."""
    return _complex(x, "fft", -1, False)


@operation(1)
def fft2(x: Any) -> tuple[Tensor, Tensor]:
    """The same along the last two axes."""
    return _complex(_complex(x, "fft2", -1, False), "fft2", -2, False)


@operation(1)
def ifft2(x: Any) -> tuple[Tensor, Tensor]:
    """The way back from `fft2`."""
    return _complex(_complex(x, "ifft2", -1, True), "ifft2", -2, True)


@operation(1)
def rfft(x: Tensor, fft_length: int | None = None) -> tuple[Tensor, Tensor]:
    """The frequencies from 0 to half of `fft_length` in real signals (..., time), cut or filled with zeros to that
    length: a pair of shape (..., fft_length // 2 + 1)."""
    x = as_float(x)
    length = fft_length or x.shape[-1]
    used = min(length, x.shape[-1])
    real, imaginary = fourier(used, length)
    x = x if used == x.shape[-1] else x[..., :used]
    return ops.matmul(x, _like(x, real)), ops.matmul(x, _like(x, imaginary))


@operation(1)
def irfft(x: Any, fft_length: int | None = None) -> Tensor:
    """The way back from `rfft`: real signals of `fft_length`, by itself 2 · (frequencies - 1)."""
    real, imaginary = _pair(x, "irfft")
    length = fft_length or 2 * (real.shape[-1] - 1)
    used = min(length // 2 + 1, real.shape[-1])
    cosines, sines = turns(used, length, length)
    # What has a twin among the negative frequencies counts twice.
    twice = np.full((used, 1), 2.0)
    twice[0] = 1.0
    if length % 2 == 0 and used == length // 2 + 1:
        twice[-1] = 1.0
    real, imaginary = real[..., :used], imaginary[..., :used]
    return ops.matmul(real, _like(real, cosines * twice / length)) - ops.matmul(
        imaginary, _like(real, sines * twice / length)
    )


@operation(1)
def stft(
    x: Tensor, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True
) -> tuple[Tensor, Tensor]:
    """The frequencies in each frame of signals (..., time): a pair (..., frames, fft_length // 2 + 1).

    Frames are `fft_length` long, `sequence_stride` apart; the window, of `sequence_length`, lies in their middle. With
    `center` the signal is mirrored at its ends, so that frame n has its middle at n · sequence_stride.
    """
    x = as_float(x)
    weights = _frame_window("stft", window, sequence_length, sequence_stride, fft_length)
    if center:
        x = ops.pad(x, [(0, 0)] * (x.rank - 1) + [(fft_length // 2, fft_length // 2)], mode="reflect")
    frames = _frames(x, fft_length, sequence_stride)
    real, imaginary = fourier(fft_length, fft_length)
    weights = weights[:, None]
    return ops.matmul(frames, _like(x, real * weights)), ops.matmul(frames, _like(x, imaginary * weights))


@operation(1)
def istft(
    x: Any, sequence_length: int, sequence_stride: int, fft_length: int, length: int | None = None,
    window: Any = "hann", center: bool = True,
) -> Tensor:  # fmt: skip
    """The signals (..., time) whose `stft` comes closest to that pair: overlapping frames are added up, and divided by
    what the squared windows add up to, unless there is no window.

    Source: Griffin and Lim, "Signal estimation from modified short-time Fourier transform" (1984).
    """
    weights = _frame_window("istft", window, sequence_length, sequence_stride, fft_length)
    frames = irfft(x, fft_length)
    frames = frames * _like(frames, weights)
    count, whole = frames.shape[-2], fft_length + (frames.shape[-2] - 1) * sequence_stride
    places = (np.arange(count)[:, None] * sequence_stride + np.arange(fft_length)).reshape(-1)
    rows = ops.reshape(frames, (-1, count * fft_length))
    total = ops.transpose(ops.segment_sum(ops.transpose(rows), places.astype(np.int32), num_segments=whole))
    if window is not None:
        shares = np.bincount(places, np.tile(weights**2, count), whole)
        total = total / _like(frames, np.where(shares > 1e-11, shares, 1.0))
    first = fft_length // 2 if center else 0
    last = first + length if length is not None else whole - (fft_length // 2 if center else 0)
    found = total[:, first : min(last, whole)]
    if last > whole:
        found = ops.pad(found, [(0, 0), (0, last - whole)])
    return ops.reshape(found, (*frames.shape[:-2], last - first))


def _complex(x: Any, word: str, axis: int, back: bool) -> tuple[Tensor, Tensor]:
    real, imaginary = (ops.swapaxes(part, axis, -1) for part in _pair(x, word))
    length = real.shape[-1]
    cosines, sines = turns(length, length, length)
    share = 1 / length if back else 1.0
    cosines, sines = _like(real, cosines * share), _like(real, (sines if back else -sines) * share)
    found = (
        ops.matmul(real, cosines) - ops.matmul(imaginary, sines),
        ops.matmul(real, sines) + ops.matmul(imaginary, cosines),
    )
    return ops.swapaxes(found[0], axis, -1), ops.swapaxes(found[1], axis, -1)


def _pair(x: Any, word: str) -> tuple[Tensor, Tensor]:
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise SettingError(
            f"Input `x` should be a tuple of two tensors - real and imaginary ({word}). Received: x={x}"
        )
    real, imaginary = map(as_float, x)
    if real.shape != imaginary.shape:
        raise ShapeError(
            "Input `x` should be a tuple of two tensors - real and imaginary. Both the real and imaginary parts should "
            f"have the same shape ({word}). Received: {real.shape} and {imaginary.shape}"
        )
    return real, imaginary


def _like(x: Tensor, table: np.ndarray) -> np.ndarray:
    return np.asarray(table, x.dtype)


def _frame_window(word: str, window: Any, sequence_length: int, stride: int, fft_length: int) -> np.ndarray:
    for name, number in (("sequence_length", sequence_length), ("sequence_stride", stride), ("fft_length", fft_length)):
        if not isinstance(number, int) or number < 1:
            raise SettingError(f"`{name}` must be a positive integer ({word}). Received: {name}={number}")
    if fft_length < sequence_length:
        raise SettingError(
            f"`fft_length` must be greater than or equal to `sequence_length` ({word}). Received: "
            f"sequence_length={sequence_length}, fft_length={fft_length}"
        )
    weights = window_of(word, window, sequence_length, periodic=True)
    before = (fft_length - sequence_length) // 2
    return np.pad(weights, (before, fft_length - sequence_length - before))


def _frames(x: Tensor, length: int, stride: int) -> Tensor:
    count = 1 + (x.shape[-1] - length) // stride
    places = np.arange(count)[:, None] * stride + np.arange(length)
    return ops.take(x, places.astype(np.int32), -1)
