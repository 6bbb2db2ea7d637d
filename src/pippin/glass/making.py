"""How one number came about: the lines that made it, put together into equations, with names and with numbers.

Lines that compute number by number are written into one another; a line that makes one number of many (a weighted sum,
a maximum) gets an equation of its own, with the numbers it read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from typing import Any

from pippin.glass import figures
from pippin.glass.formula import ATOM, PRODUCT, Formula, atom, combined, with_names
from pippin.glass.ran import Place, Ran, Term
from pippin.program import Line

LONGEST = 56
"""Characters. A formula that is longer is cut into two."""
Name = Callable[[int, Place], str]


@dataclass(frozen=True)
class Equation:
    """`name` = `formula` = `numbers` = `result`; or, with `terms`, a number that was made of many."""

    name: str
    formula: str
    numbers: str
    result: Any
    line: Line
    place: Place
    terms: tuple[Term, ...] = ()

    @property
    def is_sum(self) -> bool:
        """Whether the terms add up to the result."""
        return bool(self.terms) and _adds_up([term.product for term in self.terms], self.result)

    def __str__(self) -> str:
        rows = [part for part in (self.formula, self.numbers, figures.figure(self.result)) if part]
        # "0 = 0" says nothing twice.
        rows = [row for place, row in enumerate(rows) if place == 0 or row != rows[place - 1]]
        indent = " " * len(self.name)
        return "\n".join(f"{self.name if place == 0 else indent} = {row}" for place, row in enumerate(rows))

    def to_dict(self) -> dict[str, Any]:
        found = {
            "name": self.name,
            "formula": self.formula,
            "numbers": self.numbers,
            "result": figures.plain(self.result),
        }
        if self.terms:
            found["terms"] = [
                {"place": list(t.place), "number": t.number, "factor": t.slope, "product": t.product}
                for t in self.terms
            ]
        return found


def _adds_up(parts: list[float], result: Any) -> bool:
    return abs(sum(parts) - float(result)) <= 1e-4 * (1e-6 + sum(map(abs, parts)))


@dataclass
class Making:
    """Writes the equations of numbers. `stop`: values that are taken as given; `named`: values that get a name, and so
    an equation, of their own; `name` says what a number is called."""

    ran: Ran
    stop: Set[int]
    named: Set[int]
    name: Name
    equations: list[Equation] = field(default_factory=list)
    _known: dict[tuple[int, Place], tuple[Formula, Formula]] = field(default_factory=dict)
    _uses: Counter[tuple[int, Place]] = field(default_factory=Counter)

    def of(self, value: int, place: Place) -> list[Equation]:
        """The equations that lead to a number, the last one its own."""
        self._count(value, place)
        names, _ = self._written(value, place)
        if not self.equations or self.equations[-1].name != names.text:
            self._close(value, place)
        return self.equations

    def _close(self, value: int, place: Place) -> None:
        key = (value, place)
        line = self.ran.made_by.get(value)
        if line is not None and value not in self.stop and key in self._known:
            names, numbers = self._known[key]
            self.equations.append(
                Equation(self.name(value, place), names.text, numbers.text, self.ran.number(value, place), line, place)
            )

    def sources(self, line: Line, place: Place) -> list[Place] | None:
        """Where an elementwise line reads each operand for its result at `place`; None for other lines."""
        if not line.primitive.elementwise:
            return None
        return [_broadcast(place, self.ran.program.specs[value].shape) for value in line.inputs]

    def _count(self, value: int, place: Place) -> None:
        """How often each number is read on the way: one that is read twice is written once."""
        waiting, seen = [(value, place)], set()
        while waiting:
            now = waiting.pop()
            line = self._line(*now)
            if line is None or now in seen:
                continue
            seen.add(now)
            for part in self._read(line, now[1]):
                self._uses[part] += 1
                waiting.append(part)

    def _line(self, value: int, place: Place) -> Line | None:
        return None if value in self.stop else self.ran.made_by.get(value)

    def _read(self, line: Line, place: Place) -> Iterator[tuple[int, Place]]:
        """The single numbers that go on being explained: those of elementwise and of moving lines."""
        sources = self.sources(line, place)
        if sources is not None:
            yield from zip(line.inputs, sources, strict=True)
        else:
            moved = self._moved(line, place)
            if moved is not None:
                yield moved

    def _moved(self, line: Line, place: Place) -> tuple[int, Place] | None:
        """The number that a line which computes nothing brought here."""
        if not self.ran.only_moves(line):
            return None
        if line.primitive.alias:
            return self.ran.same_memory(line, place)
        read = [term for terms in self.ran.terms(line, place) for term in terms]
        return (read[0].value, read[0].place) if len(read) == 1 else None

    def _written(self, value: int, place: Place) -> tuple[Formula, Formula]:
        """A number as it is written in the formula of another: with names, and with numbers."""
        key = (value, place)
        number = atom(figures.figure(self.ran.number(value, place)))
        if key in self._known and self._is_own(key):
            known = self._known[key]
            return known if self._is_bare(value, known[0]) else (atom(self.name(value, place)), number)
        line = self._line(value, place)
        if line is None:
            return atom(self.name(value, place)), number
        if not line.inputs:
            return number, number
        formulas = self._formulas(line, place)
        if formulas is None:
            self.equations.append(
                self._of_a_loop(line, value, place) if "body" in line.settings else self._many(line, place)
            )
            self._known[key] = (atom(self.name(value, place)), number)
            self._uses[key] = max(2, self._uses[key])
            return self._known[key]
        self._known[key] = formulas
        if self._is_own(key) or len(formulas[0].text) > LONGEST:
            if self._is_bare(value, formulas[0]):
                return formulas
            self._uses[key] = max(2, self._uses[key])
            self._close(value, place)
            return atom(self.name(value, place)), number
        return formulas

    def _is_bare(self, value: int, names: Formula) -> bool:
        """Whether a number is written as nothing but the name of another, and so needs none of its own."""
        return names.strength == ATOM and "(" not in names.text and value not in self.named

    def _is_own(self, key: tuple[int, Place]) -> bool:
        return self._uses[key] > 1 or key[0] in self.named

    def _formulas(self, line: Line, place: Place) -> tuple[Formula, Formula] | None:
        """What a line writes, if it is elementwise or only moves numbers."""
        sources = self.sources(line, place)
        if sources is None:
            moved = self._moved(line, place)
            return None if moved is None else self._written(*moved)
        parts = [self._written(value, spot) for value, spot in zip(line.inputs, sources, strict=True)]
        if line.primitive.repeats or self._only_changes_type(line, sources, place):
            return parts[0]
        names, numbers = zip(*parts, strict=True)
        return combined(line.primitive, names), combined(line.primitive, numbers)

    def _only_changes_type(self, line: Line, sources: list[Place], place: Place) -> bool:
        specs = self.ran.program.specs
        if len(line.inputs) != 1 or specs[line.inputs[0]].dtype == specs[line.output].dtype:
            return False
        return bool(self.ran.number(line.inputs[0], sources[0]) == self.ran.number(line.output, place))

    def _pattern(self, value: int) -> Formula:
        """How all numbers of a value are made, as far as that is done number by number; a name where it isn't."""
        line = self._line(value, ())
        given = atom(self.name(value, ()))
        if line is not None and not line.inputs:
            array = self.ran.values[value]
            return atom(figures.figure(array.reshape(-1)[0])) if array.size == 1 else given
        if line is None or value in self.named or not (line.primitive.elementwise or self.ran.only_moves(line)):
            return given
        parts = [self._pattern(read) for read in line.inputs]
        if self.ran.only_moves(line):
            return parts[0] if len(parts) == 1 else given
        found = combined(line.primitive, parts)
        # Behind a Σ, a sum needs brackets.
        text = found.text if found.strength >= PRODUCT else f"({found})"
        return Formula(text) if len(text) <= LONGEST else given

    def _of_a_loop(self, line: Line, value: int, place: Place) -> Equation:
        """A number that a loop over time made: the steps inside are a story of their own."""
        told = f"what {line.settings['length']} steps of a loop over time made"
        return Equation(self.name(value, place), told, "", self.ran.number(value, place), line, place)

    def _many(self, line: Line, place: Place) -> Equation:
        """The equation of a line that makes one number of many."""
        read = self.ran.terms(line, place)
        # Where two operands are multiplied, the terms of the first say it all: its slopes are the second's numbers.
        terms = tuple(next((terms for terms in read if terms), []))
        result = self.ran.number(line.output, place)
        alone = len(line.inputs) == 1
        formula = with_names(
            line.primitive, [str(self._pattern(v)) if alone else self.name(v, ()) for v in line.inputs]
        )
        if len(terms) == 1 and terms[0].slope == 1:  # one of many was chosen: say which
            formula += f": {self.name(terms[0].value, terms[0].place)}"
        return Equation(self.name(line.output, place), formula, told_sum(terms, result), result, line, place, terms)


def told_sum(terms: tuple[Term, ...], result: Any, most: int = 4) -> str:
    """ "0.5 · 0.2 + 0.1 · -0.3 + 14 smaller products": a sum of many numbers, the largest first."""
    if not terms or not _adds_up([term.product for term in terms], result):
        return ""
    order = sorted(terms, key=lambda term: -abs(term.product))
    plain = all(term.slope == 1 for term in terms)
    shown = [
        figures.figure(t.number) if plain else f"{figures.figure(t.number)} · {figures.figure(t.slope)}"
        for t in order[: most if len(order) > most + 1 else most + 1]
    ]
    rest = len(order) - len(shown)
    return " + ".join(shown) + (f" + {rest} smaller ones" if rest else "")


def _broadcast(place: Place, shape: Place) -> Place:
    """Where an operand of a shape is read for the result's number at `place`."""
    return tuple(0 if size == 1 else spot for spot, size in zip(place[len(place) - len(shape) :], shape, strict=True))


def chain(ran: Ran, value: int, place: Place, stop: Set[int], named: Set[int], name: Name) -> list[Equation]:
    """The equations that lead to one number."""
    return Making(ran, stop, named, name).of(value, place)
