"""`tf.data`: datasets from arrays, generators and files, in batches, shuffled and mapped. They are those of
`pippin.data`."""

from typing import Any

from pippin.data import dataset, sources

AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = -1, -1, -2


class Dataset(dataset.Dataset):
    """`pippin.data.Dataset` with tf.data's class methods."""

    from_generator = staticmethod(sources.from_generator)
    from_tensors = staticmethod(sources.from_tensors)
    list_files = staticmethod(sources.list_files)
    range = staticmethod(sources.from_range)
    sample_from_datasets = staticmethod(sources.sampled)

    @staticmethod
    def zip(*datasets: Any, name: str | None = None) -> dataset.Dataset:
        """Elements side by side: zip(a, b), zip((a, b)) or zip({"x": a, "y": b})."""
        return sources.zipped(datasets[0] if len(datasets) == 1 else datasets)


class Options:
    """What tf.data may choose by itself; here nothing, so that everything is accepted."""


def TextLineDataset(filenames: Any, **unused: Any) -> dataset.Dataset:
    """The lines of text files."""
    return sources.text_lines(filenames)


__all__ = ["AUTOTUNE", "Dataset", "Options", "TextLineDataset"]
