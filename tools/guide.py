"""The pages of docs/guide are programs: run their blocks, compare what they print with what stands below.

python tools/guide.py            # says where a page is no longer true
python tools/guide.py --write    # writes what is printed now into the pages, their pictures and their notebooks
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "guide"
BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)
NUMBER = re.compile(r"[-+−]?\d+\.?\d*(?:e[-+]?\d+)?")


def pages() -> list[Path]:
    """The pages, in their order."""
    return sorted(GUIDE.glob("[0-9]-*.md"))


def run(page: Path) -> tuple[str, dict[str, Any]]:
    """Run a page by itself: the page with what it prints now, and the names it leaves."""
    from pippin.naming import clear_names

    clear_names()
    os.environ["COLUMNS"] = "100"
    names: dict[str, Any] = {}
    printed = ""

    def now(block: re.Match[str]) -> str:
        nonlocal printed
        kind, content = block.groups()
        if kind == "text":
            return f"```text\n{printed}```"
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(content, str(page), "exec"), names)
        printed = "\n".join(line.rstrip() for line in said.getvalue().splitlines()) + "\n"
        return block.group()

    return BLOCK.sub(now, page.read_text(encoding="utf-8")), names


def notebook(text: str) -> str:
    """A page as a Jupyter notebook: a cell for each block, with what it printed, and the text between them."""
    cells: list[dict[str, Any]] = []

    def add(kind: str, content: str, **more: Any) -> None:
        if content.strip():
            lines = content.strip("\n").splitlines(keepends=True)
            cells.append({"cell_type": kind, "id": f"cell-{len(cells)}", "metadata": {}, "source": lines, **more})

    at = 0
    for block in BLOCK.finditer(text):
        add("markdown", text[at : block.start()])
        kind, content = block.groups()
        if kind == "python":
            add("code", content, execution_count=None, outputs=[])
        else:
            printed = content.splitlines(keepends=True)
            cells[-1]["outputs"] = [{"name": "stdout", "output_type": "stream", "text": printed}]
        at = block.end()
    add("markdown", text[at:])
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def differences(before: str, now: str) -> list[str]:
    """Lines that are no longer true. Numbers may differ in their last digit: engines round differently."""
    found = []
    old, new = before.splitlines(), now.splitlines()
    if len(old) != len(new):
        return [f"{len(old)} lines, now {len(new)}"]
    for number, (one, other) in enumerate(zip(old, new, strict=True), 1):
        words = [NUMBER.sub("0", line).replace("[ ", "[").split() for line in (one, other)]
        figures = [[float(text.replace("−", "-")) for text in NUMBER.findall(line)] for line in (one, other)]
        if words[0] != words[1] or any(
            abs(a - b) > 0.01 * max(abs(a), abs(b)) + 1e-3 for a, b in zip(*figures, strict=True)
        ):
            found.append(f"line {number}: {one!r}, now {other!r}")
    return found


def main() -> int:
    """Do what the words say; the exit code."""
    writes = "--write" in sys.argv[1:]
    wrong = 0
    for page in pages():
        now, names = run(page)
        if writes:
            page.write_text(now, encoding="utf-8")
            page.with_suffix(".ipynb").write_text(notebook(now), encoding="utf-8")
            import guide_pictures

            guide_pictures.draw(page.stem, names, GUIDE)
            continue
        for line in differences(page.read_text(encoding="utf-8"), now):
            print(f"{page.name}: {line}")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
