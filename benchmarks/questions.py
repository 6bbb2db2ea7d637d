"""The questions, one function each: who takes part, what is measured, and the section of the report that tells it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks import peers
from benchmarks.loading import loading, memory
from benchmarks.timing import Contestant, Outcome, in_turn

WORK = Path(__file__).parent / "work"
PIPPIN = str(Path(sys.executable).parent / "pippin")


def machine() -> str:
    """The processor and how many cores this process may use."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "unknown",
    )
    return f"{model}, {len(os.sched_getaffinity(0))} cores"


def _table(outcomes: list[Outcome], unit: str, scale: float) -> str:
    """Median, range and ratio to the first, who is Pippin."""
    rows = [f"| who | median {unit} | range | times Pippin's |", "|---|---|---|---|"]
    for outcome in outcomes:
        low, high = min(outcome.seconds) * scale, max(outcome.seconds) * scale
        ratio = median(theirs / ours for ours, theirs in zip(outcomes[0].seconds, outcome.seconds, strict=True))
        rows.append(f"| {outcome.name} | {outcome.median * scale:.3g} | {low:.3g} to {high:.3g} | {ratio:.1f} |")
    return "\n".join(rows) + "\n"


def article(shared: Path, rounds: int) -> str:
    """The article's script as a whole process."""
    script = str(shared / "article" / "article.py")
    keras = str(peers.make("keras"))
    outcomes = in_turn([
        Contestant("pippin run", [PIPPIN, "run", script]),
        Contestant("scikit-learn, the same network", [keras, str(WORK / "article_sklearn.py")]),
        Contestant("Keras on TensorFlow", [keras, script], {"KERAS_BACKEND": "tensorflow"}),
    ], rounds, whole_process=True)  # fmt: skip
    return "## The article's script, whole process\n\n" + _table(outcomes, "s", 1)


def start(shared: Path, rounds: int) -> str:
    """`import pippin` beside `import numpy`."""
    outcomes = in_turn([
        Contestant("import pippin", [sys.executable, "-c", "import pippin"]),
        Contestant("import numpy", [sys.executable, "-c", "import numpy"]),
        Contestant("import pippin, layers and models", [sys.executable, "-c", "from pippin import layers, models"]),
    ], rounds * 3, whole_process=True)  # fmt: skip
    return "## Starting\n\n" + _table(outcomes, "ms", 1000)


def step(shared: Path, rounds: int) -> str:
    """One training step of the article's network inside `fit`."""
    keras = str(peers.make("keras"))
    outcomes = in_turn([
        Contestant("Pippin, inside fit", [sys.executable, str(WORK / "article_step_pippin.py")]),
        Contestant("JAX, whole epochs in one lax.scan under jit", [keras, str(WORK / "article_step_jax.py")]),
    ], rounds, whole_process=False)  # fmt: skip
    return "## One training step of the article's network\n\n" + _table(outcomes, "µs", 1e6)


def mnist(shared: Path, rounds: int) -> str:
    """MNIST: an MLP and LeNet-5, five epochs, beside Keras."""
    keras, folder = str(peers.make("keras")), str(shared / "data" / "sets" / "mnist")
    text = "## MNIST, 60 000 pictures, five epochs of Adam (0.003), seconds an epoch\n"
    for network, told in (("mlp", "784-128-10, batch 128"), ("lenet", "LeNet-5 with ReLU and max pooling, batch 128")):
        arguments = [network, "128", "5", folder]
        outcomes = in_turn([
            Contestant("Pippin", [sys.executable, str(WORK / "mnist.py"), "pippin", *arguments]),
            Contestant("Keras on JAX", [keras, str(WORK / "mnist.py"), "keras", *arguments], {"KERAS_BACKEND": "jax"}),
            Contestant("Keras on TensorFlow", [keras, str(WORK / "mnist.py"), "keras", *arguments],
                       {"KERAS_BACKEND": "tensorflow"}),
        ], max(1, rounds // 2), whole_process=False)  # fmt: skip
        reached = ", ".join(f"{o.name} {o.told['accuracy']:.2%} (whole fit {o.told['whole']:.1f} s)" for o in outcomes)
        text += f"\n### {told}\n\n{_table(outcomes, 's', 1)}\nTest accuracy after five epochs: {reached}.\n"
    return text


def photos(shared: Path, rounds: int) -> str:
    """`pippin train` with default settings on folders of photos, five seeds each."""
    text = "## Photos, default settings, five seeds\n\n"
    text += "| folder | balanced accuracy, median | each seed | seconds, median |\n|---|---|---|---|\n"
    for name in ("market", "studio"):
        found = [_train(shared / "data" / "photos" / name, seed) for seed in range(5)]
        each = ", ".join(f"{result['balanced_accuracy']:.3f}" for result in found)
        middle = median(result["balanced_accuracy"] for result in found)
        seconds = median(result["seconds"] for result in found)
        text += f"| {name} | {middle:.3f} | {each} | {seconds:.0f} |\n"
    return text


def _train(folder: Path, seed: int) -> dict[str, float]:
    out = Path("build/bench") / f"{folder.name}-{seed}"
    command = [PIPPIN, "train", str(folder), "--seed", str(seed), "--out", str(out), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return next(event for event in events if event["event"] == "result")


ALL = {
    "article": article, "start": start, "step": step, "mnist": mnist, "photos": photos, "loading": loading,
    "memory": memory,
}  # fmt: skip
