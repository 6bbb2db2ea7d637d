"""Claims about frequencies: they are those of NumPy's transforms, and the way back leads back. Sums of up to 200
float32 products are good to 1e-4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import ops
from pippin.errors import PippinError

RANDOM = np.random.default_rng(1)
PAIR = tuple(RANDOM.normal(size=(2, 3, 6, 8)).astype(np.float32))
SOUND = RANDOM.normal(size=(3, 200)).astype(np.float32)


def close(pair: Any, expected: np.ndarray) -> None:
    real, imaginary = pair
    np.testing.assert_allclose(real, expected.real, atol=1e-4, rtol=1e-4)
    np.testing.assert_allclose(imaginary, expected.imag, atol=1e-4, rtol=1e-4)


def test_transforms_are_those_of_numpy() -> None:
    complex_ = PAIR[0] + 1j * PAIR[1]
    close(ops.fft(PAIR), np.fft.fft(complex_))
    close(ops.fft2(PAIR), np.fft.fft2(complex_))
    close(ops.ifft2(PAIR), np.fft.ifft2(complex_))


@pytest.mark.parametrize("length", [None, 5, 16, 200, 230])
def test_real_signals(length: int | None) -> None:
    close(ops.rfft(SOUND, length), np.fft.rfft(SOUND, length))
    spectrum = np.fft.rfft(SOUND)
    pair = spectrum.real.astype(np.float32), spectrum.imag.astype(np.float32)
    np.testing.assert_allclose(ops.irfft(pair, length), np.fft.irfft(spectrum, length), atol=1e-4, rtol=1e-4)


def test_each_frame_is_transformed_by_itself() -> None:
    close(
        ops.stft(SOUND, 16, 4, 16, window=None, center=False),
        np.stack([np.fft.rfft(SOUND[:, at : at + 16]) for at in range(0, 185, 4)], 1),
    )
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(12) / 12)
    middle = np.pad(SOUND, [(0, 0), (8, 8)], mode="reflect")[:, 40 : 40 + 16] * np.pad(window, 2)
    real, imaginary = ops.stft(SOUND, 12, 4, 16)
    close((real[:, 10], imaginary[:, 10]), np.fft.rfft(middle))


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("window", ["hann", "hamming", "boxcar"])
def test_the_way_back_leads_back(window: str, center: bool) -> None:
    pair = ops.stft(SOUND, 16, 4, 16, window, center)
    again = ops.istft(pair, 16, 4, 16, 200, window, center)
    # Without mirrored ends, a bell that begins at 0 has lost the first samples, and no frame holds the last ones.
    inner = slice(None) if center else slice(8, 192)
    np.testing.assert_allclose(again[:, inner], SOUND[:, inner], atol=1e-4)


def test_a_spectrum_has_a_gradient() -> None:
    """The energy of all frequencies is the signal's times its length (Parseval), and so is its gradient."""

    def energy(x: Any) -> Any:
        real, imaginary = ops.fft((x, x * 0.0))
        return ops.sum(real * real + imaginary * imaginary)

    x = SOUND[0, :20]
    np.testing.assert_allclose(pippin.gradient(energy)(x), 2 * 20 * x, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.fft(SOUND), "tuple of two tensors"),
        (lambda: ops.fft((SOUND, SOUND[:2])), "the same shape"),
        (lambda: ops.stft(SOUND, 16, 0, 16), "`sequence_stride` must be a positive integer"),
        (lambda: ops.stft(SOUND, 16, 4, 8), "`fft_length` must be"),
        (lambda: ops.stft(SOUND, 16, 4, 16, "ham"), "hamming"),
        (lambda: ops.stft(SOUND, 16, 4, 16, np.ones(3)), "shape of `window`"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(PippinError, match=message):
        call()
