"""What a server shows: the runs in some folders, each with its answers, and the processes that make them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from pippin.errors import SettingError
from pippin.glass.store import EVENTS, RUNS
from pippin.studio.answers import Answers
from pippin.studio.training import Training


class Home:
    """`runs` are folders of runs, or single run folders; only runs that are newer than `since` (seconds since 1970) are
    shown. With a `photos` folder the page can make runs of its own, in the first of `runs`."""

    def __init__(self, runs: list[Path], *, photos: Path | None = None, since: float = 0.0) -> None:
        self.runs, self.photos, self.since = runs, photos, since
        self.script: subprocess.Popen[bytes] | None = None
        self.training = None if photos is None else Training(photos, runs[0] if runs else RUNS)
        self.is_closing = False
        self._answers: dict[str, Answers] = {}

    def folders(self) -> dict[str, Path]:
        """The run folders by name, the newest first."""
        found: list[Path] = []
        for place in self.runs:
            if (place / EVENTS).is_file():
                found.append(place)
            elif place.is_dir():
                found += [one for one in place.iterdir() if (one / EVENTS).is_file()]
        times = {path: (path / EVENTS).stat().st_mtime for path in found}
        newest = sorted((path for path in found if times[path] >= self.since), key=lambda path: -times[path])
        begun = None if self.training is None else self.training.run
        if begun is not None and begun.is_dir() and begun not in newest:
            newest.insert(0, begun)
        return {path.name: path for path in newest}

    def answers(self, name: str) -> Answers:
        """Those about a run; SettingError when there is none of that name."""
        path = self.folders().get(name)
        if path is None:
            raise SettingError(f"there is no run {name!r}.")
        found = self._answers.setdefault(name, Answers(path))
        found.process = self._process(path)
        return found

    def _process(self, path: Path) -> str | None:
        """What is known of the process that makes a run."""
        if self.training is not None and self.training.run == path:
            return "running" if self.training.is_running else "stopped"
        if self.script is not None:
            return "running" if self.script.poll() is None else "stopped"
        return None

    def about(self) -> dict[str, Any]:
        """What the page shows around a run."""
        return {
            "runs": list(self.folders()),
            "can_train": self.photos is not None,
            "photos": None if self.photos is None else str(self.photos),
            "script": None if self.script is None else {"is_running": self.script.poll() is None},
            "is_training": self.training is not None and self.training.is_running,
            "trouble": "" if self.training is None else self.training.trouble,
        }
