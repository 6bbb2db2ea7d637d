"""Networks are estimators: scikit-learn's own checks pass, and Keras's wrappers take a model of one's own."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from pippin import layers, models

pytest.importorskip("sklearn", reason="needs scikit-learn: pip install pippin[sklearn]")

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from pippin.wrappers import PippinClassifier, PippinRegressor, SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
WORDS = np.where(X[:, 0] + X[:, 1] > 0, "yes", "no")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "estimator", [PippinClassifier(epochs=30, random_state=0), PippinRegressor(epochs=60, random_state=0)]
)
def test_an_estimator_passes_scikit_learns_checks(estimator: Any) -> None:
    failed = [result for result in check_estimator(estimator, on_fail=None) if result["status"] == "failed"]
    assert [(result["check_name"], result["exception"]) for result in failed] == []


def test_a_classifier_learns_words_in_a_pipeline_and_is_pickled() -> None:
    line = make_pipeline(StandardScaler(), PippinClassifier(epochs=30, random_state=1)).fit(X, WORDS)
    assert line.score(X, WORDS) > 0.95
    assert np.allclose(line.predict_proba(X[:5]).sum(1), 1)
    assert np.array_equal(pickle.loads(pickle.dumps(line)).predict(X), line.predict(X))


def test_one_seed_gives_one_network() -> None:
    made = [PippinRegressor(epochs=5, random_state=seed).fit(X, X[:, 0]) for seed in (3, 3, 4)]
    first, again, other = (one.predict(X) for one in made)
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def _network(X: np.ndarray, y: np.ndarray, loss: str, ending: str | None = None) -> Any:
    model = models.Sequential(
        [layers.Input((X.shape[1],)), layers.Dense(16, "relu"), layers.Dense(y.shape[1], ending)]
    )
    model.compile("adam", loss)
    return model


def test_a_function_that_makes_a_model_is_a_classifier_or_a_regressor() -> None:
    classifier = SKLearnClassifier(
        _network, model_kwargs={"loss": "categorical_crossentropy", "ending": "softmax"}, fit_kwargs={"epochs": 40}
    ).fit(X, WORDS)
    assert classifier.score(X, WORDS) > 0.9 and classifier.epoch_ == 39
    regressor = SKLearnRegressor(_network, model_kwargs={"loss": "mse"}).fit(X, X[:, 0], epochs=100)
    assert regressor.predict(X).shape == (200,) and regressor.score(X, X[:, 0]) > 0.7


def test_a_model_is_copied_before_it_is_trained() -> None:
    model = _network(X, X[:, :1], "mse")
    before = model.get_weights()
    made = SKLearnTransformer(model).fit(X, X[:, 0])
    assert made.transform(X).shape == (200, 1) and made.model_ is not model
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_a_model_that_is_not_compiled_is_refused() -> None:
    model = models.Sequential([layers.Input((3,)), layers.Dense(1)])
    with pytest.raises(RuntimeError, match="Given model needs to be compiled"):
        SKLearnRegressor(model).fit(X, X[:, 0])
