"""pippin report RUN: a run as one HTML file to keep and to pass on."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "write a run as one HTML file that opens anywhere"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Write what a run was and came to, with its last step opened, into one HTML file. It opens without a network, "
        "and is readable without JavaScript."
    )
    add = parser.add_argument
    add("run", metavar="RUN", help="a folder that pippin train or glass.Watch has made")
    add("-o", "--out", metavar="FILE.html", help="where to (RUN/report.html)")
    add("--no-photos", action="store_true", help="leave all pictures out")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from pippin.saving.atomic import write_text
    from pippin.studio.report import report

    place = Path(arguments.out or Path(arguments.run) / "report.html")
    text = report(arguments.run, photos=not arguments.no_photos)
    write_text(place, text)
    print(f"{place}  ({len(text.encode()) / 1e6:.2f} MB)")
    return 0
