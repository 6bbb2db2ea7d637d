"""Runs every question, or those named, and writes the answers to docs/benchmarks.md: python -m benchmarks [article
start step mnist photos]."""

from __future__ import annotations

import argparse
import platform
import sys
from datetime import date
from pathlib import Path

from benchmarks import questions

REPORT = Path("docs/benchmarks.md")
HEAD = """# Benchmarks

Written by `make bench` on {day}: {machine}, Python {python}. Every comparison ran in turn in the same minute on the
same machine; figures are medians of {rounds} rounds. Machines differ and are noisy: read the ratios.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which questions (default: all): {', '.join(questions.ALL)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with data/ and article/")
    arguments = parser.parse_args()
    sections = []
    for name in arguments.names or questions.ALL:
        print(f"{name} ...", file=sys.stderr)
        sections.append(questions.ALL[name](arguments.shared, arguments.rounds))
        print(sections[-1])
    if not arguments.names:
        head = HEAD.format(
            day=date.today(), machine=questions.machine(), python=platform.python_version(), rounds=arguments.rounds
        )
        REPORT.write_text("\n".join([head, *sections]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
