"""`tf.random`: the seed of weights, dropout and shuffling. Python's and NumPy's seeds stay their own."""

from pippin.random import start_streams


def set_seed(seed: int) -> None:
    """Start Pippin's random numbers from `seed`."""
    start_streams(int(seed))
