"""64 networks in scikit-learn, on all cores by joblib's processes (threads would wait for Python's lock); seconds of a
warm call."""

import warnings

import numpy as np
from joblib import Parallel, delayed
from sklearn.neural_network import MLPClassifier

from benchmarks.work.measure import asked, peak_bytes, tell, timed
from benchmarks.workloads import BETA_1, BETA_2, EPSILON, LEARNING_RATE

work, settings = asked()
x, y = work.data()


def fit(seed):
    warnings.simplefilter("ignore")  # that it hasn't converged
    model = MLPClassifier(
        tuple(layer.size for layer in work.layers[:-1]), alpha=0.0, batch_size=work.batch, max_iter=work.epochs,
        tol=0.0, learning_rate_init=LEARNING_RATE, beta_1=BETA_1, beta_2=BETA_2, epsilon=EPSILON, random_state=seed,
        n_iter_no_change=work.epochs + 1,
    )  # fmt: skip
    return model.fit(x, y).loss_curve_


curves = []
with Parallel(n_jobs=-1) as crew:
    for _ in range(2):
        seconds = timed(lambda: curves.append(crew(delayed(fit)(seed) for seed in range(settings.get("networks", 64)))))
tell(seconds=seconds, loss=np.mean(curves[-1], axis=0).tolist(), peak=peak_bytes(), own_weights=True)
