"""Programs as people write them end under `pippin run` as they do under Keras: with a figure among those that Keras
gave with several seeds (tests/goldens/make_program_ranges.py)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

TESTS = Path(__file__).resolve().parents[1]
PROGRAMS = sorted(path.stem for path in (TESTS / "programs").glob("*.py"))
MEASURED = json.loads((TESTS / "goldens" / "programs.json").read_text(encoding="utf-8"))

LEAST = 0.03
"""Seeds that give equal figures say little about the next one: a range is never taken to be narrower than this share
of its middle."""


def likely(values: list[float]) -> tuple[float, float]:
    """What another seed may give: the range of the seeds tried, widened by its own width on both sides."""
    low, high = min(values), max(values)
    width = max(high - low, LEAST * abs(float(np.median(values))))
    return low - width, high + width


def test_every_program_was_measured_and_every_measurement_has_a_program() -> None:
    assert sorted(MEASURED) == PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_ends_as_under_keras(name: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(TESTS.parent / "src"), "HOME": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-m", "pippin", "run", TESTS / "programs" / f"{name}.py"],
        cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, f"{ran.stdout[-2000:]}\n{ran.stderr[-3000:]}"
    metric, value = ran.stdout.strip().splitlines()[-1].split()
    known = MEASURED[name]
    low, high = likely(known["values"])
    assert metric == known["metric"]
    assert low <= float(value) <= high, f"{metric} {value} lies outside of [{low:.4g}, {high:.4g}]"
