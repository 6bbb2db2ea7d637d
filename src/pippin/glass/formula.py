"""Formulas put together from the `math` of primitives: "y = a - b" of a line whose a is a product becomes
"weight - rate * gradient". Brackets stand where the order of the lines asks for them, and nowhere else."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pippin.primitives import Primitive

# How firmly a formula holds together, by its loosest operator outside of brackets.
WORDS, SUM, PRODUCT, SIGN, ATOM = range(5)
_STRENGTHS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "·": PRODUCT, "^": SIGN, "√": SIGN}
_COMPARING = re.compile(r"\b(?:if|else|and|or|not|is|as)\b|[=<≤]")
_OPEN, _CLOSE = "([{⌊", ")]}⌋"


@dataclass(frozen=True)
class Formula:
    """A piece of text, and how firmly it holds together."""

    text: str
    strength: int = ATOM

    def __str__(self) -> str:
        return self.text


def atom(text: str) -> Formula:
    """A name or a number; a negative number needs brackets behind an operator."""
    return Formula(text, SIGN if text.startswith("-") else ATOM)


@cache
def operands(primitive: Primitive) -> tuple[str, ...]:
    """What the operands are called in a primitive's `math`: the names in its shape rule."""
    found = inspect.signature(primitive.shape).parameters.values()
    return tuple(p.name for p in found if p.kind is p.POSITIONAL_OR_KEYWORD)


def right_side(primitive: Primitive) -> str:
    """What stands behind the sign of equality."""
    return primitive.math.partition(" = ")[2]


def combined(primitive: Primitive, parts: Sequence[Formula]) -> Formula:
    """The `math` of an elementwise primitive with formulas in place of its operands."""
    names = operands(primitive)
    template = right_side(primitive)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)") if names else None
    if pattern is None or {match[0] for match in pattern.finditer(template)} != set(names[: len(parts)]):
        # Its notation doesn't show where the operands go.
        return Formula(f"{primitive.name}({', '.join(map(str, parts))})")
    given: Mapping[str, Formula] = dict(zip(names, parts, strict=True))

    def put_in(match: re.Match[str]) -> str:
        part = given[match[0]]
        before, after = template[: match.start()].rstrip(), template[match.end() :].lstrip()
        fits = part.strength >= _needed(before, after)
        is_negative = part.text.startswith("-") and (before[-1:] in _STRENGTHS or after[:1] == "^")
        return part.text if fits and not is_negative else f"({part})"

    text = pattern.sub(put_in, template)
    return Formula(text, _strength(template))


def with_names(primitive: Primitive, names: Sequence[str]) -> str:
    """The right side of a primitive's `math` with the names of values in place of its operands, where it shows them."""
    given = dict(zip(operands(primitive), names, strict=False))
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(given)})(?!\w)")
    template = right_side(primitive)
    if not given or {match[0] for match in pattern.finditer(template)} != set(given):
        return template
    return pattern.sub(lambda match: given[match[0]], template)


def _needed(before: str, after: str) -> int:
    """How firmly an operand must hold together between what stands before and behind it."""
    left, right = before[-1:], after[:1]
    closed = left in ("", ",", "|", *_OPEN) and right in ("", ",", "|", *_CLOSE)
    if closed:
        return WORDS
    least = SUM
    if left in _STRENGTHS:
        unary = left == "-" and (before[:-1].rstrip()[-1:] in ("", "^", *_OPEN))
        least = max(least, ATOM if unary else _STRENGTHS[left] + 1)
    if right in _STRENGTHS:
        least = max(least, ATOM if right == "^" else _STRENGTHS[right])
    return least


def _strength(text: str) -> int:
    """The loosest operator of a text, outside of brackets."""
    depth, loosest, bare = 0, ATOM, ""
    for place, sign in enumerate(text):
        depth += (sign in _OPEN) - (sign in _CLOSE)
        if depth or sign in _CLOSE:
            continue
        bare += sign
        if sign in _STRENGTHS:
            before = text[:place].rstrip()[-1:]
            unary = sign == "-" and before in ("", "^")
            loosest = min(loosest, SIGN if unary else _STRENGTHS[sign])
    if _COMPARING.search(bare):
        return WORDS
    return loosest
