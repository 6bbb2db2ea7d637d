"""Claims about notebooks: a run is shown while it goes on, and a picture that needs no script stays in the file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pippin import layers, models
from pippin.studio import notebook
from studio.runs import article_run


class Shown:
    """Stands for the notebook."""

    def __init__(self) -> None:
        self.things: list[Any] = []
        self.pages: dict[str, list[str]] = {}

    def html(self, html: str, handle: str, again: bool = False) -> None:
        assert again == (handle in self.pages)
        self.pages.setdefault(handle, []).append(html)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    found = Shown()
    monkeypatch.setattr(notebook, "_display", found.things.append)
    monkeypatch.setattr(notebook, "_display_html", found.html)
    return found


def fit(folder: Path) -> None:
    model = models.Sequential([layers.Input((4,)), layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    x = np.random.RandomState(0).rand(32, 4).astype(np.float32)
    model.fit(x, (x[:, 0] > 0.5).astype(int), epochs=4, verbose=0, callbacks=[notebook.Live(folder)])


def test_a_picture_of_the_run_stays_under_the_cell(tmp_path: Path, shown: Shown) -> None:
    fit(tmp_path / "run")
    (pages,) = shown.pages.values()
    assert pages[-1] == notebook.snapshot(tmp_path / "run")
    assert "It learned for 4 epochs." in pages[-1] and "<polyline" in pages[-1] and "<script" not in pages[-1]


def test_without_anywidget_the_picture_is_all(tmp_path: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "widget", lambda path: None)
    fit(tmp_path / "run")
    assert not shown.things and len(shown.pages) == 1


def test_the_widget_answers_as_the_server_does(article: Path) -> None:
    pytest.importorskip("anywidget")
    from pippin.studio.widget import RunWidget

    sent: list[dict[str, Any]] = []
    widget = RunWidget(article)
    widget.send = sent.append
    widget.answer({"number": 4, "question": "neuron?layer=dense&neuron=2"})
    widget.answer({"number": 5, "question": "neuron?layer=none"})
    assert sent[0]["number"] == 4 and sent[0]["answer"]["title"] == "Neuron 2 of dense, on example 0"
    assert sent[1]["number"] == 5 and "no layer has the name 'none'" in sent[1]["error"]
    assert "export" in str(widget._esm) and ".notebook" in widget._style


def test_the_widget_tells_by_itself_how_the_run_goes(tmp_path: Path) -> None:
    pytest.importorskip("anywidget")
    import threading

    from pippin.studio.widget import RunWidget

    (tmp_path / "run").mkdir()
    sent: list[dict[str, Any]] = []
    widget, ended = RunWidget(tmp_path / "run"), threading.Event()
    widget.send = sent.append
    widget.follow(ended)
    article_run(tmp_path / "run", epochs=3)
    ended.set()
    until = time.monotonic() + 20
    while not sent or sent[-1]["run"]["state"] != "ended":
        assert time.monotonic() < until
        time.sleep(0.05)
    assert sent[-1]["run"]["curves"]["epoch"] == [1, 2, 3] and len(sent[-1]["now"]["guesses"]) == 8
