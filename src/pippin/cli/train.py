"""pippin train FOLDER: from a folder of photos to a classifier with an honest score. Only asks, shows, and
says what came of it."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from pippin.cli.arguments import fraction, positive, seconds, seed, stoppable, whole
from pippin.cli.main import COULD_NOT, INTERRUPTED, USAGE

if TYPE_CHECKING:
    from pippin.images.display import Listener
    from pippin.images.overfit import Overfit
    from pippin.images.settings import Settings
    from pippin.images.train import Outcome

HELP = "make a classifier from a folder of photos"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Make a classifier from FOLDER, in which each sub-folder is a class (or FOLDER/train and "
        "FOLDER/test hold them). "
        "Everything goes into a new run folder; the photos are not touched, and nothing leaves this machine."
    )
    add = parser.add_argument
    add("folder", nargs="?", metavar="FOLDER", help="photos, in a sub-folder for each class")
    add("--out", metavar="DIR", help="the run folder to make (default: runs/<date>-<name of FOLDER>)")
    add(
        "--size",
        type=whole,
        metavar="N",
        help="see photos as N × N pixels (64, or less where photos are small)",
    )
    add("--epochs", type=whole, metavar="N", help="passes over the photos (from how many there are)")
    add("--time", type=seconds, metavar="T", help="as many epochs as fit into T, such as 90s, 5m or 1h")
    add("--batch", type=whole, metavar="N", help="photos in a step (32, less for few photos)")
    add("--lr", type=positive, metavar="X", help="the learning rate at its highest (0.003)")
    add("--val", type=fraction, default=0.2, metavar="X", help="share held out to choose the best epoch (0.2)")
    add("--seed", type=seed, default=0, metavar="N", help="of all that is random: same seed, same bits (0)")
    add("--grayscale", action="store_true", help="drop the colours")
    add("--no-augment", action="store_true", help="show photos only as they are, not turned, moved, zoomed")
    add(
        "--resume",
        metavar="RUN",
        help="go on with a run that was interrupted, with the settings it began with",
    )
    add("--overfit-one-batch", action="store_true", help="only try whether one batch can be learned by heart")
    add("--threads", type=whole, metavar="N", help="threads to compute with (one for each processor)")
    add("--engine", metavar="NAME", help="native, reference or jax (native)")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print one event a line, for programs")
    how.add_argument("--quiet", action="store_true", help="print the result only")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code."""
    if (arguments.folder is None) == (arguments.resume is None):
        print("pippin train: expected a FOLDER of photos, or --resume RUN, and not both.", file=sys.stderr)
        return USAGE
    from pippin.errors import PippinError
    from pippin.glass.events import event
    from pippin.images.display import JsonLines, Listener, Terminal

    terminal = Terminal()
    listener = JsonLines() if arguments.json else Listener() if arguments.quiet else terminal
    use_engine(arguments)
    try:
        with stoppable() as must_stop:
            return _train(arguments, listener, must_stop)
    except PippinError as error:
        terminal.clear()
        listener.event(event("error", message=str(error), exit_code=COULD_NOT))
        raise


def use_engine(arguments: argparse.Namespace) -> None:
    """Compute with the engine and the threads that were asked for."""
    from pippin import config

    if arguments.engine is not None:
        config.set_engine(arguments.engine)
    if arguments.threads is not None:
        config.set_threads(arguments.threads)


def _train(arguments: argparse.Namespace, listener: Listener, must_stop: Callable[[], bool]) -> int:
    from pippin.images.overfit import overfit_one_batch
    from pippin.images.train import resume_run, train_folder

    if arguments.resume is not None:
        outcome = resume_run(arguments.resume, listener=listener, must_stop=must_stop)
    elif arguments.overfit_one_batch:
        tried = overfit_one_batch(arguments.folder, _settings(arguments), listener=listener, must_stop=must_stop)
        return tell_overfit(tried, silently=arguments.json)
    else:
        settings = _settings(arguments)
        outcome = train_folder(arguments.folder, settings, out=arguments.out, listener=listener, must_stop=must_stop)
    if not arguments.json:
        tell_outcome(outcome, with_commands=not arguments.quiet)
    return INTERRUPTED if outcome.is_interrupted else 0


def _settings(arguments: argparse.Namespace) -> Settings:
    from pippin.images.settings import Settings

    return Settings(
        size=arguments.size, epochs=arguments.epochs, time=arguments.time, batch=arguments.batch,
        learning_rate=arguments.lr, validation=arguments.val, seed=arguments.seed,
        grayscale=True if arguments.grayscale else None, augment=not arguments.no_augment,
    )  # fmt: skip


def tell_overfit(tried: Overfit, *, silently: bool) -> int:
    """Print whether the batch could be learned; the exit code."""
    found = f"{tried.score.right} of {tried.score.of} photos learned by heart in {tried.steps} steps."
    if tried.is_interrupted:
        code, told = INTERRUPTED, f"Stopped: {found}"
    elif tried.is_by_heart:
        code, told = 0, f"{found} The network, the labels and the learning rate work together."
    else:
        code = COULD_NOT
        told = (
            f"Only {found} More photos won't help before that works. Likely: the same photo in two classes, "
            "photos that don't show their class, or a learning rate that is too high (try --lr 0.0003)."
        )
    if not silently:
        print(told)
    return code


def tell_outcome(outcome: Outcome, *, with_commands: bool) -> None:
    """Print the result on stdout and, on stderr, what to try next."""
    from pippin.images.report import confusion_table, tell_mistakes, tell_score

    stopped = "Stopped. " if outcome.is_interrupted else ""
    print(f"\n{stopped}Kept epoch {outcome.kept_epoch} of {outcome.epochs}, the best by its validation loss.")
    print(tell_score(outcome.score, outcome.part))
    if outcome.part == "validation":
        print(
            "These photos also chose the epoch, so a little less is likely on new ones. A folder "
            "FOLDER/test would tell."
        )
    if outcome.classifier.trust_ is not None:
        print(outcome.classifier.trust_.promise())
    print(f"\n{confusion_table(outcome.score)}")
    if outcome.score.mistakes:
        print(f"\n{tell_mistakes(outcome.score)}")
    print(f"\nSaved in {outcome.run.path}", flush=True)
    if with_commands:
        run_path = shlex.quote(str(outcome.run.path))
        print(f"\nNext:\n  pippin predict {run_path} PHOTO", file=sys.stderr)
        if outcome.is_interrupted:
            print(f"  pippin train --resume {run_path}", file=sys.stderr)
