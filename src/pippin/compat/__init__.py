"""Lets unmodified Keras and TensorFlow scripts run on Pippin: their module names lead here, for one process.

`install()` is what `pippin run` calls before it runs a script. Pippin itself never needs it.
"""

from pippin.compat.alias import install

__all__ = ["install"]
