"""A run as one HTML file: readable without JavaScript and without a network, and with the page's own view on top, which
answers from what was written into the file."""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pippin
from pippin.errors import FileError, PippinError
from pippin.studio import drawn
from pippin.studio.answers import Answers
from pippin.studio.page import ICON, SCRIPT, STYLE

MOST_QUESTIONS = 400
MOST_ANSWERS = 500_000
"""Bytes of the answers in the file, packed. With the page itself, about 200,000, a report stays below 1 MB."""
MOMENTS, EXAMPLES, NEURONS = 3, 4, 6
PHOTOS = 24
"""Photos of mistakes."""
HEADING = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)


def report(path: str | os.PathLike[str], *, photos: bool = True) -> str:
    """The report about the run in a folder. Without `photos`, no picture is in it. Raises FileError for a folder that
    holds no recording."""
    answers = Answers(path)
    run = answers.ask("run")
    if run["state"] == "waiting":
        raise FileError(f"{path}: nothing was recorded in it yet, so there is nothing to report.")
    kept, questions = _questions(answers, run)
    run["looks"] = kept
    _with_pictures(run, Path(path)) if photos else None
    packed = _packed(answers, {"run": run, "now?": answers.ask("now")}, questions, photos)
    script = SCRIPT.read_text(encoding="utf-8").replace("</script", "<\\/script")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{HEADING}">
<title>{escape(run["name"])}: a Pippin report</title>
<link rel="icon" href="{ICON}">
<style>{STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<div id="pippin"><main class="report">{_static(answers, run)}</main></div>
<script type="text/plain" id="pippin-answers">{packed}</script>
<script type="module">{script}</script>
</body>
</html>
"""


# What is read without a script ----------------------------------------------------------------------------------------


def _static(answers: Answers, run: dict[str, Any]) -> str:
    curves = run["curves"]
    series = {name: curves[name] for name in ("loss", "val_loss") if any(v is not None for v in curves.get(name, ()))}
    figures = drawn.key(series) + drawn.curve(curves["epoch"], series) + _figures(curves) if series else ""
    findings = [f"{finding.get('code', '')}: {finding.get('message', '')}" for finding in run["findings"]]
    return "".join([
        f"<h1>{escape(run['name'])}</h1><p class='lead'>{escape(run['says'])}</p>",
        drawn.card("How good it is", drawn.sentences(run["score"])),
        drawn.card("How wrong it is, epoch after epoch", figures),
        drawn.card("Worth knowing", drawn.sentences(findings)),
        drawn.card("What was taken for what", _confusion(run["result"])),
        drawn.card("The network", _network(run["model"])),
        _step(answers),
        drawn.card("The same again", _again(run)),
    ])  # fmt: skip


def _figures(curves: dict[str, list[Any]], most: int = 20) -> str:
    """A table of at most so many epochs, spread evenly."""
    names = [name for name in curves if name != "epoch"]
    count = len(curves["epoch"])
    rows = sorted({round(place * (count - 1) / max(1, min(most, count) - 1)) for place in range(min(most, count))})
    body = [
        [curves["epoch"][row], *("" if curves[name][row] is None else f"{curves[name][row]:.4g}" for name in names)]
        for row in rows
    ]
    return drawn.table([["epoch", *names], *body])


def _confusion(result: dict[str, Any] | None) -> str:
    if result is None:
        return ""
    head = ["is ↓, called →", *result["classes"]]
    rows = [[name, *counts] for name, counts in zip(result["classes"], result["confusion"], strict=True)]
    mistakes = [
        [mistake["photo"], mistake["label"], mistake["said"], f"{100 * mistake['probability']:.0f} %"]
        for mistake in result["mistakes"][:PHOTOS]
    ]
    told = drawn.table([head, *rows])
    return told + (drawn.table([["worst mistakes", "is", "called", "how sure"], *mistakes]) if mistakes else "")


def _network(model: dict[str, Any] | None) -> str:
    if model is None:
        return ""
    shape = [
        [layer["name"], layer["kind"], *(" × ".join(map(str, layer[word])) or "1" for word in ("input", "output"))]
        for layer in model["layers"]
    ]
    return drawn.table([["layer", "kind", "in", "out"], *shape]) + drawn.sentences(
        [f"{model['optimizer']} moved the weights."]
    )


def _step(answers: Answers) -> str:
    """The last step that can be opened, in plain words."""
    try:
        step = answers.step_at({})
    except PippinError:
        return ""
    return f"<section class='card'>{drawn.telling(step.telling(1))}</section>"


def _again(run: dict[str, Any]) -> str:
    same = [f"<pre>{escape(words['command'])}\n\n{escape(words['python'])}</pre>" for words in run["same"].values()]
    return "".join([*same[:2], drawn.sentences([f"Written by Pippin {pippin.__version__}."])])


# What the page asks ---------------------------------------------------------------------------------------------------


def _questions(answers: Answers, run: dict[str, Any]) -> tuple[list[dict[str, Any]], Iterator[str]]:
    """The moments that can be opened, at most three, and the questions about them, those asked first in front."""
    looks = {look["step"]: look for look in run["looks"]}
    able = [look.step for look in answers.recording.looks if look.can_open]
    if not able:
        return [], iter(())
    moments = sorted({able[place * (len(able) - 1) // max(1, MOMENTS - 1)] for place in range(MOMENTS)})
    return [looks[moment] for moment in moments], _about(answers, moments)


def _about(answers: Answers, moments: list[int]) -> Iterator[str]:
    last = moments[-1]
    step = answers.step_at({"at": str(last)})
    examples = range(min(EXAMPLES, step.batch))
    for depth in (1, 2):
        for example in examples:
            for moment in reversed(moments):
                yield _question("step", at=moment, depth=depth, example=example)
    for depth in (1, 2):
        for moment in reversed(moments):
            for view in step.layers:
                yield _question("layer", at=moment, call=view.call_number, depth=depth, example=0, layer=view.name)
    for layer in answers.ask(f"step?at={last}")["layers"]:
        for neuron in layer["standing_out"][:NEURONS] if layer["has_neurons"] else ():
            for depth in (1, 2):
                where = {"at": last, "call": layer["call"], "depth": depth, "example": 0}
                yield _question("neuron", **where, layer=layer["name"], neuron=neuron)
    for name in step.weights:
        weight = step.weight(name)
        if weight.gradient is not None:
            for depth in (1, 2):
                yield _question("weight", at=last, depth=depth, weight=name)
            spot = ",".join(map(str, weight.place()))
            yield _question("trail", place=spot, weight=name)
            yield _question("check", at=last, place=spot, weight=name)


def _question(word: str, **settings: Any) -> str:
    """A question as the page writes it: its settings in the order of the alphabet."""
    return f"{word}?{urlencode(sorted(settings.items()))}"


def _packed(answers: Answers, first: dict[str, Any], questions: Iterator[str], photos: bool) -> str:
    """Questions and answers, as many as there is room for, packed into text."""
    found, size = dict(first), len(_text(first))
    for number, question in enumerate(questions):
        try:
            answer = answers.ask(question)
        except PippinError:
            continue
        text = len(_text(answer))
        # Packed, answers take about a sixth, and a third more as text.
        if number >= MOST_QUESTIONS or (size + text) / 6 * 4 / 3 > MOST_ANSWERS:
            break
        found[question], size = answer, size + text
    if not photos:
        for answer in found.values():
            if "shows" in answer:
                answer["shows"] = [{} if "picture" in shown else shown for shown in answer["shows"]]
    return base64.b64encode(gzip.compress(_text(found).encode(), 9, mtime=0)).decode()


def _text(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def _with_pictures(run: dict[str, Any], path: Path) -> None:
    """Put the photos of the worst mistakes beside them, where they are still to be found."""
    if run["result"] is None:
        return
    from pippin.studio.judging import Judge
    from pippin.studio.photos import thumbnail

    try:
        judge = Judge(path)
    except PippinError:
        return
    for mistake in run["result"]["mistakes"][:PHOTOS]:
        try:
            small = thumbnail(judge.photo(mistake["photo"]))
        except PippinError:
            continue
        mistake["picture"] = "data:image/jpeg;base64," + base64.b64encode(small).decode()
