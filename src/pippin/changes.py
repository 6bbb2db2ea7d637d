"""What a shortcut to a compiled call rests on without looking at it again: where variables live, what layers are made
of, which engine runs. Whoever changes one of these says so here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

present: list[object] = [object()]
"""One object, another one after each change: a shortcut holds as long as the object it was made under is here."""


def changed() -> None:
    """Make all shortcuts that were made until now useless."""
    present[0] = object()


_is_apart: ContextVar[bool] = ContextVar("is_apart", default=False)

is_apart = _is_apart.get
"""Whether calls mean something else here than elsewhere in the process: lines of a trace, or another engine's work."""


@contextmanager
def apart() -> Iterator[None]:
    """No shortcuts are taken inside, by this thread or task."""
    token = _is_apart.set(True)
    try:
        yield
    finally:
        _is_apart.reset(token)
