"""A classifier of photos in scikit-learn's manners: fit, predict, predict_proba, score. Everything it needs
is in the one file that `save` writes: the network, the names of its classes, and how a photo becomes the
picture the network sees."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pippin import data
from pippin.data import printable
from pippin.data.folders import picture_files, sub_folders
from pippin.data.walk import natural
from pippin.errors import DataError, NotCompiledError, SettingError, nearest
from pippin.glass.explanation import INTEGRATED
from pippin.images import model_file
from pippin.images.answer import Answer, answers
from pippin.images.display import Listener, Terminal
from pippin.images.explaining import PhotoExplanation, explain_photo
from pippin.images.learning import fit_time, learn
from pippin.images.network import probabilities
from pippin.images.photos import as_pixels, from_arrays, read
from pippin.images.score import Score, judge
from pippin.images.settings import Settings, choose
from pippin.images.trust import Trust, settle

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


class Classifier:
    """Learns which photo is what from a folder with one sub-folder for each class, or from arrays.

        classifier = Classifier(seed=0).fit("photos")
        classifier.predict("new.jpg")            # array(['apple'], ...)
        classifier.predict_proba("new.jpg")      # array([[0.93, 0.07]], ...), in the order of classes_

    `size`, `epochs`, `batch`, `learning_rate` and `grayscale` are chosen from the photos when they are None.
    `time` is in seconds. `verbose` shows each epoch on stderr.

    After fitting: `classes_`, `model_` (a Keras model), `history_` (figures of each epoch by name),
    `kept_epoch_`, `validation_score_` (a Score on the photos that chose the epoch), `skipped_` (files left
    out, with reasons), `trust_` (how far to trust an answer: trust.py; None for a model that Keras made).
    """

    def __init__(
        self,
        size: int | None = None,
        *,
        epochs: int | None = None,
        time: float | None = None,
        batch: int | None = None,
        learning_rate: float | None = None,
        validation: float = 0.2,
        seed: int = 0,
        grayscale: bool | None = None,
        augment: bool = True,
        verbose: bool = True,
    ) -> None:
        self.size, self.epochs, self.time, self.batch, self.learning_rate = (
            size,
            epochs,
            time,
            batch,
            learning_rate,
        )
        self.validation, self.seed, self.grayscale, self.augment, self.verbose = (
            validation,
            seed,
            grayscale,
            augment,
            verbose,
        )

    # scikit-learn's manners
    # ---------------------------------------------------------------------------------------

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments it was made with."""
        return {name: getattr(self, name) for name in (*Settings.__dataclass_fields__, "verbose")}

    def set_params(self, **params: Any) -> Classifier:
        """Change arguments for the next `fit`."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise SettingError(
                    f"set_params: a Classifier has no {name!r}.{nearest(name, known)} It has: {', '.join(known)}."
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        usual = Classifier().get_params()
        given = [f"{name}={value!r}" for name, value in self.get_params().items() if value != usual[name]]
        return f"Classifier({', '.join(given)})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    # Learning
    # -----------------------------------------------------------------------------------------------------

    def settings(self) -> Settings:
        """Its arguments, checked."""
        return Settings(**{name: getattr(self, name) for name in Settings.__dataclass_fields__})

    def fit(self, photos: Any, labels: npt.ArrayLike | None = None) -> Classifier:
        """Learn from a folder (its sub-folders are the classes), or from arrays of pictures and their labels."""
        settings = self.settings()
        listener = Terminal() if self.verbose else Listener()
        if isinstance(photos, (str, os.PathLike)):
            if labels is not None:
                raise DataError("fit: expected no labels beside a folder, whose sub-folders are the classes.")
            found = read(data.scan(photos), settings, listener.reading)
            classes: npt.NDArray[Any] = np.array(found.class_names)
        else:
            if labels is None:
                raise DataError(
                    "fit: expected the path of a folder, or pictures and labels; received pictures without labels."
                )
            found = from_arrays(photos, labels, settings)
            classes = np.unique(np.asarray(labels).reshape(-1))
        plan = choose(settings, len(found.learn))
        if settings.time is not None:
            plan = fit_time(found, plan, settings.time, settings.epochs)
        learned = learn(found, plan, seed=settings.seed, listener=listener)
        if learned.stopped_by is not None:
            raise learned.stopped_by
        self.trust_: Trust | None = settle(learned.model, found)
        self.classes_ = classes
        self.model_ = learned.model
        self.how_ = found.how
        self.skipped_ = found.skipped
        self.kept_epoch_ = learned.kept_epoch
        self.history_ = learned.history()
        held = found.validation
        self.validation_score_ = judge(
            probabilities(learned.model, held.pixels), held.labels, found.class_names, held.names
        )
        return self

    @classmethod
    def of(cls, model: Any, about: model_file.About, **params: Any) -> Classifier:
        """The classifier that a network is, with what must be known about it."""
        self = cls(**params)
        self.model_, self.classes_, self.how_, self.kept_epoch_ = model, about.classes, about.how, about.kept_epoch
        self.trust_ = about.trust
        return self

    # Answering
    # ----------------------------------------------------------------------------------------------------

    def predict(self, photos: Any) -> npt.NDArray[Any]:
        """The class of each photo: paths of files or folders, or an array of pictures. One answer for each photo."""
        answer: npt.NDArray[Any] = self._fitted().classes_[self.predict_proba(photos).argmax(axis=1)]
        return answer

    def predict_proba(self, photos: Any) -> npt.NDArray[np.float32]:
        """The probability of each class, (photos, classes), in the order of `classes_`.

        Raises DataError that names the files that can't be read.
        """
        return probabilities(self._fitted().model_, self._seen(photos))

    def answer(self, photos: Any) -> list[Answer]:
        """What it says of each photo: the class, the probabilities, whether it is sure, whether the photo is unlike
        anything it was shown, and which photos it is most like."""
        return answers(self._fitted().model_, self.classes_.tolist(), self.trust_, self._seen(photos))

    def _seen(self, photos: Any) -> npt.NDArray[np.uint8]:
        """The pictures it sees; DataError for photos that can't be read and pictures of another shape."""
        if _are_paths(photos):
            pixels, skipped = self.read(photos)
            if skipped:
                raise DataError(f"{len(skipped)} of the photos can't be read:\n{data.tell_skipped(skipped)}")
        else:
            pixels = as_pixels(photos)
        if len(pixels) and pixels.shape[1:] != self.how_.shape:
            raise DataError(
                f"expected pictures of shape {self.how_.shape}, as it learned from, received {pixels.shape[1:]}."
            )
        return pixels

    def read(self, photos: Paths) -> tuple[npt.NDArray[np.uint8], list[data.Skipped]]:
        """The pictures this classifier sees when it looks at photos, and the files that can't be read."""
        given = [photos] if isinstance(photos, (str, os.PathLike)) else photos
        files, skipped = data.gather(given)
        found = data.load(files, self._fitted().how_, cache=False)
        return found.pixels, [*skipped, *found.skipped]

    def evaluate(self, photos: Any, labels: npt.ArrayLike | None = None) -> Score:
        """How good it is on photos it did not learn from: a folder with a sub-folder for each class, or
        arrays and labels."""
        names = [str(name) for name in self._fitted().classes_]
        if not isinstance(photos, (str, os.PathLike)):
            if labels is None:
                raise DataError(
                    "evaluate: expected the path of a folder, or pictures and labels; received pictures without labels."
                )
            numbers = {name: number for number, name in enumerate(self.classes_.tolist())}
            truth = [numbers.get(label, -1) for label in np.asarray(labels).reshape(-1).tolist()]
            if -1 in truth:
                strange = np.asarray(labels).reshape(-1).tolist()[truth.index(-1)]
                raise DataError(
                    f"evaluate: expected labels among {names}, received {strange!r}.{nearest(strange, names)}"
                )
            return judge(self.predict_proba(photos), truth, names)
        root = _folder_of_classes(photos, names)
        files, _ = picture_files(root, {name: names.index(name) for name in sub_folders(root)}, order=natural)
        found = data.load(files, self.how_)
        return judge(
            probabilities(self.model_, found.pixels),
            found.labels,
            names,
            [os.path.relpath(path, root) for path in found.paths],
        )

    def score(self, photos: Any, labels: npt.ArrayLike | None = None) -> float:
        """The share of photos that it calls what they are. `evaluate` says more."""
        return self.evaluate(photos, labels).accuracy

    def _fitted(self) -> Classifier:
        if not hasattr(self, "model_"):
            raise NotCompiledError(
                "This classifier has learned nothing yet: call fit(photos) first, or Classifier.load(path)."
            )
        return self

    def explain(
        self, photo: str | os.PathLike[str] | npt.NDArray[Any], label: Any = None, method: str = INTEGRATED
    ) -> PhotoExplanation:
        """Which parts of a photo speak for a class (None: the one it says) and which against: see `glass.explain`.

        `photo`: the path of one file, or a picture of the shape it learned from.
        """
        is_path = isinstance(photo, (str, os.PathLike))
        pixels = self._fitted()._seen(photo if is_path else np.asarray(photo)[None])
        if len(pixels) != 1:
            raise DataError(f"explain: expected one photo, received {len(pixels):,}.")
        return explain_photo(self, pixels[0], label, method)

    # Files
    # --------------------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything into one `.keras` file, whole or not at all. Keras opens it too, without the names."""
        about = model_file.About(self._fitted().classes_, self.how_, self.kept_epoch_, self.trust_)
        model_file.write(self.model_, path, about)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Classifier:
        """Return the classifier in a `.keras` file or in a run folder. Raises FileError when there is none."""
        model, about = model_file.read(path)
        return cls.of(model, about)


def _are_paths(photos: Any) -> bool:
    if isinstance(photos, (str, os.PathLike)):
        return True
    return isinstance(photos, (list, tuple)) and all(isinstance(path, (str, os.PathLike)) for path in photos)


def _folder_of_classes(folder: str | os.PathLike[str], names: Sequence[str]) -> Path:
    """The folder whose sub-folders are classes: itself, or the test folder in it."""
    root = Path(folder)
    found = sub_folders(root)
    if "test" in found and "test" not in names:
        root = root / "test"
        found = sub_folders(root)
    strange = [name for name in found if name not in names]
    if strange or not found:
        what = (
            f"has a folder {printable(strange[0])!r}, which is no class it knows.{nearest(strange[0], names)}"
            if strange
            else "has no sub-folders."
        )
        raise DataError(
            f"{printable(str(root))} {what} Expected a sub-folder for each of: {', '.join(map(printable, names))}."
        )
    return root
