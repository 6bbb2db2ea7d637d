"""From pictures on disk to arrays and batches. Knows nothing of networks."""

from pippin.data.dataset import Dataset
from pippin.data.files import Skipped, printable
from pippin.data.folders import Folder, gather, picture_files, scan, sub_folders
from pippin.data.images import Decoding, Picture, decode, read_picture
from pippin.data.pictures import (
    Duplicate,
    Pictures,
    duplicates,
    load,
    require_pictures_in_every_class,
    tell_skipped,
)
from pippin.data.split import split
from pippin.data.walk import PictureFile, natural

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
    "natural",
    "picture_files",
    "printable",
    "read_picture",
    "require_pictures_in_every_class",
    "scan",
    "split",
    "sub_folders",
    "tell_skipped",
]
