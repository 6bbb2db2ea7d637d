"""Keras's data sets: `load_data` reads the files in Keras's cache folder, and fetches what is missing."""

from pippin.lazy import lazily

_SETS = "boston_housing california_housing cifar10 cifar100 fashion_mnist imdb mnist reuters"

__getattr__, __dir__ = lazily(__name__, {name: f"{__name__}.{name}" for name in _SETS.split()})
