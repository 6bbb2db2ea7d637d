"""How a network learns from photos: how it is set up, for how long, and what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pippin.callbacks.callback import Callback
from pippin.errors import NonFiniteError
from pippin.glass.events import Event, columns_of
from pippin.images.display import Listener
from pippin.images.follower import Follower
from pippin.images.network import network
from pippin.images.photos import Photos
from pippin.images.settings import Plan
from pippin.random import random_state, restore_random_state, set_random_seed

LABEL_SMOOTHING = 0.05
"""The share of each photo's label that is spread over all classes: told never to be quite sure, a network doesn't
learn to claim that it is."""
DROPOUT = 0.3
_TRIAL_STEPS = 4


@dataclass
class Learned:
    """What came of it: the model, with the weights of the best epoch, and the event of each epoch."""

    model: Any
    epochs: list[Event]
    planned: int
    seconds: float
    stopped_by: NonFiniteError | None = None

    @property
    def kept_epoch(self) -> int:
        """The best epoch, from 1; 0 where none came to its end."""
        return max((told["epoch"] for told in self.epochs if told["best"]), default=0)

    def history(self) -> dict[str, list[Any]]:
        """Each figure of the epochs, by name."""
        return columns_of(self.epochs)

    @property
    def is_interrupted(self) -> bool:
        return len(self.epochs) < self.planned


def compiled_network(photos: Photos, plan: Plan, dropout: float = DROPOUT) -> Any:
    """A network for these photos, ready to learn."""
    from pippin import losses, optimizers

    classes = len(photos.class_names)
    model = network(photos.size, photos.how.channels, classes, alter=plan.alter, dropout=dropout, filters=plan.filters)
    model.compile(
        optimizers.AdamW(plan.learning_rate, weight_decay=0.01, name="adamw"),
        losses.CategoricalCrossentropy(label_smoothing=LABEL_SMOOTHING),
        metrics=["accuracy"],
    )
    return model


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """A row for each label: 1 at its class, 0 elsewhere."""
    rows: np.ndarray = np.eye(classes, dtype=np.float32)[labels]
    return rows


def fit_time(photos: Photos, plan: Plan, seconds: float, most: int | None) -> Plan:
    """The plan with as many epochs as fit into so many seconds, found by a short trial on a network that is
    thrown away."""
    trial = compiled_network(photos, plan)
    rows = np.arange(min(len(photos.learn), _TRIAL_STEPS * plan.batch))
    x, y = photos.learn.pixels[rows], one_hot(photos.learn.labels[rows], len(photos.class_names))
    trial.train_on_batch(x[: plan.batch], y[: plan.batch])  # makes the program; takes longer than any later step
    begun = time.monotonic()
    trial.fit(x, y, batch_size=plan.batch, epochs=1, verbose=0)
    an_epoch = (time.monotonic() - begun) * len(photos.learn) / len(rows)
    begun = time.monotonic()
    trial.predict(x, batch_size=plan.batch, verbose=0)
    an_epoch += (time.monotonic() - begun) * len(photos.validation) / len(rows)
    fitting = int(0.9 * seconds / max(an_epoch, 1e-6))
    return replace(plan, epochs=max(1, min(fitting, most or 1000)))


def learn(
    photos: Photos,
    plan: Plan,
    *,
    seed: int,
    listener: Listener,
    must_stop: Callable[[], bool] = lambda: False,
    after_epoch: Callable[[Any, list[Event]], None] = lambda model, epochs: None,
    beside: Sequence[Callback] = (),
) -> Learned:
    """Learn until the plan is done or `must_stop()`, then go back to the best epoch by validation loss.

    When numbers stop being finite, learning ends there and `stopped_by` says where; the best epoch before it
    is kept. The random numbers of the rest of the program are left as they were. `beside` are callbacks that are told
    too.
    """
    before = random_state()
    set_random_seed(seed)
    model = compiled_network(photos, plan)
    follower = Follower(plan, photos.validation, listener, must_stop, after_epoch)
    stopped_by = None
    try:
        model.fit(
            photos.learn.pixels,
            one_hot(photos.learn.labels, len(photos.class_names)),
            batch_size=plan.batch,
            epochs=plan.epochs,
            verbose=0,
            callbacks=[follower, *beside],
        )
    except NonFiniteError as error:
        stopped_by = error
    finally:
        restore_random_state(before)
    if follower.best is not None:
        model.set_weights(follower.best)
    return Learned(model, follower.epochs, plan.epochs, follower.elapsed, stopped_by)
