"""Networks as scikit-learn's estimators: Keras's SKLearnClassifier, SKLearnRegressor and SKLearnTransformer around a
model of one's own, and PippinClassifier and PippinRegressor, which bring their network along.

They need scikit-learn (`pip install pippin[sklearn]`), which is imported with this module and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pippin.errors import NotCompiledError

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin, clone
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets, type_of_target
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    _missing: ImportError | None = error

    class BaseEstimator:  # type: ignore[no-redef]
        """Stands in scikit-learn's place, and says so when an estimator is made."""

        def __new__(cls, *arguments: Any, **keywords: Any) -> Any:
            raise ImportError(
                f"{cls.__name__}: expected scikit-learn 1.6 or newer ({_missing}). pip install scikit-learn"
            )

    ClassifierMixin, RegressorMixin, TransformerMixin = (type(word, (), {}) for word in ("C", "R", "T"))


class _Wrapped(BaseEstimator):
    """A compiled model, or a function that makes one from (X, y), as an estimator."""

    def __init__(
        self,
        model: Any,
        warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        return tags

    def __sklearn_clone__(self) -> Any:
        """The model itself is copied when it is fitted, not here."""
        made = type(self)(self.model)
        settings = {word: value for word, value in self.get_params(deep=False).items() if word != "model"}
        return made.set_params(**{word: clone(value, safe=False) for word, value in settings.items()})

    @property
    def epoch_(self) -> int:
        """The last epoch that was trained."""
        return int(self.history_.epoch[-1]) if hasattr(self, "history_") else 0

    def _made(self, X: np.ndarray, y: Any) -> Any:
        from pippin.models import Model, clone_model

        if isinstance(self.model, Model):
            made = clone_model(self.model)
            if self.model.built:
                made.set_weights(self.model.get_weights())
            if self.model.compiled:
                made.compile_from_config(self.model.get_compile_config())
        else:
            made = self.model(X, y, **(self.model_kwargs or {}))
        if not made.compiled:
            raise NotCompiledError(
                "Given model needs to be compiled, and have a loss and an optimizer: call model.compile(...) first."
            )
        return made

    def fit(self, X: Any, y: Any, **settings: Any) -> Any:
        """Train on the rows of X."""
        X, y = validate_data(self, X, y)
        y = self._targets(y)
        if not (self.warm_start and hasattr(self, "model_")):
            self.model_ = self._made(X, y)
        self.history_ = self.model_.fit(X, y, **{"verbose": 0, **(self.fit_kwargs or {}), **settings})
        return self

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return np.asarray(self.model_.predict(validate_data(self, X, reset=False), verbose=0))

    def _targets(self, y: Any) -> Any:
        y = np.asarray(y)
        if type_of_target(y) == "unknown":
            raise ValueError(f"Unknown label type for data: {y!r}")
        self._columns = y.ndim
        return y.reshape(len(y), -1)

    def _answers(self, outputs: np.ndarray) -> np.ndarray:
        return outputs.reshape(len(outputs)) if self._columns == 1 else outputs

    def predict(self, X: Any) -> np.ndarray:
        """What the model says of each row."""
        return self._answers(self._outputs(X))


class SKLearnRegressor(RegressorMixin, _Wrapped):
    """A model that estimates quantities, as scikit-learn's regressor."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags


class SKLearnClassifier(ClassifierMixin, _Wrapped):
    """A model with one output for each class, as scikit-learn's classifier. It gets one-hot rows as labels."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def _targets(self, y: Any) -> np.ndarray:
        return np.eye(len(self._classes_of(y)), dtype=np.float32)[self._numbers_of(y)]

    def _classes_of(self, y: Any) -> np.ndarray:
        check_classification_targets(y)
        if type_of_target(y) not in ("binary", "multiclass"):
            raise ValueError(f"Only binary and multiclass target types are supported. Target type: {type_of_target(y)}")
        self._columns = np.ndim(y)
        self.classes_: np.ndarray = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError("Classifier can't train when only one class is present.")
        return self.classes_

    def _numbers_of(self, y: Any) -> np.ndarray:
        return np.searchsorted(self.classes_, np.asarray(y).reshape(-1))

    def _answers(self, outputs: np.ndarray) -> np.ndarray:
        return self.classes_[outputs.argmax(1)] if outputs.shape[1] > 1 else self.classes_[(outputs[:, 0] > 0.5) * 1]

    def decision_function(self, X: Any) -> np.ndarray:
        """The model's outputs."""
        return self._outputs(X)


class SKLearnTransformer(TransformerMixin, _Wrapped):
    """A model whose outputs are new features."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def transform(self, X: Any) -> np.ndarray:
        """The model's outputs for each row."""
        return self._outputs(X)


class _WithNetwork(BaseEstimator):
    """A dense network that the estimator makes itself: its layers, and how it is trained.

    hidden: units of the hidden layers. `random_state` makes every fit the same; None draws anew.
    """

    def __init__(
        self,
        hidden: Sequence[int] = (64,),
        activation: str = "relu",
        learning_rate: float = 0.01,
        epochs: int = 100,
        batch_size: int = 32,
        model: Callable[[int, int], Any] | None = None,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.model = model
        self.random_state = random_state

    def _train(self, X: np.ndarray, y: np.ndarray, outputs: int, ending: str | None, loss: str) -> None:
        """Train a dense network, or what `model(features, outputs)` gives, on columns of mean 0 and width 1."""
        from pippin import layers, models, optimizers
        from pippin.random import make_seed, start_streams

        before = make_seed()
        start_streams(int(check_random_state(self.random_state).randint(2**31 - 1)))
        try:
            made = self.model(X.shape[1], outputs) if self.model is not None else models.Sequential(
                [layers.Input((X.shape[1],)), *(layers.Dense(units, self.activation) for units in self.hidden),
                 layers.Dense(outputs, ending)]
            )  # fmt: skip
            if not made.compiled:
                made.compile(optimizers.Adam(self.learning_rate), loss)
            self._middle, width = X.mean(0), X.std(0)
            self._width = np.where(width > 0, width, 1)
            self.history_ = made.fit(
                self._features(X), y, epochs=self.epochs, batch_size=self.batch_size, verbose=0
            ).history
        finally:
            start_streams(before)
        self.model_ = made
        self.n_iter_ = len(next(iter(self.history_.values())))

    def _features(self, X: np.ndarray) -> np.ndarray:
        return np.asarray((X - self._middle) / self._width, np.float32)

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        checked = validate_data(self, X, reset=False, dtype=np.float64)
        return np.asarray(self.model_.predict(self._features(checked), verbose=0), np.float64)


class PippinClassifier(ClassifierMixin, _WithNetwork):
    """A dense network that tells classes apart, with scikit-learn's manners."""

    def fit(self, X: Any, y: Any) -> PippinClassifier:
        """Train on the rows of X; classes may be numbers or words."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"PippinClassifier: expected two classes or more, received one class: {self.classes_}.")
        self._train(X, numbers.astype(np.int32), len(self.classes_), "softmax", "sparse_categorical_crossentropy")
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """(rows, classes): how likely each class is."""
        found = self._outputs(X)
        return found / found.sum(1, keepdims=True)

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest class of each row."""
        outputs = self._outputs(X)
        return self.classes_[outputs.argmax(1)]


class PippinRegressor(RegressorMixin, _WithNetwork):
    """A dense network that estimates a quantity, or several, with scikit-learn's manners."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> PippinRegressor:
        """Train on the rows of X."""
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        self._columns = y.ndim
        y = y.reshape(len(y), -1)
        self._target_middle, width = y.mean(0), y.std(0)
        self._target_width = np.where(width > 0, width, 1)
        scaled = np.asarray((y - self._target_middle) / self._target_width, np.float32)
        self._train(X, scaled, y.shape[1], None, "mean_squared_error")
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The estimates: (rows,), or (rows, targets) if it was trained on several."""
        found = self._outputs(X) * self._target_width + self._target_middle
        return found.reshape(len(found)) if self._columns == 1 else found


__all__ = ["PippinClassifier", "PippinRegressor", "SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]
