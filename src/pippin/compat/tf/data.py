"""`tf.data`: datasets from arrays, in batches, shuffled and mapped. They are those of `pippin.data`."""

from pippin.data.dataset import Dataset

AUTOTUNE = -1

__all__ = ["AUTOTUNE", "Dataset"]
