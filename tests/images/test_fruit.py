"""The drawn fruit: the same for a seed, quick, and not to be told apart by colour."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pippin.data import scan
from pippin.errors import DataError, SettingError
from pippin.images.fruit import CLASS_NAMES, draw, picture
from pippin.images.fruit_kinds import KINDS_BY_FAMILY, PAINTERS

Array = np.ndarray[Any, np.dtype[Any]]


def drawn(count: int, part: int, size: int = 48) -> tuple[Array, Array]:
    """Pictures (count, size, size, 3), half of them apples, and 1 for each apple."""
    made = [
        np.asarray(picture(is_apple, np.random.default_rng([part, is_apple, i]), size)[1])
        for is_apple in (False, True)
        for i in range(count // 2)
    ]
    return np.array(made), np.repeat([0, 1], count // 2)


# The folder ------------------------------------------------------------------------------------------------


def test_a_folder_has_a_sub_folder_for_each_part_and_class(tmp_path: Path) -> None:
    root = draw(tmp_path / "fruit", train=10, test=5, size=32)
    folder = scan(root)
    assert folder.class_names == CLASS_NAMES == ("apple", "not_apple")
    assert {part: [file.label for file in files] for part, files in folder.parts.items()} == {
        "train": [0] * 5 + [1] * 5,
        "test": [0] * 3 + [1] * 2,
    }
    assert folder.skipped == folder.warnings == ()
    with Image.open(folder.parts["train"][0].path) as image:
        assert (image.size, image.mode) == ((32, 32), "RGB")


def test_files_are_named_after_what_they_show(tmp_path: Path) -> None:
    root = Path(draw(tmp_path, train=40, test=2, size=16))
    kinds = {path.name.rsplit("_", 1)[0] for path in (root / "train" / "not_apple").iterdir()}
    assert kinds <= set(PAINTERS) - {"apple"}
    assert len(kinds) > 5
    assert {path.name.rsplit("_", 1)[0] for path in (root / "train" / "apple").iterdir()} == {"apple"}


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.jpg"))}


def test_the_same_seed_draws_the_same_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        draw(tmp_path / name, train=8, test=4, size=32, seed=seed)
    a, b, c = (contents(tmp_path / name) for name in "abc")
    assert a == b
    assert not set(a.values()) & set(c.values())


def test_no_picture_is_drawn_twice(tmp_path: Path) -> None:
    files = contents(Path(draw(tmp_path, train=20, test=20, size=32)))
    assert len(files) == len(set(files.values())) == 40


def test_more_pictures_are_the_same_pictures_and_more(tmp_path: Path) -> None:
    few = contents(Path(draw(tmp_path / "few", train=6, test=2, size=32)))
    many = contents(Path(draw(tmp_path / "many", train=12, test=4, size=32)))
    assert few.items() <= many.items()


def test_a_folder_drawn_before_is_kept_or_drawn_anew(tmp_path: Path) -> None:
    root = Path(draw(tmp_path, train=4, test=2, size=32))
    one = next(root.rglob("*.jpg"))
    os.utime(one, (1, 1))
    draw(root, train=4, test=2, size=32)
    assert one.stat().st_mtime == 1
    draw(root, train=6, test=2, size=32)
    assert len(contents(root)) == 8


def test_a_folder_with_other_things_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "mine.txt").write_text("precious")
    with pytest.raises(DataError, match="was not drawn by Pippin"):
        draw(tmp_path, train=4, test=2)
    assert (tmp_path / "train" / "mine.txt").read_text() == "precious"


@pytest.mark.parametrize("settings", [{"train": 1}, {"test": 0}, {"size": 8}, {"seed": -1}, {"train": 10.0}])
def test_impossible_settings_are_refused(tmp_path: Path, settings: Any) -> None:
    with pytest.raises(SettingError, match=f"expected {next(iter(settings))} to be a whole number"):
        draw(tmp_path / "fruit", **settings)
    assert not (tmp_path / "fruit").exists()


# The pictures ----------------------------------------------------------------------------------------------


def test_every_kind_is_drawn() -> None:
    kinds = {picture(False, np.random.default_rng([1, i]), 16)[0] for i in range(200)}
    assert (
        kinds == set(PAINTERS) - {"apple"} == {kind for kinds in KINDS_BY_FAMILY.values() for kind in kinds}
    )


@pytest.mark.parametrize("size", [16, 33, 96])
def test_pictures_have_the_size_asked_for(size: int) -> None:
    for is_apple in (True, False):
        assert picture(is_apple, np.random.default_rng(0), size)[1].size == (size, size)


def colour_histograms(pictures: Array) -> Array:
    """The share of each of 16 hues × 4 saturations × 3 brightnesses, square-rooted: (n, 192)."""
    x = pictures / 255
    high = x.max(axis=-1)
    spread = high - x.min(axis=-1) + 1e-9
    red, green, blue = np.moveaxis(x, -1, 0)
    from_green, from_blue = (blue - red) / spread + 2, (red - green) / spread + 4
    hue = (
        np.where(high == red, (green - blue) / spread % 6, np.where(high == green, from_green, from_blue)) / 6
    )
    parts = ((hue, 16), (spread / (high + 1e-9), 4), (high, 3))
    cells = [np.minimum((part * n).astype(int), n - 1) for part, n in parts]
    cell = (cells[0] * 4 + cells[1]) * 3 + cells[2]
    counts = np.stack([np.bincount(one.reshape(-1), minlength=192) for one in cell])
    return np.sqrt(counts / cell[0].size)


def logistic_regression_score(x: Array, y: Array, x_test: Array, y_test: Array, decay: float) -> float:
    """The share of test examples that a linear model gets right."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-3
    x, x_test = (x - mean) / spread, (x_test - mean) / spread
    w, b = np.zeros(x.shape[1]), 0.0
    for _ in range(200):
        error = 1 / (1 + np.exp(-(x @ w + b))) - y
        w -= 0.3 * (x.T @ error / len(y) + decay * w)
        b -= 0.3 * error.mean()
    return float((((x_test @ w + b) > 0) == y_test).mean())


def test_colour_alone_decides_little() -> None:
    pictures, labels = drawn(500, part=0)
    unseen, truth = drawn(260, part=1)
    x, x_test = colour_histograms(pictures), colour_histograms(unseen)
    scores = [logistic_regression_score(x, labels, x_test, truth, decay) for decay in (1e-2, 1e-1)]
    # Learning from 2,000 pictures it gets 0.60 to 0.66 of them; of 260, one standard deviation is 0.03.
    assert max(scores) < 0.73, scores


def test_what_colour_does_not_tell_the_shape_does() -> None:
    """An apple dips at its stem: in the upper half, the mean apple differs from the mean of the others."""
    pictures, labels = drawn(240, part=2)
    gray = pictures.mean(axis=-1)
    gray = (gray - gray.mean(axis=(1, 2), keepdims=True)) / gray.std(axis=(1, 2), keepdims=True)
    difference = gray[labels == 1].mean(axis=0) - gray[labels == 0].mean(axis=0)
    noise = np.sqrt(gray[labels == 1].var(axis=0) / 120 + gray[labels == 0].var(axis=0) / 120)
    upper = (np.abs(difference) / noise)[: gray.shape[1] // 2]
    assert (upper > 4).sum() > 20
