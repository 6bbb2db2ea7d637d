"""What a page may ask about a run, and the answers, as plain data. One place for the server, the notebook and the HTML
report: a question is a word with settings, written as an address ("step?at=120&depth=2")."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pippin.errors import SettingError, nearest
from pippin.glass.events import plain
from pippin.glass.layer import LayerView
from pippin.glass.one_step import Step
from pippin.glass.recording import Look, Recording
from pippin.glass.store import EVENTS
from pippin.studio import examples, step_view
from pippin.studio.run_view import run_view

MOST_OPEN = 6
"""Opened steps that are kept at hand."""
MOST_TRAIL = 60
"""Points of a weight's way through training."""


class Answers:
    """Answers questions about the run in a folder. What changed in the folder is read again."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.process: str | None = None
        self._read: tuple[float, int] | None = None
        self._recording: Recording | None = None
        self._steps: OrderedDict[tuple[int, str], Step] = OrderedDict()
        self._looks: dict[tuple[int, str], Look] = {}

    def ask(self, question: str) -> Any:
        """The answer to a question such as "run" or "neuron?at=0&layer=dense&neuron=3"."""
        parts = urlsplit(question)
        word, given = parts.path.strip("/"), dict(parse_qsl(parts.query))
        known = {
            "run": self.run, "now": self.now, "step": self.step, "layer": self.layer, "neuron": self.neuron,
            "weight": self.weight, "check": self.check, "trail": self.trail,
        }  # fmt: skip
        if word not in known:
            raise SettingError(f"expected one of {', '.join(known)}, received {word!r}.{nearest(word, known)}")
        return plain(known[word](given))

    # The run ----------------------------------------------------------------------------------------------------------

    @property
    def version(self) -> tuple[float, int]:
        """Changes whenever the recording does."""
        try:
            found = (self.path / EVENTS).stat()
        except OSError:
            return (0.0, 0)
        return (found.st_mtime, found.st_size)

    @property
    def recording(self) -> Recording:
        version = self.version
        if self._recording is None or self._read != version:
            self._recording, self._read = Recording(self.path, may_begin=True), version
        return self._recording

    def run(self, given: Mapping[str, str]) -> dict[str, Any]:
        return run_view(self.recording, self.process)

    def now(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The newest guesses on the probe's examples, from what was recorded: nothing is computed."""
        recording = self.recording
        if not recording.looks or recording.about is None:
            return {"guesses": [], "shows": [], "step": None}
        look = recording.looks[-1]
        kept = recording.inputs
        layers = recording.layers
        answer = look.values.get(f"{layers[-1]} output") if layers else None
        predictions = answer if not isinstance(answer, dict) else None
        return {
            "step": look.step, "shows": examples.shown(kept) if kept else [],
            "guesses": examples.guesses(predictions, kept.get("y"), None, self._classes),
        }  # fmt: skip

    @property
    def _classes(self) -> list[str] | None:
        for happened in self.recording.events:
            if happened["event"] == "data":
                return [str(name) for name in happened["classes"]]
        return None

    # A step -----------------------------------------------------------------------------------------------------------

    def step_at(self, given: Mapping[str, str]) -> Step:
        """The step that can be opened at or before a number of steps (the last, if nothing is said)."""
        recording = self.recording
        if not recording.looks:
            raise SettingError("nothing was recorded of this run yet. Wait for its first look.")
        at = _whole(given, "at", recording.steps[-1])
        before = [look for look in recording.looks if look.step <= at] or recording.looks[:1]
        after = [look for look in recording.looks if look.step > at]
        for look in [*reversed(before), *after]:
            key = (look.step, look.file)
            look = self._looks.setdefault(key, look)
            if look.can_open:
                if key not in self._steps:
                    self._steps[key] = look.open()
                    while len(self._steps) > MOST_OPEN:
                        self._steps.popitem(last=False)
                self._steps.move_to_end(key)
                return self._steps[key]
        raise SettingError(
            "this network is too large for its recording to keep all weights, so no step of it can be opened. Look at "
            "one with glass.step(model, x, y)."
        )

    def step(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The network at a moment, and what is told of the step."""
        step = self.step_at(given)
        example = _below(given, "example", step.batch)
        found = step_view.network(step, example, self._classes)
        return {**found, "told": step_view.told_of_step(step, _depth(given))}

    def _layer(self, given: Mapping[str, str], step: Step) -> LayerView:
        return step.layer(given.get("layer", ""), _whole(given, "call", 0))

    def layer(self, given: Mapping[str, str]) -> dict[str, Any]:
        step = self.step_at(given)
        phase = given.get("phase", "forward")
        view = self._layer(given, step)
        return step_view.told_of_layer(view, _depth(given), _below(given, "example", step.batch), phase)

    def neuron(self, given: Mapping[str, str]) -> dict[str, Any]:
        step = self.step_at(given)
        example = _below(given, "example", step.batch)
        return step_view.told_of_neuron(self._layer(given, step), _whole(given, "neuron", 0), _depth(given), example)

    def weight(self, given: Mapping[str, str]) -> dict[str, Any]:
        return step_view.told_of_weight(self.step_at(given), given.get("weight", ""), _place(given), _depth(given))

    def check(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Nudge a weight and compare."""
        return self.step_at(given).weight(given.get("weight", "")).check_gradient(_place(given)).to_dict()

    def trail(self, given: Mapping[str, str]) -> dict[str, Any]:
        """One number of a weight through training: its value at the looks."""
        name, spot = given.get("weight", ""), _place(given)
        looks = self.recording.looks
        kept = [looks[n * len(looks) // MOST_TRAIL] for n in range(MOST_TRAIL)] if len(looks) > MOST_TRAIL else looks
        steps, values = [], []
        for look in kept:
            look = self._looks.setdefault((look.step, look.file), look)
            array = look.state(name)
            if array is not None and spot is not None and len(spot) == array.ndim:
                steps.append(look.step)
                values.append(float(f"{float(array[spot]):.5g}"))
        return {"steps": steps, "values": values}


def _whole(given: Mapping[str, str], word: str, otherwise: int) -> int:
    text = given.get(word, str(otherwise))
    if not text.isdigit():
        raise SettingError(f"{word}: expected a whole number of 0 or more, received {text!r}.")
    return int(text)


def _below(given: Mapping[str, str], word: str, limit: int) -> int:
    return min(_whole(given, word, 0), limit - 1)


def _depth(given: Mapping[str, str]) -> int:
    return min(3, max(1, _whole(given, "depth", 1)))


def _place(given: Mapping[str, str]) -> tuple[int, ...] | None:
    text = given.get("place", "")
    if not text:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise SettingError(f"place: expected whole numbers such as 3,0, received {text!r}.") from None
