"""How Pippin says that it lacks a name: which, on which line, and what there is instead."""

from __future__ import annotations

import sys
from types import FrameType, ModuleType

from pippin.compat.names import shown
from pippin.errors import PippinError, nearest


class MissingModule(PippinError, ModuleNotFoundError):
    """An import of a module or name that Keras or TensorFlow has and Pippin has not."""


def lacking(name: str, home: ModuleType) -> str:
    """The message for a full name ("tensorflow.keras.layers.LSTMM") that is not in the module `home`."""
    return f"Pippin has no {shown(name)}{_line()}.{_instead(name.rpartition('.')[2], home)}"


def _line() -> str:
    """The file and line of the script that used the name."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
    return "" if frame is None else f" ({frame.f_code.co_filename}, line {frame.f_lineno})"


def _is_ours(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    return module.split(".")[0] in ("pippin", "importlib") or "importlib" in frame.f_code.co_filename


def _instead(word: str, home: ModuleType) -> str:
    """Where Pippin keeps a thing of this very name, or the nearest name in the same module."""
    import pippin

    for part in dir(pippin):
        try:
            found = getattr(pippin, part)
        except (AttributeError, ImportError):
            continue
        if isinstance(found, ModuleType) and found is not home and word in dir(found):
            return f" Pippin has it as keras.{part}.{word}."
    return nearest(word, [name for name in dir(home) if not name.startswith("_")])
