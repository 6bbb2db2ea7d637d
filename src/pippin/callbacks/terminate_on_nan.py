"""TerminateOnNaN: when a step makes NaN or infinity, end the training quietly instead of with an error."""

from __future__ import annotations

from typing import Any

from pippin.callbacks.callback import Callback
from pippin.utils.console import say


class TerminateOnNaN(Callback):
    """Ends the training at a step whose loss or gradient is not finite; with `raise_error`, by an error.

    The training loop checks every step anyway and leaves the weights as they were before it. Without this
    callback it raises NonFiniteError, which names the layer; with it, `fit` returns and the last loss in the
    history is NaN.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_non_finite(self, epoch: int, step: int, reason: Any = None) -> None:
        """A step of the training loop was not finite; `reason()` gives the error that says where it began."""
        if self.raise_error:
            raise RuntimeError(f"NaN or Inf loss encountered at batch {step}. Terminating training immediately.")
        say(f"Batch {step}: Invalid loss, terminating training")
