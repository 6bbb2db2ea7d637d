"""Claims about recording a run: it changes nothing, keeps to its limits, and can be read at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import callbacks, glass, layers, models
from pippin.errors import FileError, SettingError
from pippin.glass import watch as module
from pippin.naming import clear_names
from pippin.training.checkpoint import Checkpoint
from pippin.training.state import variable_groups


def model_and_data(width: int = 8, rows: int = 64) -> tuple[Any, np.ndarray, np.ndarray]:
    clear_names()
    pippin.random.set_random_seed(4)
    model = models.Sequential([
        layers.Input((6,)), layers.Dense(width, activation="relu", name="first"), layers.Dropout(0.2),
        layers.BatchNormalization(name="norm"), layers.Dense(2, activation="softmax", name="last"),
    ])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x = np.random.RandomState(0).normal(size=(rows, 6)).astype(np.float32)
    return model, x, (x[:, 0] > 0).astype(np.int32)


def record(folder: Path, epochs: int = 3, others: tuple[Any, ...] = (), **settings: Any) -> tuple[Any, glass.Recording]:
    model, x, y = model_and_data()
    watching = glass.Watch(folder, **settings)
    model.fit(x, y, batch_size=16, epochs=epochs, verbose=0, callbacks=[watching, *others])
    return model, glass.read(folder)


def test_a_recorded_run_gives_the_same_bits(tmp_path: Path) -> None:
    model, x, y = model_and_data()
    model.fit(x, y, batch_size=16, epochs=3, verbose=0)
    recorded, _ = record(tmp_path / "run")
    for one, other in zip(variable_groups(model).values(), variable_groups(recorded).values(), strict=True):
        for left, right in zip(one, other, strict=True):
            np.testing.assert_array_equal(left.value, right.value)


def test_figures_of_every_epoch_are_those_of_the_history(tmp_path: Path) -> None:
    model, recording = record(tmp_path / "run", epochs=5)
    assert recording.epochs["epoch"] == [1, 2, 3, 4, 5]
    for name, values in model.history.history.items():
        assert recording.epochs[name] == pytest.approx(values, rel=1e-6)
    assert recording.about is not None and recording.about["optimizer"] == "Adam"
    assert recording.layers == ["first", "dropout", "norm", "last"]
    assert recording.about["layers"][0] == {
        "name": "first", "kind": "Dense", "input": [6], "output": [8], "weights": ["first/kernel", "first/bias"],
    }  # fmt: skip


def test_the_first_and_last_look_are_the_step_on_the_same_examples(tmp_path: Path) -> None:
    with pippin.config.engine("reference"):
        model, recording = record(tmp_path / "run", epochs=2)
    assert recording.steps[0] == 0 and recording.steps[-1] == 8
    _, x, y = model_and_data()
    rows = np.linspace(0, 63, 8).astype(int)
    step = glass.step(model, x[rows], y[rows])
    values = recording.looks[-1].values
    for view in step.layers:
        np.testing.assert_array_equal(values[f"{view.name} output"], view.output)
        np.testing.assert_array_equal(values[f"{view.name} output gradient"], view.output_gradient)
    for path in ("first/kernel", "norm/gamma", "norm/moving_mean"):
        np.testing.assert_array_equal(values[path], step.weight(path).old)
        gradient = step.weight(path).gradient
        assert (f"{path} gradient" in values) == (gradient is not None)
        if gradient is not None:
            np.testing.assert_array_equal(values[f"{path} gradient"], gradient)
    assert recording.looks[-1].loss == pytest.approx(step.loss_value, rel=1e-6)
    assert recording.at(5).step <= 5


class EveryBatch(callbacks.Callback):
    """Makes training come back after every step."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


def test_ten_thousand_steps_stay_below_fifty_megabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if looks cost no time."""
    monkeypatch.setattr(module, "LOOKING", 1e9)
    model, x, y = model_and_data(rows=32)
    model.fit(x, y, batch_size=16, epochs=5000, verbose=0, callbacks=[glass.Watch(tmp_path / "run"), EveryBatch()])
    recording = glass.read(tmp_path / "run")
    assert recording.steps[-1] == 10_000
    # Sixteen looks at each distance: 1, 2, 4, ... steps.
    assert 120 < len(recording.looks) < 200
    size = sum(file.stat().st_size for file in (tmp_path / "run").rglob("*") if file.is_file())
    last = (tmp_path / "run" / "events.ndjson").read_bytes().splitlines(keepends=True)[-1]
    assert size < 50_000_000 and recording.events[-1]["bytes"] == size - len(last)


def test_looks_grow_rarer_before_the_folder_is_full_and_end_when_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKING", 1e9)
    monkeypatch.setattr(module, "MOST_BYTES", 60_000)
    _, recording = record(tmp_path / "run", epochs=100, others=(EveryBatch(),))
    size = recording.looks[0].store.path.joinpath("tensors", recording.looks[0].file).stat().st_size
    assert recording.events[-1]["bytes"] < 60_000 + 2 * size + 40_000  # figures go on being written
    assert 2 <= len(recording.looks) <= 60_000 // size + 1


def test_without_time_to_spare_only_the_first_and_last_look_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKING", 0.0)
    _, recording = record(tmp_path / "run", epochs=20, others=(EveryBatch(),))
    assert recording.steps == [0, 80]
    assert recording.cost is not None and recording.events[-1]["beside"] > 0


def test_figures_wait_for_the_end_when_writing_them_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WRITING", 0.0)
    _, recording = record(tmp_path / "run", epochs=64, others=(EveryBatch(),))
    assert recording.epochs["epoch"] == list(range(1, 65))
    assert [happened["event"] for happened in recording.events].count("figures") <= 2  # the first is free


def test_of_very_many_epochs_every_second_is_kept_then_every_fourth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_FIGURES", 10)
    _, recording = record(tmp_path / "run", epochs=60, others=(EveryBatch(),))
    assert recording.epochs["epoch"] == [*range(1, 11), *range(11, 31, 2), *range(33, 60, 4)]


def test_a_run_that_is_begun_again_in_the_same_folder_is_read_alone(tmp_path: Path) -> None:
    record(tmp_path / "run", epochs=4)
    _, recording = record(tmp_path / "run", epochs=2)
    assert recording.epochs["epoch"] == [1, 2] and recording.steps[-1] == 8


def test_a_run_that_goes_on_is_one_recording(tmp_path: Path) -> None:

    class Stop(callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.stop_training = epoch == 2

    def run(epochs: int, *others: Any) -> None:
        checkpoint = Checkpoint(tmp_path / "state", every_seconds=0, undo_stop=True)
        model, x, y = model_and_data()
        watching = glass.Watch(tmp_path / "run")
        model.fit(x, y, batch_size=16, epochs=epochs, verbose=0, callbacks=[checkpoint, watching, *others])

    run(6, Stop())
    run(6)
    recording = glass.read(tmp_path / "run")
    assert recording.epochs["epoch"] == [1, 2, 3, 4, 5, 6] and recording.steps[-1] == 24
    assert recording.about is not None and recording.about["first_step"] == 12
    assert 0 in recording.steps and 12 in recording.steps


def test_every_says_how_far_looks_are_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKING", 1e9)
    _, recording = record(tmp_path / "run", epochs=5, others=(EveryBatch(),), every=6)
    assert recording.steps == [0, 6, 12, 18, 20]
    with pytest.raises(SettingError, match="every: expected a whole number of steps"):
        glass.Watch(every=0)


def test_batches_from_an_iterable_have_a_probe_if_one_is_given(tmp_path: Path) -> None:
    def run(folder: Path, probe: Any) -> glass.Recording:
        model, x, y = model_and_data()
        batches = [(x[at : at + 16], y[at : at + 16]) for at in range(0, 64, 16)]
        model.fit(batches.__iter__(), epochs=1, verbose=0, callbacks=[glass.Watch(folder, probe=probe)])
        return glass.read(folder)

    assert run(tmp_path / "none", None).looks == []
    _, x, y = model_and_data()
    found = run(tmp_path / "some", (x[:3], y[:3]))
    assert found.about is not None and found.about["examples"] == 3 and len(found.looks) >= 1


def test_a_folder_with_something_in_it_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(SettingError, match="not empty"):
        record(tmp_path)
    with pytest.raises(FileError, match=r"events\.ndjson"):
        glass.read(tmp_path / "nowhere")


def test_without_a_folder_it_is_named_after_day_and_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model, x, y = model_and_data()
    model.fit(x, y, verbose=0, callbacks=[glass.Watch()])
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.endswith("-sequential") and len(glass.read(folder).looks) == 2


SCRIPT = """
import sys, numpy as np
from pippin import glass, layers, models
model = models.Sequential([layers.Input((6,)), layers.Dense(8), layers.Dense(1)])
model.compile("sgd", "mse")
x = np.ones((64, 6), np.float32)
model.fit(x, np.ones((64, 1), np.float32), epochs=10_000_000, verbose=0, callbacks=[glass.Watch(sys.argv[1])])
"""


def test_a_killed_run_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder)])
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if (folder / "events.ndjson").exists() and glass.read(folder).epochs["epoch"]:
                break
            time.sleep(0.05)
        else:
            pytest.fail("nothing was recorded")
        assert glass.read(folder).cost is None  # it is being read while it is written
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    recording = glass.read(folder)
    assert recording.steps[0] == 0 and recording.looks[0].values["dense/kernel"].shape == (6, 8)
    assert all(json.loads(line) for line in (folder / "events.ndjson").read_text().splitlines()[:-1])
