"""64 networks at once in plain JAX: train_jax's scan over epochs under vmap; seconds of a warm call."""

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.work.measure import asked, peak_bytes, tell, timed
from benchmarks.work.train_jax import beginning, data_of, epochs_of, orders_of

work, settings = asked()
networks = settings.get("networks", 64)
run = jax.jit(jax.vmap(epochs_of(work), (0, None, None, 0)))
x, y = data_of(work)
carries = jax.tree.map(lambda *each: jnp.stack(each), *(beginning(work, seed) for seed in range(networks)))
sums = []


def fit(seed):
    rng = np.random.default_rng(seed)
    orders = np.stack([orders_of(work, work.epochs, rng) for _ in range(networks)])
    sums.append(np.asarray(run(carries, x, y, orders)[1]))


fit(0)
seconds = timed(lambda: fit(1))
tell(seconds=seconds, loss=(sums[-1][..., 0].mean(0) / work.rows).tolist(), peak=peak_bytes())
