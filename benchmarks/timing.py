"""Timing that can be trusted on a noisy machine: contestants in turn, several rounds, medians, and ratios pair by
pair."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass
class Contestant:
    """Somebody who does the work: a command, the environment it needs, and how to read its result."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """What the rounds gave a contestant: seconds of each, and what its last run printed as JSON."""

    name: str
    seconds: list[float]
    told: dict[str, Any]

    @property
    def median(self) -> float:
        return median(self.seconds)


def in_turn(contestants: Sequence[Contestant], rounds: int, whole_process: bool) -> list[Outcome]:
    """Run A B C A B C ...: whole processes by the clock, or by the "seconds" that each prints as JSON on its last
    line."""
    outcomes = [Outcome(contestant.name, [], {}) for contestant in contestants]
    for _ in range(rounds):
        for contestant, outcome in zip(contestants, outcomes, strict=True):
            seconds, told = _run(contestant, whole_process)
            outcome.seconds.append(seconds)
            outcome.told = told
    return outcomes


def _run(contestant: Contestant, whole_process: bool) -> tuple[float, dict[str, Any]]:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "1", **contestant.environment}
    began = time.perf_counter()
    done = subprocess.run(list(contestant.command), env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        raise RuntimeError(f"{contestant.name} failed:\n{done.stderr[-2000:]}")
    if whole_process:
        return seconds, {}
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return float(told["seconds"]), told


def per_step(run: Callable[[], int], rounds: int = 5) -> float:
    """Median seconds per step of a function that runs some steps and says how many; its first call warms up."""
    run()
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        steps = run()
        found.append((time.perf_counter() - began) / steps)
    return median(found)
