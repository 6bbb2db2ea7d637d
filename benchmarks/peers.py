"""The peers' environments: each library in a virtual environment under build/peers, made once. Nothing of them enters
Pippin's. `python -m benchmarks.peers` makes all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent / "build" / "peers"
PACKAGES = {
    "keras": ["keras==3.15.1", "tensorflow==2.21.0", "jax==0.10.2", "scikit-learn==1.9.1", "onnxruntime==1.32.0",
              "onnx==1.23.2", "pillow"],
    "torch": ["torch==2.13.0", "numpy", "pillow"],
}  # fmt: skip


def python_of(peer: str) -> str:
    """The interpreter of a peer's environment, which is made unless it is there: that takes minutes and gigabytes."""
    interpreter = HOME / peer / "bin" / "python"
    if not interpreter.exists():
        print(f"Setting up {HOME / peer} ({', '.join(PACKAGES[peer])}) ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", HOME / peer], check=True)
        subprocess.run([interpreter, "-m", "pip", "install", "-q", *PACKAGES[peer]], check=True)
    return str(interpreter)


if __name__ == "__main__":
    for name in PACKAGES:
        python_of(name)
