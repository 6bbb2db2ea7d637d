"""Which engine runs: by name, for a while, or the first that works, said once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pippin.engines import choose, current_engine, engine, engine_names, get_engine, set_engine
from pippin.engines.reference import ReferenceEngine
from pippin.errors import PippinError, SettingError


@pytest.fixture
def no_native(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which the native part was not built, and nothing was chosen yet."""

    def missing() -> ReferenceEngine:
        raise PippinError("the native engine is missing. Cure: install a compiler.")

    monkeypatch.setitem(choose._MAKERS, "native", missing)
    monkeypatch.setattr(choose, "_default", [])
    choose.get_engine.cache_clear()
    yield
    choose.get_engine.cache_clear()


def test_an_engine_is_set_by_name() -> None:
    set_engine("reference")
    assert current_engine().name == "reference"


def test_inside_the_block_another_engine_runs_and_afterwards_the_first() -> None:
    set_engine("reference")
    with engine("jax") as found:
        assert current_engine() is found and found.name == "jax"
        with engine("reference"):
            assert current_engine().name == "reference"
        assert current_engine().name == "jax"
    assert current_engine().name == "reference"


def test_the_first_engine_is_back_even_after_an_error() -> None:
    set_engine("reference")
    with pytest.raises(ZeroDivisionError), engine("jax"):
        _ = 1 / 0
    assert current_engine().name == "reference"


def test_an_unknown_engine_is_refused_with_the_nearest_name_and_nothing_changes() -> None:
    set_engine("reference")
    with pytest.raises(
        SettingError, match=r"Unknown engine: 'nativ'.*Did you mean \"native\"\?.*jax, native, reference"
    ):
        set_engine("nativ")
    with pytest.raises(SettingError), engine("cuda"):
        raise AssertionError("never reached")
    assert current_engine().name == "reference"


def test_an_engine_is_made_once() -> None:
    assert get_engine("reference") is get_engine("reference")
    assert engine_names() == ("native", "reference", "jax")


def test_without_native_code_the_reference_runs_and_says_so_in_one_line_once(
    no_native: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert current_engine().name == "reference"
    assert current_engine().name == "reference"
    said = capsys.readouterr()
    assert said.err == "pippin: the native engine is missing. Cure: install a compiler.\n" and said.out == ""


def test_asking_for_native_code_that_is_missing_is_an_error(no_native: None) -> None:
    with pytest.raises(PippinError, match="Cure: install a compiler"):
        set_engine("native")
