"""Who goes along while photos are learned from: moves the learning rate, averages the weights, keeps the best epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from pippin.callbacks.callback import Callback
from pippin.glass.events import Event, event
from pippin.images.display import Listener
from pippin.images.network import probabilities
from pippin.images.photos import Part
from pippin.images.settings import Plan

WARM_UP = 0.15
"""The share of the epochs in which the learning rate rises to its highest."""
MEMORY = 0.08
"""The share of the epochs over which weights are averaged."""

Weights = list[np.ndarray]


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


def averaged(average: Weights | None, weights: Weights, epoch: int, epochs: int) -> Weights:
    """The running mean of the weights after an epoch (from 0), in which earlier epochs fade.

    A step at a high learning rate throws the weights to and fro around where they belong; their mean lies nearer to it,
    and swings less from one epoch to the next, so that the best epoch is less a matter of luck. At first, while there
    is little to average, the newest weights count most. Source: Polyak and Juditsky, "Acceleration of stochastic
    approximation by averaging" (1992); that the mean fades is as with Keras's `use_ema`.
    """
    if average is None:
        return [weight.copy() for weight in weights]
    kept = min(math.exp(-1 / (MEMORY * epochs)), (1 + epoch) / (4 + epoch))
    return [np.float32(kept) * old + np.float32(1 - kept) * new for old, new in zip(average, weights, strict=True)]


class Follower(Callback):
    """Goes along with a run: sets the learning rate, averages the weights, keeps the best average, tells the listener,
    and stops when it must.

    Validation judges the averaged weights, which are the ones that are kept; learning goes on with its own.
    """

    def __init__(
        self,
        plan: Plan,
        validation: Part,
        listener: Listener,
        must_stop: Callable[[], bool],
        after_epoch: Callable[[Any, list[Event]], None],
    ) -> None:
        super().__init__()
        self.plan = plan
        self.validation = validation
        self.listener = listener
        self.must_stop = must_stop
        self.after_epoch = after_epoch
        self.epochs: list[Event] = []
        self.average: Weights | None = None
        self.best: Weights | None = None
        self._earlier = 0.0
        self._begun = self._epoch_begun = time.monotonic()

    def state(self) -> dict[str, Any]:
        return {"epochs": self.epochs, "average": self.average, "best": self.best, "elapsed": self.elapsed}

    def restore(self, state: dict[str, Any]) -> None:
        self.epochs, self._earlier = list(state["epochs"]), state["elapsed"]
        self.average, self.best = state["average"], state["best"]

    @property
    def elapsed(self) -> float:
        """Seconds of learning, those before an interruption counted in."""
        return self._earlier + time.monotonic() - self._begun

    def left(self, share: float) -> float:
        """Seconds that probably remain, from how long it took so far, with a share of this epoch done."""
        done = len(self.epochs) + share
        return self.elapsed * (self.plan.epochs - done) / done if done > 0 else math.inf

    def on_train_begin(self, logs: Any = None) -> None:
        self._begun = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch_begun = time.monotonic()
        self.model.optimizer.learning_rate = rate_of(epoch, self.plan)

    def on_progress(self, steps: int, logs: Any = None) -> None:
        self._stop_if_told()
        of = self.params.get("steps") or 1
        loss = (logs or {}).get("loss", math.nan)
        self.listener.learning(len(self.epochs) + 1, steps, of, loss, self.left(steps / of))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        own = self.model.get_weights()
        self.average = averaged(self.average, own, epoch, self.plan.epochs)
        self.model.set_weights(self.average)
        try:
            self._judge(epoch, logs or {})
        finally:
            self.model.set_weights(own)
        self._stop_if_told()

    def _judge(self, epoch: int, logs: dict[str, float]) -> None:
        """See how good the averaged weights are, which the model now has; tell it, and keep them if none
        were better."""
        found = probabilities(self.model, self.validation.pixels)
        rows = np.arange(len(found))
        loss = float(-np.log(np.maximum(found[rows, self.validation.labels], 1e-7)).mean())
        is_best = loss < min((told["val_loss"] for told in self.epochs), default=math.inf)
        if is_best:
            self.best = self.average
        self.epochs.append(
            event(
                "epoch",
                epoch=epoch + 1,
                epochs=self.plan.epochs,
                loss=logs["loss"],
                accuracy=logs["accuracy"],
                val_loss=loss,
                val_accuracy=float((found.argmax(axis=1) == self.validation.labels).mean()),
                learning_rate=rate_of(epoch, self.plan),
                seconds=round(time.monotonic() - self._epoch_begun, 3),
                elapsed=round(self.elapsed, 3),
                left=round(self.elapsed / (epoch + 1) * (self.plan.epochs - epoch - 1), 3),
                best=is_best,
            )
        )
        self.listener.event(self.epochs[-1])
        self.after_epoch(self.model, self.epochs)

    def _stop_if_told(self) -> None:
        if self.must_stop():
            self.model.stop_training = True
