"""MNIST: handwritten digits, 28 × 28 pixels of gray."""

import numpy as np

from pippin.datasets.files import STORE, dataset_file, read_npz

Split = tuple[np.ndarray, np.ndarray]
_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def load_data(path: str = "mnist.npz") -> tuple[Split, Split]:
    """(x_train, y_train), (x_test, y_test): 60000 and 10000 uint8 pictures (28, 28), digits 0 to 9."""
    x_train, y_train, x_test, y_test = read_npz(
        dataset_file(path, f"{STORE}mnist.npz", _SHA256), "x_train", "y_train", "x_test", "y_test"
    )
    return (x_train, y_train), (x_test, y_test)
