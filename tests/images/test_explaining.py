"""Claims about explained photos: parts in percentage points, in words, in signs and in files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from images.coloured import draw
from pippin.errors import DataError, SettingError
from pippin.images import Classifier, heat_map
from pippin.images.explaining import CELLS, REGIONS, pooled


@pytest.fixture(scope="module")
def corner(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """A classifier of where the bright spot is: top left, or bottom right."""
    random = np.random.default_rng(0)
    pixels = random.integers(0, 60, (60, 24, 24, 3), np.uint8)
    labels = np.array(["up", "down"] * 30)
    for picture, label in zip(pixels, labels, strict=True):
        picture[slice(0, 8) if label == "up" else slice(16, 24), slice(0, 8) if label == "up" else slice(16, 24)] += 160
    from pippin import layers, models

    model = models.Sequential([
        layers.Input((24, 24, 3)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(2, activation="softmax"),
    ])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(pixels, (labels == "up").astype(np.int32), epochs=15, verbose=0)
    from pippin.data import Decoding
    from pippin.images.model_file import About

    classifier = Classifier.of(model, About(np.array(["down", "up"]), Decoding(24, 24, 3), 1))
    classifier.sample = pixels[0]  # type: ignore[attr-defined]
    return classifier


@pytest.mark.parametrize("method", ["integrated_gradients", "gradient_x_input", "occlusion"])
def test_the_part_that_speaks_for_a_class_is_named(corner: Any, method: str) -> None:
    why = corner.explain(corner.sample, method=method)
    assert why.label == "up" and why.regions()[0][0] == "top left" and why.regions()[0][1] > 2
    assert why.where_sentences()[0].startswith("Speaks for up, in percentage points: top left (")
    assert why.cells.shape == (CELLS, CELLS)
    row, column = np.unravel_index(why.cells.argmax(), why.cells.shape)
    assert row < CELLS / 3 and column < CELLS / 3


def test_the_cells_of_integrated_gradients_add_up_in_percentage_points(corner: Any) -> None:
    why = corner.explain(corner.sample)
    assert why.cells.sum() == pytest.approx(100 * (why.why.value - why.why.before), abs=1.01)
    assert sum(points for _, points in why.regions()) == pytest.approx(why.cells.sum(), abs=1e-6)


def test_another_class_may_be_explained(corner: Any) -> None:
    one, other = corner.explain(corner.sample, "up"), corner.explain(corner.sample, "down")
    assert np.allclose(one.cells, -other.cells, atol=0.1)  # two chances that add up to 1
    with pytest.raises(SettingError, match=r"among down, up, received 'dwn'.*Did you mean \"down\""):
        corner.explain(corner.sample, "dwn")


def test_an_unreadable_photo_and_several_photos_are_refused(corner: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    with pytest.raises(DataError, match="broken.jpg"):
        corner.explain(tmp_path / "broken.jpg")
    with pytest.raises(DataError, match="expected one photo"):
        corner.explain(draw(tmp_path / "many", 2) / "red")


def test_parts_cover_the_picture_once() -> None:
    picture = np.random.default_rng(0).random((50, 31))
    assert pooled(picture, 12, np.sum).sum() == pytest.approx(picture.sum())
    assert pooled(picture, 12, np.mean).shape == (12, 12) and pooled(picture[:5], 12, np.mean).shape == (5, 12)
    assert len(set(REGIONS)) == 9


def test_a_terminal_shows_signs_without_any_colour(corner: Any) -> None:
    why = corner.explain(corner.sample, "down")
    plain, coloured = heat_map.in_terminal(why, False), heat_map.in_terminal(why, True)
    assert "\x1b" not in plain and plain.isascii() and coloured.count("\x1b[48;2;") == CELLS**2
    rows = plain.splitlines()
    assert len(rows) == CELLS + 1 and all(len(row) == 2 + 2 * CELLS for row in rows[:-1])
    top_left = "".join(row[2 : 2 + 2 * 4] for row in rows[:4])
    assert top_left.count("=") + top_left.count("-") > 8  # what speaks against "down"


def test_colours_are_orange_below_zero_and_blue_above() -> None:
    found = heat_map.colours(np.array([-1.0, 0.0, 1.0]))
    assert found.tolist() == [list(heat_map.AGAINST), list(heat_map.NOTHING), list(heat_map.FOR)]


def test_files_hold_photo_map_twin_scale_and_words(corner: Any, tmp_path: Path) -> None:
    why = corner.explain(corner.sample)
    heat_map.save(why, str(tmp_path / "why.png"))
    picture = Image.open(io.BytesIO((tmp_path / "why.png").read_bytes()))
    assert picture.size[0] == 3 * (heat_map.SIDE + heat_map.GAP) + heat_map.GAP
    heat_map.save(why, str(tmp_path / "why.svg"))
    drawn = ElementTree.parse(tmp_path / "why.svg").getroot()
    kinds = [element.tag.rpartition("}")[2] for element in drawn.iter()]
    assert kinds.count("image") == 3 and "linearGradient" in kinds
    words = " ".join(element.text or "" for element in drawn.iter() if element.tag.endswith("text"))
    assert "for up (+" in words and "against up (-" in words and "top left (" in words
    with pytest.raises(SettingError, match=r"ends in \.png or \.svg"):
        heat_map.save(why, "why.gif")
