"""`model.predict` of one row, verbose=0, of the article's network: seconds of a call, in Keras's words or Pippin's."""

from benchmarks.work.measure import asked, per_call, tell
from benchmarks.work.train_keras import compiled

work, _ = asked()
model = compiled(work)
row = work.data()[0][:1]
tell(seconds=per_call(lambda: model.predict(row, verbose=0)), scores=model.predict(row, verbose=0).tolist())
