"""Claims about twins: a run done again is the same run, a fix changes one thing, and what is told of it is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from diagnosis.samples import BROKEN, HEALTHY, recorded, stacked
from pippin import callbacks, glass, layers, models
from pippin.diagnosis import trial
from pippin.diagnosis.changes import changed, learning_rate_of
from pippin.errors import FileError, SettingError
from pippin.glass.store import TENSORS

BY_A_PERSON: set[str] = set()


@pytest.mark.parametrize("name", ["dropped_out", "pictures_with_normalization", "a_shortcut_of_layers"])
def test_a_run_done_again_gives_the_same_bits(name: str, tmp_path: Path) -> None:
    recording = glass.read(recorded(HEALTHY[name], tmp_path / "run"))
    kept = trial.read(recording.store)
    assert kept is not None and kept.is_whole and kept.is_same
    again = kept.run()
    assert again.history.history["val_loss"] == pytest.approx(recording.epochs["val_loss"], rel=1e-6)
    last = recording.looks[-1].states
    for variable in again.variables:
        if variable.path in last:
            np.testing.assert_array_equal(variable.numpy(), last[variable.path])


@pytest.mark.parametrize("code", [code for code in BROKEN if code not in BY_A_PERSON])
def test_the_fix_of_each_rule_helps_the_run_that_was_broken_for_it(code: str, tmp_path: Path) -> None:
    twin = glass.diagnose(recorded(BROKEN[code], tmp_path / "run")).fix(code)
    assert twin.helped and twin.is_gone and twin.is_same_run
    assert "It helped" in twin.tell() and twin.to_dict()["after"] == twin.after


def test_a_fix_that_does_not_help_is_said_not_to(tmp_path: Path) -> None:
    found = glass.diagnose(recorded(BROKEN["dead-relu"], tmp_path / "run"))
    (finding,) = (one for one in found.findings if one.code == "dead-relu")
    from dataclasses import replace

    from pippin.diagnosis.finding import Fix
    from pippin.diagnosis.twin import twin_of

    twin = twin_of(found, [replace(finding, fix=Fix("Wait.", {"epochs": 9}))])
    assert not twin.helped and not twin.is_gone and "did not help" in twin.tell()


def test_a_callback_that_takes_a_hand_makes_it_another_run(tmp_path: Path) -> None:
    model, asked = BROKEN["dead-relu"]()
    stops = callbacks.EarlyStopping("loss", patience=2)
    model.fit(verbose=0, callbacks=[glass.Watch(tmp_path / "run"), stops], **asked)
    kept = trial.read(glass.read(tmp_path / "run").store)
    assert kept is not None and not kept.is_same


def test_of_large_data_as_many_rows_are_kept_as_fit(tmp_path: Path, monkeypatch: Any) -> None:
    from pippin.diagnosis import watch

    monkeypatch.setattr(watch, "MOST_DATA", 4000)
    recording = glass.read(recorded(HEALTHY["classes"], tmp_path / "run"))
    kept = trial.read(recording.store)
    assert kept is not None and not kept.is_whole and 50 < kept.rows < 120
    assert (recording.store.path / TENSORS / trial.FILE).stat().st_size < 40_000


def test_a_model_with_layers_of_ones_own_is_diagnosed_by_what_was_seen(tmp_path: Path) -> None:
    class Own(layers.Layer):
        def call(self, x: Any) -> Any:
            return x * 2

    from diagnosis.samples import blobs

    x, y = blobs()
    far = pippin.initializers.Constant(-20.0)
    hidden = layers.Dense(16, activation="relu", bias_initializer=far, name="hidden")
    model = stacked(Own(), hidden, layers.Dense(3, activation="softmax"), shape=(8,))
    model.fit(x, y, epochs=3, verbose=0, callbacks=[glass.Watch(tmp_path / "run")])
    found = glass.diagnose(tmp_path / "run")
    assert found.trial is None and [one.code for one in found.findings] == ["dead-relu"]
    with pytest.raises(SettingError, match="can't be done again"):
        found.fix("dead-relu")


def test_a_change_edits_a_copy() -> None:
    model = models.Sequential([layers.Input((2,)), layers.Dense(3, activation="sigmoid", name="a"), layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.zeros((8, 2), np.float32), np.ones((8, 1), np.float32)
    begun = trial.trial_of(model, x, y)
    assert begun is not None
    other = changed(begun, {"learning_rate": 0.5, "activation": {"layers": ["a"], "to": "relu"}, "clipnorm": 1.0})
    assert learning_rate_of(begun) == pytest.approx(0.01) and learning_rate_of(other) == 0.5
    made = other.model()
    assert made.layers[0].activation.__name__ == "relu" and made.optimizer.clipnorm == 1.0
    assert begun.model().layers[0].activation.__name__ == "sigmoid"
    np.testing.assert_array_equal(made.layers[0].get_weights()[0], model.layers[0].get_weights()[0])
    with pytest.raises(SettingError, match="colour"):
        changed(begun, {"colour": 1})


def test_a_code_that_was_not_found_is_refused_by_name(tmp_path: Path) -> None:
    found = glass.diagnose(recorded(BROKEN["dead-relu"], tmp_path / "run"))
    with pytest.raises(SettingError, match="dead-relu"):
        found.fix("dead-rely")


def test_a_trial_of_another_version_is_refused(tmp_path: Path) -> None:
    recording = glass.read(recorded(HEALTHY["classes"], tmp_path / "run"))
    recording.store.write_tensors(trial.FILE, {"x": np.zeros(1)})
    with pytest.raises(FileError, match="another version"):
        trial.read(recording.store)
