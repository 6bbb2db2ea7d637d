"""Watch for runs that are made to be looked at: it looks after many of the epochs, whatever that costs."""

from __future__ import annotations

from typing import Any

from pippin.callbacks.callback import Logs
from pippin.diagnosis.watch import Watch

LOOKS = 40
"""Looks that are spread over the epochs of a run, however short it is; the first epochs closer than the later ones."""


class WatchClosely(Watch):
    """Records as Watch does, and besides looks after some forty of the epochs: of a small network that learns in a
    blink one wants to see every stage. Training comes back after every epoch for it."""

    def __init__(self, folder: Any = None, **settings: Any) -> None:
        super().__init__(folder, **settings)
        self._seen = 0

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        super().on_epoch_end(epoch, logs)
        epochs = int(self.params.get("epochs") or 0)
        # Most happens at first: look after epoch (k/40)² of the way.
        due = (self._seen / LOOKS) ** 2 * epochs
        steps = self.params.get("steps")
        if self.probe is not None and steps and epoch + 1 >= due and self._seen < LOOKS:
            self.step = (epoch + 1) * int(steps)
            while self._seen < LOOKS and (self._seen / LOOKS) ** 2 * epochs <= epoch + 1:
                self._seen += 1
            if self.step > self._looked_at:
                self._look()
