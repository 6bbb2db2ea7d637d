"""Claims about what is drawn: it fits any terminal, holds no wall of numbers, and is the same in JSON."""

from __future__ import annotations

import json

import pytest

from glass.asked import NAMES, step_of
from glass.test_layer import small
from pippin import layers
from pippin.errors import SettingError
from pippin.glass.telling import Part, Telling


@pytest.mark.parametrize("width", [30, 60, 80, 200])
@pytest.mark.parametrize("name", NAMES)
def test_every_line_fits(name: str, width: int) -> None:
    step = step_of(name)
    tellings = [step.telling(3), step.layers[0].telling(2), step.layers[0].neuron(0).telling(2)]
    for telling in tellings:
        lines = telling.draw(width).splitlines()
        assert max(map(len, lines)) <= min(width, 100)


def test_a_large_layer_is_not_a_wall_of_numbers() -> None:
    step = small(layers.Dense(1000, name="wide"), layers.Dense(1), features=400)
    assert len(step.layer("wide").tell(1)) < 2500
    assert len(step.layer("wide").neuron(7).tell(2)) < 3500


def test_json_says_the_same_sentences() -> None:
    telling = step_of("article").telling(2)
    told = json.loads(json.dumps(telling.to_dict()))
    drawn = " ".join(telling.draw(80).split())
    sentences = [sentence for part in told["parts"] for sentence in part["sentences"]]
    assert sentences and all(" ".join(sentence.split()) in drawn for sentence in sentences)


def test_depths_add_formulas_and_then_lines() -> None:
    layer = step_of("article").layer("dense")
    plain, formulas, code = (layer.tell(depth) for depth in (1, 2, 3))
    assert "Σ_k input[i,k] · kernel[k,j]" not in plain and "Σ_k input[i,k] · kernel[k,j]" in formulas
    assert "matmul(x, dense/kernel)" not in formulas and "matmul(x, dense/kernel)" in code
    with pytest.raises(SettingError, match=r"1 \(plain\), 2 \(with formulas\) or 3"):
        layer.tell(4)


def test_only_headings_are_bold_and_only_when_asked() -> None:
    telling = Telling("title", [Part("heading", ["A sentence."], [["name", "a"], ["x", "1"]])])
    assert telling.draw(80) == "title\n\nheading\n  A sentence.\n  x     1"
    assert telling.draw(80, bold=True).count("\x1b[1m") == 2


def test_a_table_that_is_too_wide_is_folded() -> None:
    table = [["name", "first", "second"], ["a_long_name_of_a_layer", "1.25", "2"]]
    part = Part("", (), table)
    assert "  a_long_name_of_a_layer   1.25       2" in Telling("t", [part]).draw(80)
    assert Telling("t", [part]).draw(30).splitlines()[2:] == [
        "    first  second", "  a_long_name_of_a_layer", "     1.25       2",
    ]  # fmt: skip
    wide = Part("", (), [["name", "first", "second"], ["a_layer", "1.25", "a cell of many words"]])
    assert "    second: a cell" in Telling("t", [wide]).draw(20).splitlines()
