"""What a server shows: the runs in some folders, each with its answers, and the processes that make them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from pippin.errors import SettingError
from pippin.glass.store import EVENTS
from pippin.studio.answers import Answers


class Home:
    """`runs` are folders of runs, or single run folders; only runs that are newer than `since` (seconds since 1970) are
    shown. With a `photos` folder the page can make runs of its own."""

    def __init__(self, runs: list[Path], *, photos: Path | None = None, since: float = 0.0) -> None:
        self.runs, self.photos, self.since = runs, photos, since
        self.script: subprocess.Popen[bytes] | None = None
        self.training: tuple[str, subprocess.Popen[bytes]] | None = None
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
        return {path.name: path for path in newest}

    def answers(self, name: str) -> Answers:
        """Those about a run; SettingError when there is none of that name."""
        path = self.folders().get(name)
        if path is None:
            raise SettingError(f"there is no run {name!r}.")
        found = self._answers.setdefault(name, Answers(path))
        found.process = self._process(name)
        return found

    def _process(self, name: str) -> str | None:
        """What is known of the process that makes a run."""
        process = self.script
        if self.training is not None and self.training[0] == name:
            process = self.training[1]
        elif self.script is None:
            return None
        assert process is not None
        return "running" if process.poll() is None else "stopped"

    def about(self) -> dict[str, Any]:
        """What the page shows around a run."""
        return {
            "runs": list(self.folders()),
            "can_train": self.photos is not None,
            "photos": None if self.photos is None else str(self.photos),
            "script": None if self.script is None else {"is_running": self.script.poll() is None},
        }
