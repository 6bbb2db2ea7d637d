"""Backpropagation through time: the derivative of a loop is a loop over its body's derivative, the other way round.

Source: Werbos, "Backpropagation through time: what it does and how to do it" (1990). The backward loop carries what
arrives at the carried values. What its lines need of the forward pass, the forward loop keeps of each step. The
gradient of a constant is a sum over all steps: where its share is a product or a sum of numbers of one step, those
numbers are kept and added up once, behind the loop; else the sum is carried along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from pippin.primitives import TABLE, Spec
from pippin.primitives.primitive import FLOAT
from pippin.program import BACKWARD, Line, Symbol, Trace, reopen
from pippin.program.scan import Parts, body_of

WalkBack = Callable[..., None]


def pass_back_through_time(
    trace: Trace, number: int, arriving: dict[int, Symbol], wanted: set[int], walk_back: WalkBack
) -> list[Symbol | None]:
    """What line `number`, a scan, passes back to each of its inputs. The line is written anew, to keep more."""
    line = trace.lines[number]
    with trace.at(layer=line.layer, phase=BACKWARD):
        step = _differentiate_step(trace, line, arriving, wanted, walk_back)
        return _Backwards(trace, number, step).write(arriving)


@dataclass
class _Step:
    """A body with its backward lines: what arrives where, in numbers of values."""

    parts: Parts
    trace: Trace
    forward: int
    """How many lines are the forward pass."""
    arrives: dict[int, int] = field(default_factory=dict)
    """Number of an output of the body → the input that holds what arrives there."""
    leaves: dict[int, Symbol] = field(default_factory=dict)
    """Number of a carried value or slice → its gradient."""
    shares: dict[int, list[Symbol]] = field(default_factory=dict)
    """Number of a constant → what adds up to its gradient."""


def _differentiate_step(
    trace: Trace, line: Line, arriving: dict[int, Symbol], wanted: set[int], walk_back: WalkBack
) -> _Step:
    parts = Parts(**line.settings)
    back = reopen(parts.body)
    step = _Step(parts, back, len(back.lines))
    inside: dict[int, Symbol] = {}
    with back.at(layer=line.layer, phase=BACKWARD):
        for place, value in enumerate(parts.outputs):
            is_carried = place < parts.carried
            if back.specs[value].dtype != FLOAT or not (is_carried or line.outputs[place] in arriving):
                continue
            symbol = back.input(f"d{place}", back.specs[value])
            step.arrives[place] = symbol.value
            inside[value] = inside[value] + symbol if value in inside else symbol
        first_constant = parts.carried + parts.sliced
        asked = [
            place for place, value in enumerate(parts.inputs)
            if back.specs[value].dtype == FLOAT and (place < parts.carried or line.inputs[place] in wanted)
        ]  # fmt: skip
        apart: dict[int, list[Symbol]] = {parts.inputs[place]: [] for place in asked if place >= first_constant}
        walk_back(back, inside, [back.symbol_of(parts.inputs[place]) for place in asked], step.forward, apart)
        for place in asked:
            value = parts.inputs[place]
            if place >= first_constant:
                step.shares[place] = [inside[value], *apart[value]] if value in inside else apart[value]
            elif value in inside:
                step.leaves[place] = inside[value]
            else:
                step.leaves[place] = back.symbol(0.0).broadcast_to(back.specs[value].shape)
    return step


class _Backwards:
    """Writes the backward loop."""

    def __init__(self, trace: Trace, number: int, step: _Step) -> None:
        self.trace, self.number, self.step, self.parts = trace, number, step, step.parts
        self.line = trace.lines[number]
        back = step.trace
        self.body_lines = back.lines[: step.forward]
        self.own_lines = back.lines[step.forward :]
        self.made_forward = {value: one for one in self.body_lines for value in one.outputs}
        self.kept: list[int] = []
        """Values of the body that the forward loop keeps besides."""
        self.again: set[int] = set()
        """Forward lines that are cheaper done again than kept: places in the body."""

    def write(self, arriving: dict[int, Symbol]) -> list[Symbol | None]:
        """The backward loop's line, and the lines behind it that add up."""
        step, parts, back = self.step, self.parts, self.step.trace
        carried: list[tuple[int, int, Symbol]] = []  # input, output of the backward body, first value
        for place in range(parts.carried):
            if place in step.arrives:
                first = arriving.get(self.line.outputs[place])
                if first is None:
                    first = self.trace.symbol(0.0).broadcast_to(back.specs[step.arrives[place]].shape)
                carried.append((step.arrives[place], step.leaves[place].value, first))
        totals: dict[int, int] = {}  # constant → its place among the carried values
        factors: dict[int, list[Line]] = {}
        for place, shares in step.shares.items():
            behind = [s for s in shares if self._adds_up_behind(s)]
            factors[place] = [back.made_by[s.value] for s in behind]
            rest = [s for s in shares if s not in behind]
            if rest:
                with back.at(layer=self.line.layer, phase=BACKWARD):
                    total = back.input(f"total{place}", rest[0].spec)
                    after = total
                    for share in rest:
                        after = after + share
                self.own_lines = back.lines[step.forward :]
                totals[place] = len(carried)
                carried.append((total.value, after.value, self.trace.symbol(0.0).broadcast_to(total.shape)))
        outside = self.line.outputs
        seeds = {value: arriving[outside[place]] for place, value in step.arrives.items() if place >= parts.carried}
        slices = [step.leaves[place].value for place in sorted(step.leaves) if place >= parts.carried]
        wanted = [v for lines in factors.values() for one in lines for v in one.inputs if self._is_own(v)]
        stacked = list(dict.fromkeys([*slices, *wanted]))
        results = self._loop(carried, seeds, stacked, factors)
        behind_loop = dict(zip(stacked, results[len(carried) :], strict=True))
        found: list[Symbol | None] = [None] * len(self.line.inputs)
        for place in step.leaves:
            if place < parts.carried:
                own = [n for n, (value, _, _) in enumerate(carried) if value == step.arrives.get(place)]
                found[place] = results[own[0]]
            else:
                found[place] = behind_loop[step.leaves[place].value]
        for place, lines in factors.items():
            shares = [self._added_up(one, behind_loop) for one in lines]
            if place in totals:
                shares.append(results[totals[place]])
            for share in shares:
                found[place] = share if found[place] is None else found[place] + share
        return found

    def _is_own(self, value: int) -> bool:
        return value not in self.made_forward and value not in self.parts.inputs

    def _adds_up_behind(self, share: Symbol) -> bool:
        """Whether a share of a constant's gradient can be summed over all steps at once, of what each step leaves."""
        one = self.step.trace.made_by.get(share.value)
        if one is None or not self._is_own(share.value) or one.primitive.summed_steps is None:
            return False
        constants = self.parts.inputs[self.parts.carried + self.parts.sliced :]
        return all(value not in constants for value in one.inputs)

    def _added_up(self, one: Line, behind: dict[int, Symbol]) -> Symbol:
        assert one.primitive.summed_steps is not None
        stacks = [behind[value] if self._is_own(value) else self._stack_of(value) for value in one.inputs]
        found: Symbol = one.primitive.summed_steps(self.parts.length, *stacks, **one.settings)
        return found

    def _loop(
        self, carried: Sequence[tuple[int, int, Symbol]], seeds: dict[int, Symbol], stacked: Sequence[int],
        factors: dict[int, list[Line]],
    ) -> tuple[Symbol, ...]:  # fmt: skip
        """Write the backward loop, after the forward loop was told what to keep."""
        parts, back = self.parts, self.step.trace
        outputs = [*(after for _, after, _ in carried), *stacked]
        own = _needed(self.own_lines, outputs)
        made = {value for one in own for value in one.outputs}
        given = {*(value for value, _, _ in carried), *seeds}
        read = {v for one in own for v in one.inputs} | set(outputs)
        forward = sorted(value for value in read - made - given)
        sources: set[int] = set()
        for value in forward:
            self._find(value, sources)
        for lines in factors.values():
            for one in lines:
                for value in one.inputs:
                    if not self._is_own(value):
                        self._keep(value)
        constants = self.parts.inputs[parts.carried + parts.sliced :]
        for value in sorted(sources):
            if value not in constants:
                self._keep(value)
        self._write_forward_anew()
        slices = {**seeds, **{v: self._stack_of(v) for v in sorted(sources) if v not in constants}}
        fixed = {
            v: self.trace.symbol_of(self.line.inputs[parts.inputs.index(v)]) for v in sorted(sources) if v in constants
        }
        lines = [replace(self.body_lines[n], phase=BACKWARD) for n in sorted(self.again)] + own
        body = body_of("step back", [*(value for value, _, _ in carried), *slices, *fixed], lines, outputs, back.specs)
        settings = Parts(body, len(carried), len(slices), parts.length, not parts.reverse).settings()
        given_symbols = [*(first for _, _, first in carried), *slices.values(), *fixed.values()]
        return self.trace.write_all(TABLE["scan"], given_symbols, settings)

    def _find(self, value: int, sources: set[int]) -> None:
        """The values from which a value of the forward pass is had: itself, or what a cheap line makes it of."""
        one = self.made_forward.get(value)
        if one is None or (one.inputs and not one.primitive.alias and not one.primitive.repeats):
            sources.add(value)
            return
        self.again.add(next(n for n, other in enumerate(self.body_lines) if other is one))
        for inner in one.inputs:
            self._find(inner, sources)

    def _keep(self, value: int) -> None:
        """See to it that the forward loop keeps a value of each step."""
        parts = self.parts
        is_slice = value in parts.inputs[parts.carried : parts.carried + parts.sliced]
        if not is_slice and value not in parts.outputs[parts.carried :] and value not in self.kept:
            self.kept.append(value)

    def _stack_of(self, value: int) -> Symbol:
        """A value of the body in all steps; one that was kept, or a slice."""
        parts = self.parts
        place = parts.inputs.index(value) if value in parts.inputs else -1
        if parts.carried <= place < parts.carried + parts.sliced:
            return self.trace.symbol_of(self.line.inputs[place])
        line = self.trace.lines[self.number]
        outputs = Parts(**line.settings).outputs
        where = outputs.index(value, parts.carried)
        return self.trace.symbol_of(line.outputs[where])

    def _write_forward_anew(self) -> None:
        """The forward loop's line, with more that is kept of each step."""
        trace, parts, back = self.trace, self.parts, self.step.trace
        new = tuple(range(len(trace.specs), len(trace.specs) + len(self.kept)))
        trace.specs += [Spec((parts.length, *back.specs[v].shape), back.specs[v].dtype) for v in self.kept]
        body = body_of(parts.body.name, parts.inputs, self.body_lines, [*parts.outputs, *self.kept], back.specs)
        settings = replace(parts, body=body).settings()
        line = replace(self.line, outputs=(*self.line.outputs, *new), settings=settings)
        trace.lines[self.number] = line
        trace.made_by.update(dict.fromkeys(line.outputs, line))


def _needed(lines: Sequence[Line], outputs: Iterable[int]) -> list[Line]:
    needed, kept = set(outputs), list[Line]()
    for line in reversed(lines):
        if needed & set(line.outputs):
            needed |= set(line.inputs)
            kept.append(line)
    return kept[::-1]
