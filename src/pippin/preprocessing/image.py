"""`keras.preprocessing.image`: pictures that are altered at random while they are trained on, and their iterators."""

from pippin.lazy import lazily

_MODULES = {
    "generator": "ImageDataGenerator",
    "iterators": "Iterator NumpyArrayIterator",
    "picture_files": "DirectoryIterator",
    "table_iterator": "DataFrameIterator",
    "altering": "apply_affine_transform apply_brightness_shift apply_channel_shift random_brightness "
    "random_channel_shift random_rotation random_shear random_shift random_zoom",
}
_FROM_UTILS = ("array_to_img", "image_dataset_from_directory", "img_to_array", "load_img", "save_img")
_HOMES = {name: f"pippin.preprocessing.{module}" for module, names in _MODULES.items() for name in names.split()}

__getattr__, __dir__ = lazily(__name__, _HOMES | dict.fromkeys(_FROM_UTILS, "pippin.utils"))
