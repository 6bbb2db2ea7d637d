"""How the network learns from photos: the curve of the learning rate, the epoch that is kept, the time it may
take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pippin.callbacks.callback import Callback
from pippin.errors import NonFiniteError
from pippin.images.display import Listener
from pippin.images.events import Event, columns_of, event
from pippin.images.network import network
from pippin.images.photos import Photos
from pippin.images.settings import Plan
from pippin.random import random_state, restore_random_state, set_random_seed

WARM_UP = 0.15
"""The share of the epochs in which the learning rate rises to its highest."""
LABEL_SMOOTHING = 0.05
"""The share of each photo's label that is spread over all classes: told never to be quite sure, a network doesn't
learn to claim that it is."""
DROPOUT = 0.3
EVALUATION_BATCH = 128
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


def compiled_network(photos: Photos, plan: Plan, augment: bool, dropout: float = DROPOUT) -> Any:
    """A network for these photos, ready to learn."""
    from pippin import losses, optimizers

    model = network(photos.size, photos.how.channels, len(photos.class_names), augment=augment, dropout=dropout)
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


def rate_of(epoch: int, plan: Plan) -> float:
    """The learning rate of an epoch (from 0): up in a straight line, then down along half a cosine.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017), equation 5,
    one cycle.
    """
    rising = max(1, round(WARM_UP * plan.epochs))
    if epoch < rising:
        return plan.learning_rate * (epoch + 1) / rising
    done = (epoch - rising) / max(1, plan.epochs - rising)
    return plan.learning_rate * max(0.01, 0.5 * (1 + math.cos(math.pi * done)))


def fit_time(photos: Photos, plan: Plan, augment: bool, seconds: float, most: int | None) -> Plan:
    """The plan with as many epochs as fit into so many seconds, found by a short trial on a network that is
    thrown away."""
    trial = compiled_network(photos, plan, augment)
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


class Follower(Callback):
    """Goes along with a run: sets the learning rate, tells the listener, keeps the best weights, and stops
    when it must."""

    def __init__(
        self,
        plan: Plan,
        listener: Listener,
        must_stop: Callable[[], bool],
        after_epoch: Callable[[Any, list[Event]], None],
    ) -> None:
        super().__init__()
        self.plan = plan
        self.listener = listener
        self.must_stop = must_stop
        self.after_epoch = after_epoch
        self.epochs: list[Event] = []
        self.best: list[np.ndarray] | None = None
        self._earlier = 0.0
        self._begun = self._epoch_begun = time.monotonic()

    def state(self) -> dict[str, Any]:
        return {"epochs": self.epochs, "best": self.best, "elapsed": self.elapsed}

    def restore(self, state: dict[str, Any]) -> None:
        self.epochs, self.best, self._earlier = list(state["epochs"]), state["best"], state["elapsed"]

    @property
    def elapsed(self) -> float:
        """Seconds of learning, those before an interruption counted in."""
        return self._earlier + time.monotonic() - self._begun

    def on_train_begin(self, logs: Any = None) -> None:
        self._begun = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch_begun = time.monotonic()
        self.model.optimizer.learning_rate = rate_of(epoch, self.plan)

    def on_progress(self, steps: int, logs: Any = None) -> None:
        if self.must_stop():
            self.model.stop_training = True
        of = self.params.get("steps") or 1
        self.listener.learning(
            len(self.epochs) + 1, steps, of, (logs or {}).get("loss", math.nan), self.left(steps / of)
        )

    def left(self, share: float) -> float:
        """Seconds that probably remain, from how long it took so far, with a share of this epoch done."""
        done = len(self.epochs) + share
        return self.elapsed * (self.plan.epochs - done) / done if done > 0 else math.inf

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs = logs or {}
        is_best = logs["val_loss"] < min((told["val_loss"] for told in self.epochs), default=math.inf)
        if is_best:
            self.best = self.model.get_weights()
        now = time.monotonic()
        left = self.elapsed / (epoch + 1) * (self.plan.epochs - epoch - 1)
        self.epochs.append(
            event(
                "epoch",
                epoch=epoch + 1,
                epochs=self.plan.epochs,
                loss=logs["loss"],
                accuracy=logs["accuracy"],
                val_loss=logs["val_loss"],
                val_accuracy=logs["val_accuracy"],
                learning_rate=rate_of(epoch, self.plan),
                seconds=round(now - self._epoch_begun, 3),
                elapsed=round(self.elapsed, 3),
                left=round(left, 3),
                best=is_best,
            )
        )
        self.listener.event(self.epochs[-1])
        self.after_epoch(self.model, self.epochs)
        if self.must_stop():
            self.model.stop_training = True


def learn(
    photos: Photos,
    plan: Plan,
    *,
    seed: int,
    augment: bool,
    listener: Listener,
    must_stop: Callable[[], bool] = lambda: False,
    after_epoch: Callable[[Any, list[Event]], None] = lambda model, epochs: None,
    checkpoint: Callback | None = None,
) -> Learned:
    """Learn until the plan is done or `must_stop()`, then go back to the best epoch by validation loss.

    When numbers stop being finite, learning ends there and `stopped_by` says where; the best epoch before it
    is kept. The random numbers of the rest of the program are left as they were.
    """
    before = random_state()
    set_random_seed(seed)
    model = compiled_network(photos, plan, augment)
    follower = Follower(plan, listener, must_stop, after_epoch)
    classes = len(photos.class_names)
    stopped_by = None
    try:
        model.fit(
            photos.learn.pixels,
            one_hot(photos.learn.labels, classes),
            batch_size=plan.batch,
            epochs=plan.epochs,
            verbose=0,
            callbacks=[follower, *([checkpoint] if checkpoint else [])],
            validation_data=(photos.validation.pixels, one_hot(photos.validation.labels, classes)),
            validation_batch_size=EVALUATION_BATCH,
        )
    except NonFiniteError as error:
        stopped_by = error
    finally:
        restore_random_state(before)
    if follower.best is not None:
        model.set_weights(follower.best)
    return Learned(model, follower.epochs, plan.epochs, follower.elapsed, stopped_by)


def probabilities(model: Any, pixels: np.ndarray) -> np.ndarray:
    """The probability of each class for each picture, (pictures, classes)."""
    if not len(pixels):
        return np.zeros((0, model.output_shape[-1]), np.float32)
    found: np.ndarray = model.predict(pixels, batch_size=EVALUATION_BATCH, verbose=0)
    return found
