"""Asks all questions, or those named, and writes docs/benchmarks.md with its chart.

`python -m benchmarks` asks all. `python -m benchmarks step mlp32 --rounds 3` asks some and keeps their answers;
`python -m benchmarks --report` writes the page from the answers that were kept.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from benchmarks import answer, machine
from benchmarks.chart import chart
from benchmarks.questions import names, question
from benchmarks.report import page, section
from benchmarks.timing import ROOT


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="QUESTION", help=f"default: all of {', '.join(names())}")
    parser.add_argument("--rounds", type=int, default=5, help="how often everybody takes part (default 5)")
    parser.add_argument("--report", action="store_true", help="write the page from the answers kept, and ask nothing")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(names())
    if unknown:
        parser.error(f"expected questions out of {', '.join(names())}; received {', '.join(sorted(unknown))}")
    if not arguments.report:
        for name in arguments.names or names():
            ask(name, arguments.rounds)
    if arguments.report or not arguments.names:
        write()
    return 0


def ask(name: str, rounds: int) -> None:
    """Ask one question, keep its answer and print it."""
    print(f"{name} ...", file=sys.stderr)
    found = question(name).ask(rounds)
    found.measured = f"Measured on {datetime.now():%Y-%m-%d at %H:%M}, {rounds} round{'s' * (rounds > 1)}."
    answer.keep(name, found)
    print(section(found))


def write() -> None:
    """docs/benchmarks.md and docs/benchmarks.svg."""
    found = answer.kept(names())
    (ROOT / "docs" / "benchmarks.md").write_text(page(found, machine.description()))
    (ROOT / "docs" / "benchmarks.svg").write_text(chart([table for one in found.values() for table in one.tables]))


if __name__ == "__main__":
    sys.exit(main())
