"""The peers' environments: each library in a virtual environment of its own under build/peers, made once. Nothing of
them enters Pippin's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HOME = Path("build/peers")
PACKAGES = {
    "keras": ["keras==3.15.1", "tensorflow", "jax", "scikit-learn", "numpy", "pillow"],
    "torch": ["torch", "numpy", "pillow"],
}


def python_of(peer: str) -> Path | None:
    """The interpreter of a peer's environment, if it is there."""
    found = HOME / peer / "bin" / "python"
    return found.absolute() if found.exists() else None


def make(peer: str) -> Path:
    """Create a peer's environment unless it is there; returns its interpreter. Takes minutes and some gigabytes."""
    if python_of(peer) is None:
        print(f"Setting up {HOME / peer} ({', '.join(PACKAGES[peer])}) ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", HOME / peer], check=True)
        subprocess.run([HOME / peer / "bin" / "python", "-m", "pip", "install", "-q", *PACKAGES[peer]], check=True)
    found = python_of(peer)
    assert found is not None
    return found
