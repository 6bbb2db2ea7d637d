"""pippin WORD: finds the module of a command and hands over. No command itself.

A command's module has HELP (one line), `add_arguments(parser)`, and `run(arguments)`, which returns the exit
code: 0 fine, 1 could not, 2 asked wrongly, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

import pippin
from pippin.errors import PippinError, nearest

COMMANDS = {
    "run": "pippin.cli.run",
    "train": "pippin.cli.train",
    "predict": "pippin.cli.predict",
    "explain": "pippin.cli.explain",
    "step": "pippin.cli.step",
    "program": "pippin.cli.program",
    "diagnose": "pippin.cli.diagnose",
    "export": "pippin.cli.export",
    "watch": "pippin.cli.watch",
    "studio": "pippin.cli.studio",
    "report": "pippin.cli.report",
    "demo": "pippin.cli.demo",
    "doctor": "pippin.cli.doctor",
}

COULD_NOT, USAGE, INTERRUPTED, UNHEARD = 1, 2, 130, 141


def main(arguments: list[str] | None = None) -> int:
    """Do what the words say; the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] in ("-h", "--help"):
        print(overview(), file=sys.stdout if words else sys.stderr)
        return 0 if words else USAGE
    if words[0] in ("-V", "--version"):
        print(f"pippin {pippin.__version__}")
        return 0
    if words[0] not in COMMANDS:
        print(
            f"pippin: {words[0]!r} is no command.{nearest(words[0], COMMANDS)} See pippin --help.",
            file=sys.stderr,
        )
        return USAGE
    return _command(words[0], words[1:])


def _command(word: str, rest: list[str]) -> int:
    module = import_module(COMMANDS[word])
    parser = argparse.ArgumentParser(prog=f"pippin {word}", description=module.HELP, allow_abbrev=False)
    module.add_arguments(parser)
    try:
        code: int = module.run(parser.parse_args(rest))
        sys.stdout.flush()
        return code
    except PippinError as error:
        print(f"pippin {word}: {error}", file=sys.stderr)
        return COULD_NOT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us (`| head`) has gone. Nothing more can be said, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNHEARD


def overview() -> str:
    """The commands with a line for each."""
    lines = [f"  {word:<9}{import_module(module).HELP}" for word, module in COMMANDS.items()]
    end = "pippin COMMAND --help says more. pippin --version: which Pippin this is."
    return "\n".join(["usage: pippin COMMAND ...", "", "Deep learning that you can see through.", "", *lines, "", end])
