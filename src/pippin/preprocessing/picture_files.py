"""Batches of pictures that are read from files when they are asked for, and `flow_from_directory`'s index of them."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from pippin.errors import FileError, SettingError, unknown
from pippin.preprocessing.iterators import Iterator
from pippin.utils.console import say
from pippin.utils.pictures import img_to_array, load_img

_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}


class PictureFiles(Iterator):
    """What iterators over files share. A subclass lists `filepaths`, `labels`, `sample_weight` and, for classes,
    `classes` and `class_indices`."""

    classes: Any
    class_indices: dict[str, int]
    class_mode: str | None
    dtype: Any

    def _set_reading(
        self,
        image_data_generator: Any,
        target_size: Any,
        color_mode: str,
        data_format: str,
        save: tuple[Any, str, str],
        subset: str | None,
        interpolation: str,
        keep_aspect_ratio: bool,
    ) -> None:
        """Remember how files become pictures."""
        if color_mode not in _CHANNELS:
            raise SettingError(f'Invalid color mode: {color_mode}; expected "rgb", "rgba", or "grayscale".')
        self.image_data_generator = image_data_generator
        self.target_size, self.color_mode, self.data_format = tuple(target_size), color_mode, data_format
        self.interpolation, self.keep_aspect_ratio = interpolation, keep_aspect_ratio
        channels = (_CHANNELS[color_mode],)
        is_last = data_format == "channels_last"
        self.image_shape = self.target_size + channels if is_last else channels + self.target_size
        self.save_to_dir, self.save_prefix, self.save_format = save
        self.subset, self.split = subset, None
        if subset is not None:
            share = image_data_generator._validation_split
            parts = {"validation": (0, share), "training": (share, 1)}
            if subset not in parts:
                raise SettingError(f'Invalid subset name: {subset};expected "training" or "validation"')
            self.split = parts[subset]

    @property
    def filepaths(self) -> list[str]:
        """Where each picture lies."""
        raise NotImplementedError(f"{type(self).__name__}: expected filepaths.")

    @property
    def labels(self) -> Any:
        """The label of each picture."""
        raise NotImplementedError(f"{type(self).__name__}: expected labels.")

    @property
    def sample_weight(self) -> Any:
        """The weight of each picture, or None."""
        return None

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        pictures = np.zeros((len(index_array), *self.image_shape), self.dtype)
        paths, make = self.filepaths, self.image_data_generator
        for place, row in enumerate(index_array):
            with load_img(
                paths[row], self.color_mode, self.target_size, self.interpolation, self.keep_aspect_ratio
            ) as image:
                x = np.array(img_to_array(image, self.data_format))
            if make:
                x = make.standardize(np.array(make.apply_transform(x, make.get_random_transform(x.shape))))
            pictures[place] = x
        self._save(pictures, index_array, self.data_format, 1e7)
        labels = self._labels_of(pictures, index_array)
        if labels is None:
            return pictures
        weights = self.sample_weight
        return (pictures, labels) if weights is None else (pictures, labels, weights[index_array])

    def _labels_of(self, pictures: np.ndarray, rows: np.ndarray) -> Any:
        if self.class_mode == "input":
            return pictures.copy()
        if self.class_mode in ("binary", "sparse"):
            return np.array([self.classes[row] for row in rows], self.dtype)
        if self.class_mode == "categorical":
            found = np.zeros((len(rows), len(self.class_indices)), self.dtype)
            for place, row in enumerate(rows):
                found[place, self.classes[row]] = 1.0  # of several classes, all are 1
            return found
        if self.class_mode == "multi_output":
            return tuple(output[rows] for output in self.labels)
        return self.labels[rows] if self.class_mode == "raw" else None


class DirectoryIterator(PictureFiles):
    """Batches of the pictures in DIRECTORY/class/..., whose classes are numbered by their names' order.

    `class_indices` is {class: number}; `classes` the number of each of `filenames`.
    """

    allowed_class_modes = ("categorical", "binary", "sparse", "input", None)

    def __init__(
        self,
        directory: Any,
        image_data_generator: Any,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = None,
    ) -> None:
        self._set_reading(
            image_data_generator, target_size, color_mode, data_format or "channels_last",
            (save_to_dir, save_prefix, save_format), subset, interpolation, keep_aspect_ratio,
        )  # fmt: skip
        if class_mode not in self.allowed_class_modes:
            raise SettingError(
                f"Invalid class_mode: {unknown('class_mode', class_mode, map(str, self.allowed_class_modes))}"
            )
        self.directory, self.class_mode, self.dtype = directory, class_mode, dtype or "float32"
        if not Path(directory).is_dir():
            raise FileError(f"There is no folder {Path(directory).absolute()}. Give one with a folder for each class.")
        names = list(classes) if classes else sorted(p.name for p in Path(directory).iterdir() if p.is_dir())
        self.num_classes = len(names)
        self.class_indices = {name: number for number, name in enumerate(names)}
        found = [self._files_in(name, follow_links) for name in names]
        self.filenames = [name for part in found for name in part]
        self.samples = len(self.filenames)
        numbers = [number for number, part in enumerate(found) for _ in part]
        self.classes = np.array(numbers, np.int32)
        say(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        self._filepaths = [os.path.join(directory, name) for name in self.filenames]  # noqa: PTH118
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _files_in(self, folder: str, follow_links: bool) -> list[str]:
        """The pictures of a class, by folder and name, below the directory; of them the wanted subset."""
        start = Path(self.directory) / folder
        found = []
        for root, _, names in sorted(os.walk(start, followlinks=follow_links)):
            for name in sorted(names):
                if name.lower().endswith(".tiff"):
                    warnings.warn(
                        'Using ".tiff" files with multiple bands will cause distortion. Please verify your output.',
                        stacklevel=4,
                    )
                if name.lower().endswith(self.white_list_formats):
                    found.append(os.path.join(folder, os.path.relpath(os.path.join(root, name), start)))  # noqa: PTH118
        if self.split is None:
            return found
        first, last = (int(share * len(found)) for share in self.split)
        return found[first:last]

    @property
    def filepaths(self) -> list[str]:
        return self._filepaths

    @property
    def labels(self) -> Any:
        return self.classes
