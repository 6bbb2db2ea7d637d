"""Keras's `keras.utils`: small functions around data that belong to no layer."""

from pippin.utils.image_dataset_from_directory import image_dataset_from_directory
from pippin.utils.numerical import normalize, to_categorical
from pippin.utils.pictures import array_to_img, img_to_array, load_img, save_img

__all__ = [
    "array_to_img",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "normalize",
    "save_img",
    "to_categorical",
]
