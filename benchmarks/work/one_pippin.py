"""One sample through `model(x)`: seconds of a call, for the workload that the command line names."""

from benchmarks.work.measure import asked, per_call, tell
from benchmarks.work.train_keras import compiled

work, _ = asked()
model = compiled(work)
x = work.data()[0][:1]
tell(seconds=per_call(lambda: model(x)), scores=model(x).tolist())
