"""pippin run SCRIPT.py: runs an unmodified Keras script. Only arranges what Python would arrange for it."""

from __future__ import annotations

import argparse
import builtins
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType, TracebackType

from pippin.cli.main import COULD_NOT, INTERRUPTED, USAGE
from pippin.compat import install

HELP = "run an unmodified Keras script"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Run SCRIPT.py as `python SCRIPT.py` would, with keras and tensorflow leading to Pippin in this "
        "process. A name that Pippin lacks raises where it is used."
    )
    parser.add_argument("script", metavar="SCRIPT.py", help="a Python script that imports keras or tensorflow")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="handed to the script in sys.argv")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the script's exit code."""
    path = Path(arguments.script)
    if not path.is_file():
        what = "it is a folder" if path.is_dir() else "there is no such file"
        print(f"pippin run: can't open {arguments.script!r}: {what}.", file=sys.stderr)
        return USAGE
    install()
    return run_script(path, [arguments.script, *arguments.arguments])


def run_script(path: Path, words: list[str]) -> int:
    """Run a file as the main module, with `words` as sys.argv. SystemExit goes through."""
    sys.argv = words
    if not sys.flags.safe_path:
        sys.path[0] = str(path.resolve().parent)
    # What a script may find out about itself is what it would be under Python.
    filename = str(path.absolute())
    loader = SourceFileLoader("__main__", filename)
    main = ModuleType("__main__")
    main.__file__, main.__loader__ = filename, loader
    vars(main)["__builtins__"] = builtins
    sys.modules["__main__"] = main
    try:
        exec(loader.source_to_code(loader.get_data(filename), filename), vars(main))
    except KeyboardInterrupt as error:
        _tell(error, filename)
        return INTERRUPTED
    except Exception as error:
        _tell(error, filename)
        return COULD_NOT
    return 0


def _tell(error: BaseException, filename: str) -> None:
    """Print the traceback as Python would: from the script on, without the lines that ran it."""
    error.__traceback__ = _of_the_script(error.__traceback__, filename)
    sys.excepthook(type(error), error, error.__traceback__)


def _of_the_script(trace: TracebackType | None, filename: str) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename != filename:
        trace = trace.tb_next
    last = trace
    while last is not None and last.tb_next is not None:
        if last.tb_next.tb_frame.f_globals.get("__name__") == "pippin.compat.alias":
            last.tb_next = None
            break
        last = last.tb_next
    return trace
