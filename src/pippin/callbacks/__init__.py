"""Keras's callbacks."""

from pippin.callbacks.callback import Callback, CallbackList
from pippin.callbacks.history import History

__all__ = ["Callback", "CallbackList", "History"]
