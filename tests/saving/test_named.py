"""Objects are found in closed tables: by any of their names, never by importing."""

from __future__ import annotations

import pytest

from pippin import initializers
from pippin.saving.named import find, from_description, table_of

TABLE = table_of((initializers.GlorotUniform, initializers.Zeros), zero=initializers.Zeros)


def test_a_class_has_its_name_its_small_name_and_its_aliases() -> None:
    assert set(TABLE) == {"GlorotUniform", "glorot_uniform", "Zeros", "zeros", "zero"}


def test_what_is_not_in_the_table_is_not_made() -> None:
    described = {"module": "os", "class_name": "system", "config": {"command": "true"}}
    with pytest.raises(ValueError, match="Unknown initializer: 'system'.* Known: GlorotUniform, Zeros"):
        from_description("initializer", described, TABLE)
    with pytest.raises(ValueError, match="Unknown initializer: {'config'"):
        from_description("initializer", {"config": {}}, TABLE)
    with pytest.raises(ValueError, match="Unknown initializer: 3"):
        find("initializer", 3, TABLE, initializers.Initializer)


def test_a_long_list_of_names_does_not_drown_the_nearest() -> None:
    long = {**TABLE, **{f"word{number}": f"word{number}" for number in range(60)}}
    with pytest.raises(ValueError, match="^Unknown initializer: 'zerros'. Did you mean \"[Zz]eros\"\\?$"):
        find("initializer", "zerros", long, initializers.Initializer)
    with pytest.raises(ValueError, match="Unknown initializer: 'qqqq'. Known: GlorotUniform, Zeros, word0, word1"):
        find("initializer", "qqqq", long, initializers.Initializer)


def test_configurations_are_not_changed_by_reading_them() -> None:
    described = {"class_name": "GlorotUniform", "config": {"seed": 4}}
    from_description("initializer", described, TABLE)
    assert described == {"class_name": "GlorotUniform", "config": {"seed": 4}}
