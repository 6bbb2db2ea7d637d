"""`set_random_seed` under Keras's name; what it does stands in `pippin.random`."""

from pippin.random import set_random_seed

__all__ = ["set_random_seed"]
