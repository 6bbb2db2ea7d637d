"""For ten models of different kinds, every number that glass.step shows is that of the reference engine, of the engine
that trains, and of real Keras on JAX (skipped without a Python that has it); nudging every weight agrees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conformance.agreement import CLOSE, agreement_of, ask_keras
from conformance.ten_models import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_shown_are_those_of_both_engines_and_of_two_nudges(kind: str) -> None:
    found = agreement_of(kind, None)
    assert found.numbers > 100 and found.checks >= 4
    assert found.reference < CLOSE and found.native < CLOSE
    assert found.checks_that_agree == found.checks


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keras")
    if not ask_keras(folder):
        pytest.skip("needs a Python with Keras and JAX: pip install keras jax, or python -m benchmarks.peers")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_shown_are_those_of_real_keras(kind: str, answers: Path) -> None:
    found = agreement_of(kind, dict(np.load(answers / f"{kind}.npz")))
    assert found.keras_outputs is not None and found.keras_outputs < CLOSE
    assert found.keras_gradients is not None and found.keras_gradients < CLOSE
