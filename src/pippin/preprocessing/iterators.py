"""The batches that `ImageDataGenerator` gives: by number, as a PyDataset for `fit`, or with `next`, without end."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator as Numbers
from typing import Any

import numpy as np

from pippin.errors import DataError, ShapeError
from pippin.utils.py_dataset import PyDataset


class Iterator(PyDataset):
    """Batches of `n` samples, in random order if `shuffle`; a subclass makes the batch of some rows in
    `_get_batches_of_transformed_samples`."""

    white_list_formats = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.n, self.batch_size, self.shuffle, self.seed = n, batch_size, shuffle, seed
        self.batch_index = self.total_batches_seen = 0
        self.lock = threading.Lock()
        self.index_array: Any = None
        self.index_generator = self._flow_index()

    def _set_index_array(self) -> None:
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def __getitem__(self, index: int) -> Any:
        if index >= len(self):
            raise IndexError(
                f"Asked to retrieve element {index}, but the Sequence has length {len(self)}. Number its batches from "
                "0."
            )
        self._seed_batch()
        self.total_batches_seen += 1
        if self.index_array is None:
            self._set_index_array()
        return self._get_batches_of_transformed_samples(
            self.index_array[self.batch_size * index : self.batch_size * (index + 1)]
        )

    def _seed_batch(self) -> None:
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def on_epoch_end(self) -> None:
        self._set_index_array()

    def reset(self) -> None:
        """Let `next` begin with the first batch again."""
        self.batch_index = 0

    def _flow_index(self) -> Numbers[np.ndarray]:
        self.reset()
        while True:
            self._seed_batch()
            if self.batch_index == 0:
                self._set_index_array()
            first = self.batch_index * self.batch_size % self.n if self.n else 0
            self.batch_index = self.batch_index + 1 if self.n > first + self.batch_size else 0
            self.total_batches_seen += 1
            yield self.index_array[first : first + self.batch_size]

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        with self.lock:
            rows = next(self.index_generator)
        return self._get_batches_of_transformed_samples(rows)

    def next(self) -> Any:
        """The next batch, as Keras 2 spelled it."""
        return next(self)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: expected _get_batches_of_transformed_samples(rows).")

    def _save(self, pictures: np.ndarray, rows: np.ndarray, data_format: str, most: float) -> None:
        """Write altered pictures where the caller wants to look at them (`save_to_dir`)."""
        from pippin.utils.pictures import array_to_img

        wanted: Any = self
        if not wanted.save_to_dir:
            return
        for picture, row in zip(pictures, rows, strict=True):
            name = f"{wanted.save_prefix}_{row}_{np.random.randint(int(most))}.{wanted.save_format}"
            array_to_img(picture, data_format, scale=True).save(os.path.join(wanted.save_to_dir, name))  # noqa: PTH118


class NumpyArrayIterator(Iterator):
    """Batches (pictures, labels, weights) from arrays; x may be (pictures, others) for a model of several inputs."""

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        ignore_class_split: bool = False,
        dtype: Any = None,
    ) -> None:
        self.dtype, self.data_format = dtype or "float32", data_format or "channels_last"
        self.image_data_generator = image_data_generator
        self.save_to_dir, self.save_prefix, self.save_format = save_to_dir, save_prefix, save_format
        others: list[Any] = []
        if isinstance(x, (tuple, list)):
            others = [np.asarray(one) for one in (x[1] if isinstance(x[1], list) else [x[1]])]
            x = x[0]
        _check_lengths(x, others, y, sample_weight)
        if subset is not None:
            kept = _part(subset, x, y, image_data_generator._validation_split, ignore_class_split)
            x, others = x[kept], [one[kept] for one in others]
            y = None if y is None else y[kept]
            sample_weight = None if sample_weight is None else sample_weight[kept]
        self.x, self.x_misc = np.asarray(x, dtype=self.dtype), others
        if self.x.ndim != 4:
            raise ShapeError(
                f"Input data in `NumpyArrayIterator` should have rank 4. You passed an array with shape {self.x.shape}"
            )
        axis = 3 if self.data_format == "channels_last" else 1
        if self.x.shape[axis] not in (1, 3, 4):
            warnings.warn(
                f'NumpyArrayIterator is set to use the data format convention "{self.data_format}" (channels on axis '
                f"{axis}), i.e. expected either 1, 3, or 4 channels on axis {axis}. However, it was passed an array "
                f"with shape {self.x.shape} ({self.x.shape[axis]} channels).",
                stacklevel=3,
            )
        self.y = None if y is None else np.asarray(y)
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        pictures = np.zeros((len(index_array), *self.x.shape[1:]), self.dtype)
        make = self.image_data_generator
        for place, row in enumerate(index_array):
            how = make.get_random_transform(self.x[row].shape)
            # A copy: what comes next changes it in place.
            pictures[place] = make.standardize(np.array(make.apply_transform(self.x[row], how)))
        self._save(pictures, index_array, self.data_format, 1e4)
        first = [pictures, *(one[index_array] for one in self.x_misc)] if self.x_misc else pictures
        if self.y is None:
            return first
        batch = (first, self.y[index_array])
        return batch if self.sample_weight is None else (*batch, self.sample_weight[index_array])


def _check_lengths(x: Any, others: list[Any], y: Any, sample_weight: Any) -> None:
    for one in others:
        if len(x) != len(one):
            raise DataError(
                f"All of the arrays in `x` should have the same length. Found a pair with: len(x[0]) = {len(x)}, "
                f"len(x[?]) = {len(one)}"
            )
    for word, array in (("`y` (labels)", y), ("`sample_weight`", sample_weight)):
        if array is not None and len(x) != len(array):
            raise DataError(
                f"`x` (images tensor) and {word} should have the same length. Found: x.shape = {np.shape(x)}, "
                f"{word.split()[0].strip('`')}.shape = {np.shape(array)}"
            )


def _part(subset: str, x: Any, y: Any, share: float, any_classes: bool) -> slice:
    """The rows for validation come first, as in Keras."""
    if subset not in ("training", "validation"):
        raise DataError(f'Invalid subset name: {subset}; expected "training" or "validation".')
    cut = int(len(x) * share)
    if y is not None and not any_classes and not np.array_equal(np.unique(y[:cut]), np.unique(y[cut:])):
        raise DataError(
            "Training and validation subsets have different number of classes after the split. If your numpy arrays "
            "are sorted by the label, you might want to shuffle them."
        )
    return slice(cut) if subset == "validation" else slice(cut, None)
