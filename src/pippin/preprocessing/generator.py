"""Keras's `ImageDataGenerator`: pictures altered at random, batch after batch, on the way into training.

Random numbers are drawn from NumPy's, in Keras's order: the same seed gives the same alterations as there.
"""

from __future__ import annotations

import warnings
from math import prod
from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError
from pippin.preprocessing.altering import apply_affine_transform, apply_brightness_shift, apply_channel_shift
from pippin.preprocessing.iterators import NumpyArrayIterator


class ImageDataGenerator:
    """Says how pictures are altered (ranges of angles, shares, factors) and brought to a common scale.

    `rotation_range` and `shear_range` in degrees; shifts as shares of the size below 1, else in pixels, or a list to
    choose from; `zoom_range` z means 1 - z to 1 + z. Scaling is done after altering: `preprocessing_function`, then
    `rescale`, then the samplewise steps, then the featurewise ones and `zca_whitening`, which learn in `fit`.
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Any = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: Any = None,
        preprocessing_function: Any = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ) -> None:
        self.featurewise_center, self.featurewise_std_normalization = featurewise_center, featurewise_std_normalization
        self.samplewise_center, self.samplewise_std_normalization = samplewise_center, samplewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range, self.shear_range = rotation_range, shear_range
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.zoom_range = _zoom_range(zoom_range)
        self.channel_shift_range, self.brightness_range = channel_shift_range, brightness_range
        self.fill_mode, self.cval, self.interpolation_order = fill_mode, cval, interpolation_order
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.data_format, self.dtype = data_format or "channels_last", dtype or "float32"
        if self.data_format not in ("channels_last", "channels_first"):
            raise SettingError(
                '`data_format` should be `"channels_last"` (channel after row and column) or `"channels_first"` '
                f"(channel before row and column). Received: {data_format}"
            )
        is_last = self.data_format == "channels_last"
        self.row_axis, self.col_axis, self.channel_axis = (1, 2, 3) if is_last else (2, 3, 1)
        if validation_split and not 0 < validation_split < 1:
            raise SettingError(f"`validation_split` must be strictly between 0 and 1. Received: {validation_split}")
        self._validation_split = validation_split
        if brightness_range is not None and not (
            isinstance(brightness_range, (tuple, list)) and len(brightness_range) == 2
        ):
            raise SettingError(f"`brightness_range should be tuple or list of two floats. Received: {brightness_range}")
        self.mean: Any = None
        self.std: Any = None
        self.zca_whitening_matrix: Any = None
        self._settle()

    def _settle(self) -> None:
        """Some settings bring others with them; Keras says so each time."""
        if self.zca_whitening:
            self._set("zca_whitening", "featurewise_center", True)
            self._set("zca_whitening", "featurewise_std_normalization", False)
        if self.featurewise_std_normalization:
            self._set("featurewise_std_normalization", "featurewise_center", True)
        if self.samplewise_std_normalization:
            self._set("samplewise_std_normalization", "samplewise_center", True)

    def _set(self, reason: str, word: str, value: bool) -> None:
        if getattr(self, word) != value:
            setattr(self, word, value)
            warnings.warn(
                f"This ImageDataGenerator specifies `{reason}`, which overrides setting of `{word}`.", stacklevel=4
            )

    # Batches ---------------------------------------------------------------------------------------------------------

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
    ) -> NumpyArrayIterator:
        """Batches of pictures from an array, and of their labels."""
        return NumpyArrayIterator(
            x, y, self, batch_size, shuffle, sample_weight, seed, self.data_format, save_to_dir, save_prefix,
            save_format, subset, ignore_class_split, self.dtype,
        )  # fmt: skip

    def flow_from_directory(self, directory: Any, target_size: tuple[int, int] = (256, 256), color_mode: str = "rgb",
                            classes: Any = None, class_mode: str | None = "categorical", batch_size: int = 32,
                            shuffle: bool = True, seed: int | None = None, save_to_dir: Any = None,
                            save_prefix: str = "", save_format: str = "png", follow_links: bool = False,
                            subset: str | None = None, interpolation: str = "nearest",
                            keep_aspect_ratio: bool = False) -> Any:  # fmt: skip
        """Batches of pictures from a folder with a folder for each class."""
        from pippin.preprocessing.picture_files import DirectoryIterator

        return DirectoryIterator(
            directory, self, target_size, color_mode, classes, class_mode, batch_size, shuffle, seed, self.data_format,
            save_to_dir, save_prefix, save_format, follow_links, subset, interpolation, keep_aspect_ratio, self.dtype,
        )  # fmt: skip

    def flow_from_dataframe(self, dataframe: Any, directory: Any = None, x_col: str = "filename", y_col: Any = "class",
                            weight_col: str | None = None, target_size: tuple[int, int] = (256, 256),
                            color_mode: str = "rgb", classes: Any = None, class_mode: str | None = "categorical",
                            batch_size: int = 32, shuffle: bool = True, seed: int | None = None,
                            save_to_dir: Any = None, save_prefix: str = "", save_format: str = "png",
                            subset: str | None = None, interpolation: str = "nearest",
                            validate_filenames: bool = True, **old: Any) -> Any:  # fmt: skip
        """Batches of the pictures whose files and labels a pandas table lists."""
        from pippin.preprocessing.table_iterator import DataFrameIterator

        return DataFrameIterator(
            dataframe, directory, self, x_col, y_col, weight_col, target_size, color_mode, classes,
            "raw" if class_mode == "other" else class_mode, batch_size, shuffle, seed, self.data_format, save_to_dir,
            save_prefix, save_format, subset, interpolation, False, self.dtype, validate_filenames,
        )  # fmt: skip

    # One picture -----------------------------------------------------------------------------------------------------

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """The picture (or batch) on the common scale; an array of floats is changed in place, as in Keras."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, keepdims=True) + 1e-6
        if self.featurewise_center and self._has_learned("featurewise_center", self.mean):
            x -= self.mean
        if self.featurewise_std_normalization and self._has_learned("featurewise_std_normalization", self.std):
            x /= self.std + 1e-6
        if self.zca_whitening and self._has_learned("zca_whitening", self.zca_whitening_matrix):
            flat = x.reshape(-1, prod(x.shape[-3:]))
            x = (flat @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    @staticmethod
    def _has_learned(word: str, learned: Any) -> bool:
        if learned is None:
            warnings.warn(
                f"This ImageDataGenerator specifies `{word}`, but it hasn't been fit on any training data. Fit it "
                "first by calling `.fit(numpy_data)`.",
                stacklevel=3,
            )
        return learned is not None

    def get_random_transform(self, img_shape: tuple[int, ...], seed: int | None = None) -> dict[str, Any]:
        """How one picture is altered, drawn at random."""
        if seed is not None:
            np.random.seed(seed)
        turn = np.random.uniform(-self.rotation_range, self.rotation_range) if self.rotation_range else 0
        tx = _shift(self.height_shift_range, img_shape[self.row_axis - 1])
        ty = _shift(self.width_shift_range, img_shape[self.col_axis - 1])
        shear = np.random.uniform(-self.shear_range, self.shear_range) if self.shear_range else 0
        low, high = self.zoom_range
        zx, zy = (1, 1) if low == high == 1 else np.random.uniform(low, high, 2)
        flip_horizontal = (np.random.random() < 0.5) * self.horizontal_flip
        flip_vertical = (np.random.random() < 0.5) * self.vertical_flip
        span = self.channel_shift_range
        tint = np.random.uniform(-span, span) if span != 0 else None
        light = np.random.uniform(*self.brightness_range) if self.brightness_range is not None else None
        return {
            "theta": turn, "tx": tx, "ty": ty, "shear": shear, "zx": zx, "zy": zy,
            "flip_horizontal": flip_horizontal, "flip_vertical": flip_vertical, "channel_shift_intensity": tint,
            "brightness": light,
        }  # fmt: skip

    def apply_transform(self, x: np.ndarray, transform_parameters: dict[str, Any]) -> np.ndarray:
        """The picture altered as `get_random_transform` said."""
        said = {"theta": 0, "tx": 0, "ty": 0, "shear": 0, "zx": 1, "zy": 1} | transform_parameters
        rows, columns, channels = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        x = apply_affine_transform(
            x, said["theta"], said["tx"], said["ty"], said["shear"], said["zx"], said["zy"], rows, columns, channels,
            self.fill_mode, self.cval, self.interpolation_order,
        )  # fmt: skip
        if said.get("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, said["channel_shift_intensity"], channels)
        if said.get("flip_horizontal", False):
            x = np.flip(x, columns)
        if said.get("flip_vertical", False):
            x = np.flip(x, rows)
        if said.get("brightness") is not None:
            x = apply_brightness_shift(x, said["brightness"], False)
        return x

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """The picture altered at random."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    # Learning --------------------------------------------------------------------------------------------------------

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Learn mean, spread and whitening from pictures (pictures, height, width, channels), after `rescale`; from
        `rounds` alterations of each with `augment`."""
        pictures = np.array(x, dtype=self.dtype)
        if pictures.ndim != 4:
            raise ShapeError(f"Input to `.fit()` should have rank 4. Got array with shape: {pictures.shape}")
        warn_of_channels("ImageDataGenerator.fit", pictures.shape, self.channel_axis)
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            pictures *= self.rescale
        if augment:
            pictures = np.stack([self.random_transform(one) for _ in range(rounds) for one in pictures])
        over, shape = (0, self.row_axis, self.col_axis), [1, 1, 1]
        shape[self.channel_axis - 1] = pictures.shape[self.channel_axis]
        if self.featurewise_center:
            self.mean = np.mean(pictures, axis=over).reshape(shape)
            pictures = pictures - self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(pictures, axis=over).reshape(shape)
            pictures = pictures / (self.std + 1e-6)
        if self.zca_whitening:
            flat = pictures.reshape(len(pictures), -1)
            u, s, _ = np.linalg.svd(flat.T, full_matrices=False)
            self.zca_whitening_matrix = (u * (np.sqrt(len(pictures)) / (s + self.zca_epsilon))) @ u.T


def _zoom_range(zoom_range: Any) -> list[float]:
    if isinstance(zoom_range, (float, int)):
        return [1 - zoom_range, 1 + zoom_range]
    if len(zoom_range) == 2 and all(isinstance(end, (float, int)) for end in zoom_range):
        return list(zoom_range)
    raise SettingError(f"`zoom_range` should be a float or a tuple or list of two floats. Received: {zoom_range}")


def _shift(span: Any, size: int) -> Any:
    """How far a picture is moved along an axis, in pixels."""
    if not span:
        return 0
    try:  # a list to choose from, or a whole number of pixels, of which one below it is chosen
        shift = np.random.choice(span)
        shift *= np.random.choice([-1, 1])
    except ValueError:
        shift = np.random.uniform(-span, span)
    return shift * size if np.max(span) < 1 else shift


def warn_of_channels(who: str, shape: tuple[int, ...], axis: int) -> None:
    """Pictures have 1, 3 or 4 channels; another number is allowed, but seldom meant."""
    if shape[axis] not in (1, 3, 4):
        warnings.warn(
            f"{who}: expected either 1, 3 or 4 channels on axis {axis}, received an array with shape {shape} "
            f"({shape[axis]} channels).",
            stacklevel=3,
        )
