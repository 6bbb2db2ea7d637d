"""What happens in a run, as plain data: the events that the terminal, a run's events.ndjson, `--json`
and later readers share. The first seven tell of a classifier of photos, the others of any run that is recorded. Fields
are added when need be; none is renamed, removed, or given another meaning.

Every event also has "event", its word, and "time", seconds since 1970. Shares are fractions 0..1, durations
seconds.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from typing import Any

Event = dict[str, Any]
Tell = Callable[[Event], None]

FIELDS: dict[str, dict[str, str]] = {
    "start": {
        "version": "Pippin's",
        "folder": "where the photos lie, or null for arrays",
        "run": "the run folder, or null when nothing is written",
        "seed": "of everything random",
        "engine": '"native", "reference" or "jax"',
        "first_epoch": "1, or in a run that goes on after an interruption the epoch it goes on with",
    },
    "data": {
        "classes": "their names; everywhere else class 0 is the first of them",
        "learn": "photos of each class that the weights are learned from",
        "validation": "photos of each class that choose the best epoch",
        "test": "photos of each class that only the final score is measured on; null when there are none",
        "skipped": "files that were left out; skipped.txt has their names and reasons",
        "size": "height and width of the pictures the network sees, in pixels",
        "channels": "1 for grayscale, 3 for colour",
        "weights": "trainable numbers in the network",
        "epochs": "planned passes over the photos",
        "batch": "photos in a step",
        "learning_rate": "at its highest",
    },
    "epoch": {
        "epoch": "from 1",
        "epochs": "planned",
        "loss": "on the photos learned from, as they were altered to learn more from them",
        "accuracy": "on the same",
        "val_loss": "on the validation photos, as they are, of the averaged weights, which are the ones kept",
        "val_accuracy": "on the same",
        "learning_rate": "of this epoch",
        "seconds": "this epoch took",
        "elapsed": "seconds of learning so far",
        "left": "seconds of learning that probably remain",
        "best": "whether it is the best epoch so far, and so the one that is kept",
    },
    "warning": {
        "code": "what kind: skipped, folder, duplicates, leak, imbalance, few-photos, slow",
        "message": "in a sentence",
    },
    "saved": {"what": '"model", "checkpoint" or "run"', "path": "where"},
    "result": {
        "part": 'which photos it was measured on: "test", "validation" or "learning"',
        "right": "photos that were called what they are",
        "of": "photos in all",
        "accuracy": "right / of",
        "low": "lower end of its 95 % range",
        "high": "upper end",
        "balanced_accuracy": "mean over the classes of the share found",
        "baseline": '{"label", "accuracy"} of always saying the most frequent class',
        "classes": "their names",
        "confusion": "rows: what photos are; columns: what they were called",
        "mistakes": '[{"photo", "label", "said", "probability"}], the surest first',
        "kept_epoch": "whose weights were kept",
        "epochs": "that were run",
        "seconds": "of learning",
        "interrupted": "whether it was stopped before the last planned epoch",
    },
    "error": {"message": "what was expected, what was found, what to do", "exit_code": "of the command"},
    "watch": {
        "model": "its name",
        "layers": '[{"name", "kind", "input", "output", "weights"}] in the order of their calls; shapes of one example',
        "optimizer": "its class",
        "examples": "in the probe, or 0 when nothing is probed",
        "epochs": "planned",
        "steps": "of an epoch, or null when nobody knows",
        "first_step": "0, or in a run that goes on after an interruption the steps that were done",
    },
    "figures": {
        "epoch": "from 1: a list of those that ended",
        "steps": "done since the beginning, when each of them ended, or null when nobody knows",
        "figures": "loss, metrics, val_loss, ...: for each name a list with a number for each epoch",
    },
    "progress": {
        "epoch": "that is running, from 1",
        "step": "done in it",
        "figures": "of the epoch so far, by name",
    },
    "probe": {
        "step": "done when the weights were these",
        "file": "in tensors/: what the probe did in the network with these weights",
        "loss": "of the probe, as in training",
        "seconds": "it took to look",
    },
    "finding": {
        "code": "which rule: dead-relu, overfit, leak, ...",
        "where": "the layer or the part of the data; empty for the whole run",
        "message": "what was seen, in a sentence",
        "because": "the cause, in a sentence",
        "fix": "what to do, in a sentence",
        "change": "the fix as plain data that pippin diagnose --fix applies, or null when only a person can do it",
        "evidence": "the numbers behind it, by name",
        "step": "done when it was seen, or null for what doesn't depend on training",
    },
    "recording": {
        "steps": "done",
        "seconds": "of training, recording included",
        "spent": "seconds of these that recording took; it is kept below a twentieth",
        "beside": "seconds spent before the first step and after the last",
        "bytes": "of the recording so far",
    },
}


def event(word: str, **fields: Any) -> Event:
    """Return an event, with exactly the fields that its word has."""
    wanted = FIELDS[word]
    assert fields.keys() == wanted.keys(), f"event {word}: expected {sorted(wanted)}, received {sorted(fields)}"
    return {"event": word, "time": round(time.time(), 3), **fields}


def columns_of(epochs: list[Event]) -> dict[str, list[Any]]:
    """The `epoch` events as a table: each figure by name, a value for each epoch."""
    names = [name for name in FIELDS["epoch"] if name not in ("epochs", "elapsed", "left")]
    return {name: [epoch[name] for epoch in epochs] for name in names}


def to_line(happened: Event) -> str:
    """Return an event as one line of JSON, without the newline; numbers that are not finite become null."""
    return json.dumps(plain(happened), ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """As JSON can hold it: numbers that are not finite become null."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
