"""pippin watch RUN|SCRIPT.py: a page on which a run is seen, while it goes on or afterwards."""

from __future__ import annotations

import argparse
import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path

from pippin.cli.arguments import index
from pippin.cli.main import USAGE

HELP = "see a run, or a script's run, live in the browser"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Open a page on a run: the curves while they grow, and every step opened, with its numbers. RUN is a run "
        "folder of pippin train or glass.Watch (or a folder of such). SCRIPT.py is run as by pippin run, with each fit "
        "in it recorded into runs/. The page is served on this machine only; nothing leaves it."
    )
    add = parser.add_argument
    add("what", metavar="RUN|SCRIPT.py", help="a run folder, a folder of runs, or a script to run and watch")
    add("--port", type=index, default=0, metavar="N", help="of the page (a free one)")
    add("--no-open", action="store_true", help="don't open a browser; the address is printed")
    add("arguments", nargs=argparse.REMAINDER, metavar="...", help="handed to the script in sys.argv")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code."""
    path = Path(arguments.what)
    if path.suffix == ".py" and not path.is_dir():
        if not path.is_file():
            print(f"pippin watch: can't open {arguments.what!r}: there is no such file.", file=sys.stderr)
            return USAGE
        return _script(path, arguments)
    from pippin.errors import FileError
    from pippin.studio.home import Home
    from pippin.studio.serving import serve

    home = Home([path])
    if not home.folders():
        raise FileError(
            f"There is no run in {path}. Expected a folder that pippin train or glass.Watch has made, or a SCRIPT.py."
        )
    serve(home, port=arguments.port, opens=not arguments.no_open, says="The page:  ")
    return 0


def _script(path: Path, arguments: argparse.Namespace) -> int:
    """Run the script in a process of its own, beside the page."""
    from pippin.studio.home import Home
    from pippin.studio.serving import serve

    root = Path("runs")
    home = Home([root], since=time.time() - 1)
    words = [sys.executable, "-m", "pippin.studio.script", str(root), str(path), *arguments.arguments]
    home.script = subprocess.Popen(words)
    try:
        serve(home, port=arguments.port, opens=not arguments.no_open, says=f"{path.name} is running. The page:  ")
    finally:
        _end(home.script)
    return home.script.returncode or 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the script if it still runs, as Ctrl-C would."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
