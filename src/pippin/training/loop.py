"""fit, evaluate and predict: rows or batches in, figures out, callbacks told. Engines run whole epochs where nobody needs to look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from pippin.callbacks import CallbackList, History
from pippin.callbacks.progress import wants_bar
from pippin.engines import Position, Work, current_engine, shuffled
from pippin.errors import DataError, NonFiniteError, SettingError
from pippin.random import make_seed
from pippin.training import validate
from pippin.training.diagnose import non_finite_error
from pippin.training.feed import ArrayFeed, BatchFeed, Feed, make_feed, specs_for
from pippin.training.state import Run, Stream
from pippin.training.step import PREDICT, RESULT, TEST, TRAIN, BatchSpecs, Step, input_names
from pippin.tree import flatten, map_structure, pack_sequence_as

SECONDS_BETWEEN_LOOKS = 0.05  # how often a long native run comes back for Ctrl-C, progress and callbacks


def fit(
    model: Any, x: Any, y: Any, *, batch_size: int | None, epochs: int, verbose: Any, callbacks: Any, validation_split: float,
    validation_data: Any, shuffle: bool, class_weight: Any, sample_weight: Any, initial_epoch: int,
    steps_per_epoch: int | None, validation_steps: int | None, validation_batch_size: int | None, validation_freq: Any,
) -> History:  # fmt: skip
    """Train; see Trainer.fit."""
    validate.whole("fit epochs", epochs)
    batch = 32 if batch_size is None else validate.whole("fit batch_size", batch_size)
    feed = make_feed(x, y, sample_weight)
    if validation_split and validation_data is None:
        feed, validation_data = split_off(feed, validation_split)
    if isinstance(feed, ArrayFeed):
        feed = weighted(feed, class_weight)
        validate.check_training_data(model, feed)
        build_for(model, feed.x)
        validate.check_against_model(model, feed)
    model.prepare_training()
    model.stop_training = False
    steps = steps_of(feed, batch) if steps_per_epoch is None else steps_per_epoch
    told = CallbackList(
        callbacks, add_history=True, add_progbar=wants_bar(verbose), model=model, verbose=verbose, epochs=epochs, steps=steps
    )
    history: History = told.history
    validation = _Validation(model, validation_data, validation_batch_size or batch, validation_steps, validation_freq)
    run = Run(model, told.callbacks, epochs, batch, bool(shuffle), position=Position(initial_epoch), validation=validation_data)
    told.tell("on_train_begin")
    model.reset_metrics()
    try:
        if isinstance(feed, ArrayFeed):
            run.shuffle_seed = make_seed() if shuffle else None
            run.data = {"x": feed.x, "y": feed.y, "sample_weight": feed.weight}
        if isinstance(feed, ArrayFeed) and steps_per_epoch is None:
            _fit_arrays(run, feed, told, validation)
        else:
            batches = feed if isinstance(feed, BatchFeed) else _repeated(feed, batch, lambda: run.shuffle_seed)
            run.stream = Stream(x, batches.batches, partial(_prepare, model))
            _fit_batches(run, steps_per_epoch, class_weight, told, validation)
    finally:
        model.history = history
    told.tell("on_train_end", {name: values[-1] for name, values in history.history.items() if values})
    return history


# Arrays: the engine walks the rows ------------------------------------------------------------------------------------


def work_on(model: Any, mode: str, feed: ArrayFeed, batch: int, shuffle_seed: int | None) -> tuple[Work, dict[str, str]]:
    """What an engine needs to run epochs over arrays, and which record is which figure."""
    input_types = [dtype for _, dtype in model.input_names_and_types()]
    batch = min(batch, feed.rows)
    full, left_over = divmod(feed.rows, batch)
    step = last = None
    steps: list[Step] = []
    for rows in ([batch] if full else []) + ([left_over] if left_over else []):
        runner, found = model.runner(mode, BatchSpecs(*specs_for(feed, rows, input_types)))
        steps.append(found)
        if rows == batch:
            step = runner
        else:
            last = runner
    data: dict[str, np.ndarray] = {}
    for word, structure in (("x", feed.x), ("y", feed.y), ("sample_weight", feed.weight)):
        for name, leaf in zip(input_names(word, structure), flatten(structure), strict=True):
            if leaf is not None:
                data[name] = leaf
    variables = {name: variable for found in steps for name, variable in found.variables.items()}
    states = {name: variable.value for name, variable in variables.items()}
    used = {name for name in (step or last).program.inputs}  # type: ignore[union-attr]
    work = Work(
        step, last, {name: array for name, array in data.items() if name in used}, states, feed.rows, batch, shuffle_seed,
        steps[0].records, steps[0].resets,
    )  # fmt: skip
    return work, {name: name.removeprefix(RESULT) for name in steps[0].records}


def _fit_arrays(run: Run, feed: ArrayFeed, told: CallbackList, validation: _Validation) -> None:
    model, epochs = run.model, run.epochs
    work, figure = work_on(model, TRAIN, feed, run.batch, run.shuffle_seed)
    told.tell("on_run_begin", run)
    work.shuffle_seed = run.shuffle_seed
    names = sorted(figure.values())
    order = [list(figure.values()).index(name) for name in names]
    position = run.position
    every_epoch = told.wants_epochs or validation.data is not None
    seconds = 0.0 if told.wants_batches["train"] else SECONDS_BETWEEN_LOOKS
    begun = position.epoch - 1
    while position.epoch < epochs and not model.stop_training:
        begun = _begin_epoch(position.epoch, begun, told)
        if told.wants_batches["train"]:
            told.tell_batch("begin", "train", position.step, {})
        report = current_engine().run_epochs(work, position, position.epoch + 1 if every_epoch else epochs, seconds)
        if told.wants_batches["train"] and not report.stopped_by_guard:
            logs = _logs(names, order, report.ended[0]) if report.ended else _now(work, figure, names)
            told.tell_batch("end", "train", position.step, logs)
        if every_epoch or told.wants_batches["train"]:
            for row in report.ended:
                begun = _begin_epoch(position.epoch, begun, told)
                told.tell("on_progress", work.steps, _logs(names, order, row))
                _end_epoch(position.epoch, _logs(names, order, row), told, validation)
                position = Position(position.epoch + 1, 0)
        elif report.ended:
            # Nobody looks at single epochs: hundreds of short ones are written down in one go.
            told.tell("on_epochs_end", position.epoch, _logs(names, order, list(zip(*report.ended, strict=True))))
        position = report.position
        if report.stopped_by_guard and not _stops_quietly(model, position, told):
            raise _reason(work, position)
        if position.step or report.stopped_by_guard:
            begun = _begin_epoch(position.epoch, begun, told)
            told.tell("on_progress", position.step, _now(work, figure, names))
        run.position = position
        told.tell("on_pause", run)
        if report.stopped_by_guard or (model.stop_training and position.step):
            logs = _now(work, figure, names) | ({"loss": float("nan")} if report.stopped_by_guard else {})
            _end_epoch(position.epoch, logs, told, validation)


def _logs(names: list[str], order: list[int], row: Sequence[Any]) -> dict[str, Any]:
    """One entry of a row for each name."""
    return {name: row[place] for name, place in zip(names, order, strict=True)}


def _now(work: Work, figure: dict[str, str], names: list[str]) -> dict[str, float]:
    """The figures of the epoch so far."""
    found = {name: float(work.states[state]) for state, name in figure.items()}
    return {name: found[name] for name in names}


def _begin_epoch(epoch: int, begun: int, told: CallbackList) -> int:
    """Tell that an epoch begins, unless that was told; the last epoch that was."""
    if epoch > begun:
        told.tell("on_epoch_begin", epoch)
    return max(epoch, begun)


def _end_epoch(epoch: int, logs: dict[str, float], told: CallbackList, validation: _Validation) -> None:
    told.tell("on_epoch_end", epoch, dict(sorted({**logs, **validation.after(epoch, told)}.items())))


def _stops_quietly(model: Any, position: Position, told: CallbackList) -> bool:
    """A step met NaN or infinity and left the weights alone: stop without an error if a TerminateOnNaN is there."""
    listeners = [callback for callback in told.callbacks if hasattr(callback, "on_non_finite")]
    for callback in listeners:
        callback.on_non_finite(position.epoch, position.step)
        model.stop_training = True
    return bool(listeners)


def _reason(work: Work, position: Position) -> NonFiniteError:
    """The error that says where NaN or infinity began."""
    rows = work.order(position.epoch)[position.step * work.batch : (position.step + 1) * work.batch]
    runner = work.step if len(rows) == work.batch else work.last
    assert runner is not None
    return non_finite_error(runner.program, {name: data[rows] for name, data in work.data.items()}, work.states, position, rows)


# Batches: one step at a time ---------------------------------------------------------------------------------------------


def _specs_of_batch(model: Any, x: Any, y: Any, weight: Any) -> BatchSpecs:
    feed = ArrayFeed(x, y, weight, 0)
    rows = len(flatten(x)[0])
    return BatchSpecs(*specs_for(feed, rows, [dtype for _, dtype in model.input_names_and_types()]))


def run_step(model: Any, mode: str, x: Any, y: Any, weight: Any, where: Position | None = None) -> dict[str, np.ndarray]:
    """One step on one batch, wherever it comes from."""
    build_for(model, x)
    if mode == TRAIN:
        model.prepare_training()
    runner, step = model.runner(mode, _specs_of_batch(model, x, y, weight))
    inputs: dict[str, np.ndarray] = {}
    for word, structure in (("x", x), ("y", y), ("sample_weight", weight)):
        for name, leaf in zip(input_names(word, structure), flatten(structure), strict=True):
            if leaf is not None and name in runner.program.inputs:
                inputs[name] = np.ascontiguousarray(leaf, runner.program.spec(name).dtype).reshape(leaf.shape)
    states = {name: variable.value for name, variable in step.variables.items()}
    outputs = runner(inputs, states)
    if not outputs.get("guard", True) and mode == TRAIN:
        raise non_finite_error(runner.program, inputs, states, where or Position(), None)
    return outputs


def _figures(model: Any) -> dict[str, float]:
    return {name: float(variable.value) for name, variable in sorted(model.result_variables.items())}


def _prepare(model: Any, x: Any, y: Any, weight: Any) -> None:
    """Make all variables that a step on batches of these specs has."""
    build_for(model, x)
    model.prepare_training()
    model.runner(TRAIN, BatchSpecs(x, y, weight))


def _fit_batches(run: Run, steps_per_epoch: int | None, class_weight: Any, told: CallbackList, validation: _Validation) -> None:
    model, stream = run.model, run.stream
    told.tell("on_run_begin", run)
    first = run.position.epoch
    for epoch in range(first, run.epochs):
        if model.stop_training:
            return
        told.tell("on_epoch_begin", epoch)
        done = run.position.step
        if not done:
            model.reset_metrics()
            # With steps_per_epoch a stream goes on where the last epoch stopped; otherwise each epoch is a whole pass.
            if not stream.is_open or steps_per_epoch is None:
                stream.begin()
        logs = _figures(model)
        for step, (x, y, weight) in enumerate(stream.take(None if steps_per_epoch is None else steps_per_epoch - done), done):
            logs = _train_step(run, Position(epoch, step), (x, y, _class_weights(y, class_weight, weight)), told)
            if model.stop_training:
                break
        if not run.position.step:
            if epoch == first:
                raise DataError("x: expected at least one batch, received an iterable that ended at once.")
            return
        _end_epoch(epoch, logs, told, validation)
        if not model.stop_training or not run.position.step:
            run.position = Position(epoch + 1, 0)
            told.tell("on_pause", run)


def _train_step(run: Run, at: Position, batch: tuple[Any, Any, Any], told: CallbackList) -> dict[str, float]:
    """One step on one batch, with everybody told; the figures so far."""
    model = run.model
    if run.stream.specs is None:
        specs = _specs_of_batch(model, *batch)
        run.stream.specs = (specs.x, specs.y, specs.weight)
    told.tell_batch("begin", "train", at.step, {})
    not_finite: dict[str, float] = {}
    try:
        run_step(model, TRAIN, *batch, at)
    except NonFiniteError:
        if not _stops_quietly(model, at, told):
            raise
        not_finite = {"loss": float("nan")}
    logs = _figures(model) | not_finite
    told.tell_batch("end", "train", at.step, logs)
    told.tell("on_progress", at.step + 1, logs)
    run.position = Position(at.epoch, at.step + 1)
    told.tell("on_pause", run)
    return logs


def _repeated(feed: ArrayFeed, batch: int, seed: Callable[[], int | None]) -> BatchFeed:
    """Arrays with steps_per_epoch: batches go round and round, shuffled anew at each pass."""

    def batches() -> Iterator[tuple[Any, Any, Any]]:
        turn = 0
        while True:
            found = seed()
            order = np.arange(feed.rows) if found is None else shuffled(found, turn, feed.rows)
            for start in range(0, feed.rows, batch):
                rows = order[start : start + batch]
                yield tuple(map_structure(lambda a, rows=rows: None if a is None else a[rows], part) for part in (feed.x, feed.y, feed.weight))  # type: ignore[misc]
            turn += 1

    return BatchFeed(batches, None)


# Around the loop -----------------------------------------------------------------------------------------------------------


def steps_of(feed: Feed, batch: int) -> int | None:
    """Steps of one epoch, if known."""
    return -(-feed.rows // batch) if isinstance(feed, ArrayFeed) else feed.steps


def build_for(model: Any, x: Any) -> None:
    """Make the weights of a model that didn't know its input shape until now."""
    if not model.built:
        shapes = map_structure(lambda leaf: (None, *leaf.shape[1:]), x) if not isinstance(x, np.ndarray) else (None, *x.shape[1:])
        model._build_once(shapes)


def split_off(feed: Feed, share: float) -> tuple[Feed, Any]:
    """The last `share` of the rows become validation data, as in Keras."""
    if not isinstance(feed, ArrayFeed):
        raise SettingError("validation_split: expected arrays to split, received batches. Pass validation_data instead.")
    if not 0 < share < 1:
        raise SettingError(f"validation_split: expected a number between 0 and 1, received {share}.")
    cut = int(feed.rows * (1 - share))
    if cut == 0 or cut == feed.rows:
        raise SettingError(f"validation_split: expected rows on both sides, but {share} of {feed.rows} rows leaves {cut} to train on and {feed.rows - cut} to validate.")

    def part(structure: Any, rows: slice) -> Any:
        return map_structure(lambda leaf: None if leaf is None else leaf[rows], structure)

    front, back = slice(0, cut), slice(cut, None)
    kept = ArrayFeed(part(feed.x, front), part(feed.y, front), part(feed.weight, front), cut)
    return kept, (part(feed.x, back), part(feed.y, back), part(feed.weight, back))


def weighted(feed: ArrayFeed, class_weight: Any) -> ArrayFeed:
    """class_weight becomes sample_weight."""
    return ArrayFeed(feed.x, feed.y, _class_weights(feed.y, class_weight, feed.weight), feed.rows)


def _class_weights(y: Any, class_weight: Any, weight: Any) -> Any:
    if class_weight is None:
        return weight
    if not isinstance(y, np.ndarray):
        raise SettingError("class_weight: expected a model with a single output and its labels.")
    classes = y.argmax(-1) if y.ndim > 1 and y.shape[-1] > 1 else y.reshape(-1)
    strange = [key for key in class_weight if not isinstance(key, (int, np.integer))]
    if strange:
        raise SettingError(f"class_weight: expected class numbers as keys, received {strange[0]!r}.")
    found = np.ones(len(classes), np.float32)
    for number, share in class_weight.items():
        found[classes == number] = share
    return found if weight is None else weight * found


class _Validation:
    """Evaluates after the epochs that `validation_freq` names."""

    def __init__(self, model: Any, data: Any, batch: int, steps: int | None, frequency: Any) -> None:
        self.model, self.data, self.batch, self.steps, self.frequency = model, data, batch, steps, frequency

    def after(self, epoch: int, told: CallbackList) -> dict[str, float]:
        due = epoch + 1 in self.frequency if not isinstance(self.frequency, int) else (epoch + 1) % self.frequency == 0
        if self.data is None or not due:
            return {}
        given = self.data if isinstance(self.data, (tuple, list)) else (self.data,)
        x, y, weight = (*given, None, None)[:3]
        logs = evaluate(self.model, x, y, self.batch, 0, weight, self.steps, told)
        return {f"val_{name}": value for name, value in logs.items()}


def _listeners(model: Any, callbacks: Any, verbose: Any, steps: int | None) -> CallbackList:
    """The callbacks of an evaluation or prediction: those of `fit` when it validates, else new ones with a bar."""
    if isinstance(callbacks, CallbackList):
        return callbacks
    return CallbackList(callbacks, add_progbar=wants_bar(verbose), model=model, verbose=verbose, epochs=1, steps=steps)


def evaluate(model: Any, x: Any, y: Any, batch_size: int | None, verbose: Any, sample_weight: Any, steps: int | None, callbacks: Any) -> dict[str, float]:
    """Loss and metrics over the data, by name, loss first."""
    feed = make_feed(x, y, sample_weight)
    batch = 32 if batch_size is None else validate.whole("batch_size", batch_size)
    told = _listeners(model, callbacks, verbose, steps or steps_of(feed, batch))
    told.tell("on_test_begin")
    model.reset_metrics()
    if isinstance(feed, ArrayFeed) and steps is None:
        validate.check_training_data(model, feed)
        build_for(model, feed.x)
        validate.check_against_model(model, feed)
        logs = _evaluate_arrays(model, feed, batch, told)
    else:
        batches = _repeated(feed, batch, lambda: None).batches() if isinstance(feed, ArrayFeed) else feed.batches()
        for step, (bx, by, weight) in enumerate(islice(batches, steps)):
            told.tell_batch("begin", "test", step, {})
            run_step(model, TEST, bx, by, weight)
            told.tell_batch("end", "test", step, _figures(model))
            told.tell("on_progress", step + 1, _figures(model))
        logs = _figures(model)
        model.reset_metrics()
    told.tell("on_test_end", logs)
    return {"loss": logs["loss"], **{name: value for name, value in logs.items() if name != "loss"}}


def _evaluate_arrays(model: Any, feed: ArrayFeed, batch: int, told: CallbackList) -> dict[str, float]:
    work, figure = work_on(model, TEST, feed, batch, None)
    names = sorted(figure.values())
    order = [list(figure.values()).index(name) for name in names]
    position = Position()
    seconds = 0.0 if told.wants_batches["test"] else SECONDS_BETWEEN_LOOKS
    while True:
        if told.wants_batches["test"]:
            told.tell_batch("begin", "test", position.step, {})
        report = current_engine().run_epochs(work, position, 1, seconds)
        if report.stopped_by_guard:
            raise _reason(work, report.position)
        logs = _logs(names, order, report.ended[0]) if report.ended else _now(work, figure, names)
        if told.wants_batches["test"]:
            told.tell_batch("end", "test", position.step, logs)
        told.tell("on_progress", work.steps if report.ended else report.position.step, logs)
        if report.ended:
            return logs
        position = report.position


def predict(model: Any, x: Any, batch_size: int | None, verbose: Any, steps: int | None, callbacks: Any) -> Any:
    """Outputs for all rows, batch by batch, put together."""
    feed = make_feed(x)
    batch = 32 if batch_size is None else validate.whole("predict batch_size", batch_size)
    told = _listeners(model, callbacks, verbose, steps or steps_of(feed, batch))
    told.tell("on_predict_begin")
    parts: list[list[np.ndarray]] = []
    structure: Any = None
    for step, given in enumerate(islice(_rows_or_batches(model, feed, batch), steps)):
        told.tell_batch("begin", "predict", step, {})
        found = predict_on_batch(model, given)
        structure = map_structure(lambda _: None, found)
        parts.append(flatten(found))
        told.tell_batch("end", "predict", step, {"outputs": found})
        told.tell("on_progress", step + 1, {})
    told.tell("on_predict_end")
    if not parts:
        raise DataError("predict: expected at least one batch, received an iterable that ended at once.")
    joined = [np.concatenate(column) if len(column) > 1 else column[0] for column in zip(*parts, strict=True)]
    return pack_sequence_as(structure, joined)


def _rows_or_batches(model: Any, feed: Feed, batch: int) -> Iterator[Any]:
    if isinstance(feed, BatchFeed):
        for x, _, _ in feed.batches():
            yield x
        return
    for start in range(0, feed.rows, batch):
        yield map_structure(lambda leaf, start=start: leaf[start : start + batch], feed.x)


def predict_on_batch(model: Any, x: Any) -> Any:
    """Outputs for one batch, in the structure the model gives them."""
    feed = make_feed(x)
    assert isinstance(feed, ArrayFeed)
    build_for(model, feed.x)
    validate.check_inputs(model, feed.x)
    outputs = run_step(model, PREDICT, feed.x, None, None)
    _, step = model.runner(PREDICT, _specs_of_batch(model, feed.x, None, None))
    found = [outputs[f"y{number}"] for number in range(len(flatten(step.predictions)))]
    return pack_sequence_as(step.predictions, found)


def on_batch(model: Any, mode: str, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> dict[str, float]:
    """One training or evaluation step, and the figures since the last reset."""
    feed = make_feed(x, y, sample_weight)
    if not isinstance(feed, ArrayFeed):
        raise DataError("x: expected the arrays of one batch, received an iterable of batches. Use fit or evaluate.")
    feed = weighted(feed, class_weight)
    validate.check_training_data(model, feed)
    build_for(model, feed.x)
    validate.check_against_model(model, feed)
    run_step(model, mode, feed.x, feed.y, feed.weight)
    logs = _figures(model)
    return {"loss": logs["loss"], **{name: value for name, value in logs.items() if name != "loss"}}
