"""The rule about batches: so small that each step goes where a few examples pull."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pippin.diagnosis.case import Case
from pippin.diagnosis.curves import losses_of, rough_of
from pippin.diagnosis.finding import Finding, Fix
from pippin.glass.figures import figure

SMALL, USUAL = 4, 32
ROUGH = 0.04
"""The mean rise of the loss from one epoch to the next, as a share."""


def unstable_batch_size(case: Case) -> Iterator[Finding]:
    """Batches of a few examples, and a loss that jumps, or statistics of a batch that are nearly chance."""
    trial, losses = case.trial, losses_of(case)
    if (
        trial is None
        or trial.batch > SMALL
        or trial.rows < 2 * USUAL
        or len(losses) < 3
        or not np.isfinite(losses).all()
    ):
        return
    norms = [layer.name for moment in case.moments[:1] for layer in moment.layers if layer.kind == "BatchNormalization"]
    if not norms and rough_of(losses) < ROUGH:
        return
    calm = case.tried({"batch_size": USUAL})
    because = (
        f"{norms[0]} takes mean and spread of {trial.batch} examples for those of all, which they are not."
        if norms else f"The gradient of {trial.batch} examples points where these pull, hardly where all would."
    )  # fmt: skip
    yield Finding(
        "unstable-batch-size", norms[0] if norms else "",
        f"Each step sees {trial.batch} examples; the loss rises by {rough_of(losses):.0%} from one epoch to the next, "
        f"on average, and with {USUAL} it ends at {figure(calm[-1])} instead of {figure(case.tried({})[-1])} in a "
        "short try.",
        because, Fix(f"Use batches of {USUAL}.", {"batch_size": USUAL}),
        {"batch": trial.batch, "roughness": rough_of(losses), "loss": float(losses[-1]), "calm_loss": float(calm[-1])},
    )  # fmt: skip
