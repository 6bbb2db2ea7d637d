"""Can one batch be learned by heart? If not, more photos won't help: something is wrong. Makes no classifier."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pippin import data
from pippin.callbacks.callback import Callback
from pippin.glass.events import event
from pippin.images.display import Listener
from pippin.images.learning import compiled_network, one_hot
from pippin.images.photos import Part, read
from pippin.images.record import start_event, tell_data
from pippin.images.score import Score, judge
from pippin.images.settings import Settings, choose
from pippin.random import set_random_seed

MOST_STEPS = 300
"""Ten times what a sound network needs for 32 photos."""


@dataclass(frozen=True)
class Overfit:
    """What came of it: the score on the very photos that were learned, and after how many steps."""

    score: Score
    steps: int
    is_interrupted: bool

    @property
    def is_by_heart(self) -> bool:
        return self.score.right == self.score.of


class _UntilByHeart(Callback):
    """Stops when the whole batch is right, or when it must."""

    def __init__(self, listener: Listener, must_stop: Callable[[], bool]) -> None:
        super().__init__()
        self.listener = listener
        self.must_stop = must_stop
        self.steps = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.steps = epoch + 1
        self.listener.learning(1, self.steps, MOST_STEPS, logs["loss"], float("inf"))
        self.model.stop_training = logs["accuracy"] == 1 or self.must_stop()


def overfit_one_batch(
    folder: str, settings: Settings, *, listener: Listener, must_stop: Callable[[], bool] = lambda: False
) -> Overfit:
    """Learn one batch of the photos, unaltered, over and over until every one is right, or 300 times."""
    found = data.scan(folder)
    listener.event(start_event(found.path, None, settings, 1))
    photos = read(found, settings, listener.reading)
    batch = one_of_each_in_turn(photos.learn, settings.batch or 32)
    plan = replace(choose(settings, len(photos.learn)), epochs=MOST_STEPS, batch=len(batch), alter=0.0)
    tell_data(listener, photos, plan)
    set_random_seed(settings.seed)
    model = compiled_network(photos, plan, dropout=0.0)
    follower = _UntilByHeart(listener, must_stop)
    labels = one_hot(batch.labels, len(photos.class_names))
    begun = time.monotonic()
    model.fit(batch.pixels, labels, batch_size=len(batch), epochs=MOST_STEPS, verbose=0, callbacks=[follower])
    # As in learning, the batch is normalised by itself: what was learned by heart is measured, nothing else.
    probabilities = np.asarray(model(batch.pixels.astype(np.float32), training=True))
    score = judge(probabilities, batch.labels, photos.class_names, batch.names)
    tried = Overfit(score, follower.steps, score.right < score.of and follower.steps < MOST_STEPS)
    listener.event(
        event(
            "result",
            part="learning",
            **score.to_dict(),
            kept_epoch=tried.steps,
            epochs=tried.steps,
            seconds=round(time.monotonic() - begun, 3),
            interrupted=tried.is_interrupted,
        )
    )
    return tried


def one_of_each_in_turn(part: Part, count: int) -> Part:
    """`count` photos, as evenly from the classes as there are photos."""
    turn = np.zeros(len(part), np.int64)
    for label in np.unique(part.labels):
        rows = np.flatnonzero(part.labels == label)
        turn[rows] = np.arange(len(rows))
    return part.take(np.argsort(turn, kind="stable")[:count])
