"""Keras's `ops` that call one function or another, and those about functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pippin.ops.comparison import where
from pippin.ops.tensor import has_keras_tensor, make_node
from pippin.program import Symbol, Variable
from pippin.tree import flatten, pack_sequence_as


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """What one of two functions gives. Where the condition is a symbol both are computed, and one is taken."""
    if has_keras_tensor([pred]):
        return make_node(cond, (pred, true_fn, false_fn), {})
    if not isinstance(pred, Symbol):
        return true_fn() if np.all(pred.value if isinstance(pred, Variable) else pred) else false_fn()
    yes, no = true_fn(), false_fn()
    if yes is None and no is None:
        return None
    chosen = [where(pred, a, b) for a, b in zip(flatten(yes), flatten(no), strict=True)]
    return pack_sequence_as(yes, chosen)


def switch(index: Any, branches: list[Callable[..., Any]], *operands: Any) -> Any:
    """What the function at a position gives for the operands; positions outside are moved to the nearest end."""
    if has_keras_tensor([index, *operands]):
        return make_node(switch, (index, branches, *operands), {})
    last = len(branches) - 1
    if not isinstance(index, Symbol):
        return branches[max(0, min(int(np.asarray(index)), last))](*operands)
    results = [branch(*operands) for branch in branches]
    found = results[last]
    for number in range(last - 1, -1, -1):
        here = index <= number
        pairs = zip(flatten(results[number]), flatten(found), strict=True)
        found = pack_sequence_as(found, [where(here, a, b) for a, b in pairs])
    return found


def vectorize(pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None) -> Callable[..., Any]:
    """A function of single numbers (or of arrays as `signature` says: "(n),(n)->()") as one of arrays."""
    if not callable(pyfunc):
        raise ValueError(f"Expected argument `pyfunc` to be a callable. Received: pyfunc={pyfunc}")
    return np.vectorize(pyfunc, excluded=excluded, signature=signature)


def get_item(x: Any, key: Any) -> Any:
    """x[key]."""
    return x[key]
