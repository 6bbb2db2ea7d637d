"""A workload of dense layers in scikit-learn's MLPClassifier, from weights of its own; it keeps no accuracy."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.work.measure import asked, measure
from benchmarks.workloads import BETA_1, BETA_2, EPSILON, LEARNING_RATE

work, settings = asked()
x, y = work.data()
model = MLPClassifier(
    tuple(layer.size for layer in work.layers[:-1]), alpha=0.0, batch_size=work.batch, learning_rate_init=LEARNING_RATE,
    beta_1=BETA_1, beta_2=BETA_2, epsilon=EPSILON, tol=0.0, warm_start=True, random_state=0,
)  # fmt: skip
warnings.simplefilter("ignore")  # that it hasn't converged


def fit(epochs, tick):
    """`partial_fit` is one epoch; `fit` is many without looking."""
    done = len(getattr(model, "loss_curve_", ()))
    if tick:
        for _ in range(epochs):
            model.partial_fit(x, y, classes=np.arange(work.classes))
            tick()
    else:
        model.set_params(max_iter=epochs, n_iter_no_change=epochs + 1).fit(x, y)
    return model.loss_curve_[done:], []


measure(work, fit, own_weights=True)
if settings.get("predict"):
    print(model.predict_proba(x[:1]))
