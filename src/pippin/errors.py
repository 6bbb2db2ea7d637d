"""The errors Pippin raises, as one tree, and the helper that words a suggestion. Nothing is raised from here.

    PippinError
    ├── ShapeError (ValueError)          an array or a layer got a shape it can't use
    ├── DataError (ValueError)           labels, features or pictures that would train garbage
    ├── SettingError (ValueError)        an argument outside what it may be, an unknown name
    │   └── UnknownOutput (KeyError)     a loss for an output that the model does not have
    ├── NotCompiledError (ValueError, RuntimeError)   training was asked for before compile
    ├── NonFiniteError (FloatingPointError, ArithmeticError)   training met NaN or infinity
    ├── FileError (OSError, ValueError)  a file that is missing, damaged or holds what it must not
    └── MissingWord (AttributeError)     a Keras name Pippin does not have

Each is also the exception that Keras or Python would raise, so existing `except` clauses go on working.
"""

from __future__ import annotations

from collections.abc import Iterable


class PippinError(Exception):
    """Anything Pippin refuses: the message says what was expected, what was received, and what to do."""


class ShapeError(PippinError, ValueError):
    """An array, layer or primitive received a shape that it can't use."""


class DataError(PippinError, ValueError):
    """Data that would train garbage: labels out of range, NaN, mismatched lengths, unreadable pictures."""


class SettingError(PippinError, ValueError):
    """An argument is outside what it may be, or a name is unknown."""


class UnknownOutput(SettingError, KeyError):
    """`compile` was told about an output that the model does not have."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class NotCompiledError(PippinError, ValueError, RuntimeError):
    """Training or evaluation was asked for before `compile`."""


class NonFiniteError(PippinError, FloatingPointError):
    """Training met NaN or infinity and stopped before the weights were touched."""


class FileError(PippinError, OSError, ValueError):
    """A file is missing, damaged, or holds something that is never loaded."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class DescriptionError(FileError, TypeError):
    """What describes an object is not of the type it must be."""


class MissingWord(PippinError, AttributeError):
    """A name that Keras has and Pippin has not."""


def nearest(word: object, known: Iterable[str]) -> str:
    """Return ' Did you mean "x"?' for the known name closest to `word`, or an empty string."""
    import difflib  # 4 ms, needed only when something is wrong

    names = list(known)
    lower = {name.lower().replace("_", ""): name for name in reversed(names)}
    close = difflib.get_close_matches(str(word).lower().replace("_", ""), lower, n=1, cutoff=0.65)
    return f' Did you mean "{lower[close[0]]}"?' if close else ""


def unknown(kind: str, word: object, known: Iterable[str]) -> SettingError:
    """Return the error for an unknown name of a kind ("optimizer", "loss"), with the nearest match and the list."""
    names = sorted(set(known))
    return SettingError(f"Unknown {kind}: {word!r}.{nearest(word, names)} Known: {', '.join(names)}.")
