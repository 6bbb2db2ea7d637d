"""Keras's `ops`: functions of arrays, of symbols inside a trace, and of the functional API's tensors."""

from pippin.ops.nn import *  # noqa: F403
from pippin.ops.numpy import *  # noqa: F403
