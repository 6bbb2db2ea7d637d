"""Keras's layers. Each family in its file; this one lists them."""

from pippin.layers.core import Activation, Dense, Input, InputLayer
from pippin.layers.layer import Layer
from pippin.layers.reshaping import Flatten, Reshape

__all__ = ["Activation", "Dense", "Flatten", "Input", "InputLayer", "Layer", "Reshape"]
