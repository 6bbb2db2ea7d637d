"""Who moves the progress bar: the callback that `fit`, `evaluate` and `predict` add."""

from __future__ import annotations

from typing import Any

from pippin.callbacks.callback import Callback, Logs
from pippin.utils.console import say
from pippin.utils.progbar import Progbar


def wants_bar(verbose: Any) -> bool:
    """Whether `verbose` (0, 1, 2 or "auto") asks for output."""
    return verbose not in (0, False, None)


class ProgbarLogger(Callback):
    """Prints each epoch's number, and a bar (verbose 1) or a line (verbose 2) with time and figures.

    It hears of progress about 20 times a second, so it costs the training loop nothing. Validation inside
    `fit` is silent.
    """

    def __init__(self) -> None:
        super().__init__()
        self.progbar: Progbar | None = None
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self.seen = 0
        self._in_fit = False
        self._in_test = False

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.epochs = params.get("epochs", 1)
        self.target = params.get("steps")

    def on_train_begin(self, logs: Logs = None) -> None:
        self._in_fit = True

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._start()
        if self.verbose and self.epochs > 1:
            say(f"Epoch {epoch + 1}/{self.epochs}")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: Logs = None) -> None:
        self._in_test = True
        if not self._in_fit:
            self._start()

    def on_test_end(self, logs: Logs = None) -> None:
        self._in_test = False
        if not self._in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: Logs = None) -> None:
        self._start()

    def on_predict_end(self, logs: Logs = None) -> None:
        self._finish(None)

    def on_progress(self, steps: int, logs: Logs = None) -> None:
        if (self._in_fit and self._in_test) or self.progbar is None:
            return
        self.seen = steps
        if self.verbose == 1:
            self.progbar.update(steps, (logs or {}).items(), finalize=False)

    def _start(self) -> None:
        self.seen = 0
        self.progbar = Progbar(self.target, verbose=self.verbose, stateless_metrics=())

    def _finish(self, logs: Logs) -> None:
        assert self.progbar is not None, "the end of a run was told without its beginning"
        if self.target is None:
            self.target = self.progbar.target = self.seen
        self.progbar.update(self.target, (logs or {}).items(), finalize=True)
