"""pippin diagnose RUN: what is wrong with a run, why, and what to do; with --fix, whether that helps."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

HELP = "say what is wrong with a run and why; try the fix"
FOUND = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Say what is wrong with a run that was recorded (by pippin train or glass.Watch): what was seen, with its "
        "numbers, why that happens, what to do. What is found is written into the run, so that its page shows it too."
    )
    add = parser.add_argument
    add("run", metavar="RUN", help="a run folder")
    add("--fix", metavar="CODE", help="do the run again with the fix of this finding, and say whether it helped")
    add("--json", action="store_true", help="print one JSON object, with the same sentences")
    add("--strict", action="store_true", help=f"exit with {FOUND} when something was found")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from pippin.diagnosis import diagnose
    from pippin.diagnosis.record import remember

    found = diagnose(arguments.run)
    remember(found)
    if arguments.fix is not None:
        _say(found.fix(arguments.fix), arguments.json)
        return 0
    _say(found, arguments.json)
    return FOUND if arguments.strict and found.findings else 0


def _say(thing: Any, as_json: bool) -> None:
    from pippin.utils.console import say

    if as_json:
        say(json.dumps(thing.to_dict(), ensure_ascii=False))
    else:
        say(thing.telling().draw(bold=sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
