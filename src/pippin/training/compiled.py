"""What `compile` settled: the optimizer, a loss for each output, and the metrics, found by name once the shapes are
known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Any

from pippin import losses, metrics, optimizers
from pippin.errors import SettingError
from pippin.metrics import Mean, Metric
from pippin.program import Symbol
from pippin.training.outputs import LossPart, at_path, is_nested, loss_parts, losses_by_output, metric_lists
from pippin.tree import flatten, map_structure, pack_sequence_as


class Compiled:
    """The goal of training. One loss and one list of metrics for each output of the model."""

    def __init__(
        self, optimizer: Any, loss: Any, loss_weights: Any, wanted_metrics: Any, weighted_metrics: Any
    ) -> None:
        self.optimizer = optimizers.get(optimizer)
        self.loss, self.loss_weights = loss, loss_weights
        self.metrics, self.weighted_metrics = wanted_metrics, weighted_metrics
        self.loss_tracker = Mean(name="loss")
        self._losses: list[LossPart] | None = None
        self._outputs: Any = None
        self._metrics: list[list[tuple[str, Metric, bool]]] = []
        self.output_trackers: list[Mean] = []
        # What the validator and its hints keep, to look at each model once.
        self.goals: tuple[Any, list[Any]] | None = None
        self.hints_given: set[str] = set()
        self.hints_looked = False
        self._refuse_unknown_names()

    def _refuse_unknown_names(self) -> None:
        """A misspelt name is refused at compile, not at the first batch."""
        for name in flatten(self.loss):
            if isinstance(name, str) and name not in CROSSENTROPY:
                losses.get(name)
        for name in flatten([self.metrics, self.weighted_metrics]):
            if isinstance(name, str) and name not in _KIND_BY_WORD:
                metrics.get(name)

    def settle(
        self, names: list[str], y_true: list[Symbol | None], y_pred: list[Symbol], outputs: Any = None
    ) -> None:
        """Find losses and metrics for these outputs, which stand in the structure `outputs` (None: there is one); what
        "accuracy" means depends on their shapes."""
        if self._losses is not None:
            return
        self._outputs = map_structure(lambda _: None, outputs)
        structure = pack_sequence_as(self._outputs, y_pred) if outputs is not None else y_pred[0]
        parts = loss_parts(self.loss, self.loss_weights, structure, names)
        labels = pack_sequence_as(structure, y_true)
        self._losses = [
            replace(part, loss=_loss_for(part.loss, at_path(labels, part.path), at_path(structure, part.path)))
            for part in parts
        ]
        told = [metric_lists("metrics", self.metrics, structure, names)]
        told.append(metric_lists("weighted_metrics", self.weighted_metrics, structure, names))
        self._metrics = [[] for _ in names]
        used: Counter[str] = Counter()
        for is_weighted, lists in enumerate(told):
            for number, listed in enumerate(lists):
                prefix = f"{names[number]}_" if len(names) > 1 else ""
                for identifier in listed:
                    key, metric = _metric_for(identifier, y_true[number], y_pred[number])
                    if is_weighted and used[prefix + key]:
                        key = f"weighted_{key}"
                    used[prefix + key] += 1
                    count = used[prefix + key] - 1
                    key = f"{prefix}{key}_{count}" if count else prefix + key
                    self._metrics[number].append((key, metric, bool(is_weighted)))
        if len(self._losses) > 1:
            self.output_trackers = [Mean(name=f"{part.name}_loss") for part in self._losses]

    def needs_labels(self, outputs: Any, names: list[str]) -> list[bool]:
        """Which outputs have a loss of their own."""
        return [loss is not None for loss in losses_by_output(self.loss, outputs, names)]

    def total_loss(
        self, y_true: list[Any], y_pred: list[Any], weights: list[Any], extra: list[Any]
    ) -> tuple[Any, list[Any]]:
        """The number that training makes smaller, and what each loss gave."""
        assert self._losses is not None
        truth, predictions, counted = (pack_sequence_as(self._outputs, some) for some in (y_true, y_pred, weights))
        found: list[Any] = []
        for part in self._losses:
            weight = at_path(counted, part.path)
            weight = flatten(weight)[0] if is_nested(weight) else weight
            value = part.loss(at_path(truth, part.path), at_path(predictions, part.path), sample_weight=weight)
            found.append(value if part.weight is None else value * float(part.weight))
        terms = [*found, *extra]
        if not terms:
            raise SettingError(
                "compile: expected a loss (or a layer that calls add_loss), received none. Pass loss=... to compile."
            )
        return reduce(add, terms), found

    def update_loss(self, y_pred: list[Any], loss: Any, parts: list[Any]) -> None:
        """Add the batch to the mean loss, and to that of each output if there are several."""
        batch = float(y_pred[0].shape[0]) if y_pred[0].rank else 1.0
        self.loss_tracker.update_state(loss, sample_weight=batch)
        for tracker, part in zip(self.output_trackers, parts, strict=False):
            if part is not None:
                tracker.update_state(part, sample_weight=batch)

    def update_wanted(self, y_true: list[Any], y_pred: list[Any], weights: list[Any]) -> None:
        """Add the batch to the metrics that `compile` was told."""
        for found, truth, prediction, weight in zip(self._metrics, y_true, y_pred, weights, strict=True):
            for _, metric, weighted in found:
                if weighted:
                    metric.update_state(truth, prediction, sample_weight=weight)
                else:
                    metric.update_state(truth, prediction)

    def wanted(self) -> dict[str, Metric]:
        """The metrics that `compile` was told, by the names of their figures."""
        return {key: metric for found in self._metrics for key, metric, _ in found}

    def goals_and_metrics(self) -> list[Any]:
        """What was settled, as a trace of the step uses it."""
        return [self._losses, self._metrics, self.loss_tracker, self.output_trackers]

    @property
    def all_metrics(self) -> list[Metric]:
        """The loss trackers and all metrics."""
        return [
            self.loss_tracker,
            *self.output_trackers,
            *(metric for found in self._metrics for _, metric, _ in found),
        ]


class CompileMetrics(Metric):
    """The metrics that `compile` was told, as one: what steps of users' own hand whole batches to."""

    def __init__(self, model: Any) -> None:
        super().__init__(name="compile_metrics")
        self._model = model

    @property
    def metrics(self) -> list[Metric]:
        return list(self._model.compilation.wanted().values())

    @property
    def variables(self) -> list[Any]:
        return [variable for metric in self.metrics for variable in metric.variables]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        from pippin.training.step import labelled

        labels, predictions, weights, _ = labelled(self._model, y_true, y_pred, sample_weight)
        self._model.compilation.update_wanted(labels, predictions, weights)

    def result(self) -> dict[str, Any]:
        """The figures so far, by name."""
        return {key: metric.result() for key, metric in self._model.compilation.wanted().items()}

    def reset_state(self) -> None:
        for metric in self.metrics:
            metric.reset_state()

    @property
    def starts_at_zero(self) -> bool:
        return all(metric.starts_at_zero for metric in self.metrics)


CROSSENTROPY = ("crossentropy", "ce")


def _loss_for(identifier: Any, y_true: Any, y_pred: Any) -> Any:
    """The loss; "crossentropy" follows the shapes of labels and predictions."""
    named = isinstance(identifier, str) and identifier in CROSSENTROPY
    return losses.as_loss(f"{_kind_of_labels(y_true, y_pred)}_crossentropy" if named else identifier)


_KIND_BY_WORD = {
    "accuracy": "accuracy",
    "acc": "accuracy",
    "Accuracy": "accuracy",
    "crossentropy": "crossentropy",
    "ce": "crossentropy",
}


def _metric_for(identifier: Any, y_true: Any, y_pred: Any) -> tuple[str, Metric]:
    """The name in the logs, and the metric; "accuracy" and "crossentropy" follow the shapes of labels and
    predictions."""
    if isinstance(identifier, str) and identifier in _KIND_BY_WORD:
        kind = _kind_of_labels(y_true, y_pred)
        found: Metric = metrics.get(f"{kind}_{_KIND_BY_WORD[identifier]}")
        found.name = identifier
        return identifier, found
    metric = metrics.get(identifier)
    if isinstance(identifier, str):
        metric.name = identifier
    return metric.name, metric


def _kind_of_labels(y_true: Any, y_pred: Any) -> str:
    """binary for one number per prediction, sparse_categorical for class numbers, categorical for one-hot rows."""
    if y_pred.shape[-1] == 1:
        return "binary"
    if y_true is not None and (y_true.rank < y_pred.rank or y_true.shape[-1] == 1):
        return "sparse_categorical"
    return "categorical"
