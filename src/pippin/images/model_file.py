"""A classifier in one `.keras` file: the network, the names of its classes, and how a photo becomes what it sees."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pippin.data import Decoding
from pippin.errors import FileError
from pippin.images.run_folder import MODEL
from pippin.images.trust import Trust

METADATA = "photo_classifier"
"""Under this word a model file holds what makes a classifier of it."""


@dataclass(frozen=True)
class About:
    """What a network alone does not say."""

    classes: npt.NDArray[Any]
    """What its outputs are called, in their order: names, or numbers."""
    how: Decoding
    kept_epoch: int
    trust: Trust | None = None


def write(model: Any, path: str | os.PathLike[str], about: About) -> None:
    """Write a model file, whole or not at all. Keras opens it too, and does not mind what it does not know."""
    from pippin.saving import save_model

    told = {"classes": about.classes.tolist(), "pictures": asdict(about.how), "kept_epoch": about.kept_epoch}
    if about.trust is not None:
        told["trust"] = about.trust.to_dict()
    save_model(model, path, metadata={METADATA: told})


def read(path: str | os.PathLike[str]) -> tuple[Any, About]:
    """Return the model in a `.keras` file or in a run folder, and what the file says about it.

    A model that was saved without that, by Keras for instance, has numbers for classes, and sees photos cut to the
    shape of its input. Raises FileError for a file that is none, was altered, or classifies no photos.
    """
    from pippin.saving import load_model

    place = Path(path)
    if place.is_dir():
        place = place / MODEL
        if not place.is_file():
            raise FileError(
                f"There is no {MODEL} in {path}. Expected a model file, or a folder that pippin train has made."
            )
    model = load_model(place)
    _require_classifier(model, place)
    told = (model.metadata or {}).get(METADATA)
    return model, _from_shapes(model) if told is None else _from_file(told, model, place)


def _require_classifier(model: Any, place: Path) -> None:
    inputs, outputs = model.input_shape, model.output_shape
    is_one = len(inputs) == 4 and None not in inputs[1:] and inputs[-1] in (1, 3) and len(outputs) == 2
    if not is_one or outputs[-1] < 2:
        raise FileError(
            f"{place} is a model, but none that classifies photos: expected (height, width, 1 or 3 channels) to become "
            f"a number for each of at least 2 classes, received {inputs[1:]} and {outputs[1:]}."
        )


def _from_shapes(model: Any) -> About:
    _, height, width, channels = model.input_shape
    return About(np.arange(model.output_shape[-1]), Decoding(height, width, channels), 0)


def _from_file(told: Any, model: Any, place: Path) -> About:
    try:
        trust = None if told.get("trust") is None else Trust.from_dict(told["trust"])
        about = About(np.array(told["classes"]), Decoding(**told["pictures"]), int(told["kept_epoch"]), trust)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FileError(
            f"{place}: what it says about its classes and pictures can't be understood ({error}). The file was altered."
        ) from error
    if about.classes.shape != model.output_shape[1:] or about.how.shape != tuple(model.input_shape[1:]):
        raise FileError(f"{place}: its classes and picture size don't fit its network. The file was altered.")
    if trust is not None and trust.familiar.labels.max(initial=0) >= len(about.classes):
        raise FileError(f"{place}: the photos it remembers don't fit its classes. The file was altered.")
    return about
