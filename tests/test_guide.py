"""Claims about docs/guide: every block of its pages runs, and prints what stands below it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
guide = pytest.importorskip("guide")


@pytest.mark.parametrize("page", guide.pages(), ids=lambda page: page.stem)
def test_a_page_prints_what_it_says(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run `python tools/guide.py --write` where the library now says something else, and read what changed."""
    monkeypatch.setenv("COLUMNS", "100")
    now, _ = guide.run(page)
    assert guide.differences(page.read_text(encoding="utf-8"), now) == []


def test_there_are_three_pages_with_their_pictures_and_the_readme_names_them() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.stem[0] for page in guide.pages()] == ["1", "2", "3"]
    for page in guide.pages():
        text = page.read_text(encoding="utf-8")
        assert f"docs/guide/{page.name}" in readme and "glass." in text
        links = re.findall(r"\]\(([\w.-]+)\)", text)
        assert any(link.endswith(".svg") for link in links)
        assert all((page.parent / link).is_file() for link in links)


@pytest.mark.parametrize("page", guide.pages(), ids=lambda page: page.stem)
def test_its_notebook_is_the_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    written = page.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert written == guide.notebook(text)
    cells = json.loads(written)["cells"]
    assert "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code").count("print(") > 2
    assert any(cell.get("outputs") for cell in cells) and all("```" not in "".join(cell["source"]) for cell in cells)


@pytest.mark.parametrize(
    ("before", "now", "is_true"),
    [
        ("loss 0.5000\n", "loss 0.5004\n", True),
        ("loss 0.5000\n", "loss 0.6000\n", False),
        ("it is open\n", "it is shut\n", False),
        ("one\n", "one\ntwo\n", False),
        ("[-0.  1.]\n", "[ 0.  1.]\n", True),
    ],
)
def test_a_page_that_is_no_longer_true_is_noticed(before: str, now: str, is_true: bool) -> None:
    assert (guide.differences(before, now) == []) == is_true
