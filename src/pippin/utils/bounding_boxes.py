"""Keras's `utils.bounding_boxes`: boxes around things in pictures, written in one way or another, and moved."""

from pippin.layers.boxes import affine_transform, clip_to_image_size, convert_format, crop, pad
from pippin.layers.overlap import compute_ciou, compute_iou, decode_deltas_to_boxes, encode_box_to_deltas

__all__ = [
    "affine_transform",
    "clip_to_image_size",
    "compute_ciou",
    "compute_iou",
    "convert_format",
    "crop",
    "decode_deltas_to_boxes",
    "encode_box_to_deltas",
    "pad",
]
