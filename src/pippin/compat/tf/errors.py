"""`tf.errors`: the names under which scripts catch what Pippin raises."""

from pippin.errors import PippinError

InvalidArgumentError = PippinError
OutOfRangeError = StopIteration
ResourceExhaustedError = MemoryError
NotFoundError = FileNotFoundError

__all__ = ["InvalidArgumentError", "NotFoundError", "OutOfRangeError", "ResourceExhaustedError"]
