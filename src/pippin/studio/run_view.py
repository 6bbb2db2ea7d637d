"""A run as the page shows it: one JSON object that says everything that is drawn of it, however long the run is."""

from __future__ import annotations

import os
import shlex
import time
from pathlib import Path
from typing import Any

from pippin.glass.events import Event
from pippin.glass.recording import Recording
from pippin.studio.sentences import result_sentence, status_sentence

MOST_POINTS = 480
"""Of a curve: more than there are pixels for. Ups and downs survive: of several epochs both extremes are kept."""
QUIET = 20.0
"""Seconds without an event after which a run that never said its end counts as stopped."""


def run_view(recording: Recording, process: str | None = None) -> dict[str, Any]:
    """Everything about a run. `process` is what is known of the process that makes it: "running" or "stopped"."""
    events, about = recording.events, recording.about
    state = _state(recording, process)
    found: dict[str, Any] = {
        "name": recording.store.path.name,
        "path": str(recording.store.path),
        "state": state,
        "model": None if about is None else _model(about),
        "curves": _curves(recording.curves),
        "progress": _last(events, "progress") if state == "running" else None,
        "data": _last(events, "data"),
        "result": _last(events, "result"),
        "findings": _findings(events),
        "looks": [
            {"step": look.step, "epoch": _epoch(about, look.step), "loss": look.loss} for look in recording.looks
        ],
        "cost": recording.cost,
        "same": _same(recording),
    }
    return {**found, "says": status_sentence(found), "score": result_sentence(found["result"])}


def _last(events: list[Event], word: str) -> Event | None:
    return next((happened for happened in reversed(events) if happened["event"] == word), None)


def _state(recording: Recording, process: str | None) -> str:
    """ "waiting", "running", "ended" or "stopped"."""
    if not recording.events:
        return "waiting"
    is_photos = _last(recording.events, "data") is not None
    if _last(recording.events, "result" if is_photos else "recording") is not None:
        return "ended"
    if _last(recording.events, "error") is not None:
        return "stopped"
    if process is not None:
        return process
    newest = max(float(happened.get("time", 0)) for happened in recording.events[-20:])
    return "running" if time.time() - newest < QUIET else "stopped"


def _model(about: Event) -> dict[str, Any]:
    return {
        "name": about["model"], "optimizer": about["optimizer"], "layers": about["layers"], "epochs": about["epochs"],
        "steps": about["steps"], "examples": about["examples"],
    }  # fmt: skip


def _epoch(about: Event | None, step: int) -> float | None:
    return None if about is None or not about["steps"] else round(step / about["steps"], 3)


def _curves(epochs: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The table of epochs, thinned out."""
    scalars = {
        name: [value if isinstance(value, (int, float)) else None for value in values]
        for name, values in epochs.items()
    }
    rows = thinned([values for name, values in scalars.items() if name != "epoch"], len(epochs["epoch"]))
    return {name: [values[row] for row in rows] for name, values in scalars.items()}


def thinned(series: list[list[Any]], count: int, most: int = MOST_POINTS) -> list[int]:
    """Rows to draw: all, or for each of many stretches the rows of the extremes of each series."""
    if count <= most:
        return list(range(count))
    stretches = max(1, most // max(1, 2 * len(series)))
    kept = {0, count - 1}
    for stretch in range(stretches):
        rows = range(stretch * count // stretches, (stretch + 1) * count // stretches)
        for values in series:
            there = [row for row in rows if values[row] is not None]
            if there:
                kept |= {min(there, key=lambda row: values[row]), max(there, key=lambda row: values[row])}
    return sorted(kept)


def _findings(events: list[Event]) -> list[dict[str, Any]]:
    """Warnings and findings, each told once; the latest of a kind counts."""
    found: dict[tuple[Any, Any], dict[str, Any]] = {}
    for happened in events:
        if happened["event"] in ("warning", "finding"):
            told = {name: value for name, value in happened.items() if name not in ("event", "time")}
            found[(told.get("code"), told.get("where") or told.get("message"))] = told
    return list(found.values())


def _same(recording: Recording) -> dict[str, dict[str, str]]:
    """The same thing as a command and as Python, for each screen."""
    path = _shown(recording.store.path)
    folder = next((e.get("folder") for e in recording.events if e["event"] == "start"), None)
    quoted, name = shlex.quote(path), repr(path)
    train = {
        "command": f"pippin watch {quoted}",
        "python": f"from pippin import glass\n\nrun = glass.read({name})\nprint(run.epochs)",
    }
    if folder:
        train = {
            "command": f"pippin train {shlex.quote(str(folder))}",
            "python": "from pippin import images\n\nclassifier = images.Classifier(seed=0)\n"
            f"classifier.fit({str(folder)!r})",
        }
    return {
        "train": train,
        "inside": {
            "command": f"pippin watch {quoted}",
            "python": f"from pippin import glass\n\nrun = glass.read({name})\nstep = run.looks[-1].open()\n"
            "print(step.tell(2))",
        },
        "results": {
            "command": f"pippin report {quoted}",
            "python": f"from pippin import images\n\nclassifier = images.Classifier.load({name})\n"
            'print(classifier.evaluate("photos/test"))',
        },
        "use": {
            "command": f"pippin predict {quoted} PHOTO\npippin explain {quoted} PHOTO",
            "python": f"from pippin import images\n\nclassifier = images.Classifier.load({name})\n"
            'print(classifier.predict_proba("new.jpg"))\nprint(classifier.explain("new.jpg"))',
        },
    }


def _shown(path: Path) -> str:
    """The path as one would type it here."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return str(path)
    return str(path) if relative.startswith("..") else relative
