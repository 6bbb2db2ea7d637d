"""What CIFAR-10 and CIFAR-100 share: archives of pickled batches; a photo is all red, all green, all blue."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pippin.datasets.files import dataset_file, datasets_folder, read_member, reading

Split = tuple[np.ndarray, np.ndarray]
Where = tuple[Path, Path]


def source(name: str, folder: str, sha256: str) -> Where:
    """The archive and the folder Keras unpacks it to; the archive is fetched if neither is there."""
    unpacked = datasets_folder() / f"{folder}-target"
    archive = f"{folder}-target_archive"
    if (unpacked / folder).is_dir():
        return datasets_folder() / archive, unpacked
    return dataset_file(archive, f"https://www.cs.toronto.edu/~kriz/{name}-python.tar.gz", sha256), unpacked


def read_batch(where: Where, member: str, labels: str) -> Split:
    """The photos (rows, 32, 32, 3) and labels (rows, 1) of one batch."""
    archive, folder = where
    batch = read_member(archive, folder, member)
    with reading(archive):
        photos = np.asarray(batch[b"data"], np.uint8).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return np.ascontiguousarray(photos), np.asarray(batch[labels.encode()], np.uint8).reshape(-1, 1)
