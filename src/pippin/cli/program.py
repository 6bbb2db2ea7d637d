"""pippin program MODEL: the whole training step of a model as lines, each with its notation and a plain sentence."""

from __future__ import annotations

import argparse

from pippin.cli.arguments import whole

HELP = "print a model's training step line by line, in plain words"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Print the program that one training step of MODEL is (of a model that is not compiled: the forward pass). "
        "MODEL is a run folder of pippin train or a .keras file."
    )
    parser.add_argument("model", metavar="MODEL", help="a run folder, or a .keras file")
    parser.add_argument("--batch", type=whole, default=32, metavar="N", help="examples in the batch (32)")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from pippin.cli.step import model_file
    from pippin.saving import load_model
    from pippin.utils.console import say

    say(load_model(model_file(arguments.model)).program(arguments.batch))
    return 0
