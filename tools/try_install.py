"""Proves that pip can install a copy of this checkout on machines that lack what a build needs.

It takes minutes and needs PyPI. Two machines are imitated, each with a new virtual environment and a PATH
that holds no compiler and no build tool: "no-compiler" (the backend must take one from PyPI: the native
engine works) and "broken-compiler" (CXX names one that always fails: the package must work on the reference
engine, and say how to mend it).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).resolve().parent.parent
# What zig's wrapper scripts and pip itself call; neither a compiler nor a build tool is among them.
_COMMANDS = ("sh", "env", "uname")
_KEPT = ("PIP_", "SSL_", "HTTP", "http", "NO_PROXY", "no_proxy", "REQUESTS_")
EXPECTED = {"no-compiler": "native", "broken-compiler": "reference"}
_ASK = "from pippin.engines import current_engine; print(current_engine().name)"


def copy_of_checkout(folder: Path) -> Path:
    """Copy what git knows, and what it would add, to `folder`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def poor_environment(folder: Path, machine: str) -> dict[str, str]:
    """The environment variables of a machine without compilers."""
    commands = folder / "commands"
    commands.mkdir()
    for name in _COMMANDS:
        found = shutil.which(name)
        if found:
            (commands / name).symlink_to(found)
    kept = {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}
    broken = {"CXX": shutil.which("false") or "/bin/false"} if machine == "broken-compiler" else {}
    # Pip's settings and cache stay where they are, so that only what is missing is downloaded.
    return {**kept, **broken, "HOME": str(Path.home()), "PATH": str(commands)}


def engine_after_install(machine: str) -> tuple[str, str]:
    """Install on an imitated machine; returns the engine that runs there and what was said about it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        environment = poor_environment(folder, machine)
        venv.create(folder / "venv", with_pip=True)
        python = str(folder / "venv" / "bin" / "python")
        source = copy_of_checkout(folder / "source")
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(source)],
            env=environment, check=True, cwd=folder,
        )  # fmt: skip
        asked = subprocess.run(
            [python, "-c", _ASK], env=environment, check=True, cwd=folder, capture_output=True, text=True
        )
        return asked.stdout.strip(), asked.stderr.strip()


def main(machines: list[str]) -> int:
    """Try the named machines, or both; 0 if each runs the engine that it should."""
    right = True
    for machine in machines or EXPECTED:
        started = monotonic()
        engine, said = engine_after_install(machine)
        right &= engine == EXPECTED[machine] and (engine == "native" or len(said.splitlines()) == 1)
        seconds = monotonic() - started
        print(f"{machine}: runs on {engine}, expected {EXPECTED[machine]}; {seconds:.0f} s; said: {said or None}")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
