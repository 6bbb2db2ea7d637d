"""Write the table of docs/glass.md anew: python tests/conformance/publish_ten_models.py (needs Keras and JAX)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]

import numpy as np  # noqa: E402

from conformance.agreement import agreement_of, ask_keras  # noqa: E402
from conformance.ten_models import KINDS  # noqa: E402

PAGE = ROOT / "docs" / "glass.md"
COLUMNS = ("model", "numbers shown", "to the reference", "to the training engine", "outputs to Keras",
           "gradients to Keras", "nudges")  # fmt: skip
HEAD = f"| {' | '.join(COLUMNS)} |"


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    if not ask_keras(folder):
        sys.exit("There is no Python with Keras and JAX: python -m benchmarks.peers makes one.")
    rows = [HEAD, "|---|--:|--:|--:|--:|--:|--:|"]
    for kind in KINDS:
        found = agreement_of(kind, dict(np.load(folder / f"{kind}.npz")))
        far = (found.reference, found.native, found.keras_outputs, found.keras_gradients)
        told = " | ".join(f"{value:.0e}" for value in far)
        nudges = f"{found.checks_that_agree} of {found.checks}"
        rows.append(f"| {kind.replace('_', ' ')} | {found.numbers:,} | {told} | {nudges} |")
    before = PAGE.read_text(encoding="utf-8").partition("| model |")[0]
    PAGE.write_text(before + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
