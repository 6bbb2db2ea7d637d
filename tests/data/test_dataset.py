"""The manners of tf.data that scripts rely on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin.data import Dataset
from pippin.errors import DataError, SettingError


def numbers(count: int = 10) -> Dataset:
    return Dataset.from_tensor_slices(np.arange(count))


def values(dataset: Dataset) -> list[Any]:
    return [element.tolist() for element in dataset]


def test_slices_of_arrays_tuples_and_dicts() -> None:
    x, y = np.arange(6).reshape(3, 2), np.array([1, 0, 1])
    assert values(Dataset.from_tensor_slices(x)) == [[0, 1], [2, 3], [4, 5]]
    pairs = list(Dataset.from_tensor_slices((x, y)))
    assert pairs[2][0].tolist() == [4, 5]
    assert pairs[2][1] == 1
    assert list(Dataset.from_tensor_slices({"x": x}))[1]["x"].tolist() == [2, 3]
    with pytest.raises(DataError, match=r"equally many rows, received \[2, 3\]"):
        Dataset.from_tensor_slices((x, y[:2]))


def test_a_dataset_can_be_gone_through_again() -> None:
    dataset = numbers().batch(4)
    assert values(dataset) == values(dataset) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_batches_stack_and_may_drop_the_rest() -> None:
    assert values(numbers(5).batch(2, drop_remainder=True)) == [[0, 1], [2, 3]]
    pairs = list(Dataset.from_tensor_slices((np.ones((4, 3)), np.zeros(4))).batch(3))
    assert [x.shape for x, _ in pairs] == [(3, 3), (1, 3)]
    assert values(numbers(5).batch(2).unbatch()) == [0, 1, 2, 3, 4]
    uneven = Dataset.from_tensor_slices(np.arange(2)).map(lambda n: np.zeros(int(n)))
    with pytest.raises(DataError, match="elements of one shape"):
        list(uneven.batch(2))


def test_lengths_are_known_where_tensorflow_knows_them() -> None:
    assert len(numbers(10).batch(4)) == 3
    assert len(numbers(10).batch(4, drop_remainder=True)) == 2
    assert len(numbers(10).take(3)) == 3
    assert len(numbers(10).take(-1)) == 10
    assert len(numbers(10).skip(3)) == 7
    assert len(numbers(10).skip(30)) == 0
    assert len(numbers(10).repeat(3)) == 30
    assert len(numbers(10).map(abs).shuffle(3).prefetch(1).cache()) == 10
    assert int(numbers().repeat().cardinality()) == -1
    assert numbers().batch(2).unbatch().cardinality().numpy() == -2
    assert len(numbers().repeat().take(7)) == 7
    with pytest.raises(TypeError, match=r"is infinite\. Use take"):
        len(numbers().repeat())
    with pytest.raises(TypeError):
        len(numbers().batch(2).unbatch())
    assert numbers().repeat()


def test_lengths_are_true() -> None:
    recipes = [
        numbers(7).batch(3),
        numbers(7).batch(3, drop_remainder=True),
        numbers(7).skip(2).take(9),
        numbers(3).repeat(2).skip(1),
        numbers(7).shuffle(3).batch(2).repeat(2),
        numbers(5).repeat().take(12),
        numbers(0).repeat(),
        numbers(4).skip(-1),
        numbers(4).repeat(0),
        numbers(5).map(abs).cache().batch(2).take(2),
    ]
    for dataset in recipes:
        assert len(list(dataset)) == len(dataset)


def test_map_spreads_tuples() -> None:
    dataset = Dataset.from_tensor_slices((np.arange(3), np.arange(3) * 10))
    assert values(dataset.map(lambda x, y: x + y, num_parallel_calls=-1)) == [0, 11, 22]
    assert list(dataset.map(lambda x, y: (x, {"y": y})))[1][1]["y"] == 10


def test_repeat_take_and_skip() -> None:
    assert values(numbers(3).repeat(2)) == [0, 1, 2, 0, 1, 2]
    assert values(numbers(3).repeat().take(7)) == [0, 1, 2, 0, 1, 2, 0]
    assert values(numbers(5).skip(3)) == [3, 4]
    assert values(numbers(3).repeat(-1).take(4)) == [0, 1, 2, 0]
    assert values(numbers(0).repeat()) == []


def test_shuffle_keeps_all_elements_and_differs_in_each_pass() -> None:
    dataset = numbers(50).shuffle(50, seed=3)
    first, second = values(dataset), values(dataset)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second != list(range(50))
    assert values(numbers(50).shuffle(50, seed=3)) == first
    assert values(numbers(50).shuffle(50, seed=4)) != first


def test_any_pass_can_be_asked_for_by_its_number() -> None:
    def recipe() -> Dataset:
        return numbers(30).shuffle(7, seed=3).batch(4).repeat(2).shuffle(3, seed=1)

    dataset, resumed = recipe(), recipe()
    passes = [[batch.tolist() for batch in dataset] for _ in range(4)]
    assert dataset.passes == 4
    resumed.passes = 3
    assert [batch.tolist() for batch in resumed] == passes[3]
    assert len({str(one) for one in passes}) == 4


def test_shuffle_can_keep_its_order() -> None:
    dataset = numbers(50).shuffle(50, seed=3, reshuffle_each_iteration=False)
    assert values(dataset) == values(dataset)


def test_a_small_buffer_moves_elements_at_most_that_far_ahead() -> None:
    assert all(element <= place + 4 for place, element in enumerate(values(numbers(100).shuffle(5, seed=0))))
    assert values(numbers(9).shuffle(1)) == list(range(9))


def test_without_a_seed_the_order_comes_from_numpys_global_seed() -> None:
    orders = []
    for _ in range(2):
        np.random.seed(5)
        orders.append(values(numbers(50).shuffle(50)))
    assert orders[0] == orders[1]


def test_cache_remembers_a_whole_pass_and_no_part_of_one() -> None:
    made: list[int] = []

    def make(n: Any) -> Any:
        made.append(int(n))
        return n

    dataset = numbers(4).map(make).cache()
    assert len(list(dataset.take(2))) == 2
    assert values(dataset) == values(dataset) == [0, 1, 2, 3]
    assert made == [0, 1, 0, 1, 2, 3]


def test_nothing_is_made_before_it_is_asked_for() -> None:
    made: list[int] = []
    dataset = numbers(1000).map(lambda n: made.append(int(n)) or n).batch(2).prefetch(-1)
    assert made == []
    next(iter(dataset))
    assert len(made) == 2


def test_batches_answer_numpy_as_scripts_expect() -> None:
    images, labels = next(iter(Dataset.from_tensor_slices((np.ones((4, 2, 2, 3)), np.arange(4))).batch(4)))
    assert type(images.numpy()) is np.ndarray
    assert type(images[0].numpy().astype("uint8")) is np.ndarray
    assert ["a", "b", "c"][labels[1]] == "b"
    assert labels[1].numpy() == 1
    assert isinstance(images, np.ndarray)
    assert type(next(numbers().batch(2).as_numpy_iterator())) is np.ndarray


def test_class_names_are_kept() -> None:
    dataset = numbers()
    dataset.class_names = ["a", "b"]
    assert dataset.map(abs).shuffle(3).batch(2).cache().prefetch(2).take(1).class_names == ["a", "b"]


@pytest.mark.parametrize("size", [0, -1, 2.5, True])
def test_impossible_sizes_are_refused(size: Any) -> None:
    with pytest.raises(SettingError, match="batch_size"):
        numbers().batch(size)
    with pytest.raises(SettingError, match="buffer_size"):
        numbers().shuffle(size)
