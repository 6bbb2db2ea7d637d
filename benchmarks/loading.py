"""Photos on their way to a network: how many a second, and how much memory training takes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks import peers
from benchmarks.timing import Contestant, in_turn

WORK = Path(__file__).parent / "work"


def _in_rounds(contestants: Sequence[Contestant], rounds: int) -> dict[str, dict[str, float]]:
    """The median of every figure that each contestant told, over rounds taken in turn."""
    told: dict[str, list[dict[str, float]]] = {contestant.name: [] for contestant in contestants}
    for _ in range(rounds):
        for outcome in in_turn(contestants, 1, whole_process=False):
            told[outcome.name].append(outcome.told)
    return {name: {key: median(one[key] for one in found) for key in found[0]} for name, found in told.items()}


def loading(shared: Path, rounds: int) -> str:
    """A folder of JPEGs: read for the first time, every later epoch, and altered."""
    keras, torch = str(peers.make("keras")), str(peers.make("torch"))
    text = (
        "## Reading photos, pictures a second\n\n"
        "Market: 501 JPEGs of 348 pixels; studio: 610 of 100. `image_dataset_from_directory` of Pippin and of Keras "
        "(with `cache` and `prefetch`), and a PyTorch `DataLoader` with two workers that decodes with Pillow. Altered: "
        "mirrored, turned and zoomed by three Keras layers; by a single `grid_sample` in PyTorch.\n"
    )
    for name in ("market", "studio"):
        for side in (100, 224):
            arguments = [str(shared / "data" / "photos" / name / "train"), str(side), "5"]
            found = _in_rounds([
                Contestant("Pippin", [sys.executable, str(WORK / "loading_pippin.py"), *arguments]),
                Contestant("Keras on TensorFlow", [keras, str(WORK / "loading_keras.py"), *arguments]),
                Contestant("PyTorch", [torch, str(WORK / "loading_torch.py"), *arguments]),
            ], rounds)  # fmt: skip
            text += f"\n### {name}, {side} × {side}\n\n"
            text += "| who | first read | every later epoch | altered |\n|---|---|---|---|\n"
            for who, rates in found.items():
                text += f"| {who} | {rates['first']:,.0f} | {rates['later']:,.0f} | {rates['augmented']:,.0f} |\n"
            again = found["Pippin"]["again"]
            text += f"\nThe same folder in another process: Pippin {again:,.0f}, whose decoded pictures are on disk.\n"
    return text


def memory(shared: Path, rounds: int) -> str:
    """Peak memory of a whole process that trains."""
    script, keras = str(WORK / "memory.py"), str(peers.make("keras"))
    text = "## Peak memory, MB\n\n"
    text += "| network | who | peak | of it: the import | data and parameters × 4 |\n|---|---|---|---|---|\n"
    for network in ("mlp", "photo"):
        found = _in_rounds([
            Contestant("Pippin", [sys.executable, script, "pippin", network]),
            Contestant("Keras on JAX", [keras, script, "keras", network], {"KERAS_BACKEND": "jax"}),
            Contestant("Keras on TensorFlow", [keras, script, "keras", network], {"KERAS_BACKEND": "tensorflow"}),
            Contestant("PyTorch", [str(peers.make("torch")), script, "torch", network]),
        ], 1)  # fmt: skip
        for who, sizes in found.items():
            text += f"| {network} | {who} | {sizes['peak']:.0f} | {sizes['imported']:.0f} | {sizes['needed']:.0f} |\n"
    return text
