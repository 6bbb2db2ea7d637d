"""Floating-point operations per second of NumPy's product of two large float32 matrices, best of three."""

import numpy as np

from benchmarks.work.measure import tell, timed

SIZE = 4096
a, b = (np.random.default_rng(seed).random((SIZE, SIZE), np.float32) for seed in (0, 1))
product = np.empty_like(a)
tell(flops=2 * SIZE**3 / min(timed(lambda: np.matmul(a, b, product)) for _ in range(3)))
