"""Connectionist temporal classification: how likely a sequence of labels is that is not placed in time."""

from __future__ import annotations

from pippin.errors import ShapeError
from pippin.ops.activation import log_softmax
from pippin.ops.arrange import concatenate, reshape, stack
from pippin.ops.comparison import greater, not_equal, where
from pippin.ops.linear import einsum
from pippin.ops.loops import scan
from pippin.ops.make import cast, full_like
from pippin.ops.networks import one_hot
from pippin.ops.operation import operation
from pippin.ops.reduction import logsumexp
from pippin.ops.types import Tensor, as_float
from pippin.primitives import FLOAT, INT, TABLE

IMPOSSIBLE = -1e5
"""The logarithm of a probability of 0, as a number that can be added: a label that can't be reached costs so much."""


@operation(4)
def ctc_loss(
    target: Tensor, output: Tensor, target_length: Tensor, output_length: Tensor, mask_index: int = 0
) -> Tensor:
    """-ln of the probability that the output, read from left to right without blanks and repetitions, says the labels.

    target (batch, n) holds class numbers, of which the first target_length (batch,) count; output (batch, time,
    classes) is before softmax, and its first output_length (batch,) steps count; the class mask_index is the blank.
    Source: Graves et al., "Connectionist Temporal Classification" (2006), section 4.1, in logarithms.
    """
    if target.rank != 2 or output.rank != 3:
        raise ShapeError(
            "ctc: expected labels of shape (batch, length) and predictions of shape (batch, time, classes), received "
            f"{target.shape} and {output.shape}."
        )
    labels, lengths = cast(target, INT), cast(target_length, INT)
    (batch, count), time = labels.shape, output.shape[1]
    # A blank stands before each label and behind the last: states 0, 2, 4, ... are blanks, 1, 3, 5, ... labels.
    blanks = full_like(labels, mask_index)
    pairs = reshape(stack([blanks, labels], 2), (batch, 2 * count))
    states = concatenate([pairs, blanks[:, :1]], 1)
    said = einsum("btk,bsk->tbs", log_softmax(as_float(output)), one_hot(states, output.shape[2]))
    # From a state on leads its neighbour, and the one behind it, unless that says the same.
    jump = where(not_equal(states[:, 2:], states[:, :-2]), 0.0, IMPOSSIBLE)
    numbers = output.trace.write(TABLE["iota"], (), {"length": time})
    counts = numbers.reshape((time, 1)) < cast(output_length, INT).reshape((1, batch))

    never = full_like(states, IMPOSSIBLE, FLOAT)
    start = concatenate([never[:, :1] * 0.0, never[:, 1:]], 1)

    def step(before: Tensor, here: tuple[Tensor, Tensor]) -> tuple[Tensor, None]:
        emitted, is_there = here
        neighbour = concatenate([never[:, :1], before[:, :-1]], 1)
        farther = concatenate([never[:, :2], before[:, :-2] + jump], 1)
        after = logsumexp(stack([before, neighbour, farther], 0), 0) + emitted
        return where(is_there.reshape((batch, 1)), after, before), None

    last, _ = scan(step, start, (said, counts))
    ends = one_hot(lengths * 2, 2 * count + 1) + one_hot(lengths * 2 - 1, 2 * count + 1)
    return -logsumexp(where(greater(ends, 0.0), last, 10 * IMPOSSIBLE), 1)
