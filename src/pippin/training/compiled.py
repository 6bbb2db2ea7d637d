"""What `compile` settled: the optimizer, a loss for each output, and the metrics, found by name once the shapes are
known."""

from __future__ import annotations

from typing import Any

from pippin import losses, metrics, ops, optimizers
from pippin.errors import SettingError
from pippin.metrics import Mean, Metric
from pippin.program import Symbol
from pippin.tree import flatten


class Compiled:
    """The goal of training. One loss and one list of metrics for each output of the model."""

    def __init__(
        self, optimizer: Any, loss: Any, loss_weights: Any, wanted_metrics: Any, weighted_metrics: Any
    ) -> None:
        self.optimizer = optimizers.get(optimizer)
        self.loss, self.loss_weights = loss, loss_weights
        self.metrics, self.weighted_metrics = wanted_metrics, weighted_metrics
        self.loss_tracker = Mean(name="loss")
        self._losses: list[Any] | None = None
        self._metrics: list[list[tuple[str, Metric, bool]]] = []
        self._output_trackers: list[Mean] = []
        # What the validator and its hints keep, to look at each model once.
        self.goals: tuple[Any, list[Any]] | None = None
        self.hints_given: set[str] = set()
        self.hints_looked = False
        self._refuse_unknown_names()

    def _refuse_unknown_names(self) -> None:
        """A misspelt name is refused at compile, not at the first batch."""
        for name in flatten(self.loss):
            if isinstance(name, str):
                losses.get(name)
        for name in flatten([self.metrics, self.weighted_metrics]):
            if isinstance(name, str) and name not in _KIND_BY_WORD:
                metrics.get(name)

    def settle(self, names: list[str], y_true: list[Symbol | None], y_pred: list[Symbol]) -> None:
        """Find losses and metrics for these outputs; what "accuracy" means depends on their shapes."""
        if self._losses is not None:
            return
        count = len(y_pred)
        self._losses = [losses.as_loss(found) for found in _for_outputs("loss", self.loss, names, count)]
        self._weights = _for_outputs("loss_weights", self.loss_weights, names, count)
        wanted = _metric_lists("metrics", self.metrics, names, count)
        weighted = _metric_lists("weighted_metrics", self.weighted_metrics, names, count)
        for number in range(count):
            prefix = f"{names[number]}_" if count > 1 else ""
            found: list[tuple[str, Metric, bool]] = []
            for listed, is_weighted in ((wanted, False), (weighted, True)):
                for identifier in listed[number]:
                    key, metric = _metric_for(identifier, y_true[number], y_pred[number])
                    found.append((prefix + key, metric, is_weighted))
            self._metrics.append(found)
        if count > 1:
            self._output_trackers = [Mean(name=f"{name}_loss") for name in names]

    def total_loss(
        self, y_true: list[Any], y_pred: list[Any], weights: list[Any], extra: list[Any]
    ) -> tuple[Any, list[Any]]:
        """The number that training makes smaller, and the loss of each output."""
        assert self._losses is not None
        parts: list[Any] = []
        for loss, truth, prediction, weight in zip(self._losses, y_true, y_pred, weights, strict=True):
            if loss is None:
                parts.append(None)
                continue
            parts.append(loss(truth, prediction, sample_weight=weight))
        total: Any = None
        for number, part in enumerate(parts):
            if part is None:
                continue
            counted = part if self._weights[number] is None else part * float(self._weights[number])
            total = counted if total is None else total + counted
        for penalty in extra:
            total = penalty if total is None else total + penalty
        if total is None:
            raise SettingError(
                "compile: expected a loss (or a layer that calls add_loss), received none. Pass loss=... to compile."
            )
        return total, parts

    def update_metrics(
        self, y_true: list[Any], y_pred: list[Any], weights: list[Any], loss: Any, parts: list[Any]
    ) -> dict[str, Any]:
        """Add the batch to all running totals; the figures so far, by name."""
        batch = float(y_pred[0].shape[0]) if y_pred[0].rank else 1.0
        self.loss_tracker.update_state(loss, sample_weight=batch)
        results = {"loss": self.loss_tracker.result()}
        for tracker, part in zip(self._output_trackers, parts, strict=False):
            if part is None:
                continue  # an output without a loss
            tracker.update_state(part, sample_weight=batch)
            results[tracker.name] = tracker.result()
        for found, truth, prediction, weight in zip(self._metrics, y_true, y_pred, weights, strict=True):
            for key, metric, weighted in found:
                if weighted:
                    metric.update_state(truth, prediction, sample_weight=weight)
                else:
                    metric.update_state(truth, prediction)
                figure = ops.copy(metric.result())  # a user's metric may give the variable itself
                results[key] = ops.sum(figure) if figure.rank else figure
        return results

    def goals_and_metrics(self) -> list[Any]:
        """What was settled, as a trace of the step uses it."""
        return [self._losses, self._weights, self._metrics, self.loss_tracker, self._output_trackers]

    @property
    def all_metrics(self) -> list[Metric]:
        """The loss trackers and all metrics."""
        return [
            self.loss_tracker,
            *self._output_trackers,
            *(metric for found in self._metrics for _, metric, _ in found),
        ]


def _for_outputs(word: str, given: Any, names: list[str], count: int) -> list[Any]:
    """One entry for each output, from one for all, a list, or a dict by output name."""
    if isinstance(given, dict):
        strange = set(given) - set(names)
        if strange:
            raise SettingError(
                f"compile {word}: expected names of outputs ({', '.join(names)}), received "
                f"{', '.join(sorted(strange))}."
            )
        return [given.get(name) for name in names]
    if isinstance(given, (list, tuple)):
        if len(given) != count:
            raise SettingError(
                f"compile {word}: expected one entry for each of {count} outputs, received {len(given)}."
            )
        return list(given)
    return [given] * count


def _metric_lists(word: str, given: Any, names: list[str], count: int) -> list[list[Any]]:
    if given is None:
        return [[] for _ in range(count)]
    if isinstance(given, dict):
        return [_listed(found) for found in _for_outputs(word, given, names, count)]
    listed = _listed(given)
    if count == 1:
        return [list(listed[0]) if len(listed) == 1 and isinstance(listed[0], (list, tuple)) else listed]
    if len(listed) == count and any(isinstance(part, (list, tuple)) for part in listed):
        return [_listed(part) for part in listed]
    if len(listed) == count:
        return [[part] for part in listed]
    raise SettingError(f"compile {word}: expected one list for each of {count} outputs, received {len(listed)}.")


def _listed(given: Any) -> list[Any]:
    return [] if given is None else list(given) if isinstance(given, (list, tuple)) else [given]


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
    return (identifier if isinstance(identifier, str) else metric.name), metric


def _kind_of_labels(y_true: Any, y_pred: Any) -> str:
    """binary for one number per prediction, sparse_categorical for class numbers, categorical for one-hot rows."""
    if y_pred.shape[-1] == 1:
        return "binary"
    if y_true is not None and (y_true.rank < y_pred.rank or y_true.shape[-1] == 1):
        return "sparse_categorical"
    return "categorical"
