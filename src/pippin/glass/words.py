"""Words that all parts of the glass box share: how many, how large, where, and the three depths of telling.

Depth 1 is plain words with the numbers; 2 adds the formulas, first with names, then with numbers; 3 adds the lines of
the program. The sentences stand in step_words.py, layer_words.py, neuron_words.py and weight_words.py, each once:
terminal, page, notebook and report all say these.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import numpy as np

from pippin.errors import SettingError
from pippin.glass.figures import FEW, figure, shape

if TYPE_CHECKING:
    from pippin.glass.layer import LayerView

PLAIN, FORMULAS, CODE = 1, 2, 3
SHOWN = 6
"""Rows of a table of inputs, weights or examples: the ones that count most."""
NOT_ASKED = "not computed"
"""What nobody needed is not 0: it is not there."""
MOST_OWN = 40
"""Lines of a layer that are shown: one of its own may have hundreds."""


def depth_of(depth: int) -> int:
    """`depth` if it is one of the three."""
    if depth not in (PLAIN, FORMULAS, CODE):
        raise SettingError(f"depth: expected 1 (plain), 2 (with formulas) or 3 (with the program), received {depth!r}.")
    return depth


def count(number: int, thing: str) -> str:
    """ "1 example", "5 examples"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def each(array: np.ndarray) -> str:
    """The shape of one example: "28 × 28 × 1"; "1" for a single number."""
    return shape(array[0]) if array.ndim > 1 else "1"


def where(position: tuple[int, ...]) -> str:
    """ "row 3, column 4" of a picture; "position 3" of a row."""
    if len(position) == 2:
        return f"row {position[0]}, column {position[1]}"
    return f"position {', '.join(map(str, position))}"


def answer(numbers: np.ndarray) -> str:
    """An answer of few numbers as they are, one of many by its largest."""
    if numbers.size <= FEW - 2:
        return ", ".join(map(figure, numbers.reshape(-1)))
    return f"largest: {int(numbers.argmax())} ({figure(numbers.max())})"


def gate(view: LayerView) -> str:
    """What the activation is called; nothing if it has no name."""
    found = getattr(view.layer, "activation", None)
    return str(getattr(found, "__name__", None) or getattr(found, "name", None) or "")


def its(word: str, view: LayerView) -> str:
    """ "Its gate, relu," or, without a name, "Its gate"."""
    return f"Its {word}, {gate(view)}," if gate(view) else f"Its {word}"


def size_of(array: np.ndarray) -> float:
    """The mean size of many numbers, whatever their signs."""
    return float(np.abs(array.astype(np.float64)).mean()) if array.size else 0.0


def mean_size(array: np.ndarray | None) -> str:
    """The same, or that it was not computed."""
    return NOT_ASKED if array is None else figure(size_of(array))


def what_it_does(view: LayerView) -> list[str]:
    """The first sentence of a layer's documentation; of a layer that Pippin doesn't know, that it is one."""
    if view.is_own:
        return [
            f"{view.kind} is a layer of your own. Pippin has no formula for it: what it does stands in its "
            f"{count(len(view.own_lines), 'line')}, with their numbers.",
        ]
    told = re.split(r"(?<=[.])\s", " ".join((inspect.getdoc(type(view.layer)) or "").split()))
    return told[:1] if told[0] else []
