"""pippin step MODEL: one training step, opened and told, with the model's own numbers. Changes nothing."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pippin.cli.arguments import index

if TYPE_CHECKING:
    from pippin.glass.one_step import Step
    from pippin.glass.telling import Telling

HELP = "open one training step: forward, loss, backward, update, with the numbers"
MOST_PHOTOS = 32
"""A batch."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Tell what one training step of MODEL does: the signals that run forward, the loss, the blame that runs back, "
        "how each weight moves. MODEL is a run folder of pippin train or a .keras file of a compiled model. The batch "
        "is FILE.npz (arrays x, y and, if there are, sample_weight), or PHOTOs in folders that are named after their "
        "classes. Nothing in the model is changed."
    )
    add = parser.add_argument
    add("model", metavar="MODEL", help="a run folder, or a .keras file")
    add("photos", metavar="PHOTO", nargs="*", help="files or folders of photos; the folder they lie in is their class")
    add("--data", metavar="FILE.npz", help="the batch, as NumPy arrays")
    add("--layer", metavar="NAME", help="look into one layer")
    add("--neuron", type=index, metavar="N", help="look at neuron (or filter) N of the layer, from 0")
    add("--example", type=index, default=0, metavar="N", help="on example N of the batch, from 0 (0)")
    add(
        "--weight",
        metavar="NAME",
        help="one weight, such as dense/kernel: who pushed it, how it moves, a check of its gradient",
    )
    add(
        "--depth", type=int, choices=(1, 2, 3), default=1, help="1 plain words, 2 with formulas, 3 with the program (1)"
    )
    add("--json", action="store_true", help="print one JSON object, with the same sentences")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from pippin.errors import SettingError
    from pippin.utils.console import say

    if arguments.neuron is not None and arguments.layer is None:
        raise SettingError("--neuron: expected a layer as well. Name it: --layer NAME.")
    if arguments.weight is not None and arguments.layer is not None:
        raise SettingError("--weight and --layer: expected one of them.")
    step = _step(arguments)
    telling = _telling(step, arguments)
    if arguments.json:
        say(json.dumps({**facts(step), **telling.to_dict()}, ensure_ascii=False))
    else:
        say(telling.draw(bold=sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
    return 0


def _telling(step: Step, arguments: argparse.Namespace) -> Telling:
    """What was asked for."""
    if arguments.weight is not None:
        return _weight(step, arguments)
    if arguments.layer is None:
        return step.telling(arguments.depth)
    layer = step.layer(arguments.layer)
    if arguments.neuron is None:
        return layer.telling(arguments.depth, arguments.example)
    return layer.neuron(arguments.neuron, arguments.example).telling(arguments.depth)


def _weight(step: Step, arguments: argparse.Namespace) -> Telling:
    """The weight, and the check of its gradient if it has one."""
    from pippin.glass.telling import Part, Telling

    weight = step.weight(arguments.weight)
    told = weight.telling(arguments.depth)
    if weight.gradient is None:
        return told
    return Telling(told.title, [*told.parts, Part("CHECK", [weight.check_gradient().tell()])])


def facts(step: Step) -> dict[str, Any]:
    """What programs want to know before the words."""
    from pippin.glass import figures

    return {
        "model": step.model.name, "examples": step.batch, "loss": step.loss_value,
        "example_losses": figures.plain(step.example_losses), "predictions": figures.plain(step.predictions),
        "layers": [view.name for view in step.layers], "weights": list(step.weights),
    }  # fmt: skip


def _step(arguments: argparse.Namespace) -> Step:
    from pippin.errors import SettingError
    from pippin.glass.one_step import step

    if arguments.data is not None and not arguments.photos:
        from pippin.saving import load_model

        model = load_model(model_file(arguments.model))
        return step(model, **_arrays(arguments.data))
    if arguments.photos and arguments.data is None:
        return _step_on_photos(arguments.model, arguments.photos)
    raise SettingError("expected the batch: --data FILE.npz, or PHOTOs in folders named after their classes.")


def model_file(path: str) -> Path:
    """The model file itself, or that of a run folder."""
    from pippin.errors import FileError

    place = Path(path)
    found = place / "model.keras" if place.is_dir() else place
    if not found.is_file():
        raise FileError(f"There is no {found}. Expected a .keras file, or a folder that pippin train has made.")
    return found


def _arrays(path: str) -> dict[str, Any]:
    """x, y and sample_weight from a .npz file."""
    from zipfile import BadZipFile

    import numpy as np

    from pippin.errors import FileError

    try:
        with Path(path).open("rb") as raw:
            file = np.load(raw, allow_pickle=False)
            found = {name: file[name] for name in file.files} if hasattr(file, "files") else {}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise FileError(f"{path} can't be read: {error}. Expected a file that numpy.savez has written.") from error
    if "x" not in found or set(found) - {"x", "y", "sample_weight"}:
        listed = ", ".join(found) or "none"
        raise FileError(
            f"{path}: expected arrays called x, y and, if there are, sample_weight, received {listed}. Write it with "
            "numpy.savez(path, x=x, y=y)."
        )
    return found


def _step_on_photos(model: str, photos: list[str]) -> Step:
    """A step on photos whose classes are the names of the folders that they lie in."""
    import numpy as np

    from pippin import data
    from pippin.cli.predict import tell_skipped
    from pippin.errors import DataError
    from pippin.glass.one_step import step
    from pippin.images.classifier import Classifier
    from pippin.images.learning import one_hot
    from pippin.training.labels import SPARSE, goals_of

    classifier = Classifier.load(model)
    files, skipped = data.gather(photos)
    tell_skipped(skipped)
    if len(files) > MOST_PHOTOS:
        print(f"pippin step: {MOST_PHOTOS} of the {len(files):,} photos, evenly spread.", file=sys.stderr)
        files = [files[at * len(files) // MOST_PHOTOS] for at in range(MOST_PHOTOS)]
    found = data.load(files, classifier.how_, cache=False)
    tell_skipped(found.skipped)
    if not found.paths:
        raise DataError("expected at least one photo that can be read, received none.")
    names = [str(name) for name in classifier.classes_]
    labels = [Path(path).resolve().parent.name for path in found.paths]
    strange = [path for path, label in zip(found.paths, labels, strict=True) if label not in names]
    if strange:
        raise DataError(
            f"{strange[0]}: expected a photo in a folder named after its class ({', '.join(names)}), so that the loss "
            "can be told. Put it into such a folder."
        )
    numbers = np.array([names.index(label) for label in labels], np.int32)
    goals = goals_of(classifier.model_) if classifier.model_.compiled else []
    sparse = bool(goals) and goals[0].kind == SPARSE
    return step(classifier.model_, found.pixels, numbers if sparse else one_hot(numbers, len(names)))
