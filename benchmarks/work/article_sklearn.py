"""The article's network and data as a whole scikit-learn script: import, fit 50 epochs, predict one row."""

import warnings

import numpy as np
from sklearn.neural_network import MLPClassifier

x, y = np.random.rand(20, 16).astype("float32"), np.random.randint(0, 2, 20)
model = MLPClassifier((32, 16), batch_size=20, max_iter=50, learning_rate_init=0.001, n_iter_no_change=50, tol=0.0)

warnings.simplefilter("ignore")
model.fit(x, y)
print(model.predict_proba(np.random.rand(1, 16).astype("float32")))
