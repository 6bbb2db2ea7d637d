"""The whole job: a folder of photos becomes a run folder with a classifier in it. Prints nothing; a listener
is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pippin import data
from pippin.diagnosis.watch import Watch
from pippin.errors import DataError, PippinError, SettingError
from pippin.glass.events import Event, event
from pippin.images.classifier import Classifier
from pippin.images.display import Listener
from pippin.images.learning import Learned, fit_time, learn, one_hot
from pippin.images.model_file import About
from pippin.images.network import probabilities
from pippin.images.photos import Photos, read
from pippin.images.record import Recorder, read_beginning, start_event, tell_data, write_beginning
from pippin.images.run_folder import RunFolder
from pippin.images.score import Score, judge
from pippin.images.settings import Plan, Settings, choose
from pippin.images.trust import Trust, settle
from pippin.saving.tree_file import read_tree
from pippin.training.checkpoint import FILE, Checkpoint

SECONDS_BETWEEN_SAVES = 10.0
"""What a crash costs at most; saving takes a few milliseconds."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    run: RunFolder
    classifier: Classifier
    score: Score
    part: str
    """Which photos the score was measured on: "test", or "validation" where there is no test folder."""
    kept_epoch: int
    epochs: int
    seconds: float
    is_interrupted: bool

    def to_event(self) -> Event:
        """The `result` event."""
        return event(
            "result",
            part=self.part,
            **self.score.to_dict(),
            kept_epoch=self.kept_epoch,
            epochs=self.epochs,
            seconds=round(self.seconds, 3),
            interrupted=self.is_interrupted,
        )


def train_folder(
    folder: str,
    settings: Settings,
    *,
    out: str | None = None,
    listener: Listener | None = None,
    must_stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Make a classifier from a folder of photos, in a new run folder.

    `must_stop()` is asked about 20 times a second; when it says so, learning stops after the batch and the
    best epoch so far is kept. Raises what `pippin.data.scan` raises for a folder nothing can come of, and
    NonFiniteError when numbers stop being finite: the best epoch before is then saved all the same.
    """
    found = data.scan(folder)
    run = RunFolder.create(out, Path(found.path).name)
    recorder = Recorder(run, listener or Listener(), must_stop)
    recorder.event(start_event(found.path, run, settings, 1))
    try:
        photos = read(found, settings, recorder.reading)
        plan = _planned(photos, settings)
        write_beginning(run, found.path, photos, settings, plan)
    except (PippinError, KeyboardInterrupt):
        run.discard()
        raise
    tell_data(recorder, photos, plan)
    return _learn_and_judge(run, photos, settings, plan, recorder, must_stop)


def resume_run(
    path: str, *, listener: Listener | None = None, must_stop: Callable[[], bool] = lambda: False
) -> Outcome:
    """Go on with an interrupted run as if nothing had happened: the same photos, settings and, in the end,
    the same bits.

    Raises FileError for what is no run folder, SettingError for a run that came to its end, and DataError
    when the photos are no longer those it began with.
    """
    run = RunFolder.open(path)
    folder, fingerprint, settings, plan = read_beginning(run)
    if run.is_finished():
        raise SettingError(
            f"{run.path} came to its end: there is nothing to go on with. To learn longer, begin another run with "
            "--epochs."
        )
    first_epoch = 1
    if Checkpoint.is_in(run.checkpoint):
        first_epoch = read_tree(run.checkpoint / FILE)["run"]["position"][0] + 1
    recorder = Recorder(run, listener or Listener(), must_stop)
    recorder.event(start_event(folder, run, settings, first_epoch))
    photos = read(data.scan(folder), settings, recorder.reading)
    if photos.fingerprint() != fingerprint:
        raise DataError(
            f"The photos in {folder} are not those that {run.path} began with. Put them back as they were, or begin a "
            "new run."
        )
    tell_data(recorder, photos, plan)
    return _learn_and_judge(run, photos, settings, plan, recorder, must_stop)


def _planned(photos: Photos, settings: Settings) -> Plan:
    plan = choose(settings, len(photos.learn))
    if settings.time is None:
        return plan
    return fit_time(photos, plan, settings.time, settings.epochs)


def _learn_and_judge(
    run: RunFolder,
    photos: Photos,
    settings: Settings,
    plan: Plan,
    listener: Listener,
    must_stop: Callable[[], bool],
) -> Outcome:
    keeper = _Keeper(run, photos, settings)
    checkpoint = Checkpoint(run.checkpoint, every_seconds=SECONDS_BETWEEN_SAVES, undo_stop=True)
    held_labels = one_hot(photos.validation.labels, len(photos.class_names))
    learned = learn(
        photos,
        plan,
        seed=settings.seed,
        listener=listener,
        must_stop=must_stop,
        after_epoch=keeper.after_epoch,
        beside=[checkpoint, Watch(run.path, held_out=(photos.validation.pixels, held_labels))],
    )
    if learned.stopped_by is not None and not learned.kept_epoch:
        raise learned.stopped_by
    classifier = keeper.save(learned.model, learned.kept_epoch, settle(learned.model, photos))
    listener.event(event("saved", what="model", path=str(run.model)))
    if learned.stopped_by is not None:
        raise learned.stopped_by
    if not learned.is_interrupted:
        checkpoint.delete()
    outcome = _judged(run, photos, classifier, learned)
    result = outcome.to_event()
    run.write_result(result)
    listener.event(result)
    return outcome


class _Keeper:
    """Writes history and the best model into the run folder while it goes on, so that a crash loses neither."""

    def __init__(self, run: RunFolder, photos: Photos, settings: Settings) -> None:
        self.run = run
        self.photos = photos
        self.settings = settings
        self._saved_at = -SECONDS_BETWEEN_SAVES

    def after_epoch(self, model: Any, epochs: list[Event]) -> None:
        """An epoch came to its end; when it is the best so far, `model` has the weights to keep."""
        self.run.write_history(epochs)
        if epochs[-1]["best"] and time.monotonic() - self._saved_at >= SECONDS_BETWEEN_SAVES:
            self.save(model, epochs[-1]["epoch"])
            self._saved_at = time.monotonic()

    def save(self, model: Any, kept_epoch: int, trust: Trust | None = None) -> Classifier:
        """Write model.keras; return what is in it."""
        about = About(np.array(self.photos.class_names), self.photos.how, kept_epoch, trust)
        classifier = Classifier.of(model, about, **self.settings.to_dict())
        classifier.save(self.run.model)
        return classifier


def _judged(run: RunFolder, photos: Photos, classifier: Classifier, learned: Learned) -> Outcome:
    part = "validation" if photos.test is None else "test"
    judged = photos.test or photos.validation
    found = judge(probabilities(learned.model, judged.pixels), judged.labels, photos.class_names, judged.names)
    return Outcome(
        run=run,
        classifier=classifier,
        score=found,
        part=part,
        kept_epoch=learned.kept_epoch,
        epochs=len(learned.epochs),
        seconds=learned.seconds,
        is_interrupted=learned.is_interrupted,
    )
