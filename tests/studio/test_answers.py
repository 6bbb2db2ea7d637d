"""Claims about what the page is told: the glass box's own numbers and sentences, at any recorded moment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pippin import glass
from pippin.errors import SettingError
from pippin.glass.events import event
from pippin.glass.store import Store
from pippin.studio.answers import Answers
from pippin.studio.run_view import MOST_POINTS, thinned
from studio.runs import article_run


def test_every_answer_is_plain_json(article: Path) -> None:
    answers = Answers(article)
    for question in (
        "run", "now", "step", "step?at=0&example=2&depth=3", "layer?layer=dense&depth=2", "neuron?layer=dense&neuron=5",
        "weight?weight=dense/kernel&place=3,4&depth=2", "check?weight=dense/kernel", "trail?weight=dense/bias&place=1",
    ):  # fmt: skip
        json.dumps(answers.ask(question), allow_nan=False)


def test_the_page_says_the_sentences_of_the_glass_box(article: Path) -> None:
    answers, step = Answers(article), glass.read(article).looks[-1].open()
    for depth in (1, 2, 3):
        told = answers.ask(f"neuron?layer=dense_1&neuron=3&example=2&depth={depth}")
        wanted = step.layer("dense_1").neuron(3, 2).telling(depth).to_dict()
        assert told["parts"] == wanted["parts"] and told["title"] == wanted["title"]
    told = answers.ask("step?depth=2")["told"]
    assert told["parts"] == step.telling(2).to_dict()["parts"]


def test_marks_of_neurons_are_the_numbers_of_the_step(article: Path) -> None:
    step = glass.read(article).looks[-1].open()
    shown = Answers(article).ask("step?example=3")
    for view, layer in zip(step.layers, shown["layers"], strict=True):
        np.testing.assert_allclose(layer["values"]["forward"], view.output[3], rtol=1e-3)
        np.testing.assert_allclose(layer["values"]["backward"], view.output_gradient[3], rtol=1e-3)
        kernel = view.updates["kernel"]
        np.testing.assert_allclose(layer["values"]["update"], np.abs(kernel.change).mean(axis=0), rtol=1e-3)
        assert len(layer["edges"]) == kernel.old.size
    assert shown["loss"] == step.loss_value


def test_an_earlier_moment_shows_earlier_numbers(article: Path) -> None:
    answers = Answers(article)
    first, last = answers.ask("step?at=0"), answers.ask("step")
    assert first["loss"] > last["loss"]
    trail = answers.ask("trail?weight=dense/kernel&place=0,1")
    assert trail["steps"] == glass.read(article).steps and len(set(trail["values"])) > 3


def test_guesses_say_whether_they_are_right(article: Path) -> None:
    step = glass.read(article).looks[-1].open()
    for guess, row, truth in zip(
        Answers(article).ask("now")["guesses"], step.predictions[0], step.inputs["y"], strict=True
    ):
        assert guess["right"] == (row.argmax() == truth) and guess["truth"] == str(truth)
        assert guess["probability"] == pytest.approx(row.max(), rel=1e-5)
        assert ("That is right." in guess["says"]) == guess["right"]


def test_a_run_is_read_again_when_it_went_on(tmp_path: Path) -> None:
    answers = Answers(tmp_path)
    assert answers.ask("run")["state"] == "waiting"
    article_run(tmp_path, epochs=2)
    assert answers.ask("run")["state"] == "ended" and answers.ask("run")["curves"]["epoch"] == [1, 2]


def test_findings_and_warnings_are_shown_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for _ in range(2):
        store.append(event("warning", code="leak", message="The same photo lies in both parts."))
    found = Answers(tmp_path).ask("run")["findings"]
    assert found == [{"code": "leak", "message": "The same photo lies in both parts."}]


def test_long_curves_keep_their_peaks() -> None:
    loss: list[Any] = [1.0] * 10_000
    loss[4321] = 9.0
    loss[77] = None
    rows = thinned([loss], len(loss))
    assert 4321 in rows and {0, 9999} <= set(rows) and len(rows) <= MOST_POINTS + 2


@pytest.mark.parametrize(
    ("question", "match"),
    [
        ("stp", 'received \'stp\'. Did you mean "step"'),
        ("step?at=x", "at: expected a whole number"),
        ("layer?layer=dens", "no layer has the name 'dens'"),
        ("weight?weight=dense/kernel&place=a", "place: expected whole numbers"),
        ("neuron?layer=dense&neuron=32", "from 0 to 31"),
    ],
)
def test_a_question_that_has_no_answer_is_refused_with_a_sentence(article: Path, question: str, match: str) -> None:
    with pytest.raises(SettingError) as told:
        Answers(article).ask(question)
    assert match in str(told.value)
