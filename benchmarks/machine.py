"""What the machine is, and what it can do at best: its roof, against which speeds are held."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import ROOT, Contestant, run, script

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def description() -> str:
    """Processor, cores that this process may use, system and Python."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    found = {line.split(":")[0].strip(): line.split(":")[-1].strip() for line in lines}
    family = f" (family {found['cpu family']}, model {found['model']})" if "cpu family" in found else ""
    processor = found.get("model name", platform.processor() or "unknown processor") + family
    return f"{processor}, {CORES} core{'s' * (CORES > 1)}, Python {platform.python_version()}"


@dataclass
class Roof:
    """Floating-point operations per second on all cores: of a loop of nothing but FMAs, and of NumPy's product of two
    4096 × 4096 matrices."""

    fma: float
    sgemm: float


def roof() -> Roof:
    """Measured now, because machines change from minute to minute."""
    _, sgemm = run(Contestant("NumPy's sgemm", [sys.executable, *script("sgemm")]))
    _, fma = run(Contestant("FMA loop", [str(_fma_loop()), str(CORES)])) if _compiler() else (0, {"flops": 0.0})
    return Roof(float(fma["flops"]), float(sgemm["flops"]))


def _compiler() -> str | None:
    return next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))), None)


def _fma_loop() -> Path:
    """work/fma.cpp, compiled unless it is."""
    source, program = Path(__file__).parent / "work" / "fma.cpp", ROOT / "build" / "bench" / "fma"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([str(_compiler()), "-std=c++20", "-O2", "-pthread", source, "-o", program], check=True)
    return program
