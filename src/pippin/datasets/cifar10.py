"""CIFAR-10: small colour photos, 32 × 32.

Classes: 0 airplane, 1 automobile, 2 bird, 3 cat, 4 deer, 5 dog, 6 frog, 7 horse, 8 ship, 9 truck.
"""

import numpy as np

from pippin.datasets.cifar import Split, read_batch, source

_SOURCE = (
    "cifar-10",
    "cifar-10-batches-py",
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)


def load_data() -> tuple[Split, Split]:
    """(x_train, y_train), (x_test, y_test): 50000 and 10000 uint8 photos (32, 32, 3), classes (rows, 1)."""
    where = source(*_SOURCE)
    batches = [read_batch(where, f"cifar-10-batches-py/data_batch_{number}", "labels") for number in range(1, 6)]
    photos, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    return (photos, labels), read_batch(where, "cifar-10-batches-py/test_batch", "labels")
