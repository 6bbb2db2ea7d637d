"""Claims about the HTML report: one small file that needs neither a network nor a script, with the page's answers."""

from __future__ import annotations

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pippin import glass
from pippin.cli.main import main
from pippin.errors import FileError
from pippin.glass.events import event
from pippin.glass.store import Store
from pippin.images import fruit, train_folder
from pippin.images.settings import Settings
from pippin.studio.answers import Answers
from pippin.studio.report import report
from studio.runs import article_run


def kept(text: str) -> dict[str, Any]:
    """The answers in a report."""
    found = re.search(r'id="pippin-answers">([^<]*)</script>', text)
    assert found is not None
    answers: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return answers


class Seen(HTMLParser):
    """What a reader sees without scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words, self._hidden, self.addresses = "", 0, []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action") and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        self.words += "" if self._hidden else data + " "


def test_without_a_script_numbers_sentences_and_the_curve_are_there(article: Path) -> None:
    text = report(article)
    seen = Seen(text)
    run, step = Answers(article).ask("run"), glass.read(article).looks[-1].open()
    assert run["says"] in seen.words
    for part in step.telling(1).parts:
        for sentence in part.sentences:
            assert sentence in seen.words
        for row in part.table:
            assert all(cell in seen.words for cell in row)
    assert f"{run['curves']['loss'][-1]:.4g}" in seen.words
    assert text.count("<polyline") == 2


def test_nothing_in_it_is_fetched(article: Path) -> None:
    text = report(article)
    assert all(address.startswith("data:") for address in Seen(text).addresses)
    assert "default-src 'none'" in text and "connect-src" not in text


def test_what_it_answers_is_what_the_page_would_be_told(article: Path) -> None:
    answers, found = Answers(article), kept(report(article))
    questions = [question for question in found if question not in ("run", "now?")]
    assert len(questions) > 60
    for question in questions[::7]:
        assert found[question] == json.loads(json.dumps(answers.ask(question)))
    last = found["run"]["looks"][-1]["step"]
    # As web/src/state.ts writes them.
    for question in (
        f"step?at={last}&depth=1&example=0", f"layer?at={last}&call=0&depth=2&example=0&layer=dense_1",
        f"weight?at={last}&depth=1&weight=dense%2Fkernel",
    ):  # fmt: skip
        assert question in found


def test_the_same_run_gives_the_same_file(article: Path) -> None:
    assert report(article) == report(article)


def test_a_report_without_photos_is_below_a_megabyte_and_has_no_picture(tmp_path: Path) -> None:
    photos = fruit.draw(tmp_path / "photos", train=48, test=24, size=64)
    train_folder(photos, Settings(size=64, epochs=2), out=str(tmp_path / "run"))
    without, whole = report(tmp_path / "run", photos=False), report(tmp_path / "run")
    assert len(without.encode()) <= 1_000_000
    found = kept(whole)
    assert "data:image/jpeg" not in without and '"picture": "' not in json.dumps(kept(without))
    assert found["run"]["result"]["mistakes"][0]["picture"].startswith("data:image/jpeg;base64,")
    assert "photos it had never seen right" in Seen(without).words


def test_names_can_not_become_markup(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    store = Store(tmp_path)
    store.append(event("warning", code="leak", message=f"{evil} </script><script>alert(2)</script>"))
    text = report(tmp_path)
    assert evil not in text and "<script>alert" not in text


def test_the_command_writes_the_file_beside_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    article_run(tmp_path / "run", epochs=2)
    assert main(["report", str(tmp_path / "run")]) == 0
    assert "report.html  (0." in capsys.readouterr().out
    assert (tmp_path / "run" / "report.html").read_text(encoding="utf-8") == report(tmp_path / "run")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match="nothing was recorded"):
        report(tmp_path / "empty")
