"""From pictures on disk to arrays and batches. Knows nothing of networks."""

from pippin.data.dataset import Dataset
from pippin.data.files import Skipped, printable
from pippin.data.folders import Folder, gather, scan
from pippin.data.images import Decoding, Picture, decode, read_picture
from pippin.data.load import (
    Duplicate,
    Pictures,
    duplicates,
    load,
    require_pictures_in_every_class,
    tell_skipped,
)
from pippin.data.split import split
from pippin.data.walk import PictureFile

__all__ = [
    "Dataset",
    "Decoding",
    "Duplicate",
    "Folder",
    "Picture",
    "PictureFile",
    "Pictures",
    "Skipped",
    "decode",
    "duplicates",
    "gather",
    "load",
    "printable",
    "read_picture",
    "require_pictures_in_every_class",
    "scan",
    "split",
    "tell_skipped",
]
