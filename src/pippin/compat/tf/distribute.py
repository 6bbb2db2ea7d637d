"""`tf.distribute`: this machine alone."""

from pippin.compat.tf.functions import MirroredStrategy


def get_strategy() -> MirroredStrategy:
    """The strategy in use."""
    return MirroredStrategy()


__all__ = ["MirroredStrategy", "get_strategy"]
