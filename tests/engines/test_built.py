"""Installing falls back to the reference engine where no compiler is found, and nowhere else."""

import shutil
from importlib.util import find_spec

import pytest


def test_the_native_engine_is_built_where_there_is_a_compiler() -> None:
    if not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
        pytest.skip("no C++ compiler here")
    assert find_spec("pippin._native"), "native/ did not compile: pip install -v -e . shows why"
