"""64 networks at once by `pippin.fit_many`: seconds of a warm call, and the mean loss of each epoch."""

import numpy as np
import pippin

from benchmarks.work.measure import asked, peak_bytes, tell, timed
from benchmarks.work.train_keras import compiled, one_hot

work, settings = asked()
networks = settings.get("networks", 64)
x, y = one_hot(work)
history = []


def run():
    models = [compiled(work, seed) for seed in range(networks)]
    seconds = timed(lambda: history.append(
        pippin.fit_many(models, x, y, batch_size=work.batch, epochs=work.epochs)
    ))  # fmt: skip
    return seconds


run()
seconds = run()
losses = np.mean([one.history["loss"] for one in history[-1]], axis=0)
tell(seconds=seconds, loss=losses.tolist(), peak=peak_bytes())
