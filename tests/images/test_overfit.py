"""Claims about learning one batch by heart: it works on sound photos, and tells when it can't."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from images.coloured import draw
from pippin.images import Settings
from pippin.images.display import Listener
from pippin.images.overfit import MOST_STEPS, one_of_each_in_turn, overfit_one_batch
from pippin.images.photos import Part


def test_sound_photos_are_learned_by_heart(tmp_path: Path) -> None:
    tried = overfit_one_batch(draw(tmp_path, 20), Settings(), listener=Listener())
    assert tried.is_by_heart and not tried.is_interrupted
    assert tried.steps < MOST_STEPS
    assert tried.score.of == 32


def test_the_same_photos_in_two_classes_cannot_be_learned(tmp_path: Path) -> None:
    draw(tmp_path / "a", 10, ("red",))
    draw(tmp_path / "b", 10, ("red",))
    tried = overfit_one_batch(tmp_path, Settings(batch=20), listener=Listener())
    assert not tried.is_by_heart and tried.steps == MOST_STEPS


def test_told_to_stop_it_says_that_it_was(tmp_path: Path) -> None:
    draw(tmp_path / "a", 10, ("red",))
    draw(tmp_path / "b", 10, ("red",))
    tried = overfit_one_batch(tmp_path, Settings(), listener=Listener(), must_stop=lambda: True)
    assert tried.is_interrupted and tried.steps == 1


def test_a_batch_has_as_many_of_each_class_as_there_are() -> None:
    labels = np.array([0] * 50 + [1] * 3 + [2] * 10, np.int32)
    part = Part(np.zeros((63, 8, 8, 1), np.uint8), labels, tuple(map(str, range(63))))
    assert one_of_each_in_turn(part, 12).counts(3) == [5, 3, 4]
    assert one_of_each_in_turn(part, 100).counts(3) == [50, 3, 10]
