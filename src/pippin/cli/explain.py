"""pippin explain MODEL PHOTO...: why a photo is called what it is called. Learns nothing."""

from __future__ import annotations

import argparse
import json
import os
import sys

from pippin.cli.main import COULD_NOT

HELP = "say why a photo is called what it is called"
WORDS = {
    "integrated": "integrated_gradients",
    "gradient": "gradient_x_input",
    "occlusion": "occlusion",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Say which parts of each PHOTO speak for its class and which against, and whether that depends on what the "
        "network has learned: the same is asked of twins with shuffled weights. MODEL is a run folder of pippin train "
        "or a .keras file."
    )
    add = parser.add_argument
    add("model", metavar="MODEL", help="a run folder, or a .keras file")
    add("photos", metavar="PHOTO", nargs="+", help="files, or folders of them")
    add("--class", dest="label", metavar="NAME", help="explain this class (the most probable one)")
    add("--method", choices=list(WORDS), default="integrated", help="how the parts are credited (integrated)")
    add("--out", metavar="FILE", help="write the maps of one photo as a picture: .png or .svg")
    add("--json", action="store_true", help="print one object a photo, with the same sentences")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from pippin import data
    from pippin.cli.predict import tell_skipped
    from pippin.errors import SettingError
    from pippin.images import heat_map
    from pippin.images.classifier import Classifier
    from pippin.images.explaining import explain_photo
    from pippin.utils.console import say

    classifier = Classifier.load(arguments.model)
    files, skipped = data.gather(arguments.photos)
    found = data.load(files, classifier.how_, cache=False)
    tell_skipped([*skipped, *found.skipped])
    if arguments.out is not None and len(found.paths) > 1:
        raise SettingError(f"--out: expected one photo, received {len(found.paths):,}.")
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    label = _class(classifier, arguments.label)
    for number, (path, pixels) in enumerate(zip(found.paths, found.pixels, strict=True)):
        why = explain_photo(classifier, pixels, label, WORDS[arguments.method])
        if arguments.json:
            told = {
                "photo": path, "class": why.label, "probability": round(why.why.value, 6), "method": why.why.method,
                "cells": why.cells.round(3).tolist(), "twin_cells": why.twin_cells.round(3).tolist(),
                "likeness": round(why.why.likeness, 4), "depends_on_learning": why.why.depends_on_learning,
                "gap": why.why.gap, **why.telling().to_dict(),
            }  # fmt: skip
            say(json.dumps(told, ensure_ascii=False))
        else:
            say(f"{chr(10) if number else ''}{data.printable(path)}\n")
            say(f"{heat_map.in_terminal(why, coloured)}\n")
            say(why.telling().draw(bold=coloured))
        if arguments.out is not None:
            heat_map.save(why, arguments.out)
            print(f"Written: {arguments.out}", file=sys.stderr)
    return COULD_NOT if skipped or found.skipped or not found.paths else 0


def _class(classifier: object, word: str | None) -> object:
    """The class of a name as the classifier knows it: some are numbers."""
    known = {str(name): name for name in classifier.classes_.tolist()}  # type: ignore[attr-defined]
    return None if word is None else known.get(word, word)
