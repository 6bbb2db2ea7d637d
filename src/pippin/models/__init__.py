"""Keras's models: Sequential, functional, subclassed."""

from pippin.layers.core import Input
from pippin.models.functional import Functional
from pippin.models.model import Model
from pippin.models.sequential import Sequential

__all__ = ["Functional", "Input", "Model", "Sequential"]
