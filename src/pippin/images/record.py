"""What a run writes down of itself before the first step, and tells: enough to understand, repeat and go on with it."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pippin
from pippin.engines import current_engine
from pippin.errors import FileError, SettingError
from pippin.glass.events import Event, event
from pippin.images.display import Listener
from pippin.images.learning import compiled_network
from pippin.images.photos import Photos
from pippin.images.run_folder import RunFolder
from pippin.images.settings import Plan, Settings

FORMAT = 1
SLOW = "another engine than the native one learns from photos many times more slowly. --time 5m sets a limit."


class Recorder(Listener):
    """Writes every event into the run folder, then passes it on."""

    def __init__(self, run: RunFolder, listener: Listener, must_stop: Callable[[], bool]) -> None:
        self.run = run
        self.listener = listener
        self.must_stop = must_stop

    def event(self, happened: Event) -> None:
        self.run.append(happened)
        self.listener.event(happened)

    def reading(self, done: int, of: int) -> None:
        if self.must_stop():
            raise KeyboardInterrupt  # there is nothing yet that could be kept
        self.listener.reading(done, of)

    def learning(self, epoch: int, step: int, steps: int, loss: float, left: float) -> None:
        self.listener.learning(epoch, step, steps, loss, left)


def write_beginning(run: RunFolder, folder: str, photos: Photos, settings: Settings, plan: Plan) -> None:
    """Write down all that is settled before the first step."""
    run.write_settings(
        {
            "format": FORMAT,
            "folder": folder,
            "asked": settings.to_dict(),
            "chosen": {"size": photos.size, "channels": photos.how.channels, **asdict(plan)},
            "classes": list(photos.class_names),
            "photos": photos.fingerprint(),
            "engine": current_engine().name,
            "versions": versions(),
        }
    )
    run.write_skipped([str(lost) for lost in photos.skipped])


def read_beginning(run: RunFolder) -> tuple[str, str, Settings, Plan]:
    """What `write_beginning` wrote: the folder, the fingerprint of its photos, what was asked for and what was
    chosen."""
    written = run.read_settings()
    try:
        plan = Plan(**{name: written["chosen"][name] for name in Plan.__dataclass_fields__})
        return written["folder"], written["photos"], Settings(**written["asked"]), plan
    except (KeyError, TypeError, SettingError) as error:
        raise FileError(f"{run.path}: its settings.json lacks something or was altered ({error}).") from error


def versions() -> dict[str, str]:
    """Of everything that may change the numbers of a run."""
    import numpy
    import PIL

    return {
        "pippin": pippin.__version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "pillow": PIL.__version__,
        "system": platform.platform(),
    }


def start_event(folder: str, run: RunFolder | None, settings: Settings, first_epoch: int) -> Event:
    """The `start` event."""
    return event(
        "start",
        version=pippin.__version__,
        folder=folder,
        run=None if run is None else str(run.path),
        seed=settings.seed,
        engine=current_engine().name,
        first_epoch=first_epoch,
    )


def tell_data(listener: Listener, photos: Photos, plan: Plan) -> None:
    """Tell what was found and chosen, and what is doubtful about it."""
    classes = len(photos.class_names)
    network = compiled_network(photos, plan)
    listener.event(
        event(
            "data",
            classes=list(photos.class_names),
            learn=photos.learn.counts(classes),
            validation=photos.validation.counts(classes),
            test=photos.test.counts(classes) if photos.test else None,
            skipped=len(photos.skipped),
            size=photos.size,
            channels=photos.how.channels,
            weights=sum(int(variable.value.size) for variable in network.trainable_variables),
            epochs=plan.epochs,
            batch=plan.batch,
            learning_rate=plan.learning_rate,
        )
    )
    slow: list[tuple[Any, str]] = [] if current_engine().name == "native" else [("slow", SLOW)]
    for code, message in (*photos.warnings, *slow):
        listener.event(event("warning", code=code, message=message))
