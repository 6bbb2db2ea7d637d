"""Claims about pippin program: the lines of a model file's training step, in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pippin import layers, models


def test_the_program_of_a_model_file_is_printed(command: Any, tmp_path: Path) -> None:
    model = models.Sequential([layers.Input((3,)), layers.Dense(2, name="one")])
    model.compile("sgd", "mse")
    model.save(tmp_path / "model.keras")
    done = command("program", tmp_path / "model.keras", "--batch", 7)
    assert done.code == 0 and done.out == model.program(7) + "\n"
    assert "UPDATE  one" in done.out and "float32[7,2]" in done.out


def test_a_model_that_is_not_there_is_named(command: Any) -> None:
    done = command("program", "nowhere.keras")
    assert done.code == 1 and "nowhere.keras" in done.err and "Traceback" not in done.err
