"""What could mislead learning, as cards with the photos that they are about, the most harmful first."""

from __future__ import annotations

import os
from typing import Any

from pippin import data
from pippin.errors import PippinError
from pippin.images.photos import read
from pippin.images.settings import Settings
from pippin.studio.photos import PhotoFolder

MOST_PHOTOS = 24
TITLES = {
    "leak": "The same photo to learn from and to judge by",
    "duplicates": "One photo in two classes",
    "copies": "The same photo more than once",
    "skipped": "Files that can't be read",
    "few-photos": "Few photos",
    "imbalance": "One class outweighs the others",
    "folder": "The folder",
}
ORDER = list(TITLES)


def check(folder: PhotoFolder) -> dict[str, Any]:
    """The cards about a folder, and a sentence that sums them up."""
    try:
        found = data.scan(folder.path)
        photos = read(found, Settings())
    except PippinError as error:
        return {"cards": [], "says": str(error), "is_ready": False}
    cards = [_card(code, message) for code, message in photos.warnings if code not in ("leak", "duplicates", "skipped")]
    cards += _repeated(found, folder)
    if photos.skipped:
        reasons = [f"{os.path.relpath(lost.path, folder.path)}: {lost.reason}" for lost in photos.skipped]
        cards.append({
            **_card("skipped", f"{len(photos.skipped):,} will be left out, without harm to the others."),
            "lines": reasons[:MOST_PHOTOS],
        })  # fmt: skip
    cards.sort(key=lambda card: ORDER.index(card["code"]) if card["code"] in ORDER else len(ORDER))
    learn, held = len(photos.learn), len(photos.validation)
    says = f"{learn:,} photos to learn from, {held:,} held out to choose the best epoch"
    says += f", {len(photos.test):,} that only judge." if photos.test else "."
    verdict = "Nothing was found that would mislead it." if not cards else ""
    return {"cards": cards, "says": f"{says} {verdict}".strip(), "is_ready": True}


def _card(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "title": TITLES.get(code, code), "says": message, "groups": [], "lines": []}


def _repeated(found: data.Folder, folder: PhotoFolder) -> list[dict[str, Any]]:
    """Cards about photos that occur more than once, each with its photos."""
    how = data.Decoding(64, 64, 3)
    parts = {part: data.load(files, how) for part, files in found.parts.items()}
    groups: dict[str, list[list[str]]] = {"leak": [], "duplicates": [], "copies": []}
    for same in data.duplicates(parts):
        code = "duplicates" if same.is_across_classes else "leak" if same.is_across_parts else "copies"
        groups[code].append([os.path.relpath(path, folder.path) for _, _, path in same.members])
    says = {
        "leak": "{} photos are among those to learn from and among those that judge: the score would flatter.",
        "duplicates": "{} photos are said to be two things at once. Leave one of each out.",
        "copies": "{} photos are there more than once. They count double, which does little harm.",
    }
    return [
        {**_card(code, says[code].format(len(same))), "groups": same[:MOST_PHOTOS]}
        for code, same in groups.items()
        if same
    ]
