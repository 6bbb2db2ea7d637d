"""Which engine runs: the one that was set, else native, else the reference and one line that says why and the cure."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from pippin.changes import apart, changed
from pippin.engines.engine import Engine
from pippin.errors import PippinError, unknown


def _reference() -> Engine:
    from pippin.engines.reference import ReferenceEngine

    return ReferenceEngine()


def _native() -> Engine:
    from pippin.engines.native import NativeEngine

    return NativeEngine()


def _jax() -> Engine:
    from pippin.engines.jax import JaxEngine

    return JaxEngine()


_MAKERS: dict[str, Callable[[], Engine]] = {"native": _native, "reference": _reference, "jax": _jax}
_chosen: ContextVar[str | None] = ContextVar("engine", default=None)
_default: list[str] = []


@cache
def get_engine(name: str) -> Engine:
    """The engine of a name, made once."""
    if name not in _MAKERS:
        raise unknown("engine", name, _MAKERS)
    return _MAKERS[name]()


def engine_names() -> tuple[str, ...]:
    """All engine names, the default first."""
    return tuple(_MAKERS)


def current_engine() -> Engine:
    """The engine that runs programs now."""
    return get_engine(_chosen.get() or (_default[0] if _default else _first_that_works()))


def _first_that_works() -> str:
    """Native if its compiled part is there; otherwise the reference, said once, with the cure."""
    try:
        get_engine("native")
        _default.append("native")
    except PippinError as reason:
        print(f"pippin: {reason}", file=sys.stderr)
        _default.append("reference")
    return _default[0]


def set_engine(name: str) -> None:
    """Run everything from now on with "native", "reference" or "jax"."""
    get_engine(name)
    _default[:] = [name]
    changed()


@contextmanager
def engine(name: str) -> Iterator[Engine]:
    """Run what is inside with another engine: `with pippin.config.engine("reference"): ...`."""
    found = get_engine(name)
    token = _chosen.set(name)
    try:
        with apart():
            yield found
    finally:
        _chosen.reset(token)
