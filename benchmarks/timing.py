"""Timing that can be trusted on a noisy machine: contestants in turn, several rounds, medians, and ratios round by
round."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import peers

ROOT = Path(__file__).resolve().parent.parent
# What would change the peers' speed from outside. NumPy's OpenBLAS picks its kernels itself when neither is set.
NOT_PASSED_ON = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "XLA_FLAGS",
                 "PYTHONDONTWRITEBYTECODE")  # fmt: skip


@dataclass(frozen=True)
class Contestant:
    """Somebody who does the work: a command and what its environment says besides."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """What the rounds gave a contestant: seconds of each, and what its last run printed as JSON."""

    name: str
    seconds: list[float] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return median(self.seconds)

    def times(self, other: Outcome) -> float:
        """How many times the other's seconds this one's are: the median of the rounds' own ratios, because what slows
        a machine for a minute slows both."""
        return median(mine / theirs for mine, theirs in zip(self.seconds, other.seconds, strict=True))


def script(name: str, *arguments: str) -> list[str]:
    """What an interpreter is given to run a script of work/; settings come as JSON in the arguments."""
    return ["-m", f"benchmarks.work.{name}", *arguments]


def pippin(name: str, work: str, *arguments: str) -> Contestant:
    return Contestant(name, [sys.executable, *script(work, *arguments)], {"LIBRARY": "pippin"})


def peer(name: str, work: str, *arguments: str, home: str = "keras", **environment: str) -> Contestant:
    """A script run by a peer's interpreter."""
    return Contestant(name, [peers.python_of(home), *script(work, *arguments)], environment)


def keras(backend: str, work: str, *arguments: str) -> Contestant:
    name = {"jax": "Keras on JAX", "tensorflow": "Keras on TensorFlow"}[backend]
    return peer(name, work, *arguments, LIBRARY="keras", KERAS_BACKEND=backend)


def in_turn(contestants: Sequence[Contestant], rounds: int, whole_process: bool = False) -> list[Outcome]:
    """Run A B C A B C ...: whole processes by the clock, or by the "seconds" that each prints as JSON on its last
    line."""
    outcomes = [Outcome(contestant.name) for contestant in contestants]
    for number in range(rounds):
        for contestant, outcome in zip(contestants, outcomes, strict=True):
            print(f"  round {number + 1}: {contestant.name}", file=sys.stderr)
            seconds, told = run(contestant)
            outcome.seconds.append(seconds if whole_process else float(told["seconds"]))
            outcome.told = told
    return outcomes


def run(contestant: Contestant) -> tuple[float, dict[str, Any]]:
    """Seconds of the whole process, and what it told: the JSON of its last line, if it is that."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    environment = {**inherited, "TF_CPP_MIN_LOG_LEVEL": "3", **contestant.environment}
    began = time.perf_counter()
    done = subprocess.run(list(contestant.command), env=environment, cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        raise RuntimeError(f"{contestant.name} failed:\n{done.stderr[-2000:]}")
    last = done.stdout.strip().splitlines()[-1:]
    return seconds, json.loads(last[0]) if last and last[0].startswith("{") else {}
