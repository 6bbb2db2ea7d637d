"""Batches by number, in training and use, made by one thread or several."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, models
from pippin.utils import PyDataset, Sequence
from pippin.utils.py_dataset import one_pass


class Counted(PyDataset):
    """Four batches of two rows, and a diary."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.diary: list[Any] = []
        self.threads: set[str] = set()

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        self.threads.add(threading.current_thread().name)
        self.diary.append(index)
        return np.full((2, 3), index, np.float32), np.full((2, 1), index, np.float32)

    def on_epoch_begin(self) -> None:
        self.diary.append("begin")

    def on_epoch_end(self) -> None:
        self.diary.append("end")


def model() -> Any:
    net = models.Sequential([layers.Input((3,)), layers.Dense(1)])
    net.compile("sgd", "mse")
    return net


def test_fit_tells_it_of_epochs_and_keeps_its_order_without_shuffle() -> None:
    data = Counted()
    model().fit(data, epochs=2, shuffle=False, verbose=0)
    assert data.diary == ["begin", 0, 1, 2, 3, "end"] * 2


def test_fit_draws_the_order_from_pythons_random_numbers() -> None:
    orders = []
    for _ in range(2):
        pippin.utils.set_random_seed(5)
        data = Counted()
        model().fit(data, epochs=1, verbose=0)
        orders.append(data.diary)
    assert orders[0] == orders[1]
    assert orders[0] != ["begin", 0, 1, 2, 3, "end"]
    assert sorted(orders[0][1:-1]) == [0, 1, 2, 3]


def test_fit_goes_round_when_steps_are_counted() -> None:
    data = Counted()
    history = model().fit(data, epochs=3, steps_per_epoch=4, shuffle=False, verbose=0)
    assert len(history.history["loss"]) == 3
    assert data.diary == ["begin", 0, 1, 2, 3, "end"] * 3


def test_predict_and_evaluate_take_every_batch_in_order() -> None:
    data = Counted()
    net = model()
    found = net.predict(data, verbose=0)
    assert found.shape == (8, 1)
    net.evaluate(data, verbose=0)
    assert data.diary == ["begin", 0, 1, 2, 3, "end"] * 2


def test_threads_make_the_same_batches_ahead_in_the_same_order() -> None:
    data = Counted(workers=3, max_queue_size=2)
    assert [batch[0][0, 0] for batch in one_pass(data)] == [0, 1, 2, 3]
    assert all(name.startswith("pippin-batches") for name in data.threads)


def test_an_error_of_a_batch_is_raised_where_it_would_have_been_given() -> None:
    class Breaks(Counted):
        def __getitem__(self, index: int) -> Any:
            if index == 2:
                raise RuntimeError("no such file")
            return super().__getitem__(index)

    for workers in (1, 3):
        batches = one_pass(Breaks(workers=workers))
        assert next(batches)[0][0, 0] == 0
        assert next(batches)[0][0, 0] == 1
        with pytest.raises(RuntimeError, match="no such file"):
            next(batches)


def test_a_class_that_forgets_to_start_its_base_is_told() -> None:
    class Forgetful(Sequence):
        def __init__(self) -> None:
            pass

        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: int) -> Any:
            return [np.zeros((2, 3), np.float32), np.zeros((2, 1), np.float32)]

    with pytest.warns(UserWarning, match="should call `super"):
        model().fit(Forgetful(), verbose=0)
