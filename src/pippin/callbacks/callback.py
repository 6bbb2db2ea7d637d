"""What a callback is: someone who is told what happens during training, and may stop it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Logs = dict[str, Any] | None


class Callback:
    """The base of callbacks, with Keras's methods. `on_progress` is Pippin's: told about 20 times a second during an epoch.

    A callback that defines a batch method makes training return to Python after every step; one that defines only epoch
    methods, after every epoch; `on_progress` costs nothing.
    """

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}
        self._model: Any = None

    @property
    def model(self) -> Any:
        return self._model

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def set_model(self, model: Any) -> None:
        self._model = model

    def state(self) -> dict[str, Any]:
        """What a resumed run needs to go on as if nothing had happened, as plain data."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up the state that an earlier run left."""

    def on_train_begin(self, logs: Logs = None) -> None: ...
    def on_train_end(self, logs: Logs = None) -> None: ...
    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None: ...
    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None: ...
    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None: ...
    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None: ...
    def on_batch_begin(self, batch: int, logs: Logs = None) -> None: ...
    def on_batch_end(self, batch: int, logs: Logs = None) -> None: ...
    def on_test_begin(self, logs: Logs = None) -> None: ...
    def on_test_end(self, logs: Logs = None) -> None: ...
    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None: ...
    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None: ...
    def on_predict_begin(self, logs: Logs = None) -> None: ...
    def on_predict_end(self, logs: Logs = None) -> None: ...
    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None: ...
    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None: ...
    def on_progress(self, steps: int, logs: Logs = None) -> None: ...


_BATCH = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}
_EPOCH = ("on_epoch_begin", "on_epoch_end")


def _defines(callback: Any, names: Iterable[str]) -> bool:
    return any(getattr(type(callback), name, None) is not getattr(Callback, name, None) for name in names) or any(
        name in vars(callback) for name in names
    )


class CallbackList:
    """All callbacks of a run, told in order."""

    def __init__(self, callbacks: Iterable[Any], model: Any, params: dict[str, Any]) -> None:
        self.callbacks = list(callbacks)
        self.wants_batches = {mode: any(_defines(c, names) for c in self.callbacks) for mode, names in _BATCH.items()}
        self.wants_epochs = any(_defines(c, _EPOCH) and not getattr(c, "takes_epochs_late", False) for c in self.callbacks)
        for callback in self.callbacks:
            callback.set_params(params)
            callback.set_model(model)

    def tell(self, event: str, *arguments: Any) -> None:
        """Call a method of every callback that has it."""
        for callback in self.callbacks:
            method = getattr(callback, event, None)
            if method is not None:
                method(*arguments)

    def tell_batch(self, when: str, mode: str, step: int, logs: Logs) -> None:
        """A batch began or ended; `on_batch_*` is the older spelling of `on_train_batch_*`."""
        self.tell(f"on_{mode}_batch_{when}", step, logs)
        if mode == "train":
            self.tell(f"on_batch_{when}", step, logs)
