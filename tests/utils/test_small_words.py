"""Claims about Keras's small utilities: packing, splitting, settings, questions about tensors."""

from __future__ import annotations

import json
import pkgutil

import numpy as np
import pytest

import pippin.utils
from pippin import layers
from pippin.errors import SettingError
from pippin.utils import (
    Config,
    clear_session,
    get_source_inputs,
    is_keras_tensor,
    pack_x_y_sample_weight,
    split_dataset,
    standardize_dtype,
    unpack_x_y_sample_weight,
)


def test_parts_are_packed_as_short_as_they_can_be_and_come_apart_again() -> None:
    x, y, w = np.ones(2), np.ones(3), np.ones(4)
    assert pack_x_y_sample_weight(x) is x
    assert pack_x_y_sample_weight([x, y]) == ([x, y],)
    for parts in ((x, y), (x, y, w)):
        assert unpack_x_y_sample_weight(pack_x_y_sample_weight(*parts))[: len(parts)] == parts
    assert unpack_x_y_sample_weight([x])[1:] == (None, None)
    with pytest.raises(ValueError, match="received 4 parts"):
        unpack_x_y_sample_weight((x, x, x, x))


@pytest.mark.parametrize(("sizes", "wanted"), [
    ({"left_size": 0.8}, (8, 2)), ({"right_size": 3}, (7, 3)), ({"left_size": 2, "right_size": 0.5}, (2, 5)),
])  # fmt: skip
def test_a_dataset_is_split_into_parts_that_share_nothing(sizes: dict[str, float], wanted: tuple[int, int]) -> None:
    x = np.arange(10)
    left, right = split_dataset((x, x * 2), **sizes, shuffle=True, seed=3)
    assert (len(left), len(right)) == wanted
    numbers = [int(a) for a, b in [*left, *right] if b == a * 2]
    assert len(set(numbers)) == sum(wanted)
    again, _ = split_dataset((x, x * 2), **sizes, shuffle=True, seed=3)
    assert [int(a) for a, _ in again] == [int(a) for a, _ in left]


def test_impossible_splits_are_refused() -> None:
    for sizes in ({}, {"left_size": 0}, {"left_size": 1.5}, {"left_size": 0.8, "right_size": 0.4}, {"left_size": 11}):
        with pytest.raises(SettingError, match="split_dataset"):
            split_dataset(np.arange(10), **sizes)
    with pytest.raises(TypeError):
        split_dataset(7, left_size=0.5)


def test_settings_are_read_both_ways_and_can_be_frozen() -> None:
    config = Config(rate=0.1)
    config.steps, config["seed"] = 3, 4
    assert (config["rate"], config.steps, config.seed) == (0.1, 3, 4)
    assert json.loads(config.to_json()) == config.as_dict() == dict(config.items())
    config.freeze()
    for change in (lambda: config.pop("rate"), lambda: config.update(a=1), lambda: setattr(config, "b", 2)):
        with pytest.raises(ValueError, match="frozen"):
            change()
    config.unfreeze()
    del config.rate
    assert "rate" not in config and len(config) == 2
    with pytest.raises(AttributeError, match="does not exist"):
        config.rate  # noqa: B018


def test_types_have_one_name_each() -> None:
    given = [None, float, np.float32, "float32", np.dtype("float32"), int, bool, "int8"]
    assert [standardize_dtype(dtype) for dtype in given] == ["float32"] * 5 + ["int32", "bool", "int8"]
    with pytest.raises(ValueError, match="Invalid dtype: 'float13'"):
        standardize_dtype("float13")


def test_the_inputs_behind_a_tensor_are_found_once() -> None:
    a, b = layers.Input((2,)), layers.Input((2,))
    tensor = layers.Add()([layers.Dense(2)(a), b, a])
    assert {id(t) for t in get_source_inputs(tensor)} == {id(a), id(b)} and len(get_source_inputs(tensor)) == 2
    assert is_keras_tensor(tensor) and not is_keras_tensor(np.ones(2))


def test_names_are_counted_afresh_after_clear_session() -> None:
    layers.Dense(1)
    clear_session()
    assert layers.Dense(1).name == "dense"


def test_no_word_is_hidden_by_a_module_of_its_name() -> None:
    modules = {one.name for one in pkgutil.iter_modules(pippin.utils.__path__)}
    assert modules & set(dir(pippin.utils)) == {"bounding_boxes"}, "this one is a module in Keras too"
