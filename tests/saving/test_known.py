"""Classes of the caller's own: found for one call, for a scope, or for the whole program, and otherwise refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pippin import layers, models, utils
from pippin.errors import FileError
from pippin.saving import load_model


class Doubled(layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs * 2


@pytest.fixture
def written(tmp_path: Path) -> Path:
    place = tmp_path / "doubled.keras"
    models.Sequential([layers.Input((3,)), Doubled()]).save(place)
    return place


def need_doubled(model: Any) -> None:
    np.testing.assert_array_equal(model.predict(np.ones((2, 3)), verbose=0), np.full((2, 3), 2))


def test_a_class_is_known_inside_its_scope_and_not_behind_it(written: Path) -> None:
    with utils.custom_object_scope({"Doubled": Doubled}):
        with utils.CustomObjectScope({"Other": layers.Dense}):
            need_doubled(load_model(written))
        assert utils.get_registered_object("Other") is None
    with pytest.raises(FileError, match="custom_objects="):
        load_model(written)


def test_what_is_put_among_the_custom_objects_is_known_to_every_file(written: Path) -> None:
    utils.get_custom_objects()["Doubled"] = Doubled
    try:
        need_doubled(load_model(written))
    finally:
        del utils.get_custom_objects()["Doubled"]


def test_a_registered_name_is_the_package_and_the_name() -> None:
    @utils.register_keras_serializable("tests", "twice")
    def double(x: Any) -> Any:
        return 2 * x

    assert utils.get_registered_name(double) == "tests>twice"
    assert utils.get_registered_object("tests>twice") is double
    assert utils.get_registered_name(Doubled) == "Doubled"
    del utils.get_custom_objects()["tests>twice"]
