"""pippin demo: the whole job on fruit that it draws itself, in under a minute. Shows nothing that `train` and
`predict` can't."""

from __future__ import annotations

import argparse
import os
import shlex
import time
from pathlib import Path

from pippin.cli.arguments import seed, stoppable
from pippin.cli.main import INTERRUPTED

HELP = "draw fruit, learn to tell apples from the rest, and show how well it went"
PHOTOS = "demo/fruit"
UNSEEN = 6
"""New pictures, shown at the end."""
EPOCHS, SECONDS = 60, 40.0
"""How long learning lasts, and how long it may take on a slow machine, which then gets fewer epochs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Draw a folder of fruit pictures, train on it, and classify pictures it has not seen. Under a minute."
    )
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="another seed, other fruit (0)")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from pippin.cli.predict import answered, as_text
    from pippin.cli.train import tell_outcome
    from pippin.data import gather
    from pippin.images import fruit
    from pippin.images.display import Terminal
    from pippin.images.settings import Settings
    from pippin.images.train import train_folder

    begun = time.monotonic()
    terminal = Terminal()
    terminal.line("Drawing apples and other fruit in all colours and lights; only the shape tells them apart ...")
    folder = fruit.draw(PHOTOS, seed=arguments.seed)
    unseen = fruit.draw(f"{PHOTOS}-unseen", train=2, test=UNSEEN, seed=arguments.seed + 1)
    settings = Settings(seed=arguments.seed, epochs=EPOCHS, time=SECONDS)
    with stoppable() as must_stop:
        outcome = train_folder(folder, settings, listener=terminal, must_stop=must_stop)
    tell_outcome(outcome, with_commands=False)
    if outcome.is_interrupted:
        return INTERRUPTED
    files, _ = gather([Path(unseen) / "test"])
    print("\nPictures it has never seen:")
    for paths, answers, _ in answered(outcome.classifier, files):
        for path, answer in zip(paths, answers, strict=True):
            print(f"  {as_text(os.path.relpath(path), answer, 2)}")
    run_path = shlex.quote(str(outcome.run.path))
    print(
        f"\nAll of it took {time.monotonic() - begun:.0f} s. Next:\n"
        f"  pippin predict {run_path} {PHOTOS}-unseen\n"
        f"  pippin train {PHOTOS} --seed 1          the same again, from another beginning\n"
        "  pippin train FOLDER                     with photos of your own, a sub-folder for each class"
    )
    return 0
