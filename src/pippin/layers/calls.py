"""How the arguments of a call are read: what `call` and `build` take, and what is handed down to the layers inside."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from pippin.errors import SettingError
from pippin.layers.shapes import shapes_of

_training: ContextVar[bool | None] = ContextVar("training", default=None)


@cache
def parameters(function: Callable[..., Any]) -> frozenset[str]:
    """The names of a function's parameters; "**" among them if it takes any."""
    found = inspect.signature(function).parameters.values()
    return frozenset("**" if p.kind is p.VAR_KEYWORD else p.name for p in found)


@cache
def ordered_parameters(function: Callable[..., Any]) -> list[str]:
    """The names of a function's parameters, in order."""
    return list(inspect.signature(function).parameters)


@cache
def _default_of_training(call: Callable[..., Any]) -> Any:
    parameter = inspect.signature(call).parameters.get("training")
    return None if parameter is None or parameter.default is parameter.empty else parameter.default


def with_training(
    call: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """Whether a call is training, and its keywords that say so: what it was told, else what the call around it was,
    else the default."""
    taken = ordered_parameters(call)[1:]
    is_positional = "training" in taken and taken.index("training") < len(arguments)
    told = arguments[taken.index("training")] if is_positional else keywords.get("training")
    if told is None:
        told = _training.get()
    if told is None:
        told = _default_of_training(call)
    if is_positional or told is None or "training" not in taken:
        return told, dict(keywords)
    return told, {**keywords, "training": told}


@contextmanager
def training_inside(told: Any) -> Iterator[None]:
    """Layers that are called inside are training, unless they are told otherwise."""
    token = _training.set(told)
    try:
        yield
    finally:
        _training.reset(token)


def shapes_to_build(
    build: Callable[..., Any], call: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What `build` is called with: the shape of the first input, or, where it has several parameters, the shape of the
    argument of `call` that each is called after (`query_shape`: of `query`)."""
    wanted = list(inspect.signature(build).parameters.values())[1:]
    needed = [p.name for p in wanted if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(needed) <= 1 and sum(p.name.endswith("_shape") for p in wanted) <= 1:
        return (shapes_of(arguments[0]) if arguments else (),), {}
    taken = ordered_parameters(call)[1:]
    given = dict(zip(taken, arguments, strict=False)) | dict(keywords)
    found = {}
    for name in [p.name for p in wanted if p.name in needed or p.name.endswith("_shape")]:
        word = name.removesuffix("_shape")
        if word == name:
            raise SettingError(
                f"`build()` has several parameters, among them the argument `{name}`, which does not end in `_shape`: "
                "each gets the shape of the argument of `call()` that it is called after."
            )
        if word not in taken and name in needed:
            raise SettingError(f"`build()` has the parameter `{name}`, but `call()` does not have argument `{word}`.")
        found[name] = None if given.get(word) is None else shapes_of(given[word])
    return (), found
