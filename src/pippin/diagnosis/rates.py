"""find_learning_rate: which learning rate a model wants, tried out on its own data.

found = glass.find_learning_rate(model, x, y)
print(found)
model.optimizer.learning_rate = found.suggestion

Source: Smith, "Cyclical learning rates for training neural networks" (2017), section 3.3: a few steps at rates that
grow from far too small to far too large. The rate at which the loss falls most steeply is a good one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite, log10
from typing import Any

import numpy as np

from pippin.errors import NonFiniteError, SettingError
from pippin.glass.figures import figure
from pippin.glass.telling import Part, Telling
from pippin.program import Variable
from pippin.random import random_state, restore_random_state
from pippin.training import validate
from pippin.training.feed import ArrayFeed, make_feed
from pippin.training.state import variable_groups
from pippin.training.work import build_for
from pippin.tree import map_structure

REMEMBERED = 0.9
"""How much of the smoothed loss each step keeps: single batches are easier or harder than others."""
GIVEN_UP = 4.0
"""A loss so many times the lowest one will not come back."""
LEAST_FALL = 0.02
"""A loss that never fell by this share says nothing about rates."""
BARS, ROWS = 30, 16


@dataclass(frozen=True)
class LearningRates:
    """What was tried: a rate for each step, and the smoothed loss of its batch.

    `suggestion` is where the loss fell most steeply, None if it never fell; `too_high` the lowest rate at which it rose
    again, None if none did.
    """

    rates: Sequence[float]
    losses: Sequence[float]
    suggestion: float | None
    too_high: float | None

    def telling(self) -> Telling:
        """The curve as a table with bars, and the suggestion."""
        if self.suggestion is None:
            said = (
                "The loss never fell, so no rate can be suggested. Does the loss fit the labels, are inputs and labels "
                "in the same order? glass.diagnose(model, x, y) looks."
            )
        else:
            said = f"Suggested: {self.suggestion:.1e}. There the loss falls most steeply."
        if self.too_high is not None:
            said += f" From {self.too_high:.1e} on it rises again."
        untouched = "The model is as it was: weights, optimizer, metrics and random numbers."
        return Telling("Learning rates, tried from low to high", [Part("", [said, untouched], self._table())])

    def _table(self) -> list[list[str]]:
        shown = sorted({round(at) for at in np.linspace(0, len(self.rates) - 1, min(ROWS, len(self.rates)))})
        top = max(self.losses[at] for at in shown)
        table = [["rate", "loss", ""]]
        for at in shown:
            bar = "█" * max(1, round(BARS * self.losses[at] / top)) if top > 0 else ""
            table.append([f"{self.rates[at]:.1e}", figure(self.losses[at]), bar])
        return table

    def tell(self) -> str:
        return str(self.telling())

    def to_dict(self) -> dict[str, Any]:
        return {
            "rates": list(self.rates), "losses": list(self.losses), "suggestion": self.suggestion,
            "too_high": self.too_high,
        }  # fmt: skip

    def __str__(self) -> str:
        return self.tell()


def find_learning_rate(
    model: Any, x: Any, y: Any = None, sample_weight: Any = None, *, batch_size: int = 32, lowest: float = 1e-6,
    highest: float = 1.0, steps: int = 100,
) -> LearningRates:  # fmt: skip
    """Try `steps` learning rates from `lowest` to `highest` on batches of the data, one step each.

    The compiled model is left as it was, bit for bit, whatever happens on the way, an interruption included: `fit`
    afterwards gives what it would have given. Batches are drawn at random, always the same ones. It stops where the
    loss has grown to four times its lowest.

    Raises SettingError for rates out of order, a learning rate that follows a schedule, and data given batch by batch.
    """
    if not 0 < lowest < highest:
        raise SettingError(f"find_learning_rate: expected 0 < lowest < highest, received {lowest} and {highest}.")
    validate.whole("find_learning_rate steps", steps, 3)
    validate.whole("find_learning_rate batch_size", batch_size)
    feed = make_feed(x, y, sample_weight)
    if not isinstance(feed, ArrayFeed):
        raise SettingError("find_learning_rate x: expected arrays, received batches one by one. Collect a few.")
    model._need_compiled()
    if not isinstance(model.optimizer.learning_rate, Variable):
        raise SettingError(
            "find_learning_rate: expected an optimizer with a number as learning rate, received one that is left to "
            "its schedule. Compile the model with a number, and scale the schedule to what is found."
        )
    validate.check_training_data(model, feed)
    build_for(model, feed.x)
    model.prepare_training()
    order = np.random.default_rng(0)
    rates = [float(rate) for rate in np.geomspace(lowest, highest, steps)]
    losses: list[float] = []
    with everything_restored(model):
        smooth = 0.0
        for number, rate in enumerate(rates):
            rows = order.choice(feed.rows, min(batch_size, feed.rows), replace=False)
            loss = _loss(model, rate, *(_rows(part, rows) for part in (feed.x, feed.y, feed.weight)))
            smooth = REMEMBERED * smooth + (1 - REMEMBERED) * loss
            # Divided by the share of the average that has been seen yet, as Adam does.
            found = smooth / (1 - REMEMBERED ** (number + 1))
            if not isfinite(found) or (losses and found > GIVEN_UP * max(min(losses), 1e-12)):
                break
            losses.append(found)
    rates = rates[: len(losses)]
    return LearningRates(rates, losses, *_judged(rates, losses))


def _loss(model: Any, rate: float, x: Any, y: Any, weight: Any) -> float:
    model.optimizer.learning_rate = rate
    try:
        return float(model.train_on_batch(x, y, sample_weight=weight, return_dict=True)["loss"])
    except NonFiniteError:
        return float("inf")


def _rows(part: Any, rows: np.ndarray) -> Any:
    return None if part is None else map_structure(lambda array: array[rows], part)


def _judged(rates: Sequence[float], losses: Sequence[float]) -> tuple[float | None, float | None]:
    """The rate of the steepest fall before the lowest loss, and the first one after it that lost half of what had been
    won."""
    if len(losses) < 3:
        return None, None
    lowest = int(np.argmin(losses))
    fall = losses[0] - losses[lowest]
    if lowest < 2 or fall < LEAST_FALL * abs(losses[0]):
        return None, None
    per_step = log10(rates[1] / rates[0])
    steepest = int(np.argmin(np.gradient(losses[: lowest + 1], per_step)))
    lost = losses[lowest] + fall / 2
    after = [rate for rate, loss in zip(rates[lowest:], losses[lowest:], strict=True) if loss > lost]
    return rates[steepest], after[0] if after else None


@contextmanager
def everything_restored(model: Any) -> Iterator[None]:
    """Whatever is done to a model inside, afterwards its variables, those of its optimizer and metrics, and all random
    numbers are as they were."""
    kept = [(v, v.value.copy()) for group in variable_groups(model).values() for v in group]
    random = random_state()
    try:
        yield
    finally:
        for variable, value in kept:
            variable.value[...] = value
        restore_random_state(random)
