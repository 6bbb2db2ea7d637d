"""`predict_proba` of one row by scikit-learn's network of the article: seconds of a call."""

import warnings

from sklearn.neural_network import MLPClassifier

from benchmarks.work.measure import asked, per_call, tell

work, _ = asked()
x, y = work.data()
warnings.simplefilter("ignore")  # that it hasn't converged
model = MLPClassifier((32, 16), batch_size=20, max_iter=1, random_state=0).fit(x, y)
tell(seconds=per_call(lambda: model.predict_proba(x[:1])))
