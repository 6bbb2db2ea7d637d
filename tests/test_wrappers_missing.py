"""Without scikit-learn its estimators say what to install."""

from __future__ import annotations

import importlib.util

import pytest

import pippin


@pytest.mark.skipif(importlib.util.find_spec("sklearn") is not None, reason="scikit-learn is installed")
def test_an_estimator_says_that_scikit_learn_is_missing() -> None:
    with pytest.raises(ImportError, match=r"PippinClassifier: expected scikit-learn 1\.6 .*pip install scikit-learn"):
        pippin.PippinClassifier()
