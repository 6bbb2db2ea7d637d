"""Running totals: what they add up, when they start again, and what users may bring of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, metrics, ops

NEEDED: dict[str, dict[str, Any]] = {
    **{name: {"num_classes": 2, "target_class_ids": [0, 1]} for name in ("IoU", "OneHotIoU")},
    **{name: {"num_classes": 2} for name in ("MeanIoU", "OneHotMeanIoU")},
    "MeanMetricWrapper": {"fn": metrics.mean_squared_error},
    "PrecisionAtRecall": {"recall": 0.5}, "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5}, "SpecificityAtSensitivity": {"sensitivity": 0.5},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted({cls.__name__ for cls in metrics.ALL.values()} - {"Mean", "Sum"}))
def test_a_metric_that_starts_again_has_forgotten(name: str) -> None:
    true = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], np.float32)
    predicted = np.array([[0.7, 0.3], [0.4, 0.6], [0.2, 0.8]], np.float32)
    if name.startswith("Sparse"):
        true = np.array([0, 1, 0])
    metric = getattr(metrics, name)(**NEEDED.get(name, {}))
    first = metric(true, predicted)
    metric(true[::-1], predicted)
    metric.reset_state()
    assert all((variable.numpy() == 0).all() for variable in metric.variables)
    np.testing.assert_allclose(metric(true, predicted), first)
    assert np.isfinite(metric.result()).all()


def test_batches_of_different_sizes_count_by_their_examples() -> None:
    mean = metrics.Mean()
    mean.update_state([1.0, 1.0, 1.0])
    mean.update_state([5.0])
    assert float(mean.result()) == 2.0
    mean.update_state(10.0, sample_weight=4.0)
    assert float(mean.result()) == 6.0
    assert float(metrics.Sum()([[1.0, 2.0], [3.0, 4.0]])) == 10.0


def test_nothing_counted_is_zero_not_nan() -> None:
    for metric in (
        metrics.Mean(),
        metrics.Precision(),
        metrics.AUC(),
        metrics.AUC(curve="PR"),
        metrics.RootMeanSquaredError(),
    ):
        assert float(metric.result()) == 0.0


def test_metrics_of_users_are_told_in_the_history() -> None:
    class Largest(metrics.Metric):
        def __init__(self, name: str = "largest", **keywords: Any) -> None:
            super().__init__(name=name, **keywords)
            self.value = self.add_weight(name="value", initializer="zeros")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.value.assign(ops.maximum(self.value, ops.max(y_pred)))

        def result(self) -> Any:
            return self.value

    def distance(y_true, y_pred):  # type: ignore[no-untyped-def]
        return ops.abs(y_true - y_pred)

    model = pippin.Sequential([layers.Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(optimizer=pippin.optimizers.SGD(0.0), loss="mse", metrics=[Largest(), distance])
    x = np.array([[1.0], [2.0], [4.0]])
    history = model.fit(x, np.array([0, 0, 0]), batch_size=2, epochs=2, verbose=0).history
    assert history["largest"] == [4.0, 4.0]
    assert history["distance"] == pytest.approx([7 / 3, 7 / 3])


def test_settings_are_attributes_and_travel_in_configurations() -> None:
    metric = metrics.TopKCategoricalAccuracy(k=3)
    assert metric.k == 3
    assert metrics.deserialize(metrics.serialize(metric)).k == 3
    assert metrics.get("mse").name == "mean_squared_error"
    assert isinstance(metrics.get(lambda y_true, y_pred: y_pred), metrics.MeanMetricWrapper)


def test_a_metric_calculates_aside_with_totals_it_is_lent() -> None:
    mean = metrics.Mean()
    mean.update_state([1.0])
    after = mean.stateless_update_state([10.0, 2.0], [2.0])
    assert [float(total) for total in after] == [12.0, 3.0]
    assert float(mean.stateless_result(after)) == 4.0
    assert [float(total) for total in mean.stateless_reset_state()] == [0.0, 0.0]
    assert float(mean.result()) == 1.0, "its own totals stay"
    with pytest.raises(ValueError, match="expected values of 2 variables, received 1"):
        mean.stateless_result([1.0])


def test_metrics_inside_a_metric_are_found_and_start_again_with_it() -> None:
    class Both(metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="both")
            self.parts = {"low": metrics.Mean(name="low"), "high": [metrics.Sum(name="high")]}

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.parts["low"].update_state(y_pred)
            self.parts["high"][0].update_state(y_pred)

        def result(self) -> Any:
            return self.parts["low"].result() + self.parts["high"][0].result()

    metric = Both()
    assert [variable.name for variable in metric.variables] == ["total", "count", "total"]
    assert float(metric([0.0], [1.0, 3.0])) == 6.0
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_metrics_of_every_family_are_counted_in_the_compiled_loop_as_they_are_alone() -> None:
    """What `fit` tells of the last epoch at learning rate 0 is what the metric says of all predictions at once."""
    random = np.random.RandomState(3)
    x, classes = random.normal(size=(50, 4)).astype("float32"), np.eye(3, dtype="float32")[random.randint(0, 3, 50)]

    def wanted() -> list[Any]:
        return [
            metrics.F1Score(average="macro"), metrics.FBetaScore(beta=2.0, threshold=0.4, average="micro"),
            metrics.OneHotMeanIoU(num_classes=3), metrics.OneHotIoU(3, [0, 2]), metrics.R2Score(),
            metrics.PearsonCorrelation(), metrics.ConcordanceCorrelation(), metrics.AUC(multi_label=True),
            metrics.AUC(curve="PRGAIN"), metrics.SensitivityAtSpecificity(0.5), metrics.PrecisionAtRecall(0.4),
        ]  # fmt: skip

    model = pippin.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
    compiled, alone = wanted(), wanted()
    for number, metric in enumerate(compiled):
        metric.name = f"number_{number}"
    model.compile(optimizer=pippin.optimizers.SGD(0.0), loss="categorical_crossentropy", metrics=compiled)
    history = model.fit(x, classes, batch_size=16, epochs=2, verbose=0).history
    predicted = model.predict(x, verbose=0)
    told = [history[metric.name][-1] for metric in compiled]
    # Totals of float32, added up in another order.
    np.testing.assert_allclose(told, [float(metric(classes, predicted)) for metric in alone], rtol=1e-5, atol=1e-6)


def test_metrics_are_told_by_the_names_they_were_asked_for_with() -> None:
    model = pippin.Sequential([layers.Input((2,)), layers.Dense(2)])
    names = ["mse", "MAE", "RootMeanSquaredError", "R2Score", "cosine_similarity", "KLDivergence", "hinge"]
    model.compile(loss="mse", metrics=names)
    history = model.fit(np.ones((4, 2)), np.eye(4, 2), verbose=0).history
    assert set(history) == {"loss", *names}
