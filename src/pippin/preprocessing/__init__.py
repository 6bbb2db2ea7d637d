"""Keras's older words for preparing data: `preprocessing.image`, `.sequence` and `.text`, and the folders and series
that Keras 3 keeps in `utils`."""

from pippin.lazy import lazily

_FROM_UTILS = ("image_dataset_from_directory", "timeseries_dataset_from_array")
_HOMES = {part: f"pippin.preprocessing.{part}" for part in ("image", "sequence", "text")}

__getattr__, __dir__ = lazily(__name__, _HOMES | dict.fromkeys(_FROM_UTILS, "pippin.utils"))
