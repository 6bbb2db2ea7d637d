"""Learning from photos in a process of its own: the very command that a person would type. It can be stopped, and the
page survives whatever happens to it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from pippin.errors import SettingError
from pippin.glass.store import new_folder

INTERRUPTED = 130
"""The code of a command that was stopped and kept what it had."""


class Training:
    """The process that learns, if there is one."""

    def __init__(self, photos: Path, runs: Path) -> None:
        self.photos, self.runs = photos, runs
        self.run: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._said: str | None = None

    def start(self, asked: dict[str, Any]) -> str:
        """Begin; the name of the run. `asked` may hold time (seconds), size, epochs and augment."""
        if self.is_running:
            raise SettingError("it is learning already. Stop it first.")
        words = _words(asked)
        self.run = new_folder(None, self.photos.resolve().name, "--out", "photos", root=self.runs)
        self._said = None
        command = [sys.executable, "-m", "pippin", "train", str(self.photos), "--out", str(self.run), "--quiet", *words]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return self.run.name

    @property
    def is_running(self) -> bool:
        if self._process is None or self._process.poll() is None:
            return self._process is not None
        self._finish(self._process)
        return False

    def _finish(self, process: subprocess.Popen[bytes]) -> None:
        """Take down, once, what an ended process said; a run that didn't begin leaves no folder."""
        if self._said is not None:
            return
        assert process.stderr is not None
        with process.stderr as pipe:
            self._said = pipe.read().decode(errors="replace").strip()
        if self.run is not None and self.run.is_dir() and not any(self.run.iterdir()):
            self.run.rmdir()

    @property
    def trouble(self) -> str:
        """What the command complained about, if it ended because of it."""
        if self.is_running or self._process is None or self._process.returncode in (0, INTERRUPTED):
            return ""
        told = (self._said or "").rpartition("pippin train: ")[2]
        return told or f"Training ended with code {self._process.returncode}."

    def stop(self) -> None:
        """Ask it to stop after this batch and to keep the best epoch, as Ctrl-C does."""
        if not self.is_running:
            raise SettingError("nothing is learning at the moment.")
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)

    def end(self) -> None:
        """The server ends: so does the process, with what it has learned."""
        if not self.is_running:
            return
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._finish(self._process)


def _words(asked: dict[str, Any]) -> list[str]:
    """What was asked for, as options of the command; the command checks their values."""
    words = []
    for name in ("time", "size", "epochs"):
        value = str(asked.get(name, "") or "")
        if value:
            if not value.isdigit():
                raise SettingError(f"{name}: expected a whole number, received {value!r}.")
            words += [f"--{name}", value]
    return words if asked.get("augment", True) else [*words, "--no-augment"]
