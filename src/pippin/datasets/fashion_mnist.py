"""Fashion-MNIST: clothes and shoes, 28 × 28 pixels of gray.

Classes: 0 T-shirt/top, 1 trouser, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker, 8 bag, 9 ankle
boot.
"""

import gzip

import numpy as np

from pippin.datasets.files import STORE, dataset_file, reading

Split = tuple[np.ndarray, np.ndarray]


def load_data() -> tuple[Split, Split]:
    """(x_train, y_train), (x_test, y_test): 60000 and 10000 uint8 pictures (28, 28), classes 0 to 9."""
    return _split("train"), _split("t10k")


def _split(name: str) -> Split:
    labels = _read(f"{name}-labels-idx1-ubyte.gz", 8)
    return _read(f"{name}-images-idx3-ubyte.gz", 16).reshape(len(labels), 28, 28), labels


def _read(name: str, header: int) -> np.ndarray:
    """The bytes of a file behind its header of that many bytes."""
    path = dataset_file(f"fashion-mnist/{name}", STORE + name)
    with reading(path), gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)
