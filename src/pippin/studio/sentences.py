"""The page's own sentences: where a run stands, how good it is. Of steps, layers, neurons and weights the glass box
speaks (glass/*_words.py)."""

from __future__ import annotations

from typing import Any

from pippin.glass.figures import figure
from pippin.glass.words import count


def status_sentence(run: dict[str, Any]) -> str:
    """Where a run stands, for people and screen readers alike."""
    if run["state"] == "waiting":
        return "Waiting for the first step."
    epochs = run["curves"]["epoch"]
    planned = (run["model"] or {}).get("epochs")
    done = epochs[-1] if epochs else 0
    of = f" of {planned}" if planned else ""
    if run["state"] == "running":
        if not epochs:
            return "The first epoch is running." if run["model"] else "Reading."
        return f"Epoch {done}{of} is done. {_loss_sentence(run)}"
    if run["state"] == "stopped":
        return f"It stopped after epoch {done}{of}. {_loss_sentence(run)}".strip()
    return f"It learned for {count(int(done), 'epoch')}. {_loss_sentence(run)}".strip()


def _loss_sentence(run: dict[str, Any]) -> str:
    """How the loss went: whatever the figures say, in two numbers."""
    name = "val_loss" if any(value is not None for value in run["curves"].get("val_loss", ())) else "loss"
    values = [value for value in run["curves"].get(name, ()) if value is not None]
    if not values:
        return ""
    what = "The loss on examples held out" if name == "val_loss" else "The loss"
    if len(values) == 1:
        return f"{what} is {figure(values[0])}."
    first, last = values[0], values[-1]
    verb = "fell" if last < first else "rose" if last > first else "stayed"
    if verb == "stayed":
        return f"{what} stayed at {figure(last)}."
    return f"{what} {verb} from {figure(first)} to {figure(last)}."


def result_sentence(result: dict[str, Any] | None) -> list[str]:
    """The score: how many, the likely range, what no learning would reach."""
    if result is None:
        return []
    of, right = result["of"], result["right"]
    low, high = round(100 * result["low"]), round(100 * result["high"])
    baseline = result["baseline"]
    part = {"test": "photos it had never seen", "validation": "photos held out"}.get(result["part"], "photos")
    found = [
        f"{right:,} of {of:,} {part} right.",
        f"With {of:,} photos the true figure is likely {low} to {high} %.",
        f'Always saying "{baseline["label"]}" would reach {round(100 * baseline["accuracy"])} %.',
    ]
    if result["part"] == "validation":
        found.append("These photos also chose the epoch, so expect a little less on new ones.")
    return found


def guess_sentence(example: dict[str, Any]) -> str:
    """What is said under an example: the guess, and whether it is right."""
    if example["said"] is None:
        return str(example["answer"])
    sure = "" if example["probability"] is None else f", {round(100 * example['probability'])} %"
    if example["truth"] is None:
        return f"Guess: {example['said']}{sure}."
    verdict = "right" if example["right"] else f"wrong: it is {example['truth']}"
    return f"Guess: {example['said']}{sure}. That is {verdict}."
