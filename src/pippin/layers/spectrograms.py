"""Layers that turn sounds into spectrograms: how strong each frequency is at each time."""

from __future__ import annotations

import warnings
from math import ceil, log2
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError, ShapeError, unknown
from pippin.layers.arguments import one_of
from pippin.layers.input_spec import InputSpec
from pippin.layers.layer import Layer
from pippin.ops.fourier import fourier, frame_kernels, window_of
from pippin.ops.windows import data_format_of

MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
SCALINGS = ("density", "spectrum", None)


class STFTSpectrogram(Layer):
    """Sounds (batch, time, channels) → spectra of frames (batch, frames, channels · frequencies), or with `expand_dims`
    (batch, frames, frequencies, channels); the weights begin as a Fourier transform, and may learn.

    mode: "stft" (real parts, then imaginary ones), "real", "imag", "angle", "psd" (power), "magnitude" or "log" of it.
    """

    real_kernel: Any
    imag_kernel: Any

    def __init__(
        self, mode: str = "log", frame_length: int = 256, frame_step: int | None = None, fft_length: int | None = None,
        window: Any = "hann", periodic: bool = False, scaling: str | None = "density", padding: str = "valid",
        expand_dims: bool = False, data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(**keywords)
        if frame_step is not None and not 1 <= frame_step <= frame_length:
            raise SettingError(
                f"STFTSpectrogram frame_step: expected 1 to frame_length ({frame_length}), received {frame_step}."
            )
        if fft_length is not None and fft_length < frame_length:
            raise SettingError(
                f"STFTSpectrogram fft_length: expected frame_length ({frame_length}) or more, received {fft_length}."
            )
        if fft_length is not None and fft_length & (fft_length - 1):
            warnings.warn(f"`fft_length` is recommended to be a power of two. Received {fft_length}", stacklevel=2)
        self.mode, self.scaling = one_of("STFTSpectrogram mode", mode, MODES), scaling
        if scaling not in SCALINGS:
            raise unknown("value of STFTSpectrogram for `scaling`", scaling, ("density", "spectrum"))
        self.padding = one_of("STFTSpectrogram padding", padding, ("valid", "same"))
        self.frame_length, self.frame_step, self.fft_length = frame_length, frame_step, fft_length
        self.window, self.periodic, self.expand_dims = window, periodic, expand_dims
        self.data_format = data_format_of(data_format)
        self._kernels()
        self.input_spec = InputSpec(ndim=3)

    def _kernels(self) -> tuple[np.ndarray, np.ndarray]:
        length, kind = self.frame_length, "STFTSpectrogram"
        fft_length = self.fft_length or 2 ** ceil(log2(length))
        return frame_kernels(kind, length, fft_length, self.window, self.periodic, self.scaling)

    def build(self, input_shape: Any) -> None:
        kernels = dict(zip(("real_kernel", "imag_kernel"), self._kernels(), strict=True))
        kernels.pop({"imag": "real_kernel", "real": "imag_kernel"}.get(self.mode, ""), None)
        for name, kernel in kernels.items():
            array = kernel[:, None, :].astype(np.float32)
            setattr(self, name, self.add_weight(array.shape, lambda shape, dtype=None, a=array: a, name=name))

    def call(self, inputs: Any) -> Any:
        if "float" not in str(inputs.dtype):
            raise TypeError(f"{self.described()}: expected sounds of floats, received {inputs.dtype}.")
        if self.mode in ("real", "imag"):
            return self._arranged(self._filtered(inputs, self.real_kernel if self.mode == "real" else self.imag_kernel))
        real, imaginary = self._filtered(inputs, self.real_kernel), self._filtered(inputs, self.imag_kernel)
        if self.mode == "angle":
            return self._arranged(ops.arctan2(imaginary, real))
        if self.mode == "stft":
            return self._arranged(ops.concatenate([real, imaginary], 2))
        power = ops.square(real) + ops.square(imaginary)
        if self.mode == "psd":
            # What a real sound has at negative frequencies is added; 0 and the highest have no such twin.
            twins = np.full(power.shape[2], 2.0, np.float32)
            twins[[0, -1]] = 1.0
            return self._arranged(power * twins[:, None])
        strength = ops.sqrt(ops.maximum(power, 1e-7))
        return self._arranged(strength if self.mode == "magnitude" else ops.log(ops.maximum(strength, 1e-7)))

    def _filtered(self, inputs: Any, kernel: Any) -> Any:
        """(batch, channels, frequencies, frames), each channel by itself."""
        sounds = ops.transpose(inputs, (0, 2, 1)) if self.data_format == "channels_last" else inputs
        batch, channels, time = sounds.shape
        step = self.frame_step or self.frame_length // 2
        rows = ops.reshape(sounds, (batch * channels, time, 1))
        found = ops.conv(rows, kernel, step, self.padding, data_format="channels_last")
        frames, frequencies = found.shape[1:]
        return ops.transpose(ops.reshape(found, (batch, channels, frames, frequencies)), (0, 1, 3, 2))

    def _arranged(self, spectra: Any) -> Any:
        batch, channels, frequencies, frames = spectra.shape
        last = self.data_format == "channels_last"
        if self.expand_dims:
            return ops.transpose(spectra, (0, 3, 2, 1) if last else (0, 1, 3, 2))
        joined = ops.reshape(spectra, (batch, channels * frequencies, frames))
        return ops.transpose(joined, (0, 2, 1)) if last else joined


class MelSpectrogram(Layer):
    """Sounds (batch, time), or one without the batch → (batch, num_mel_bins, frames): the strength of frequencies as
    the ear groups them, in decibels below the loudest with `power_to_db`.

    Source of the scale: O'Shaughnessy, "Speech communication" (1987): mel = 1127 · ln(1 + hertz / 700).
    """

    def __init__(
        self, fft_length: int = 2048, sequence_stride: int = 512, sequence_length: int | None = None,
        window: Any = "hann", sampling_rate: float = 16000, num_mel_bins: int = 128, min_freq: float = 20.0,
        max_freq: float | None = None, power_to_db: bool = True, top_db: float = 80.0, mag_exp: float = 2.0,
        min_power: float = 1e-10, ref_power: float = 1.0, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(**keywords)
        self.fft_length, self.sequence_stride = fft_length, sequence_stride
        self.sequence_length = sequence_length or fft_length
        if fft_length < self.sequence_length:
            raise SettingError(
                f"MelSpectrogram fft_length: expected sequence_length ({sequence_length}) or more, received "
                f"{fft_length}."
            )
        self.window, self.sampling_rate, self.num_mel_bins = window, sampling_rate, num_mel_bins
        self.min_freq, self.max_freq = min_freq, max_freq or int(sampling_rate / 2)
        self.power_to_db, self.top_db, self.mag_exp = power_to_db, top_db, mag_exp
        self.min_power, self.ref_power = min_power, ref_power

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, "float32")
        single = len(x.shape) == 1
        sounds = ops.expand_dims(x, 0) if single else x
        mel = ops.matmul(self._strengths(sounds), self._mel_weights())
        if self.power_to_db:
            mel = self._decibels(mel)
        mel = ops.swapaxes(mel, -1, -2)
        return ops.squeeze(mel, 0) if single else mel

    def _strengths(self, sounds: Any) -> Any:
        """(batch, frames, frequencies)."""
        length = self.fft_length
        beside, time = length // 2, sounds.shape[1]
        if time <= beside:
            raise ShapeError(f"{self.described()}: expected sounds of more than {beside} samples, received {time}.")
        # Beyond both ends the sound is heard backwards.
        starts = np.arange(-beside, time + beside - length + 1, self.sequence_stride)
        places = np.abs(starts[:, None] + np.arange(length))
        places = np.where(places < time, places, 2 * time - 2 - places)
        frames = ops.take(sounds, places.astype(np.int32), 1)
        short = window_of("MelSpectrogram", self.window, self.sequence_length, periodic=True)
        before = (length - self.sequence_length) // 2
        window = np.pad(short, (before, length - self.sequence_length - before))
        parts = [(part * window[:, None]).astype(np.float32) for part in fourier(length, length)]
        real, imaginary = (ops.matmul(frames, part) for part in parts)
        power = ops.square(real) + ops.square(imaginary)
        return power if self.mag_exp == 2.0 else ops.power(power, self.mag_exp / 2)

    def _mel_weights(self) -> np.ndarray:
        """What each frequency gives to each group: triangles whose corners are evenly spaced in mel."""
        frequencies = np.linspace(0.0, self.sampling_rate / 2, self.fft_length // 2 + 1)
        ends = _mel(np.array([self.min_freq, self.max_freq]))
        edges = np.linspace(ends[0], ends[1], self.num_mel_bins + 2)
        low, middle, high = edges[:-2], edges[1:-1], edges[2:]
        place = _mel(frequencies)[:, None]
        weights = np.maximum(0.0, np.minimum((place - low) / (middle - low), (high - place) / (high - middle)))
        weights[0] = 0.0
        return np.asarray(weights, np.float32)

    def _decibels(self, power: Any) -> Any:
        ten = 10.0 / np.log(10.0)
        reference = ten * np.log(max(abs(self.ref_power), self.min_power))
        loud = ops.log(ops.maximum(power, self.min_power)) * ten - reference
        return ops.maximum(loud, ops.max(loud) - self.top_db)


def _mel(hertz: np.ndarray) -> np.ndarray:
    return np.asarray(1127.0 * np.log(1.0 + hertz / 700.0))
