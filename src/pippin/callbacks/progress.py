"""The progress bar that `fit` shows, as Keras's."""

from __future__ import annotations

import sys
import time
from typing import Any

from pippin.callbacks.callback import Callback, Logs


def wants_bar(verbose: Any) -> bool:
    """Whether `verbose` (0, 1, 2 or "auto") asks for output."""
    return verbose not in (0, False, None)


class ProgbarLogger(Callback):
    """One line an epoch with a bar, the time and the figures."""

    def __init__(self) -> None:
        super().__init__()
        self._started = 0.0
        self._epochs: int | None = None

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        self._epochs = params.get("epochs")

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._started = time.perf_counter()
        print(f"Epoch {epoch + 1}/{self._epochs}", file=sys.stdout)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        told = " - ".join(f"{name}: {value:.4f}" for name, value in (logs or {}).items())
        print(f"{self.params.get('steps')}/{self.params.get('steps')} - {time.perf_counter() - self._started:.0f}s - {told}")
