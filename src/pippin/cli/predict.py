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
    from pippin.data import PictureFile, Skipped
    from pippin.images.answer import Answer
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
        'others answered. An answer that is "not sure", or a photo that is "unlike anything it was shown", is marked: '
        "of photos like those that training held out, at most 5 in 100 are called surely and wrongly."
    )
    add = parser.add_argument
    add("model", metavar="MODEL", help="a run folder, or a .keras file")
    add("photos", metavar="PHOTO", nargs="+", help="files, or folders of them")
    add("--top", type=whole, metavar="N", help="how many of the classes to show (3)")
    add(
        "--json",
        action="store_true",
        help="print one object a line: photo, label, probability, probabilities, sure, possible, unfamiliar, nearest",
    )
    add("--like", action="store_true", help="name the photos it learned from that each is most like")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code: 1 when a photo could not be read or the model could not be opened."""
    from pippin import data
    from pippin.images.classifier import Classifier

    classifier = Classifier.load(arguments.model)
    files, skipped = data.gather(arguments.photos)
    could_not = [*skipped]
    tell_skipped(skipped)
    for paths, answers, unread in answered(classifier, files):
        tell_skipped(unread)
        could_not += unread
        for path, answer in zip(paths, answers, strict=True):
            print(
                as_json(path, answer) if arguments.json else as_text(path, answer, arguments.top or 3, arguments.like)
            )
        sys.stdout.flush()
    if not files and not skipped:
        print("pippin predict: there are no files in the folders given.", file=sys.stderr)
    return COULD_NOT if could_not or not files else 0


def answered(
    classifier: Classifier, files: list[PictureFile]
) -> Iterator[tuple[tuple[str, ...], list[Answer], tuple[Skipped, ...]]]:
    """Yield the paths that could be read, what is said of each, and what could not, some photos at a time."""
    from pippin import data

    for first in range(0, len(files), AT_ONCE):
        found = data.load(files[first : first + AT_ONCE], classifier.how_, cache=False)
        yield found.paths, classifier.answer(found.pixels), found.skipped


def tell_skipped(skipped: list[Skipped] | tuple[Skipped, ...]) -> None:
    """Name the photos that can't be read, on stderr."""
    for lost in skipped:
        print(lost, file=sys.stderr)


def as_json(path: str, answer: Answer) -> str:
    """One photo's answer as a line of JSON; what nobody measured is null."""
    told: dict[str, Any] = {
        "photo": path,
        "label": answer.label,
        "probability": round(answer.probability, 6),
        "probabilities": {
            str(name): round(float(p), 6) for name, p in zip(answer.classes, answer.probabilities, strict=True)
        },
        "sure": answer.is_sure,
        "possible": None if answer.possible is None else list(answer.possible),
        "unfamiliar": answer.is_unfamiliar,
        "nearest": [
            {"photo": near.photo, "label": near.label, "distance": round(near.distance, 4)} for near in answer.nearest
        ],
    }
    return json.dumps(told, ensure_ascii=False)


def as_text(path: str, answer: Answer, top: int, like: bool = False) -> str:
    """One photo's answer as a line for people: the classes, the most probable first, and whether it is sure."""
    from pippin.data import printable
    from pippin.images.report import percent

    order = (-answer.probabilities).argsort(kind="stable")[:top]
    said = [f"{printable(str(answer.classes[at]))} {percent(float(answer.probabilities[at]))}" for at in order]
    verdict = f"   ({answer.verdict()})" if answer.verdict() else ""
    near = [f"\n    like {printable(one.photo)}   {printable(str(one.label))}" for one in answer.nearest if like]
    return f"{printable(path)}   {'   '.join(said)}{verdict}{''.join(near)}"
