"""What belongs to an epoch: its batches, who is told of them, where running totals begin, and the order of figures."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from pippin import layers, metrics, models
from pippin.callbacks import Callback
from pippin.data import Dataset

X = np.linspace(-1, 1, 80, dtype="float32").reshape(20, 4)
Y = X.sum(1, keepdims=True)


def network(**told: Any) -> Any:
    model = models.Sequential([layers.Input((4,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(optimizer="sgd", loss="mse", **told)
    return model


class Batches(Callback):
    """Counts the batches of each epoch, as they end."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[list[int]] = []
        self.ended: list[list[int]] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.begun.append([])
        self.ended.append([])

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.begun[-1].append(batch)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.ended[-1].append(batch)


@pytest.mark.parametrize(("steps", "counts"), [(5, [5, 5, 5]), (4, [4, 1, 4]), (6, [5, 5, 5]), (2, [2, 2, 1])])
def test_epochs_of_so_many_steps_go_on_in_the_rows_and_begin_again_after_the_last(
    steps: int, counts: list[int]
) -> None:
    """As Keras's epoch iterator does: an epoch ends where the rows do."""
    told = Batches()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="fit: expected")
        network().fit(X, Y, batch_size=4, epochs=3, steps_per_epoch=steps, verbose=0, callbacks=[told])
    assert [len(epoch) for epoch in told.ended] == counts


def test_a_dataset_that_ended_within_an_epoch_begins_again_in_the_next() -> None:
    class Rows:  # of unknown length
        def __iter__(self) -> Iterator[Any]:
            yield from ((X[first : first + 4], Y[first : first + 4]) for first in range(0, 20, 4))

    told = Batches()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        network().fit(Rows(), epochs=2, steps_per_epoch=6, verbose=0, callbacks=[told])
    assert [len(epoch) for epoch in told.ended] == [5, 5]
    assert ["expected 6 batches in epoch" in str(one.message) for one in said] == [True, True]


@pytest.mark.parametrize("data", ["arrays", "batches"])
def test_callbacks_are_told_of_batches_in_groups_of_steps_per_execution(data: str) -> None:
    told = Batches()
    model = network(steps_per_execution=3)
    if data == "arrays":
        model.fit(X, Y, batch_size=4, epochs=2, verbose=0, callbacks=[told])
    else:
        model.fit(Dataset.from_tensor_slices((X, Y)).batch(4), epochs=2, verbose=0, callbacks=[told])
    assert told.begun == [[0, 3], [0, 3]]
    assert told.ended == [[2, 5], [2, 5]]


class Total(metrics.Metric):
    """Counts rows, beginning at `start`."""

    def __init__(self, name: str, start: float | None) -> None:
        super().__init__(name=name)
        self.start = start
        self.rows = self.add_weight(shape=(), initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.rows.assign_add(float(y_pred.shape[0]))

    def result(self) -> Any:
        return self.rows * 1.0

    def reset_state(self) -> None:
        if self.start is not None:
            self.rows.assign(self.start)


@pytest.mark.parametrize(("start", "totals"), [(None, [20, 40, 60]), (5.0, [25, 25, 25])])
@pytest.mark.parametrize("data", ["arrays", "batches"])
def test_a_metric_begins_an_epoch_as_its_own_reset_state_says(
    data: str, start: float | None, totals: list[float]
) -> None:
    model = network(metrics=[Total("rows", start)])
    given = (X, Y) if data == "arrays" else (Dataset.from_tensor_slices((X, Y)).batch(4), None)
    history = model.fit(*given, batch_size=None if data == "batches" else 4, epochs=3, verbose=0).history
    assert history["rows"] == totals


def test_evaluate_lists_metrics_in_the_order_of_compile() -> None:
    first, second = ("mse", "mae"), ("mae", "mse")
    for names in (first, second):
        model = network(metrics=list(names))
        by_name = model.evaluate(X, Y + 1, verbose=0, return_dict=True)
        listed = model.evaluate(X, Y + 1, verbose=0)
        assert listed == [by_name["loss"], *(by_name[name] for name in names)]
        by_name = model.test_on_batch(X, Y + 1, return_dict=True)
        assert model.test_on_batch(X, Y + 1) == [by_name["loss"], *(by_name[name] for name in names)]


@pytest.mark.parametrize(
    ("method", "word", "mode"), [("evaluate", "evaluating", "test"), ("predict", "predicting", "predict")]
)
@pytest.mark.parametrize("data", ["arrays", "batches"])
def test_a_callback_can_stop_evaluate_and_predict(method: str, word: str, mode: str, data: str) -> None:
    class Stopper(Callback):
        count = 0

    def stop(self: Any, batch: int, logs: Any = None) -> None:
        self.count += 1
        setattr(self.model, f"stop_{word}", self.count == 2)

    setattr(Stopper, f"on_{mode}_batch_end", stop)
    model, stopper = network(), Stopper()

    def endless() -> Iterator[Any]:
        while True:
            yield (X[:4], Y[:4]) if method == "evaluate" else (X[:4],)

    given = {"arrays": [X] + [Y] * (method == "evaluate"), "batches": [endless()]}[data]
    size = 4 if data == "arrays" else None
    found = getattr(model, method)(*given, batch_size=size, verbose=0, callbacks=[stopper])
    assert stopper.count == 2
    if method == "predict":
        assert found.shape == (8, 1)


def test_labels_may_be_given_for_the_outputs_with_a_loss_alone_though_outputs_are_one_tensor() -> None:
    inputs = layers.Input((4,))
    x = layers.Dense(1, kernel_initializer="ones")(inputs)
    model = models.Model(inputs, [x, x, x])
    model.compile(loss=["mse", None, None])
    whole = models.Model(inputs, [x, x, x])
    whole.compile(loss="mse")
    logs = model.evaluate(X, Y + 1, verbose=0, return_dict=True)
    # 1e-6: three equal terms are added
    np.testing.assert_allclose(
        3 * logs["loss"], whole.evaluate(X, [Y + 1] * 3, verbose=0, return_dict=True)["loss"], rtol=1e-6
    )


def test_a_dataset_that_cannot_tell_its_length_is_trained_on() -> None:
    class Unknown:
        def __len__(self) -> int:
            raise TypeError("The dataset length is unknown.")

        def __iter__(self) -> Iterator[Any]:
            yield X, Y

    assert len(network().fit(Unknown(), epochs=2, verbose=0).history["loss"]) == 2


def test_sparse_matrices_are_rows_as_dense_ones() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    dense = np.where(X > 0.3, X, 0)
    first, second = network(), network()
    expected = first.fit(dense, Y, shuffle=False, epochs=2, verbose=0).history
    assert second.fit(sparse.csr_matrix(dense), Y, shuffle=False, epochs=2, verbose=0).history == expected
    np.testing.assert_array_equal(second.predict(sparse.coo_array(dense), verbose=0), first.predict(dense, verbose=0))
