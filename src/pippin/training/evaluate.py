"""evaluate and predict, and the one-batch forms of training and evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np

from pippin.callbacks import CallbackList
from pippin.callbacks.progress import wants_bar
from pippin.changes import present
from pippin.engines import Position, Work, current_engine
from pippin.errors import DataError
from pippin.training import validate
from pippin.training.custom import runs_plainly
from pippin.training.feed import ArrayFeed, make_feed
from pippin.training.rows import one_by_one, steps_of, weighted
from pippin.training.step import PREDICT, TEST
from pippin.training.work import (
    SECONDS_BETWEEN_LOOKS,
    Walk,
    build_for,
    figures,
    figures_now,
    names_of,
    reason_of,
    room_for_outputs,
    run_alone,
    run_step,
    specs_of_batch,
    work_on,
)
from pippin.tree import flatten, map_structure, pack_sequence_as


def listeners(model: Any, callbacks: Any, verbose: Any, steps: int | None) -> CallbackList:
    """The callbacks of an evaluation or prediction: those of `fit` when it validates, else new ones with a bar."""
    if isinstance(callbacks, CallbackList):
        return callbacks
    return CallbackList(
        callbacks, add_progbar=wants_bar(verbose), model=model, verbose=verbose, epochs=1, steps=steps,
        at_once=model.steps_per_execution,
    )  # fmt: skip


def evaluate(
    model: Any,
    x: Any,
    y: Any,
    batch_size: int | None,
    verbose: Any,
    sample_weight: Any,
    steps: int | None,
    callbacks: Any,
) -> dict[str, float]:
    """Loss and metrics over the data, by name, loss first."""
    return run_alone(evaluation(model, x, y, batch_size, verbose, sample_weight, steps, callbacks))


def evaluation(
    model: Any, x: Any, y: Any, batch_size: int | None, verbose: Any, sample_weight: Any, steps: int | None,
    callbacks: Any,
) -> Walk[dict[str, float]]:  # fmt: skip
    """`evaluate`, as something that asks for errands."""
    feed = make_feed(x, y, sample_weight)
    batch = 32 if batch_size is None else validate.whole("batch_size", batch_size)
    told = listeners(model, callbacks, verbose, steps or steps_of(feed, batch))
    told.tell("on_test_begin")
    model.stop_evaluating = False
    model.reset_metrics()
    if isinstance(feed, ArrayFeed) and steps is None and not runs_plainly(model, TEST):
        validate.check_training_data(model, feed)
        build_for(model, feed.x)
        validate.check_against_model(model, feed)
        logs = yield from _over_arrays(model, feed, batch, told)
    else:
        batches = (one_by_one(feed, batch, lambda: None) if isinstance(feed, ArrayFeed) else feed).batches()
        for step, (bx, by, weight) in enumerate(islice(batches, steps)):
            told.tell_batch("begin", "test", step, {})
            run_step(model, TEST, bx, by, weight)
            told.tell_batch("end", "test", step, figures(model))
            told.tell("on_progress", step + 1, figures(model))
            if model.stop_evaluating:
                break
        logs = figures(model)
        model.reset_metrics()
    told.no_more_batches()
    told.tell("on_test_end", logs)
    return logs


def _over_arrays(model: Any, feed: ArrayFeed, batch: int, told: CallbackList) -> Walk[dict[str, float]]:
    work, _ = work_on(model, TEST, feed, batch, None)
    names = names_of(work)
    position = Position()
    seconds = 0.0 if told.wants_batches["test"] else SECONDS_BETWEEN_LOOKS
    while True:
        if told.wants_batches["test"]:
            told.tell_batch("begin", "test", position.step, {})
        report = yield (work, position, 1), seconds
        if report.stopped_by_guard:
            raise reason_of(model, TEST, feed, work, report.position)
        ended = any(report.ended)
        logs = dict(zip(names, (numbers[0] for numbers in report.ended), strict=True)) if ended else figures_now(work)
        if told.wants_batches["test"]:
            told.tell_batch("end", "test", position.step, logs)
        told.tell("on_progress", work.steps if ended else report.position.step, logs)
        if ended or model.stop_evaluating:
            return logs
        position = report.position


def predict(model: Any, x: Any, batch_size: int | None, verbose: Any, steps: int | None, callbacks: Any) -> Any:
    """Outputs for all rows, put together."""
    then = present[0]
    feed = make_feed(x)
    batch = 32 if batch_size is None else validate.whole("predict batch_size", batch_size)
    if steps is not None:
        validate.whole("predict steps", steps)
    told = listeners(model, callbacks, verbose, steps or steps_of(feed, batch))
    told.tell("on_predict_begin")
    model.stop_predicting = False
    if isinstance(feed, ArrayFeed):
        work, found = _predict_arrays(model, _first_steps(feed, steps, batch), batch, told)
        # The same few rows again, with nothing else asked for, go straight to the engine: see Trainer.predict.
        if feed.x is x and batch_size is None and work.rows == work.batch and isinstance(found, np.ndarray):
            assert work.step is not None
            model._direct_prediction = work.step.remember(model._direct_prediction, then, {}, work.states)
    else:
        found = _predict_batches(model, islice((x for x, _, _ in feed.batches()), steps), told)
    told.no_more_batches()
    told.tell("on_predict_end")
    return found


def _first_steps(feed: ArrayFeed, steps: int | None, batch: int) -> ArrayFeed:
    if steps is None or steps * batch >= feed.rows:
        return feed
    rows = steps * batch
    return ArrayFeed(_rows_of(feed.x, 0, rows), None, None, rows)


def _rows_of(structure: Any, first: int, last: int) -> Any:
    return map_structure(lambda leaf: leaf[first:last], structure)


def _predict_arrays(model: Any, feed: ArrayFeed, batch: int, told: CallbackList) -> tuple[Work, Any]:
    build_for(model, feed.x)
    validate.check_inputs(model, feed.x)
    work, step = work_on(model, PREDICT, feed, batch, None)
    found = room_for_outputs(work)
    if found is None:  # outputs that don't have a row for each example
        starts = range(0, feed.rows, work.batch)
        parts = (_rows_of(feed.x, start, start + work.batch) for start in starts)
        return work, _predict_batches(model, parts, told)
    work.outputs = found
    structure = pack_sequence_as(step.predictions, list(found.values()))
    position = Position()
    seconds = 0.0 if told.wants_batches["predict"] else SECONDS_BETWEEN_LOOKS
    while not position.epoch and not model.stop_predicting:
        if told.wants_batches["predict"]:
            told.tell_batch("begin", "predict", position.step, {})
        before, position = position, current_engine().run_epochs(work, position, 1, seconds).position
        if told.wants_batches["predict"]:
            first = before.step * work.batch
            outputs = _rows_of(structure, first, first + work.batch)
            told.tell_batch("end", "predict", before.step, {"outputs": outputs})
        told.tell("on_progress", work.steps if position.epoch else position.step, {})
    done = feed.rows if position.epoch else position.step * work.batch
    return work, structure if done == feed.rows else _rows_of(structure, 0, done)


def _predict_batches(model: Any, batches: Iterable[Any], told: CallbackList) -> Any:
    parts: list[list[np.ndarray]] = []
    structure: Any = None
    for step, given in enumerate(batches):
        told.tell_batch("begin", "predict", step, {})
        found = predict_on_batch(model, given)
        structure = map_structure(lambda _: None, found)
        parts.append(flatten(found))
        told.tell_batch("end", "predict", step, {"outputs": found})
        told.tell("on_progress", step + 1, {})
        if model.stop_predicting:
            break
    if not parts:
        raise DataError("predict: expected at least one batch, received an iterable that ended at once.")
    joined = [np.concatenate(column) if len(column) > 1 else column[0] for column in zip(*parts, strict=True)]
    return pack_sequence_as(structure, joined)


def predict_on_batch(model: Any, x: Any) -> Any:
    """Outputs for one batch, in the structure the model gives them."""
    feed = make_feed(x)
    assert isinstance(feed, ArrayFeed)
    build_for(model, feed.x)
    validate.check_inputs(model, feed.x)
    outputs = run_step(model, PREDICT, feed.x, None, None)
    _, step = model.runner(PREDICT, specs_of_batch(model, feed.x, None, None))
    found = [outputs[f"y{number}"] for number in range(len(flatten(step.predictions)))]
    return pack_sequence_as(step.predictions, found)


def on_batch(model: Any, mode: str, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> dict[str, float]:
    """One training or evaluation step, and its figures: as in Keras, nothing of earlier batches is in them."""
    feed = make_feed(x, y, sample_weight)
    if not isinstance(feed, ArrayFeed):
        raise DataError("x: expected the arrays of one batch, received an iterable of batches. Use fit or evaluate.")
    feed = weighted(feed, class_weight)
    validate.check_training_data(model, feed)
    build_for(model, feed.x)
    validate.check_against_model(model, feed)
    model.reset_metrics()
    run_step(model, mode, feed.x, feed.y, feed.weight)
    return figures(model)
