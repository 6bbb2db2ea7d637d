"""The arguments that all optimizers have: where they stand in each constructor, and what they may be."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any

import numpy as np

from pippin.errors import SettingError

SHARED: dict[str, Any] = {
    "weight_decay": None, "clipnorm": None, "clipvalue": None, "global_clipnorm": None, "use_ema": False,
    "ema_momentum": 0.99, "ema_overwrite_frequency": None, "loss_scale_factor": None,
    "gradient_accumulation_steps": None, "name": None,
}  # fmt: skip
"""Their names in Keras's order, and what each is when nobody says otherwise."""
CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


def takes_shared_settings(init: Callable[..., None]) -> Any:
    """A constructor with the shared arguments in Keras's place: after its own, before those that stand behind a *."""
    own = list(signature(init).parameters.values())
    known = {one.name for one in own}
    shared = [
        Parameter(word, Parameter.POSITIONAL_OR_KEYWORD, default=value)
        for word, value in SHARED.items()
        if word not in known
    ]
    first = [one for one in own if one.kind is Parameter.POSITIONAL_OR_KEYWORD]
    last = [one.replace(kind=one.POSITIONAL_OR_KEYWORD) for one in own if one.kind is Parameter.KEYWORD_ONLY]
    full = Signature([*first, *shared, *last, *(one for one in own if one.kind is Parameter.VAR_KEYWORD)])

    @wraps(init)
    def made(self: Any, *arguments: Any, **keywords: Any) -> None:
        given = full.bind(self, *arguments, **keywords).arguments
        others = given.pop(own[-1].name, {})
        init(**given, **others)

    made.__signature__ = full  # type: ignore[attr-defined]
    return made


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def check_settings(kind: str, settings: dict[str, Any]) -> None:
    """Refuse values of the shared arguments that have no meaning. `kind` is the optimizer's name in errors."""

    def need(word: str, is_right: Callable[[Any], bool], expected: str) -> None:
        value = settings[word]
        if value is not None and not is_right(value):
            raise SettingError(f"{kind} {word}: expected {expected}, received {value!r}.")

    for word in CLIPS:
        need(word, lambda value: is_number(value) and value > 0, "a number above 0")
    given = {word: settings[word] for word in CLIPS}
    if sum(value is not None for value in given.values()) > 1:
        raise SettingError(
            f"{kind}: Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. Received: "
            f"{', '.join(f'{word}={value}' for word, value in given.items())}."
        )
    need("weight_decay", lambda value: is_number(value) and value >= 0, "a number of 0 or more")
    need("loss_scale_factor", lambda value: is_number(value) and value > 0, "a number above 0")
    need("gradient_accumulation_steps", lambda value: _is_whole(value) and value >= 2, "a whole number of 2 or more")
    if settings["use_ema"]:
        need("ema_momentum", lambda value: is_number(value) and 0 <= value <= 1, "a number from 0 to 1")
        need("ema_overwrite_frequency", lambda value: _is_whole(value) and value >= 1, "a whole number of 1 or more")


def check_others(kind: str, others: dict[str, Any]) -> None:
    """Refuse arguments that no optimizer has; `decay`, a word of Keras 2, only warns, as in Keras 3."""
    if others.pop("decay", None) is not None:
        warnings.warn(f"{kind} decay: no longer used, as in Keras 3; the learning rate stays as it is.", stacklevel=5)
    if others:
        raise SettingError(f"{kind}: expected only Keras's arguments, received {', '.join(sorted(others))}.")


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
