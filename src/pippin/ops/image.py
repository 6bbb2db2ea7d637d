"""Keras's `ops.image`: pictures are (batch, height, width, channels), or one without the batch, or with the channels in
front (`data_format="channels_first"`)."""

from __future__ import annotations

from pippin.lazy import lazily

_FAMILIES = {
    "colouring": "hsv_to_rgb rgb_to_grayscale rgb_to_hsv",
    "filtering": "gaussian_blur sobel_edges ssim",
    "patches": "crop_images extract_patches extract_patches_3d pad_images",
    "resizing": "resize scale_and_translate",
    "sampling": "affine_transform elastic_transform map_coordinates perspective_transform",
}
_HOMES = {word: f"pippin.ops.{family}" for family, words in _FAMILIES.items() for word in words.split()}

__getattr__, __dir__ = lazily(__name__, _HOMES)
__all__ = sorted(_HOMES)
