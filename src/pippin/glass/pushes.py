"""Which examples pushed a weight, and which way: the gradient, taken apart by the examples whose errors make it.

The loss is written once more as what it is of each example's answer, and the error of one example at a time is sent
back through the network (everybody else's error set to 0). What is sent back is added up by the backward pass, so the
shares add up to the gradient. What does not come from an answer (a regularizer) is the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.engines.reference import ReferenceRunner, run_lines
from pippin.errors import SettingError
from pippin.glass import figures
from pippin.glass.between import makers
from pippin.glass.opened import Opened
from pippin.glass.ran import Place
from pippin.primitives import TABLE, Spec
from pippin.program import FORWARD, LOSS, Program, Symbol, Trace, reopen
from pippin.transforms import gradients, simplify

if TYPE_CHECKING:
    from pippin.glass.weight import WeightView


@dataclass(frozen=True)
class Pushes:
    """`shares[i]` is example i's share of the gradient at `place` (of the whole weight's, without a place); `rest` is
    what no example's answer is to blame for. Together they are the gradient."""

    weight: str
    place: Place | None
    shares: np.ndarray
    rest: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """All shares and the rest: the gradient."""
        return np.asarray(self.shares.sum(axis=0) + self.rest)

    def strongest(self, count: int = 3) -> list[tuple[int, float]]:
        """(example, share) of those that pushed hardest; of a whole weight, the length of the share."""
        sizes = (
            self.shares if self.place is not None else np.sqrt((self.shares**2).reshape(len(self.shares), -1).sum(1))
        )
        order = np.argsort(-np.abs(sizes), kind="stable")[:count]
        return [(int(example), float(sizes[example])) for example in order]

    def tell(self) -> str:
        """In words."""
        from pippin.glass.weight_words import pushes_sentences

        return " ".join(pushes_sentences(self))

    def to_dict(self) -> dict[str, Any]:
        return {
            "weight": self.weight, "place": None if self.place is None else list(self.place),
            "shares": figures.plain(self.shares), "rest": figures.plain(self.rest), "says": self.tell(),
        }  # fmt: skip


def find_pushes(weight: WeightView, place: Place | None) -> Pushes:
    """Take a weight's gradient apart, by one backward pass for each example."""
    step = weight.step
    if weight.gradient is None:
        raise SettingError(f'pushes: "{weight.name}" has no gradient, because it doesn\'t learn.')
    program = _program(weight)
    values = ReferenceRunner(program).start({**step.inputs, "whose": np.zeros(step.batch, np.float32)}, step.states)
    run_lines(program, values)
    again = _depending(program, program.inputs["whose"])
    shares = []
    for example in range(step.batch):
        values[program.inputs["whose"]] = np.eye(step.batch, dtype=np.float32)[example]
        run_lines(again, values)
        shares.append(np.array(values[program.outputs["share"]]))
    rest = values[program.outputs["rest"]]
    at: Any = () if place is None else place
    return Pushes(weight.name, place, np.stack([share[at] for share in shares]), np.asarray(rest[at]))


def _program(weight: WeightView) -> Program:
    """The forward pass and the loss, and what each example's error makes of the weight's gradient.

    Inputs: the batch, and `whose`, 1 for each example whose error is sent back. Outputs: `share` and `rest`.
    """
    opened, batch = weight.step.opened, weight.step.batch
    kept = [line for line in opened.program.lines if line.phase in (FORWARD, LOSS)]
    trace = reopen(replace(opened.program, lines=tuple(kept), outputs={}, updates={}, guard=None))
    predictions = [trace.symbol_of(value) for value in opened.notes.predictions]
    answers: list[Symbol] = [TABLE["stop_gradient"](answer) for answer in predictions]
    loss = _written_again(trace, opened, answers)
    state = trace.symbol_of(weight.value)
    *errors, rest = gradients(loss, [*answers, state])
    whose = trace.input("whose", Spec((batch,)))
    share = trace.symbol(0.0).broadcast_to(state.shape)
    for answer, error in zip(predictions, errors, strict=True):
        own = error * whose.reshape((batch, *[1] * (error.rank - 1)))
        share = share + gradients(answer, [state], seed=own)[0]
    trace.output("share", share)
    trace.output("rest", rest)
    return simplify(trace.program())


def _written_again(trace: Trace, opened: Opened, answers: list[Symbol]) -> Symbol:
    """The lines of the loss once more, with `answers` in place of the predictions."""
    now = dict(zip(opened.notes.predictions, answers, strict=True))
    assert opened.notes.loss is not None
    for line in makers(trace.made_by, [opened.notes.loss], set(now)):
        read = [now.get(value, trace.symbol_of(value)) for value in line.inputs]
        now.update(zip(line.outputs, trace.write_all(line.primitive, read, dict(line.settings)), strict=True))
    return now[opened.notes.loss]


def _depending(program: Program, value: int) -> Program:
    """The lines that depend on a value."""
    reached, kept = {value}, []
    for line in program.lines:
        if reached & set(line.inputs):
            reached |= set(line.outputs)
            kept.append(line)
    return program.with_lines(kept)
