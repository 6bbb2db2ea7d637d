"""A training step as one program: forward pass, loss, backward pass, guard, update and metrics, traced once for each
batch size."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pippin.primitives import TABLE, Spec
from pippin.primitives.primitive import FLOAT
from pippin.program import FORWARD, GUARD, LOSS, METRICS, UPDATE, Program, Symbol, Trace, Variable
from pippin.training.custom import flat_figures, loss_of, overrides, own_step, pack
from pippin.training.outputs import for_each_output, is_nested, losses_by_output
from pippin.transforms import gradients, simplify
from pippin.tree import flatten, map_structure, pack_sequence_as

TRAIN, TEST, PREDICT = "train", "test", "predict"


@dataclass(frozen=True)
class BatchSpecs:
    """The structures of x, y and sample_weight with a Spec at each leaf (None where there is nothing), for one
    batch."""

    x: Any
    y: Any = None
    weight: Any = None


@dataclass(frozen=True)
class Step:
    """A traced step: its program, the variables behind its states, the structure of its predictions."""

    program: Program
    variables: Mapping[str, Any]  # Variables
    predictions: Any
    records: tuple[str, ...]
    resets: tuple[str, ...]
    shared: Any = None  # kept alive for models that are made alike


RESULT = "results/"


def trace_step(model: Any, mode: str, specs: BatchSpecs) -> Step:
    """One step of `model`, all that it writes: a training step, an evaluation step or a prediction."""
    trace, structure, records = write_step(model, mode, specs)
    totals = {id(v) for metric in _metrics(model, mode) if metric.starts_at_zero for v in metric.variables}
    resets = tuple(name for name, v in trace.variables.items() if id(v) in totals or name in records)
    return Step(trace.program(), dict(trace.variables), structure, records, resets)


def close_step(step: Step) -> Step:
    """The step as it is run: with a simplified program."""
    return replace(step, program=simplify(step.program))


def write_step(model: Any, mode: str, specs: BatchSpecs) -> tuple[Trace, Any, tuple[str, ...]]:
    """The lines of one step as they were written; the structure of the predictions, and the names of the records."""
    trace = Trace(f"{mode} step of {model.name}")
    with trace.active():
        x = _inputs(trace, "x", specs.x)
        y = _inputs(trace, "y", specs.y)
        weight = _inputs(trace, "sample_weight", specs.weight)
        results: dict[str, Any] = {}
        predictions: Any = None
        own = f"{mode}_step"
        if mode != PREDICT and overrides(model, own):
            results = own_step(model, own, x, y, weight)
            _guard(trace, [*results.values(), *map(trace.symbol_of, trace.notes.slopes)])
        else:
            with trace.at(phase=FORWARD):
                is_own = mode == PREDICT and overrides(model, own)
                predictions = model.predict_step(pack(x)) if is_own else model(x, training=mode == TRAIN)
            trace.notes.predictions = [leaf.value for leaf in flatten(predictions)]
        if mode == PREDICT:
            for number, leaf in enumerate(flatten(predictions)):
                trace.output(f"y{number}", leaf)
        elif not results:
            results = _learn(trace, model, mode, x, y, predictions, weight)
        records = _record(trace, model, results)
    return trace, map_structure(lambda _: None, predictions), records


def has_own_starts(model: Any) -> bool:
    """Whether there are metrics that engines can't start again, because they define `reset_state` themselves."""
    return not all(metric.starts_at_zero for metric in _metrics(model, TRAIN))


def _metrics(model: Any, mode: str) -> list[Any]:
    return [] if mode == PREDICT else [*model.compilation.all_metrics, *model.metrics]


def _inputs(trace: Trace, word: str, structure: Any) -> Any:
    """Symbols for a structure of specs, named x (or x0, x1, ... if there are several)."""
    leaves = flatten(structure)
    names = input_names(word, structure)
    symbols = [None if spec is None else trace.input(name, spec) for name, spec in zip(names, leaves, strict=True)]
    return pack_sequence_as(structure, symbols)


def input_names(word: str, structure: Any) -> list[str]:
    """The names of the program's inputs for the leaves of a structure."""
    count = len(flatten(structure))
    return [word] if count == 1 else [f"{word}{number}" for number in range(count)]


def labelled(model: Any, y: Any, predictions: Any, weight: Any) -> tuple[list[Any], list[Any], list[Any], list[str]]:
    """Labels, predictions and weights as lists, one for each output, and the outputs' names; losses and metrics are
    settled for them."""
    y_pred = flatten(predictions)
    names = model.output_names(len(y_pred), predictions)
    wanted = model.compilation.needs_labels(predictions, names)
    y_true = for_each_output("y", y, predictions, names, wanted)
    weights = (
        for_each_output("sample_weight", weight, predictions, names, wanted)
        if isinstance(weight, (list, tuple, dict))
        else [weight] * len(y_pred)
    )
    model.compilation.settle(names, y_true, y_pred, predictions if is_nested(predictions) else None)
    return y_true, y_pred, weights, names


def _learn(trace: Trace, model: Any, mode: str, x: Any, y: Any, predictions: Any, weight: Any) -> dict[str, Any]:
    """Loss, gradients, guard, update and metrics; returns the figures so far, by name."""
    compiled = model.compilation
    y_true, y_pred, weights, _ = labelled(model, y, predictions, weight)
    with trace.at(phase=LOSS):
        if overrides(model, "compute_loss"):
            own = loss_of(model, x, y, predictions, weight, training=mode == TRAIN)
            loss = trace.symbol(own)
            parts: list[Any] = []
        else:
            loss, parts = compiled.total_loss(y_true, y_pred, weights, penalties_of(trace, model))
    trace.notes.loss = loss.value
    guarded = [loss]
    trainable = model.trainable_variables if mode == TRAIN else []
    if mode == TRAIN and not trainable:
        warnings.warn(
            f"{model.described()} has no trainable weights: training changes nothing. Set trainable=True on a layer.",
            stacklevel=2,
        )
    optimizer = compiled.optimizer
    if trainable:
        found = gradients(optimizer.scale_loss(loss), [trace.read(variable) for variable in trainable])
        guarded += [] if optimizer.skips_non_finite else found
    _guard(trace, guarded)
    if trainable:
        with trace.at(phase=UPDATE):
            optimizer.apply(found, trainable)
            # Layers that keep running figures (batch normalization, seeds) assigned them during the forward pass.
    with trace.at(phase=METRICS):
        compiled.update_loss(y_pred, loss, parts)
        if overrides(model, "compute_metrics"):
            figures = model.compute_metrics(x, y, predictions, sample_weight=weight)
            return flat_figures(model, "compute_metrics", figures)
        compiled.update_wanted(y_true, y_pred, weights)
        return flat_figures(model, "get_metrics_result", model.get_metrics_result())


def _guard(trace: Trace, values: list[Any]) -> None:
    """Let no update happen unless these are finite, so that none can spoil a weight."""
    with trace.at(phase=GUARD):
        trace.guard = TABLE["all_finite"](*values).value


def penalties_of(trace: Trace, model: Any) -> list[Any]:
    """What layers added with add_loss, and the regularizers of weights."""
    found = model.losses_of(trace)
    for variable in model.trainable_variables:
        if variable.regularizer is not None:
            with trace.at(layer=variable.path.rpartition("/")[0]):
                found.append(variable.regularizer(trace.read(variable)))
    return [penalty for penalty in found if isinstance(penalty, Symbol) or penalty]


def _record(trace: Trace, model: Any, results: dict[str, Any]) -> tuple[str, ...]:
    """Keep each figure in a state of its own, by the alphabet, so that an engine can hand them over without Python."""
    names = []
    with trace.at(phase=METRICS):
        for key, value in sorted(results.items()):
            variable = model.result_variable(key)
            trace.assign(variable, value)
            names.append(next(name for name, known in trace.variables.items() if known is variable))
    return tuple(names)


def result_variable(key: str) -> Variable:
    """The variable that holds a figure of the running epoch."""
    variable = Variable(np.zeros((), np.float32), name=key, trainable=False)
    variable.path = RESULT + key
    return variable


def describe_step(model: Any, batch_size: int) -> Program:
    """The step of a built model on a batch of the given size, traced for showing: training if compiled, else the
    forward pass."""
    shapes = [
        (tuple(batch_size if size is None else size for size in tensor.shape), tensor.dtype)
        for tensor in model.entering
    ]
    x = [Spec(shape, dtype) for shape, dtype in shapes]
    if model.compilation is None:
        return close_step(trace_step(model, PREDICT, BatchSpecs(x[0] if len(x) == 1 else x))).program
    y = [_label_spec(loss, tensor, batch_size) for loss, tensor in zip(_losses_of(model), model.outputs, strict=True)]
    specs = BatchSpecs(x[0] if len(x) == 1 else x, y[0] if len(y) == 1 else y)
    return close_step(trace_step(model, TRAIN, specs)).program


def _losses_of(model: Any) -> list[Any]:
    return losses_by_output(model.compilation.loss, model.output, model.output_names(len(model.outputs), model.output))


def _label_spec(loss: Any, output: Any, batch_size: int) -> Spec:
    """Class numbers for sparse losses, the shape of the output for all others."""
    name = loss if isinstance(loss, str) else getattr(loss, "name", "")
    shape = tuple(batch_size if size is None else size for size in output.shape)
    return Spec(shape[:-1], "int32") if "sparse" in str(name) else Spec(shape, FLOAT)


__all__ = [
    "PREDICT",
    "TEST",
    "TRAIN",
    "UPDATE",
    "BatchSpecs",
    "Step",
    "close_step",
    "describe_step",
    "input_names",
    "result_variable",
    "trace_step",
    "write_step",
]
