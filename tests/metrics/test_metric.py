"""Running totals: what they add up, when they start again, and what users may bring of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, metrics, ops


@pytest.mark.parametrize("name", sorted({cls.__name__ for cls in metrics.ALL.values()} - {"Mean", "Sum"}))
def test_a_metric_that_starts_again_has_forgotten(name: str) -> None:
    true = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], np.float32)
    predicted = np.array([[0.7, 0.3], [0.4, 0.6], [0.2, 0.8]], np.float32)
    if name.startswith("Sparse"):
        true = np.array([0, 1, 0])
    metric = getattr(metrics, name)()
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
