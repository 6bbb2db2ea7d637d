"""A workload in plain JAX, as its fastest users write it: whole epochs in one lax.scan under jit, or with "scan" false
a jitted step; Adam by hand, the loss and the accuracy of every step kept."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.work.measure import asked, measure
from benchmarks.workloads import BETA_1, BETA_2, EPSILON, LEARNING_RATE, Workload


def scores(work: Workload, weights, x, key=None):
    """The network's outputs before softmax; with a key dropout drops."""
    weights = iter(weights)
    for layer in work.layers:
        if layer.kind == "conv":
            x = lax.conv_general_dilated(
                x, next(weights), (1, 1), layer.padding.upper(), dimension_numbers=("NHWC", "HWIO", "NHWC")
            ) + next(weights)
        elif layer.kind == "pool":
            # (As maxima of a reshaped array it takes four times as long.)
            x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        elif layer.kind == "flatten":
            x = x.reshape(len(x), -1)
        elif layer.kind == "dropout" and key is not None:
            x = jnp.where(jax.random.bernoulli(key, 1 - layer.rate, x.shape), x / (1 - layer.rate), 0)
        elif layer.kind == "dense":
            x = x @ next(weights) + next(weights)
        if layer.activation == "relu":
            x = jax.nn.relu(x)
    return x


def loss_and_hits(work: Workload, weights, x, y, key):
    found = scores(work, weights, x, key)
    return -(jax.nn.log_softmax(found) * y).sum(1).mean(), (found.argmax(1) == y.argmax(1)).sum()


def step(work: Workload, carry, x, y):
    weights, m, v, t = carry
    t = t + 1
    key = jax.random.fold_in(jax.random.key(0, impl="rbg"), t) if any(l.rate for l in work.layers) else None
    whole = jax.value_and_grad(lambda w: loss_and_hits(work, w, x, y, key), has_aux=True)
    (loss, hits), gradients = whole(weights)
    m = jax.tree.map(lambda m, g: m + (g - m) * (1 - BETA_1), m, gradients)
    v = jax.tree.map(lambda v, g: v + (g * g - v) * (1 - BETA_2), v, gradients)
    rate = LEARNING_RATE * jnp.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
    weights = jax.tree.map(lambda w, m, v: w - m * rate / (jnp.sqrt(v) + EPSILON), weights, m, v)
    return (weights, m, v, t), jnp.stack([loss * len(x), hits])


def epochs_of(work: Workload):
    """(carry, x, y, orders of the rows) → carry, sums of loss and hits of each epoch; all epochs in one scan."""

    def batch(x, y, carry, rows):
        return step(work, carry, x[rows], y[rows])

    def epoch(x, y, carry, order):
        full = work.rows // work.batch * work.batch
        carry, sums = lax.scan(lambda c, rows: batch(x, y, c, rows), carry, order[:full].reshape(-1, work.batch))
        sums = sums.sum(0)
        if full < work.rows:
            carry, last = batch(x, y, carry, order[full:])
            sums += last
        return carry, sums

    return lambda carry, x, y, orders: lax.scan(lambda c, order: epoch(x, y, c, order), carry, orders)


def beginning(work: Workload, seed: int = 0):
    """Weights, Adam's moments, and the number of steps done."""
    weights = [jnp.asarray(weight) for weight in work.weights(seed)]
    return weights, [jnp.zeros_like(w) for w in weights], [jnp.zeros_like(w) for w in weights], jnp.int32(0)


def orders_of(work: Workload, epochs: int, rng: np.random.Generator) -> np.ndarray:
    return rng.permuted(np.tile(np.arange(work.rows, dtype=np.int32), (epochs, 1)), axis=1)


def data_of(work: Workload):
    x, labels = work.data()
    return jnp.asarray(x), jnp.asarray(np.eye(work.classes, dtype=np.float32)[labels])


def step_by_step(work: Workload):
    """The same as a Python loop over a jitted step: XLA doesn't thread convolutions inside a scan."""
    one = jax.jit(lambda carry, x, y, rows: step(work, carry, x[rows], y[rows]), donate_argnums=0)

    def run(carry, x, y, orders):
        sums = []
        for order in orders:
            found = []
            for begin in range(0, work.rows, work.batch):
                carry, both = one(carry, x, y, order[begin : begin + work.batch])
                found.append(both)
            sums.append(np.sum(jax.device_get(found), axis=0))
        return carry, np.stack(sums)

    return run


def main() -> None:
    work, settings = asked()
    run = jax.jit(epochs_of(work), donate_argnums=0) if settings.get("scan", True) else step_by_step(work)
    x, y = data_of(work)
    carry, rng = [beginning(work)], np.random.default_rng(0)

    def fit(epochs, tick):
        sums = []
        for count in [1] * epochs if tick else [epochs]:
            carry[0], found = run(carry[0], x, y, orders_of(work, count, rng))
            sums.append(np.asarray(found))
            if tick:
                tick()
        return (np.concatenate(sums) / work.rows).T.tolist()

    measure(work, fit)
    if settings.get("predict"):
        print(np.asarray(jax.jit(lambda weights, x: jax.nn.softmax(scores(work, weights, x)))(carry[0][0], x[:1])))


if __name__ == "__main__":
    main()
