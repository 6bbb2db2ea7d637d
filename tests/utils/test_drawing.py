"""Claims about drawn models: every layer is a box that says what was asked, every use an arrow; none crosses a box."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import pippin
from goldens import saved_models
from pippin import layers, models
from pippin.errors import FileError, SettingError
from pippin.utils import model_to_dot, plot_model

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_every_layer_is_a_box_and_every_connection_an_arrow() -> None:
    drawing = model_to_dot(saved_models.graph(pippin))
    text = drawing.to_string()
    assert text.count("[shape=box") == 14  # 2 inputs, shared, stack and inner twice each, 6 more
    assert text.count("->") == 15
    assert {"shared (Dense)", "a (InputLayer)", "inner (Functional)"} <= set(texts(drawing.svg()))


def test_no_arrow_goes_through_a_box() -> None:
    drawing = model_to_dot(saved_models.graph(pippin), show_shapes=True)
    root = ElementTree.fromstring(drawing.svg())
    boxes = [
        tuple(float(rect.attrib[word]) for word in ("x", "y", "width", "height"))
        for rect in root.iter(f"{SVG}rect") if "x" in rect.attrib
    ]  # fmt: skip
    crossed = 0
    for path in (path.attrib["d"] for path in root.iter(f"{SVG}path") if "stroke" in path.attrib):
        points = [tuple(map(float, point[1:].split(","))) for point in path.split(" ")]
        for (ax, ay), (bx, by) in itertools.pairwise(points):
            for step in range(1, 40):
                x, y = ax + (bx - ax) * step / 40, ay + (by - ay) * step / 40
                crossed += any(l + 1 < x < l + w - 1 and t + 1 < y < t + h - 1 for l, t, w, h in boxes)
    assert not crossed


def test_a_box_says_what_was_asked_for() -> None:
    model = models.Sequential([layers.Input((4,), name="x"), layers.Dense(3, "relu", name="head <&>")])
    drawing = model_to_dot(
        model, show_shapes=True, show_dtype=True, show_layer_activations=True, show_trainable=True
    )
    lines = texts(drawing.svg())
    assert lines[-6:] == [
        "head <&> (Dense)", "Activation: relu", "Input shape: (None, 4)", "Output shape: (None, 3)",
        "Output dtype: float32", "Trainable: True",
    ]  # fmt: skip
    assert texts(model_to_dot(model, show_layer_names=False).svg()) == ["InputLayer", "Dense"]


def test_models_inside_are_drawn_open_if_asked_for() -> None:
    lines = texts(model_to_dot(saved_models.frozen(pippin), expand_nested=True).svg())
    assert lines.count("core/inside (Dense)") == 2 and "core (Functional)" not in lines


@pytest.mark.parametrize("rankdir", ["TB", "LR"])
def test_files_are_written_in_the_format_of_their_names(rankdir: str, tmp_path: Path) -> None:
    model: Any = saved_models.pictures(pippin)
    for name in ("m.svg", "m.png", "m.dot"):
        plot_model(model, tmp_path / name, show_shapes=True, rankdir=rankdir, dpi=72)
    with Image.open(tmp_path / "m.png") as picture:
        width, height = picture.size
        assert (width > height) == (rankdir == "LR") and len(picture.getcolors() or [1] * 9) > 2
    assert (tmp_path / "m.dot").read_text().startswith("digraph G {")
    with pytest.raises(FileError, match="ends in .svg, .png or .dot"):
        plot_model(model, tmp_path / "m.pdf")


def test_what_can_not_be_drawn_is_told() -> None:
    with pytest.raises(ValueError, match="expected a model that is built"):
        model_to_dot(models.Sequential([layers.Dense(2)]))
    with pytest.raises(SettingError, match="rankdir"):
        model_to_dot(models.Sequential([layers.Input((2,)), layers.Dense(2)]), rankdir="XY")
