"""What everybody trains on: each workload's network, data, batch and epochs, said once. The scripts in work/ read it in
each peer's own environment, so this file needs NumPy and nothing else."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod, sqrt
from pathlib import Path

import numpy as np

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""The folder of sample data that may lie beside the checkout."""

LEARNING_RATE, BETA_1, BETA_2, EPSILON = 0.001, 0.9, 0.999, 1e-7
"""Adam's settings, Keras's defaults, for everybody."""


@dataclass(frozen=True)
class Layer:
    """One layer of a network: `kind` is "conv" (3×3 or 5×5, ReLU), "pool" (2×2, maxima), "flatten", "dropout",
    "dense", or "LSTM" or "GRU", whose last output goes on; `size` is the number of filters or units, `side` a
    kernel's, `rate` a dropout's."""

    kind: str
    size: int = 0
    activation: str = ""
    side: int = 0
    padding: str = ""
    rate: float = 0.0


def conv(filters: int, side: int, padding: str) -> Layer:
    return Layer("conv", filters, "relu", side, padding)


def dense(*units: int) -> tuple[Layer, ...]:
    """Dense layers with ReLU, the last one with softmax."""
    return (*(Layer("dense", size, "relu") for size in units[:-1]), Layer("dense", units[-1], "softmax"))


GATES = {"LSTM": 4, "GRU": 3}
POOL, FLATTEN, DROPOUT = Layer("pool"), Layer("flatten"), Layer("dropout", rate=0.5)


@dataclass(frozen=True)
class Workload:
    """A network and its data: `rows` samples of `shape`, in batches of `batch`.

    The first fit is of `epochs` epochs from the same weights for everybody, and its losses are compared. Timed are its
    epochs after the first; or, where an epoch is too short for a clock, further fits of `again` epochs each.
    """

    layers: tuple[Layer, ...]
    shape: tuple[int, ...]
    rows: int
    batch: int
    epochs: int
    again: int = 0
    mnist: bool = False

    @property
    def classes(self) -> int:
        return self.layers[-1].size

    @property
    def steps(self) -> int:
        """Steps of one epoch; the last may have a smaller batch."""
        return -(-self.rows // self.batch)

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Samples in float32 and their classes in int32: MNIST if wanted and there, otherwise made up."""
        folder = SHARED / "data" / "sets" / "mnist"
        if self.mnist and folder.is_dir():
            x = _idx(folder / "train-images-idx3-ubyte.gz", 16)[: self.rows * 784].astype(np.float32) / 255
            labels = _idx(folder / "train-labels-idx1-ubyte.gz", 8)[: self.rows].astype(np.int32)
            return x.reshape(self.rows, *self.shape), labels
        return self._made_up()

    def _made_up(self) -> tuple[np.ndarray, np.ndarray]:
        """A faint pattern for each class under noise (a coarse one in pictures, as convolutions look for), and a tenth
        of the labels wrong: it can be learned, not at once, and its loss doesn't end at 0, where nothing compares."""
        rng = np.random.default_rng(0)
        labels = rng.integers(0, self.classes, self.rows)
        patterns = rng.random((self.classes, *self.shape), np.float32)
        if len(self.shape) == 3:
            patterns = patterns[:, ::10, ::10].repeat(10, 1).repeat(10, 2)[:, : self.shape[0], : self.shape[1]]
        x = rng.random((self.rows, *self.shape), np.float32)
        x += 0.25 * patterns[labels]
        wrong = rng.random(self.rows) < 0.1
        return x, np.where(wrong, rng.integers(0, self.classes, self.rows), labels).astype(np.int32)

    def weights(self, seed: int = 0) -> list[np.ndarray]:
        """Glorot's uniform kernels and zeros for biases, in Keras's order and layout: conv (height, width, inputs,
        outputs), dense (inputs, outputs), recurrent ones (inputs, gates · outputs) and (outputs, gates · outputs)."""
        rng = np.random.default_rng(seed)
        found = []
        for kernel, bias, _ in self._kernels():
            fans = prod(kernel[:-2]) * (kernel[-2] + kernel[-1])
            limit = sqrt(6 / fans)
            found.append(rng.uniform(-limit, limit, kernel).astype(np.float32))
            if bias:
                found.append(np.zeros(bias, np.float32))
        return found

    @property
    def flops(self) -> int:
        """Floating-point operations of training on one sample: the products of the forward pass, and twice as many
        backwards, without the gradient of the data."""
        forward = [2 * prod(kernel) * places for kernel, _, places in self._kernels()]
        return 3 * sum(forward) - forward[0]

    @property
    def least_bytes(self) -> int:
        """Memory that the work itself needs: data, parameters with their gradients and Adam's two moments, one batch
        of activations."""
        parameters = sum(prod(kernel) + prod(bias) * bool(bias) for kernel, bias, _ in self._kernels())
        activations = sum(kernel[-1] * places for kernel, _, places in self._kernels())
        return 4 * (self.rows * (prod(self.shape) + self.classes) + 4 * parameters + self.batch * activations)

    def _kernels(self) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], int]]:
        """Of each kernel the shape, that of the bias behind it (empty if there is none), and at how many places of a
        sample it is applied."""
        shape = self.shape
        for layer in self.layers:
            if layer.kind == "conv":
                lost = 0 if layer.padding == "same" else layer.side - 1
                kernel = (layer.side, layer.side, shape[2], layer.size)
                shape = (shape[0] - lost, shape[1] - lost, layer.size)
                yield kernel, (layer.size,), shape[0] * shape[1]
            elif layer.kind in GATES:
                columns = GATES[layer.kind] * layer.size
                yield (shape[-1], columns), (), shape[0]
                yield (layer.size, columns), (2, columns) if layer.kind == "GRU" else (columns,), shape[0]
                shape = (layer.size,)
            elif layer.kind == "pool":
                shape = (shape[0] // 2, shape[1] // 2, shape[2])
            elif layer.kind == "flatten":
                shape = (prod(shape),)
            elif layer.kind == "dense":
                yield (shape[0], layer.size), (layer.size,), 1
                shape = (layer.size,)


def _idx(path: Path, header: int) -> np.ndarray:
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


ARTICLE = dense(32, 16, 2)
MLP = dense(128, 10)
LENET = (conv(6, 5, "valid"), POOL, conv(16, 5, "valid"), POOL, FLATTEN, *dense(120, 84, 10))
PHOTO = (*(part for size in (32, 64, 128) for part in (conv(size, 3, "same"), POOL)), FLATTEN,
         Layer("dense", 128, "relu"), DROPOUT, *dense(2))  # fmt: skip

WORKLOADS = {
    "step": Workload(ARTICLE, (16,), 20, 20, epochs=200, again=5000),
    "article": Workload(ARTICLE, (16,), 20, 20, epochs=50),
    "mlp32": Workload(MLP, (784,), 60_000, 32, epochs=3, mnist=True),
    "mlp128": Workload(MLP, (784,), 60_000, 128, epochs=3, mnist=True),
    "lenet32": Workload(LENET, (28, 28, 1), 10_000, 32, epochs=3, mnist=True),
    "lenet128": Workload(LENET, (28, 28, 1), 10_000, 128, epochs=3, mnist=True),
    "photo": Workload(PHOTO, (100, 100, 3), 1000, 32, epochs=2),
    "wide": Workload(dense(1024, 1024, 1024, 10), (1024,), 4096, 512, epochs=4),
    "lstm": Workload((Layer("LSTM", 64), *dense(10)), (100, 32), 2048, 32, epochs=3),
    "gru": Workload((Layer("GRU", 64), *dense(10)), (100, 32), 2048, 32, epochs=3),
    "many": Workload(ARTICLE, (16,), 1000, 32, epochs=20),
}
