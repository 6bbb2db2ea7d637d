"""A finished classifier of photos at work: on the photos that judge it, and on a new one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from pippin import data
from pippin.data.files import Unreadable
from pippin.errors import DataError
from pippin.images.classifier import Classifier
from pippin.images.explaining import explain_photo
from pippin.images.network import probabilities
from pippin.images.photos import read
from pippin.images.record import read_beginning
from pippin.images.run_folder import RESULT, RunFolder
from pippin.studio.examples import picture
from pippin.studio.photos import MOST_BYTES, inside


class Judge:
    """The classifier in a run folder."""

    def __init__(self, path: Path) -> None:
        self.run = RunFolder.open(path)
        self.folder, self.fingerprint, self.settings, _ = read_beginning(self.run)
        self.classifier = Classifier.load(path)
        self.classes = [str(name) for name in self.classifier.classes_]
        self._judged: dict[str, Any] | None = None

    def photo(self, name: str) -> Path:
        """A photo that the run was made from."""
        return inside(Path(self.folder), name)

    def judged(self) -> dict[str, Any]:
        """Every photo that judges, with what the model in the file says about it now, and whether that is what was
        said at the end of training: a check of the file as much as of the model."""
        if self._judged is None:
            photos = read(data.scan(self.folder), self.settings)
            part = photos.test or photos.validation
            found = probabilities(self.classifier.model_, part.pixels)
            confusion = np.zeros((len(self.classes), len(self.classes)), int)
            np.add.at(confusion, (part.labels, found.argmax(axis=1)), 1)
            rows = [
                {
                    "photo": name,
                    "label": int(label),
                    "said": int(row.argmax()),
                    "probability": round(float(row.max()), 4),
                }
                for name, label, row in zip(part.names, part.labels, found, strict=True)
            ]
            self._judged = {
                "classes": self.classes, "photos": rows,
                "says": self._agreement(confusion, photos.fingerprint() == self.fingerprint),
            }  # fmt: skip
        return self._judged

    def _agreement(self, confusion: np.ndarray, same_photos: bool) -> str:
        """Whether the file gives the answers that training gave."""
        if not same_photos:
            return "The photos have changed since training, so the file can't be compared with what was said then."
        try:
            before = np.array(json.loads((self.run.path / RESULT).read_text(encoding="utf-8"))["confusion"])
        except (OSError, ValueError, KeyError):
            return "The run has no result to compare the file with."
        of = int(confusion.sum())
        if np.array_equal(before, confusion):
            return f"Checked: the model file, opened anew, gives training's answers on all {of:,} photos that judge."
        apart = int(np.abs(before - confusion).sum()) // 2
        return f"The model file differs from training on {apart:,} or more of {of:,} photos. Don't rely on it."

    def look(self, content: bytes) -> dict[str, Any]:
        """What is on a new photo: the classes, how far to trust them, and which photos it is most like."""
        pixels = self._read(content)
        (answer,) = self.classifier.answer(pixels[None])
        return {
            "classes": self.classes, "chances": [round(float(chance), 4) for chance in answer.probabilities],
            "said": int(answer.probabilities.argmax()), "sees": picture(pixels), "is_sure": bool(answer.is_sure),
            "says": answer.sentences(),
            "nearest": [{"photo": near.photo, "label": str(near.label)} for near in answer.nearest],
        }  # fmt: skip

    def explain(self, content: bytes, method: str) -> dict[str, Any]:
        """Which parts of a new photo speak for the answer and which against, beside the map of shuffled weights."""
        found = explain_photo(self.classifier, self._read(content), method=method)
        return {
            "label": found.label, "sees": picture(found.pixels), "cells": found.cells.round(3).tolist(),
            "twin": found.twin_cells.round(3).tolist(), "likeness": round(max(0.0, found.why.likeness), 2),
            "depends": found.why.depends_on_learning, "told": found.telling().to_dict(),
        }  # fmt: skip

    def _read(self, content: bytes) -> np.ndarray:
        """A photo that was sent, as the classifier sees it."""
        if len(content) > MOST_BYTES:
            raise DataError(f"The photo is larger than {MOST_BYTES // 1_000_000} MB.")
        try:
            return data.decode(content, self.classifier.how_).pixels
        except Unreadable as error:
            raise DataError(f"This can't be read as a photo: {error}.") from error
