"""Writes programs.json: what the last line of each program in tests/programs says under real Keras, seed by seed.

    build/peers/keras/bin/python tests/goldens/make_program_ranges.py            all that are missing
    build/peers/keras/bin/python tests/goldens/make_program_ranges.py NAME ...   these anew

Programs take a seed as their first argument and end with a line "metric value". Keras computes with TensorFlow, unless
KERAS_BACKEND says otherwise: Keras's own backends differ where rows of an Embedding occur several times in a batch
(TensorFlow's optimizers square each occurrence), and Pippin is like the others.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROGRAMS = HERE.parent / "programs"
FOUND = HERE / "programs.json"
SEEDS = range(5)


def last_figure(output: str) -> tuple[str, float]:
    """The metric and the value on the last line that a program printed."""
    *_, line = output.strip().splitlines()
    metric, value = line.split()
    return metric, float(value)


def measure(name: str) -> dict[str, object]:
    """Run one program with every seed."""
    values = []
    for seed in SEEDS:
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"}
        ran = subprocess.run(
            [sys.executable, PROGRAMS / f"{name}.py", str(seed)],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ran.returncode:
            raise SystemExit(f"{name} ended with {ran.returncode}:\n{ran.stdout[-2000:]}{ran.stderr[-3000:]}")
        metric, value = last_figure(ran.stdout)
        values.append(round(value, 6))
    return {"backend": os.environ.get("KERAS_BACKEND", "tensorflow"), "metric": metric, "values": values}


def read() -> dict[str, Any]:
    """What was measured before."""
    return json.loads(FOUND.read_text()) if FOUND.exists() else {}


if __name__ == "__main__":
    programs = sorted(path.stem for path in PROGRAMS.glob("*.py"))
    for name in sys.argv[1:] or [name for name in programs if name not in read()]:
        known = dict(sorted({**read(), name: measure(name)}.items()))
        print(name, known[name], flush=True)
        FOUND.write_text("".join(["{\n", ",\n".join(f'"{n}": {json.dumps(w)}' for n, w in known.items()), "\n}\n"]))
