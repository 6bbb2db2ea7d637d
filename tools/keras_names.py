"""Which of Keras's public names Pippin has, with the same signature, and which not: writes docs/keras-names.md.

    .venv/bin/python tools/keras_names.py                        # the page, from the signatures that are on record
    path/to/keras/python tools/keras_names.py --record           # the record, from the Keras that is installed there

The record is tests/goldens/keras_names.json, so that nobody needs Keras to know what is missing.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "tests" / "goldens" / "keras_names.json"
PAGE = ROOT / "docs" / "keras-names.md"
FAMILIES = (
    "layers", "losses", "metrics", "optimizers", "activations", "initializers", "regularizers", "constraints",
    "callbacks", "utils", "ops", "ops.image",
)  # fmt: skip

OTHER_LIBRARY = "runs another library's code"
QUANTIZED = "numbers of 4 and 8 bits are not there"
NOT_YET = "not written yet"
WHY_MISSING = {
    **dict.fromkeys(("ops.polar", "ops.view_as_complex", "ops.view_as_real"), "there are no complex numbers here"),
    "layers.FlaxLayer": OTHER_LIBRARY,
    "layers.JaxLayer": OTHER_LIBRARY,
    "layers.TFSMLayer": OTHER_LIBRARY,
    "layers.TorchModuleWrapper": OTHER_LIBRARY,
    "utils.TorchModuleWrapper": OTHER_LIBRARY,
    "callbacks.OrbaxCheckpoint": OTHER_LIBRARY,
    "utils.FeatureSpace": "Keras's long tail: later",
    "utils.set_backend": "engines are chosen with pippin.config.engine",
    "utils.enable_interactive_logging": "output follows verbose= of the call",
    "utils.disable_interactive_logging": "output follows verbose= of the call",
    "utils.is_interactive_logging_enabled": "output follows verbose= of the call",
}
"""Reasons by name, where "not written yet" isn't all there is to say."""

Parameters = list[list[str]]


def signature_of(thing: Any) -> Parameters | None:
    """[name, kind, default] of each parameter; None where Python can't tell. What a name is annotated with isn't
    compared."""
    constructor = _constructor(thing)
    try:
        parameters = list(inspect.signature(constructor or thing).parameters.values())[bool(constructor) :]
    except (TypeError, ValueError):
        return None
    return [[p.name, p.kind.name, "" if p.default is p.empty else _plain(p.default)] for p in parameters]


def _constructor(thing: Any) -> Any:
    """What says how a class is called: its own `__new__` or `__init__`, else its nearest base's. Python does so only
    from 3.11.4 on; before, any `__new__` comes first."""
    bases = thing.__mro__[:-1] if isinstance(thing, type) else ()
    own = (vars(base).get(name) for base in bases for name in ("__new__", "__init__"))
    found = next((way for way in own if way is not None), None)
    return getattr(found, "__func__", found)


def _plain(default: Any) -> str:
    """A default as text: functions and classes by their names, whole floats as such."""
    return str(getattr(default, "__name__", repr(default)))


def names_of(library: str, family: str) -> dict[str, Any]:
    """The public words of one of the library's modules."""
    module = importlib.import_module(f"{library}.{family}")
    found = {word: getattr(module, word) for word in dir(module) if not word.startswith("_")}
    return {word: thing for word, thing in found.items() if callable(thing)}


def record() -> None:
    """Write down the signatures of the Keras that is installed."""
    import keras

    found = {f: {word: signature_of(thing) for word, thing in names_of("keras", f).items()} for f in FAMILIES}
    told = [  # one name a line, so that a newer Keras shows as a few changed lines
        f'"{family}": {{\n' + ",\n".join(f'"{word}": {json.dumps(words[word])}' for word in sorted(words)) + "\n}"
        for family, words in found.items()
    ]
    RECORD.write_text(f'{{"keras": "{keras.__version__}", "names": {{\n' + ",\n".join(told) + "\n}}\n")


def recorded() -> dict[str, Any]:
    return dict(json.loads(RECORD.read_text()))


def differences(theirs: Parameters | None, ours: Parameters | None) -> str:
    """What a reader of the signature would stumble over; empty if nothing."""
    if theirs is None or ours is None:
        return ""
    told = []
    takes_more = any(kind == "VAR_KEYWORD" for _, kind, _ in theirs)
    theirs, ours = ([p for p in one if not p[1].startswith("VAR")] for one in (theirs, ours))
    names = [name for name, _, _ in theirs]
    mine = {name: (kind, default) for name, kind, default in ours}
    lacking = [name for name in names if name not in mine]
    extra = [name for name in mine if name not in names and not takes_more]
    if lacking:
        told.append(f"lacks {', '.join(lacking)}")
    if extra:
        told.append(f"has {', '.join(extra)} besides")
    for name, _, default in theirs:
        if name in mine and mine[name][1] != default:
            told.append(f"{name}={mine[name][1] or 'needed'} where Keras has {default or 'none'}")
    positional = [[name for name, kind, _ in one if kind != "KEYWORD_ONLY"] for one in (theirs, ours)]
    shared = [[name for name in one if name in mine and name in names] for one in positional]
    if shared[0] != shared[1]:
        told.append(f"order ({', '.join(shared[1])}), in Keras ({', '.join(shared[0])})")
    return "; ".join(told)


def ours_of(thing: Any) -> Parameters | None:
    """A signature of Pippin's, with the arguments that ** hands on to the constructors above."""
    found = signature_of(thing)
    if found is None or not isinstance(thing, type) or not any(kind == "VAR_KEYWORD" for _, kind, _ in found):
        return found
    for above in thing.__mro__[1:]:
        if "__init__" in vars(above) and above is not object:
            names = {name for name, _, _ in found}
            further = signature_of(above) or []
            found += [[name, "KEYWORD_ONLY", default] for name, _, default in further if name not in names]
            if not any(kind == "VAR_KEYWORD" for _, kind, _ in further):
                break
    return found


def compared() -> dict[str, dict[str, str | None]]:
    """For each of Keras's names: None if Pippin lacks it, else what differs ("" for nothing)."""
    answers: dict[str, dict[str, str | None]] = {}
    for family, theirs in recorded()["names"].items():
        ours = names_of("pippin", family)
        answers[family] = {
            word: differences(parameters, ours_of(ours[word])) if word in ours else None
            for word, parameters in theirs.items()
        }
    return answers


def reason(family: str, word: str) -> str:
    """Why a name is missing."""
    if f"{family}.{word}" in WHY_MISSING:
        return WHY_MISSING[f"{family}.{word}"]
    if "quantize" in word.lower() or "Int8" in word or "Int4" in word:
        return QUANTIZED
    return "three dimensions: later" if "3D" in word or "3d" in word else NOT_YET


def page() -> str:
    """The text of docs/keras-names.md."""
    version = recorded()["keras"]
    answers = compared()
    lines = [
        "# Keras's names",
        "",
        f"Every public name of Keras {version} in twelve of its modules, beside Pippin's: same name, arguments, order",
        "and defaults. Written by `tools/keras_names.py`; a test holds it against what is installed.",
        "",
        "| module | names | same | differ | missing |",
        "|---|---:|---:|---:|---:|",
    ]
    for family in FAMILIES:
        found = list(answers[family].values())
        same, missing = found.count(""), found.count(None)
        lines.append(f"| {family} | {len(found)} | {same} | {len(found) - same - missing} | {missing} |")
    lines += ["", "## Present, with another signature", ""]
    for family in FAMILIES:
        lines += [f"- `{family}.{word}`: {told}" for word, told in answers[family].items() if told]
    lines += ["", "## Missing", ""]
    for family in FAMILIES:
        by_reason: dict[str, list[str]] = {}
        for word, told in answers[family].items():
            if told is None:
                by_reason.setdefault(reason(family, word), []).append(word)
        lines += [f"- {family}, {why}: {', '.join(f'`{word}`' for word in words)}" for why, words in by_reason.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--record" in sys.argv:
        record()
    else:
        PAGE.write_text(page())
        print(f"wrote {PAGE.relative_to(ROOT)}")
