"""fit: epoch after epoch, with callbacks told. Engines run many epochs in one call where nobody needs to look.

Training is written as a walk: it asks for errands (work, from where, until which epoch) and gets reports. `fit` does
the errands of one walk, `fit_many` (many.py) those of many at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pippin.callbacks import CallbackList, History
from pippin.callbacks.progress import wants_bar
from pippin.engines import Position
from pippin.errors import DataError, NonFiniteError
from pippin.random import make_seed
from pippin.training import validate
from pippin.training.custom import runs_plainly
from pippin.training.evaluate import evaluation
from pippin.training.feed import ArrayFeed, BatchFeed, make_feed
from pippin.training.hints import hint
from pippin.training.rows import class_weights, one_by_one, split_off, steps_of, weighted
from pippin.training.state import Run, Stream
from pippin.training.step import TRAIN, BatchSpecs, has_own_starts
from pippin.training.work import (
    SECONDS_BETWEEN_LOOKS,
    Walk,
    build_for,
    figures,
    figures_now,
    names_of,
    reason_of,
    run_alone,
    run_step,
    specs_of_batch,
    work_on,
)


def fit(model: Any, x: Any, y: Any, **settings: Any) -> History:
    """Train; see Trainer.fit."""
    return run_alone(training(model, x, y, **settings))


def training(
    model: Any, x: Any, y: Any, *, batch_size: int | None, epochs: int, verbose: Any, callbacks: Any,
    validation_split: float,
    validation_data: Any, shuffle: bool, class_weight: Any, sample_weight: Any, initial_epoch: int,
    steps_per_epoch: int | None, validation_steps: int | None, validation_batch_size: int | None, validation_freq: Any,
) -> Walk[History]:  # fmt: skip
    """All that happens in one call of fit."""
    validate.whole("fit epochs", epochs)
    validate.whole("fit initial_epoch", initial_epoch, 0)
    for word, value in (
        ("steps_per_epoch", steps_per_epoch),
        ("validation_steps", validation_steps),
        ("validation_batch_size", validation_batch_size),
    ):
        if value is not None:
            validate.whole(f"fit {word}", value)
    batch = 32 if batch_size is None else validate.whole("fit batch_size", batch_size)
    feed = make_feed(x, y, sample_weight, shuffle=bool(shuffle))
    if validation_split and validation_data is None:
        feed, validation_data = split_off(feed, validation_split)
    if isinstance(feed, ArrayFeed):
        feed = weighted(feed, class_weight)
        validate.check_training_data(model, feed)
        build_for(model, feed.x)
        validate.check_against_model(model, feed)
        validation_data = validate.check_validation(model, validation_data)
    model.prepare_training()
    model.stop_training = False
    steps = steps_of(feed, batch) if steps_per_epoch is None else steps_per_epoch
    told = CallbackList(
        callbacks,
        add_history=True,
        add_progbar=wants_bar(verbose),
        model=model,
        verbose=verbose,
        epochs=epochs,
        steps=steps,
        at_once=model.steps_per_execution,
    )
    history: History = told.history
    validation = _Validation(model, validation_data, validation_batch_size or batch, validation_steps, validation_freq)
    run = Run(
        model,
        told.callbacks,
        epochs,
        batch,
        bool(shuffle),
        position=Position(initial_epoch),
        validation=validation_data,
    )
    told.tell("on_train_begin")
    model.reset_metrics()
    try:
        if isinstance(feed, ArrayFeed):
            run.shuffle_seed = make_seed() if shuffle else None
            run.data = {"x": feed.x, "y": feed.y, "sample_weight": feed.weight}
        is_plain = runs_plainly(model, TRAIN)
        if isinstance(feed, ArrayFeed) and steps_per_epoch is None and not is_plain:
            yield from _fit_arrays(run, feed, told, validation)
        else:
            batches = feed if isinstance(feed, BatchFeed) else one_by_one(feed, batch, lambda: run.shuffle_seed)
            run.stream = Stream(x, batches.batches, partial(_prepare, model), batches.steps)
            yield from _fit_batches(run, steps_per_epoch, class_weight, told, validation)
    finally:
        model.history = history
    finalize = getattr(model.optimizer, "finalize_variable_values", None)  # own steps may do without one
    if finalize is not None:
        finalize(model.trainable_variables)
    told.tell("on_train_end", {name: values[-1] for name, values in history.history.items() if values})
    return history


def _fit_arrays(run: Run, feed: ArrayFeed, told: CallbackList, validation: _Validation) -> Walk[None]:
    model, epochs = run.model, run.epochs
    work, _ = work_on(model, TRAIN, feed, run.batch, run.shuffle_seed)
    told.tell("on_run_begin", run)
    work.shuffle_seed = run.shuffle_seed
    names = names_of(work)
    position = run.position
    every_epoch = told.wants_epochs or validation.data is not None or has_own_starts(model)
    looks = every_epoch or told.wants_batches["train"]
    seconds = 0.0 if told.wants_batches["train"] else SECONDS_BETWEEN_LOOKS
    begun = position.epoch - 1
    while position.epoch < epochs and not model.stop_training:
        if position.epoch > begun and has_own_starts(model):
            model.reset_metrics()
        begun = _begin_epoch(position.epoch, begun, told)
        if told.wants_batches["train"]:
            told.tell_batch("begin", "train", position.step, {})
        report = yield (work, position, position.epoch + 1 if every_epoch else epochs), seconds
        ends = [dict(zip(names, row, strict=True)) for row in zip(*report.ended, strict=True)] if looks else []
        if told.wants_batches["train"] and not report.stopped_by_guard:
            logs = ends[-1] if ends else figures_now(work)
            told.tell_batch("end", "train", position.step, logs)
        for logs in ends:
            begun = _begin_epoch(position.epoch, begun, told)
            told.tell("on_progress", work.steps, logs)
            yield from _end_epoch(position.epoch, dict(logs), told, validation)
            position = Position(position.epoch + 1, 0)
        if not looks and any(report.ended):
            # Nobody looks at single epochs: hundreds of short ones are written down in one go.
            told.tell(
                "on_epochs_end",
                position.epoch,
                dict(zip(names, report.ended, strict=True)),
            )
        position = report.position
        if report.stopped_by_guard:
            reason = partial(reason_of, model, TRAIN, feed, work, position)
            if not _stops_quietly(model, position, told, reason):
                raise _told(reason(), told)
        if position.step or report.stopped_by_guard:
            begun = _begin_epoch(position.epoch, begun, told)
            told.tell("on_progress", position.step, figures_now(work))
        run.position = position
        told.tell("on_pause", run)
        if report.stopped_by_guard or (model.stop_training and position.step):
            logs = figures_now(work) | ({"loss": float("nan")} if report.stopped_by_guard else {})
            yield from _end_epoch(position.epoch, logs, told, validation)


def _begin_epoch(epoch: int, begun: int, told: CallbackList) -> int:
    """Tell that an epoch begins, unless that was told; the last epoch that was."""
    if epoch > begun:
        told.tell("on_epoch_begin", epoch)
    return max(epoch, begun)


def _end_epoch(epoch: int, logs: dict[str, float], told: CallbackList, validation: _Validation) -> Walk[None]:
    told.no_more_batches()
    validated = yield from validation.after(epoch, told)
    told.tell("on_epoch_end", epoch, dict(sorted({**logs, **validated}.items())))


def _stops_quietly(model: Any, position: Position, told: CallbackList, reason: Callable[[], NonFiniteError]) -> bool:
    """A step met NaN or infinity and left the weights alone: stop without an error if a TerminateOnNaN is there."""
    listeners = [callback for callback in told.callbacks if hasattr(callback, "on_non_finite")]
    for callback in listeners:
        callback.on_non_finite(position.epoch, position.step, reason)
        model.stop_training = True
    return bool(listeners)


def _told(reason: NonFiniteError, told: CallbackList) -> NonFiniteError:
    """The error, once those who write the run down know of it."""
    told.tell("on_broken", reason)
    return reason


def _prepare(model: Any, x: Any, y: Any, weight: Any) -> None:
    """Make all variables that a step on batches of these specs has."""
    build_for(model, x)
    model.prepare_training()
    if not runs_plainly(model, TRAIN):
        model.runner(TRAIN, BatchSpecs(x, y, weight))


def _fit_batches(
    run: Run, steps_per_epoch: int | None, class_weight: Any, told: CallbackList, validation: _Validation
) -> Walk[None]:
    model, stream = run.model, run.stream
    assert stream is not None
    told.tell("on_run_begin", run)
    first = run.position.epoch
    for epoch in range(first, run.epochs):
        if model.stop_training:
            return
        told.tell("on_epoch_begin", epoch)
        done = run.position.step
        if not done:
            model.reset_metrics()
            # With steps_per_epoch a stream goes on where the last epoch stopped, and begins again once it gave all it
            # has; otherwise each epoch is a whole pass.
            if not stream.is_open or steps_per_epoch is None:
                stream.begin()
        logs = figures(model)
        for step, (x, y, weight) in enumerate(
            stream.take(None if steps_per_epoch is None else steps_per_epoch - done), done
        ):
            build_for(model, x)
            validate.check_batch(model, x, y, weight, step)
            logs = _train_step(run, Position(epoch, step), (x, y, class_weights(y, class_weight, weight)), told)
            if model.stop_training:
                break
        if not run.position.step:
            if epoch == first:
                raise DataError("x: expected at least one batch, received an iterable that ended at once.")
            _ran_out(epoch, 0, steps_per_epoch)
            return
        if steps_per_epoch is not None and run.position.step < steps_per_epoch and not model.stop_training:
            _ran_out(epoch, run.position.step, steps_per_epoch)
        yield from _end_epoch(epoch, logs, told, validation)
        if not model.stop_training or not run.position.step:
            run.position = Position(epoch + 1, 0)
            told.tell("on_pause", run)


def _ran_out(epoch: int, steps: int, wanted: int | None) -> None:
    told = "any" if wanted is None else wanted
    hint(
        f"fit: expected {told} batches in epoch {epoch + 1}, received {steps}: the data came to their end. "
        "Make them go round, for example with .repeat(), or ask for fewer steps_per_epoch or epochs."
    )


def _train_step(run: Run, at: Position, batch: tuple[Any, Any, Any], told: CallbackList) -> dict[str, float]:
    """One step on one batch, with everybody told; the figures so far."""
    model = run.model
    if run.stream is not None and run.stream.specs is None:
        specs = specs_of_batch(model, *batch)
        run.stream.specs = (specs.x, specs.y, specs.weight)
        _prepare(model, *run.stream.specs)
        model.reset_metrics()  # those that the first batch settled
    told.tell_batch("begin", "train", at.step, {})
    not_finite: dict[str, float] = {}
    try:
        run_step(model, TRAIN, *batch, at)
    except NonFiniteError as error:
        reason = error
        if not _stops_quietly(model, at, told, lambda: reason):
            raise _told(error, told) from None
        not_finite = {"loss": float("nan")}
    logs = figures(model) | not_finite
    told.tell_batch("end", "train", at.step, logs)
    told.tell("on_progress", at.step + 1, logs)
    run.position = Position(at.epoch, at.step + 1)
    told.tell("on_pause", run)
    return logs


class _Validation:
    """Evaluates after the epochs that `validation_freq` names."""

    def __init__(self, model: Any, data: Any, batch: int, steps: int | None, frequency: Any) -> None:
        self.model, self.data, self.batch, self.steps, self.frequency = model, data, batch, steps, frequency

    def after(self, epoch: int, told: CallbackList) -> Walk[dict[str, float]]:
        due = epoch + 1 in self.frequency if not isinstance(self.frequency, int) else (epoch + 1) % self.frequency == 0
        if self.data is None or not due:
            return {}
        given = self.data if isinstance(self.data, (tuple, list)) else (self.data,)
        x, y, weight = (*given, None, None)[:3]
        try:
            logs = yield from evaluation(self.model, x, y, self.batch, 0, weight, self.steps, told)
        except NonFiniteError as error:
            reason = error
            if not _stops_quietly(self.model, Position(epoch), told, lambda: reason):
                raise
            logs = {"loss": float("nan")}
        return {f"val_{name}": value for name, value in logs.items()}
