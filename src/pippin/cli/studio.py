"""pippin studio: photos become a classifier on a page, without a line of code."""

from __future__ import annotations

import argparse
from pathlib import Path

from pippin.cli.arguments import index

HELP = "photos, training, results on a page; no code"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Open a page on which photos are gathered (dropped, from a zip, from the webcam), checked and learned from, "
        "and the classifier is looked into, judged and tried. Photos go into FOLDER, a sub-folder for each class; runs "
        "into runs/, as those of pippin train. The page is served on this machine only; nothing leaves it."
    )
    add = parser.add_argument
    add("folder", nargs="?", default="photos", metavar="FOLDER", help="of the photos; made if it isn't there (photos)")
    add("--port", type=index, default=0, metavar="N", help="of the page (a free one)")
    add("--no-open", action="store_true", help="don't open a browser; the address is printed")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from pippin.glass.store import RUNS
    from pippin.studio.home import Home
    from pippin.studio.serving import serve

    home = Home([RUNS], photos=Path(arguments.folder))
    try:
        serve(home, port=arguments.port, opens=not arguments.no_open, says="The studio:  ")
    finally:
        if home.training is not None:
            home.training.end()
    return 0
