"""The rules, by the code of what they find. A rule looks at a case and tells its findings, none if all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pippin.diagnosis import ability, batches, copies, curves, data, gates
from pippin.diagnosis.case import Case
from pippin.diagnosis.finding import Finding

Rule = Callable[[Case], Iterator[Finding]]

RULES: dict[str, Rule] = {
    "wrong-loss": data.wrong_goal,
    "unscaled-inputs": data.unscaled_inputs,
    "class-imbalance": data.imbalance,
    "leak": copies.leak,
    "exploding-gradient": gates.exploding_gradient,
    "vanishing-gradient": gates.vanishing_gradient,
    "dead-relu": gates.dead_relu,
    "saturated": gates.saturated,
    "learning-rate-too-high": curves.learning_rate_too_high,
    "learning-rate-too-low": curves.learning_rate_too_low,
    "constant-answers": curves.constant_answers,
    "unstable-batch-size": batches.unstable_batch_size,
    "underfit": ability.underfit,
    "not-learning": ability.not_learning,
    "overfit": curves.overfit,
    "shortcut": ability.shortcut,
    "suspect-labels": copies.suspect_labels,
}
"""In the order in which one would mend them."""
BEFORE = ("wrong-loss", "unscaled-inputs", "class-imbalance")
"""Those that need no training, and little time."""
WHILE = ("exploding-gradient", "vanishing-gradient", "dead-relu", "saturated", "overfit")
"""Those that need no experiment: they are asked while training goes on."""


_SHUT = {"dead-relu", "saturated", "vanishing-gradient", "exploding-gradient"}
_RATE = {"learning-rate-too-high", "learning-rate-too-low"}
EXPLAINED_BY: dict[str, set[str]] = {
    "learning-rate-too-high": {"wrong-loss"},
    "learning-rate-too-low": {"wrong-loss", "unscaled-inputs", "learning-rate-too-high", *_SHUT},
    "underfit": {"wrong-loss", "unscaled-inputs", *_SHUT, *_RATE},
    "not-learning": {"wrong-loss", "unscaled-inputs", "underfit", *_SHUT, *_RATE},
    "suspect-labels": {"wrong-loss", "unscaled-inputs", "underfit", "not-learning", *_SHUT, *_RATE},
}
"""What isn't asked any more once its cause is known."""


def findings_of(case: Case, codes: Iterable[str] = tuple(RULES)) -> list[Finding]:
    """What the rules of some codes find, in their order."""
    found: list[Finding] = []
    for code in codes:
        if not EXPLAINED_BY.get(code, set()) & {finding.code for finding in found}:
            found += RULES[code](case)
    return found
