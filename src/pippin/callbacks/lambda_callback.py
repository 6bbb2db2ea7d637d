"""LambdaCallback: a callback from a few functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pippin.callbacks.callback import Callback
from pippin.errors import SettingError, nearest

Told = Callable[..., Any] | None


class LambdaCallback(Callback):
    """Calls the given functions at their moments, with the arguments of Callback's method of that name. What isn't a
    moment becomes an attribute."""

    def __init__(
        self, on_epoch_begin: Told = None, on_epoch_end: Told = None, on_train_begin: Told = None,
        on_train_end: Told = None, on_train_batch_begin: Told = None, on_train_batch_end: Told = None,
        **others: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        moments = [name for name in dir(Callback) if name.startswith("on_")]
        for name in others:
            if name.startswith("on_") and name not in moments:
                raise SettingError(f"LambdaCallback: {name!r} is no method of Callback.{nearest(name, moments)}")
        named = {
            "on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end, "on_train_begin": on_train_begin,
            "on_train_end": on_train_end, "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }  # fmt: skip
        vars(self).update(others)
        vars(self).update({name: function for name, function in named.items() if function is not None})
