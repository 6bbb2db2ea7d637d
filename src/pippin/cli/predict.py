"""pippin predict MODEL PHOTO...: what is on new photos, with probabilities. Learns nothing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pippin.cli.arguments import whole
from pippin.cli.main import COULD_NOT

if TYPE_CHECKING:
    import numpy as np

    from pippin.data import PictureFile, Skipped
    from pippin.images.classifier import Classifier

HELP = "say what is on photos"
AT_ONCE = 256
"""Photos decoded before the first answer, so that a folder of any size needs little memory and answers soon."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Say which class each PHOTO belongs to, and how probable each class is. MODEL is a run folder of "
        "pippin train or a "
        ".keras file; PHOTO is a file or a folder. Photos that can't be read are named on stderr, the "
        "others answered."
    )
    add = parser.add_argument
    add("model", metavar="MODEL", help="a run folder, or a .keras file")
    add("photos", metavar="PHOTO", nargs="+", help="files, or folders of them")
    add("--top", type=whole, metavar="N", help="how many of the classes to show (3)")
    add(
        "--json",
        action="store_true",
        help="print one object a line: photo, label, probability, probabilities",
    )


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code: 1 when a photo could not be read or the model could not be opened."""
    from pippin import data
    from pippin.images.classifier import Classifier

    classifier = Classifier.load(arguments.model)
    files, skipped = data.gather(arguments.photos)
    could_not = [*skipped]
    tell_skipped(skipped)
    for paths, probabilities, unread in answers(classifier, files):
        tell_skipped(unread)
        could_not += unread
        for path, row in zip(paths, probabilities, strict=True):
            print(
                as_json(path, row, classifier) if arguments.json else as_text(path, row, classifier, arguments.top or 3)
            )
        sys.stdout.flush()
    if not files and not skipped:
        print("pippin predict: there are no files in the folders given.", file=sys.stderr)
    return COULD_NOT if could_not or not files else 0


def answers(
    classifier: Classifier, files: list[PictureFile]
) -> Iterator[tuple[tuple[str, ...], np.ndarray, tuple[Skipped, ...]]]:
    """Yield the paths that could be read, the probabilities for each, and what could not, some photos at a time."""
    from pippin import data
    from pippin.images.network import probabilities

    for first in range(0, len(files), AT_ONCE):
        found = data.load(files[first : first + AT_ONCE], classifier.how_, cache=False)
        yield found.paths, probabilities(classifier.model_, found.pixels), found.skipped


def tell_skipped(skipped: list[Skipped] | tuple[Skipped, ...]) -> None:
    """Name the photos that can't be read, on stderr."""
    for lost in skipped:
        print(lost, file=sys.stderr)


def as_json(path: str, probabilities: np.ndarray, classifier: Classifier) -> str:
    """One photo's answer as a line of JSON."""
    classes: list[Any] = classifier.classes_.tolist()
    best = int(probabilities.argmax())
    return json.dumps(
        {
            "photo": path,
            "label": classes[best],
            "probability": round(float(probabilities[best]), 6),
            "probabilities": {str(name): round(float(p), 6) for name, p in zip(classes, probabilities, strict=True)},
        },
        ensure_ascii=False,
    )


def as_text(path: str, probabilities: np.ndarray, classifier: Classifier, top: int) -> str:
    """One photo's answer as a line for people: the classes, the most probable first."""
    from pippin.data import printable
    from pippin.images.report import percent

    order = (-probabilities).argsort(kind="stable")[:top]
    said = [f"{printable(str(classifier.classes_[place]))} {percent(float(probabilities[place]))}" for place in order]
    return f"{printable(path)}   {'   '.join(said)}"
