"""Claims about pippin step: it tells a step of a model file on arrays or photos, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from cli.test_predict import model as model  # the classifier of red and green
from images.coloured import draw
from pippin import glass, layers, models
from pippin.saving import load_model


@pytest.fixture
def batch(tmp_path: Path) -> tuple[Path, Path]:
    """A small model file, and a batch for it."""
    pippin.random.set_random_seed(1)
    hidden = layers.Dense(4, activation="relu", name="hidden")
    made = models.Sequential([layers.Input((3,)), hidden, layers.Dense(1, name="out")])
    made.compile("adam", "mse")
    made.save(tmp_path / "small.keras")
    rng = np.random.RandomState(0)
    np.savez(tmp_path / "batch.npz", x=rng.normal(size=(5, 3)), y=rng.normal(size=(5, 1)))
    return tmp_path / "small.keras", tmp_path / "batch.npz"


def test_the_step_of_a_model_on_arrays_is_told(command: Any, batch: tuple[Path, Path]) -> None:
    file, data = batch
    before = file.read_bytes()
    done = command("step", file, "--data", data)
    assert done.code == 0 and done.err == ""
    for heading in ("1 FORWARD", "2 LOSS", "3 BACKWARD", "4 UPDATE"):
        assert heading in done.out
    with np.load(data) as arrays:
        step = glass.step(load_model(file), arrays["x"], arrays["y"])
    assert done.out == step.telling(1).draw() + "\n"
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "words,found",
    [
        (("--layer", "hidden"), "hidden: a Dense layer"),
        (("--layer", "hidden", "--neuron", 2, "--example", 4), "Neuron 2 of hidden, on example 4"),
        (("--layer", "hidden", "--depth", 2), "Σ_k input[i,k] · kernel[k,j]"),
        (("--layer", "hidden", "--depth", 3), "matmul(x, hidden/kernel)"),
        (("--weight", "hidden/kernel"), "They agree"),
    ],
)
def test_a_closer_look(command: Any, batch: tuple[Path, Path], words: tuple[Any, ...], found: str) -> None:
    done = command("step", batch[0], "--data", batch[1], *words)
    assert done.code == 0 and found in " ".join(done.out.split())


def test_json_has_the_numbers_and_the_same_sentences(command: Any, batch: tuple[Path, Path]) -> None:
    told = json.loads(command("step", batch[0], "--data", batch[1], "--json").out)
    assert told["layers"] == ["hidden", "out"] and told["examples"] == 5
    assert len(told["example_losses"][0]) == 5
    text = " ".join(command("step", batch[0], "--data", batch[1]).out.split())
    assert all(sentence in text for part in told["parts"] for sentence in part["sentences"])


def test_a_step_on_photos_takes_their_folders_for_their_classes(command: Any, model: Path, tmp_path: Path) -> None:
    photos = draw(tmp_path / "new", 3, seed=9)
    done = command("step", model, photos)
    assert done.code == 0 and "on 6 examples" in done.out and "look_1" in done.out
    (photos / "red" / "000.png").rename(tmp_path / "lost.png")
    lost = command("step", model, tmp_path / "lost.png")
    assert lost.code == 1 and "folder named after its class (green, red)" in lost.err


def test_of_many_photos_a_batch_is_taken(command: Any, model: Path, tmp_path: Path) -> None:
    done = command("step", model, draw(tmp_path / "new", 30))
    assert "on 32 examples" in done.out and "32 of the 60 photos, evenly spread" in done.err


@pytest.mark.parametrize(
    "words,message",
    [
        ((), "expected the batch: --data"),
        (("--neuron", 1), "expected a layer as well"),
        (("--layer", "hidden", "--weight", "hidden/kernel"), "expected one of them"),
        (("--data", "nowhere.npz"), "nowhere.npz can't be read"),
        (("--data", "DATA", "--layer", "hiden"), 'Did you mean "hidden"?'),
        (("--data", "DATA", "--layer", "hidden", "--neuron", 4), "from 0 to 3, received 4"),
        (("--data", "DATA", "--layer", "hidden", "--neuron", 1, "--example", 5), "from 0 to 4, received 5"),
    ],
)
def test_what_can_not_be_told_is_refused_with_a_cure(
    command: Any, batch: tuple[Path, Path], words: tuple[Any, ...], message: str
) -> None:
    done = command("step", batch[0], *[batch[1] if word == "DATA" else word for word in words])
    assert done.code == 1 and message in done.err and "Traceback" not in done.err


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"text"])
def test_a_file_without_arrays_is_refused(command: Any, batch: tuple[Path, Path], content: bytes) -> None:
    batch[1].write_bytes(content)
    done = command("step", batch[0], "--data", batch[1])
    assert done.code == 1 and "can't be read" in done.err and "Traceback" not in done.err


def test_arrays_of_other_names_are_refused(command: Any, batch: tuple[Path, Path]) -> None:
    np.savez(batch[1], x=np.ones((2, 3)), labels=np.ones(2))
    done = command("step", batch[0], "--data", batch[1])
    assert done.code == 1 and "received x, labels" in done.err
    np.save(batch[1].with_suffix(".npy"), np.ones(3))
    assert "received none" in command("step", batch[0], "--data", batch[1].with_suffix(".npy")).err
