"""How each training script is asked, how it is timed and what it prints: the same for everybody."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.workloads import WORKLOADS, Workload

Tick = Callable[[], None] | None
"""To be called after each epoch, once its numbers are there; None where nobody looks before the end."""

Fit = Callable[[int, Tick], tuple[Sequence[float], Sequence[float]]]
"""Trains on for some epochs; returns the loss and the accuracy of each."""


def asked() -> tuple[Workload, dict[str, Any]]:
    """The workload that the command line names, and the settings after it: `mlp32 '{"threads": 1}'`. Of these `rows`,
    `batch`, `epochs` and `again` change the workload."""
    settings = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
    changed = {name: settings.pop(name) for name in ("rows", "batch", "epochs", "again") if name in settings}
    return replace(WORKLOADS[sys.argv[1]], **changed), settings


def measure(work: Workload, fit: Fit, engine: Callable[[], float] | None = None, **told: Any) -> None:
    """Fit, and print seconds of an epoch, the first fit's losses and accuracies, and the process's peak memory; and
    where `engine` tells the seconds spent in compiled code so far, their share of the timed ones."""

    def now() -> tuple[float, float]:
        return perf_counter(), engine() if engine else 0.0

    if work.again:
        losses, accuracies = fit(work.epochs, None)
        fit(work.again, None)
        ends = [now(), *(fit(work.again, None) and now() for _ in range(5))]
    else:
        ends = []
        losses, accuracies = fit(work.epochs, lambda: ends.append(now()))
    spans = [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(ends)]
    tell(
        seconds=median(whole for whole, _ in spans) / (work.again or 1) if spans else None,
        engine=median(inside / whole for whole, inside in spans) if spans and engine else None,
        loss=[float(loss) for loss in losses],
        accuracy=[float(accuracy) for accuracy in accuracies],
        peak=peak_bytes(),
        **told,
    )


def timed(function: Callable[[], Any]) -> float:
    """Seconds of one call."""
    began = perf_counter()
    function()
    return perf_counter() - began


def per_call(function: Callable[[], Any], least: float = 0.05, rounds: int = 5) -> float:
    """Median seconds of a call: of some rounds of as many calls as fill `least` seconds, after warming up."""

    def calls(count: int) -> float:
        return timed(lambda: [function() for _ in range(count)])

    count = 1
    while calls(count) < least:
        count *= 2
    return median(calls(count) / count for _ in range(rounds))


def peak_bytes() -> int:
    """The most memory this process ever held. (getrusage would count the parent's, before this one was loaded.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def tell(**found: Any) -> None:
    """The last line of a script."""
    print(json.dumps(found))
