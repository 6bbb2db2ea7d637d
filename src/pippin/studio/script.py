"""Runs somebody's script with every `fit` in it recorded: `python -m pippin.studio.script FOLDER SCRIPT.py ...`.

The script isn't changed, and runs as under `pippin run`; like a coverage tool, this only looks over its shoulder.
"""

from __future__ import annotations

import inspect
import sys
from functools import wraps
from pathlib import Path
from typing import Any

from pippin.cli.run import run_script
from pippin.compat import install
from pippin.glass.store import new_folder
from pippin.studio.closely import WatchClosely


def record_every_fit(root: Path, subject: str) -> None:
    """From now on, every `fit` of this process records itself in a new folder of `root`."""
    from pippin.training.trainer import Trainer

    fit = Trainer.fit
    words = inspect.signature(fit)

    @wraps(fit)
    def recorded(self: Any, *given: Any, **named: Any) -> Any:
        bound = words.bind(self, *given, **named)
        others = bound.arguments.get("callbacks") or []
        folder = new_folder(None, subject, "--out", root=root)
        bound.arguments["callbacks"] = [*others, WatchClosely(folder)]
        return fit(*bound.args, **bound.kwargs)

    Trainer.fit = recorded  # type: ignore[method-assign]


def main(words: list[str]) -> int:
    folder, script, *rest = words
    install()
    record_every_fit(Path(folder), Path(script).stem)
    return run_script(Path(script), [script, *rest])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
