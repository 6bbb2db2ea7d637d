"""Claims about a recorded moment: opened again, it is the step that the model itself would have done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import glass, layers, models
from pippin.errors import FileError
from pippin.glass import watch as module


class Doubled(layers.Layer):
    """Somebody's own."""

    def call(self, x: Any) -> Any:
        return x * 2.0


def recorded(folder: Path, **fit: Any) -> tuple[Any, Any, np.ndarray, np.ndarray]:
    pippin.random.set_random_seed(4)
    shared = layers.Dense(6, activation="relu", name="shared")
    x = layers.Input((6,))
    y = layers.Dense(2, activation="softmax", name="last")(Doubled(name="own")(shared(shared(x))))
    model = models.Model(x, y, name="mine")
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    data = np.random.RandomState(0).normal(size=(40, 6)).astype(np.float32)
    labels = (data[:, 0] > 0).astype(np.int32)
    model.fit(data, labels, batch_size=8, epochs=3, verbose=0, callbacks=[glass.Watch(folder)], **fit)
    return model, glass.read(folder), data, labels


def test_a_recorded_moment_is_the_step_of_the_model(tmp_path: Path) -> None:
    model, recording, x, y = recorded(tmp_path / "run")
    rows = np.linspace(0, 39, 8).astype(int)
    now, kept = glass.step(model, x[rows], y[rows]), recording.looks[-1].open()
    assert kept.loss_value == now.loss_value
    for depth in (1, 2, 3):
        assert kept.tell(depth) == now.tell(depth)
        for one, other in zip(kept.layers, now.layers, strict=True):
            assert one.tell(depth) == other.tell(depth)
        assert kept.layer("shared", 1).neuron(3, 2).tell(depth) == now.layer("shared", 1).neuron(3, 2).tell(depth)
        assert kept.weight("shared/kernel").tell(depth) == now.weight("shared/kernel").tell(depth)
    assert kept.check_gradient("last/kernel").tell() == now.check_gradient("last/kernel").tell()
    assert [view.is_own for view in kept.layers] == [view.is_own for view in now.layers]


def test_the_first_moment_is_before_the_first_step(tmp_path: Path) -> None:
    _, recording, _, _ = recorded(tmp_path / "run")
    first, last = recording.looks[0].open(), recording.looks[-1].open()
    assert recording.steps[0] == 0
    assert first.loss_value == pytest.approx(recording.looks[0].loss, rel=1e-5)
    (counter,) = [name for name in first.states if name.endswith("/iteration")]
    assert first.states[counter] == 0 and last.states[counter] == recording.steps[-1]


def test_variables_that_are_too_large_are_not_kept_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_STATES", 100)
    _, recording, _, _ = recorded(tmp_path / "run")
    assert not any(look.can_open for look in recording.looks) and recording.looks[-1].values
    with pytest.raises(FileError, match="holds no variables"):
        recording.looks[0].open()
