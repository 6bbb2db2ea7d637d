"""64 networks at once by `pippin.fit_many`: seconds of a warm call, and the mean loss of each epoch."""

import numpy as np

import pippin
from benchmarks.work.measure import asked, peak_bytes, tell, timed
from benchmarks.work.train_keras import compiled, one_hot

work, settings = asked()
networks = settings.get("networks", 64)
x, y = one_hot(work)


def fit():
    """Seconds, and each epoch's loss; making the networks isn't timed."""
    models, found = [compiled(work, seed) for seed in range(networks)], []
    seconds = timed(lambda: found.extend(
        pippin.fit_many(models, x, y, batch_size=work.batch, epochs=work.epochs, verbose=0)
    ))  # fmt: skip
    return seconds, np.mean([history.history["loss"] for history in found], axis=0)


fit()
seconds, losses = fit()
tell(seconds=seconds, loss=losses.tolist(), peak=peak_bytes())
