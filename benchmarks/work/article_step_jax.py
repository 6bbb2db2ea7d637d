"""The same steps in plain JAX: whole epochs in one lax.scan under jit, Adam by hand, loss and accuracy of each step
kept."""

import json
import time
from statistics import median

import jax
import jax.numpy as jnp
import numpy as np

rng = np.random.default_rng(0)
x, y = jnp.asarray(rng.random((20, 16), np.float32)), jnp.asarray(rng.integers(0, 2, 20))


def layer(inputs, outputs):
    limit = np.sqrt(6 / (inputs + outputs))
    return jnp.asarray(rng.uniform(-limit, limit, (inputs, outputs)).astype(np.float32)), jnp.zeros(outputs)


def forward(weights, x):
    for number, (kernel, bias) in enumerate(weights):
        x = x @ kernel + bias
        x = jax.nn.relu(x) if number < 2 else x
    return x


def loss_and_accuracy(weights, x, y):
    scores = forward(weights, x)
    losses = -jnp.take_along_axis(jax.nn.log_softmax(scores), y[:, None], 1)
    return losses.mean(), (scores.argmax(1) == y).mean()


def step(carry, key):
    weights, m, v, t = carry
    order = jax.random.permutation(key, 20)
    (loss, accuracy), gradients = jax.value_and_grad(loss_and_accuracy, has_aux=True)(weights, x[order], y[order])
    t = t + 1
    m = jax.tree.map(lambda m, g: m + (g - m) * 0.1, m, gradients)
    v = jax.tree.map(lambda v, g: v + (g * g - v) * 0.001, v, gradients)
    rate = 0.001 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    weights = jax.tree.map(lambda w, m, v: w - m * rate / (jnp.sqrt(v) + 1e-7), weights, m, v)
    return (weights, m, v, t), (loss, accuracy)


@jax.jit
def run(carry, keys):
    return jax.lax.scan(step, carry, keys)


weights = [layer(16, 32), layer(32, 16), layer(16, 2)]
zeros = jax.tree.map(jnp.zeros_like, weights)
carry = (weights, zeros, zeros, jnp.float32(0))
keys = jax.random.split(jax.random.key(0), 5000)
jax.block_until_ready(run(carry, keys))
found = []
for _ in range(7):
    began = time.perf_counter()
    _, (losses, _) = jax.block_until_ready(run(carry, keys))
    found.append((time.perf_counter() - began) / 5000)
print(json.dumps({"seconds": median(found), "loss": float(losses[-1])}))
