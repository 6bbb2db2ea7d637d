"""Claims about what is chosen where nothing was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pippin import data
from pippin.errors import SettingError
from pippin.images.settings import Settings, choose, choose_size, fitting_size


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"size": 4}, "size"),
        ({"size": 64.0}, "size"),
        ({"epochs": 0}, "epochs"),
        ({"epochs": True}, "epochs"),
        ({"batch": -1}, "batch"),
        ({"time": 0}, "time"),
        ({"learning_rate": -0.1}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"validation": 0}, "validation"),
        ({"validation": 1.0}, "validation"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
    ],
)
def test_a_setting_outside_what_it_may_be_is_refused_by_name(given: dict[str, Any], word: str) -> None:
    with pytest.raises(SettingError, match=f"{word}: expected"):
        Settings(**given)


def test_few_photos_are_seen_often_and_many_seldom() -> None:
    epochs = [choose(Settings(), photos).epochs for photos in (5, 50, 400, 5_000, 60_000, 10**7)]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[0] == 150 and epochs[-1] == 5


def test_twice_the_photos_mean_more_steps_but_not_twice_as_many() -> None:
    for photos in (200, 400, 1_600, 6_400, 25_600):
        seen = [count * choose(Settings(), count).epochs for count in (photos, 2 * photos)]
        assert seen[0] < seen[1] < 2 * seen[0]


def test_altering_makes_up_for_few_photos_and_fades_with_many() -> None:
    assert [choose(Settings(), photos).alter for photos in (10, 1_000, 4_000)] == [1, 1, 0.25]
    assert choose(Settings(), 60_000).alter < 0.1
    assert choose(Settings(augment=False), 10).alter == 0


def test_many_photos_get_a_larger_network() -> None:
    assert choose(Settings(), 400).filters < choose(Settings(), 60_000).filters


def test_a_step_never_has_more_photos_than_there_are() -> None:
    assert all(choose(Settings(batch=32), photos).batch == min(32, photos) for photos in (2, 31, 33))
    assert all(choose(Settings(), photos).batch <= photos for photos in range(2, 60))


def test_what_was_asked_for_is_what_is_done() -> None:
    plan = choose(Settings(epochs=3, batch=7, learning_rate=0.01), 400)
    assert (plan.epochs, plan.batch, plan.learning_rate) == (3, 7, 0.01)


@pytest.mark.parametrize(("side", "size"), [(28, 28), (3000, 64), (64, 64), (3, 8), (None, 64)])
def test_small_photos_keep_their_size_and_large_ones_are_made_small(side: int | None, size: int) -> None:
    assert fitting_size(side) == size


def test_the_size_of_photos_is_read_from_their_headers(tmp_path: Path) -> None:
    for name in ("apple", "pear"):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("RGB", (40, 30 + number)).save(tmp_path / name / f"{number}.png")
        (tmp_path / name / "broken.png").write_bytes(b"no picture")
    found = data.scan(tmp_path)
    assert choose_size(Settings(), found.parts["all"]) == 31
    assert choose_size(Settings(size=48), found.parts["all"]) == 48
