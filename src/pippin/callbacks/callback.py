"""What a callback is: someone who is told what happens during training, and may stop it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pippin.tree import flatten

Logs = dict[str, Any] | None


class Callback:
    """The base of callbacks, with Keras's methods; `on_progress`, told about 20 times a second, is Pippin's.

    A callback that defines a batch method makes training return to Python after every step; one that defines
    only epoch methods, after every epoch; `on_progress` costs nothing. A class that only writes down what an
    epoch gave says so with `takes_epochs_late = True`: then several epochs may be told in one go. A class
    that derives from it doesn't inherit this.
    """

    takes_epochs_late = False

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
        """What a resumed run needs to go on: numbers, text, arrays, lists and dicts of them."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what an earlier run left. Called after `on_train_begin`, before the first epoch."""

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
    """Whether the callback's class, or the callback itself (LambdaCallback), has one of these methods."""
    return any(
        name in vars(callback) or getattr(type(callback), name, None) not in (None, getattr(Callback, name))
        for name in names
    )


def _takes_epochs_late(callback: Any) -> bool:
    return bool(vars(type(callback)).get("takes_epochs_late", False))


class CallbackList:
    """All callbacks of a run, told in order: those given, then the history and the bar if they are wanted.

    So what a callback adds to an epoch's `logs` (ReduceLROnPlateau: the learning rate) is in the history and
    the bar. Of batches they are told in groups of `at_once`, compile's `steps_per_execution`.
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        at_once: int = 1,
        **params: Any,
    ) -> None:
        from pippin.callbacks.history import History
        from pippin.callbacks.progress import ProgbarLogger

        self.callbacks: list[Any] = [one for one in flatten(callbacks) if one is not None]
        if add_history and not any(isinstance(one, History) for one in self.callbacks):
            self.callbacks.append(History())
        if add_progbar and not any(isinstance(one, ProgbarLogger) for one in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        self.wants_batches = {mode: any(_defines(c, names) for c in self.callbacks) for mode, names in _BATCH.items()}
        self.wants_epochs = any(_defines(c, _EPOCH) and not _takes_epochs_late(c) for c in self.callbacks)
        self.params = params
        self.at_once = at_once
        self._unfinished: tuple[str, int, Logs] | None = None
        for callback in self.callbacks:
            callback.set_model(model)
            callback.set_params(params)

    @property
    def history(self) -> Any:
        """The history of the run."""
        from pippin.callbacks.history import History

        return next(one for one in self.callbacks if isinstance(one, History))

    def tell(self, event: str, *arguments: Any) -> None:
        """Call a method of every callback that has it. The last argument is a dict, shared by all."""
        wanted = 2 if "epoch" in event or "batch" in event or event == "on_progress" else 1
        if len(arguments) < wanted:
            arguments = (*arguments, {})
        for callback in self.callbacks:
            method = getattr(callback, event, None)
            if method is not None:
                method(*arguments)

    def tell_batch(self, when: str, mode: str, step: int, logs: Logs) -> None:
        """A batch began or ended: told if its group does. `on_batch_*` is the older spelling of `on_train_batch_*`."""
        first = step - step % self.at_once
        last = first + self.at_once - 1
        if when == "begin" and step > first:
            return
        if when == "end":
            self._unfinished = (mode, last, logs)
            if step == last:
                self.no_more_batches()
            return
        self._tell_batch(when, mode, step, logs)

    def no_more_batches(self) -> None:
        """The group that was begun ends with the batches it has: the data came to their end, or training stops."""
        if self._unfinished is not None:
            mode, last, logs = self._unfinished
            self._unfinished = None
            self._tell_batch("end", mode, last, logs)

    def _tell_batch(self, when: str, mode: str, step: int, logs: Logs) -> None:
        self.tell(f"on_{mode}_batch_{when}", step, logs)
        if mode == "train":
            self.tell(f"on_batch_{when}", step, logs)

    def __getattr__(self, name: str) -> Any:
        """`callback_list.on_epoch_end(...)`, for training loops that people write themselves."""
        if not hasattr(Callback, name) or not name.startswith("on_"):
            raise AttributeError(f"CallbackList has no attribute {name!r}")
        return lambda *arguments, **keywords: self.tell(name, *arguments, *keywords.values())
