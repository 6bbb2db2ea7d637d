"""`flow_from_dataframe`: the pictures whose files, labels and weights a pandas table lists."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from pippin.errors import DataError, SettingError, unknown
from pippin.preprocessing.picture_files import PictureFiles
from pippin.utils.console import say

_WITHOUT_CLASSES = ("input", "multi_output", "raw", None)


class DataFrameIterator(PictureFiles):
    """Batches of the files in column `x_col` with what column `y_col` says of them: a class, several, or numbers."""

    allowed_class_modes = ("binary", "categorical", "input", "multi_output", "raw", "sparse", None)

    def __init__(
        self,
        dataframe: Any,
        directory: Any = None,
        image_data_generator: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str = "channels_last",
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = "float32",
        validate_filenames: bool = True,
    ) -> None:
        self._set_reading(
            image_data_generator, target_size, color_mode, data_format, (save_to_dir, save_prefix, save_format), subset,
            interpolation, keep_aspect_ratio,
        )  # fmt: skip
        self.directory, self.class_mode, self.dtype = directory or "", class_mode, dtype
        table = dataframe.copy()
        self._check(table, x_col, y_col, weight_col, classes)
        if validate_filenames:
            table = self._with_files(table, x_col)
        told = ""
        if class_mode not in _WITHOUT_CLASSES:
            table, names = _with_classes(table, y_col, classes)
            self.class_indices = {name: number for number, name in enumerate(names)}
            told = f" belonging to {len(names)} classes"
        if self.split:
            first, last = (int(share * len(table)) for share in self.split)
            table = table.iloc[first:last, :]
        if class_mode not in _WITHOUT_CLASSES:
            self.classes = [self._numbers_of(label) for label in table[y_col]]
        elif class_mode == "multi_output":
            self._targets: Any = [np.array(table[column].tolist()) for column in y_col]
        elif class_mode == "raw":
            self._targets = table[y_col].values
        self.filenames = table[x_col].tolist()
        self._sample_weight = table[weight_col].values if weight_col else None
        self.samples = len(self.filenames)
        checked = "validated" if validate_filenames else "non-validated"
        say(f"Found {self.samples} {checked} image filenames{told}.")
        self._filepaths = [os.path.join(self.directory, name) for name in self.filenames]  # noqa: PTH118
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _check(self, table: Any, x_col: str, y_col: Any, weight_col: str | None, classes: Any) -> None:
        mode = self.class_mode
        if mode not in self.allowed_class_modes:
            raise SettingError(f"Invalid class_mode: {unknown('class_mode', mode, map(str, self.allowed_class_modes))}")
        if mode == "multi_output" and not isinstance(y_col, list):
            raise TypeError(f'If class_mode="{mode}", y_col must be a list. Received {type(y_col).__name__}.')
        if not all(isinstance(name, str) for name in table[x_col]):
            raise TypeError(f"All values in column x_col={x_col} must be strings.")
        if mode in ("binary", "sparse") and not all(isinstance(label, str) for label in table[y_col]):
            raise TypeError(f'If class_mode="{mode}", y_col="{y_col}" column values must be strings.')
        if mode == "categorical" and not all(isinstance(label, (str, list, tuple)) for label in table[y_col]):
            raise TypeError(
                f'If class_mode="{mode}", y_col="{y_col}" column values must be type string, list or tuple.'
            )
        if mode == "binary":
            count = len(set(classes)) if classes else table[y_col].nunique()
            if count != 2:
                raise DataError(f'If class_mode="binary" there must be 2 classes. Found {count} classes.')
        if classes and mode in _WITHOUT_CLASSES:
            warnings.warn(f'`classes` will be ignored given the class_mode="{mode}"', stacklevel=4)
        if weight_col and not issubclass(table[weight_col].dtype.type, np.number):
            raise TypeError(f"Column weight_col={weight_col} must be numeric.")

    def _with_files(self, table: Any, x_col: str) -> Any:
        """The rows whose files are there and are pictures."""
        places = [Path(self.directory, name) for name in table[x_col]]
        is_there = np.array(
            [place.name.lower().endswith(self.white_list_formats) and place.is_file() for place in places], bool
        )
        if not is_there.all():
            warnings.warn(
                f'Found {int((~is_there).sum())} invalid image filename(s) in x_col="{x_col}". These filename(s) will '
                "be ignored.",
                stacklevel=4,
            )
        return table[is_there]

    def _numbers_of(self, label: Any) -> Any:
        if isinstance(label, (list, tuple)):
            return [self.class_indices[one] for one in label]
        return self.class_indices[label]

    @property
    def filepaths(self) -> list[str]:
        return self._filepaths

    @property
    def labels(self) -> Any:
        return self._targets if self.class_mode in ("multi_output", "raw") else self.classes

    @property
    def sample_weight(self) -> Any:
        return self._sample_weight


def _with_classes(table: Any, y_col: str, classes: Any) -> tuple[Any, list[str]]:
    """The rows that belong to the wanted classes, and the classes: in the order given, else of the alphabet."""
    if not classes:
        labels = [label if isinstance(label, (list, tuple)) else [label] for label in table[y_col]]
        return table.dropna(subset=[y_col]), sorted({one for label in labels for one in label})
    names = list(dict.fromkeys(classes))

    def kept(label: Any) -> Any:
        if isinstance(label, (list, tuple)):
            return [one for one in label if one in names] or None
        return label if label in names else None

    table = table.copy()
    table[y_col] = table[y_col].apply(kept)
    return table.dropna(subset=[y_col]), names
