"""`pippin train` with its default settings on folders of photos, five seeds each: how well it does on photos it has not
seen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.answer import Answer
from benchmarks.timing import ROOT
from benchmarks.workloads import SHARED

SEEDS = range(5)


def ask(rounds: int) -> Answer:
    """So many seeds, at most five, as rounds."""
    lines = ["| folder | balanced accuracy, median | each seed | seconds, median |", "|---|---|---|---|"]
    for name in ("market", "studio"):
        found = [train(SHARED / "data" / "photos" / name, seed) for seed in SEEDS[:rounds]]
        each = ", ".join(f"{result['balanced_accuracy']:.3f}" for result in found)
        middle = median(result["balanced_accuracy"] for result in found)
        lines.append(f"| {name} | {middle:.3f} | {each} | {median(result['seconds'] for result in found):.0f} |")
    return Answer("pippin train on folders of photos, default settings", [], notes=["\n".join(lines)])


def train(folder: Path, seed: int) -> dict[str, float]:
    out = ROOT / "build" / "bench" / f"{folder.name}-{seed}"
    pippin = Path(sys.executable).parent / "pippin"
    command = [pippin, "train", folder, "--seed", str(seed), "--out", out, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return next(event for event in events if event["event"] == "result")
