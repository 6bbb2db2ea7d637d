"""What every test gets.

No network, fixed seeds, its own engine, and the sample data that may lie beside the checkout.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")  # real Keras, where tests compare with it, looks for TensorFlow else
SHARED_FOLDER = Path(__file__).resolve().parents[2] / "shared"

# The same examples in every run: a fault found once is found again.
hypothesis.settings.register_profile("pippin", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.load_profile("pippin")


@pytest.fixture(scope="session")
def SHARED() -> Path:
    """The folder of sample data and of the article; tests that need it are skipped where it is absent."""
    if not SHARED_FOLDER.is_dir():
        pytest.skip(f"needs the folder of sample data {SHARED_FOLDER}")
    return SHARED_FOLDER


@pytest.fixture(autouse=True)
def _fixed_seeds() -> None:
    random.seed(0)
    np.random.seed(0)


@pytest.fixture(autouse=True)
def _same_engine_afterwards() -> Iterator[None]:
    from pippin.engines import choose

    before = list(choose._default)
    yield
    choose._default[:] = before


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine may be reached: a test that needs the internet is a test of the internet."""
    connect = socket.socket.connect

    def refuse_strangers(self: socket.socket, address: Any) -> None:
        if self.family == socket.AF_UNIX or str(address[0]) in ("127.0.0.1", "::1", "localhost"):
            return connect(self, address)
        return _refused(address)

    monkeypatch.setattr(socket.socket, "connect", refuse_strangers)


def _refused(address: Any) -> NoReturn:
    raise AssertionError(f"a test tried to reach {address}: tests use no network")


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers that are the same in every run."""
    return np.random.default_rng(0)
