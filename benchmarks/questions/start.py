"""Starting, and what an installation takes on the disk."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.answer import Answer, Claim, Table
from benchmarks.peers import python_of
from benchmarks.timing import ROOT, Contestant, Outcome, in_turn

IMPORTS = {
    "Pippin": "import pippin",
    "Pippin, with layers and models": "from pippin import layers, models",
    "NumPy": "import numpy",
    "JAX": "import jax, jax.numpy",
    "scikit-learn": "from sklearn.neural_network import MLPClassifier",
    "PyTorch": "import torch",
    "Keras on TensorFlow": "import tensorflow.keras",
}
OURS = ("Pippin", "Pippin, with layers and models", "NumPy")
# What a user installs to train on photos, and the environment it stands in.
INSTALLED = {"JAX": ("keras", ["jax", "pillow"]), "PyTorch": ("torch", ["torch", "numpy", "pillow"]),
             "Keras on TensorFlow": ("keras", ["tensorflow", "pillow"])}  # fmt: skip
# Bytes of the files of some distributions and of all that they require.
CLOSURE = """
import json, re, sys
from importlib.metadata import distribution, PackageNotFoundError
seen, todo, total = set(), sys.argv[1:], 0
while todo:
    name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
    if name in seen:
        continue
    seen.add(name)
    try:
        found = distribution(name)
    except PackageNotFoundError:  # for another system
        continue
    todo += [re.split(r"[ ;<>=!~\\[(]", need)[0] for need in found.requires or () if "extra ==" not in need]
    total += sum(path.stat().st_size for file in found.files or () if (path := found.locate_file(file)).is_file())
print(json.dumps({"bytes": total}))
"""


def ask(rounds: int) -> Answer:
    return Answer("Starting, and size on disk", [starting(rounds), size()])


def starting(rounds: int) -> Table:
    interpreters = dict.fromkeys(OURS, sys.executable) | {"PyTorch": python_of("torch")}
    outcomes = in_turn([
        Contestant(name, [interpreters.get(name, python_of("keras")), "-c", code],
                   {"KERAS_BACKEND": "tensorflow"}) for name, code in IMPORTS.items()
    ], rounds, whole_process=True)  # fmt: skip
    ratio = outcomes[1].times(outcomes[2])
    return Table("Import, whole process", "s", outcomes, claims=[
        Claim("with layers and models at most 1.15 × NumPy's import", f"{ratio:.2f} ×", ratio <= 1.15)
    ])  # fmt: skip


def size() -> Table:
    outcomes = [Outcome("Pippin", [fresh_install() / 1e6])]
    for name, (home, distributions) in INSTALLED.items():
        command = [python_of(home), "-c", CLOSURE, *distributions]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        outcomes.append(Outcome(name, [json.loads(done.stdout)["bytes"] / 1e6]))
    mine = outcomes[0].median
    claims = [Claim("at most 130 MB with all that is needed to train on photos", f"{mine:.0f} MB", mine <= 130)]
    return Table("Size on disk", "MB", outcomes, claims=claims)


def fresh_install() -> int:
    """Bytes of Pippin with all it requires, newly installed into an empty folder."""
    with TemporaryDirectory() as folder:
        # Built beside the checkout's own build, which stays as it is.
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", folder, "-Cbuild-dir=build/bench/wheel"]
        subprocess.run([*command, str(ROOT)], check=True)
        return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
