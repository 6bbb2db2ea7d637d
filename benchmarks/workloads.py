"""What everybody trains on: each workload's network, data, batch and epochs, said once. The scripts in work/ read it in
each peer's own environment, so this file needs NumPy and nothing else."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod, sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""The folder of sample data that may lie beside the checkout."""

LEARNING_RATE, BETA_1, BETA_2, EPSILON = 0.001, 0.9, 0.999, 1e-7
"""Adam's settings, Keras's defaults, for everybody."""


@dataclass(frozen=True)
class Layer:
    """One layer of a network: `kind` is "conv" (3×3 or 5×5, ReLU) or "separable" (3×3, same, ReLU), "pool" (2×2,
    maxima), "mean" (over all places), "flatten", "dropout", "dense", "LSTM" or "GRU", whose last output goes on,
    "embedding" of `words` numbers, or "block", a transformer's: attention with `heads` and two dense layers, the first
    with `hidden` units and ReLU, a sum and a layer normalization behind each of the two. `size` is the number of
    filters, units or columns, `side` a kernel's, `rate` a dropout's."""

    kind: str
    size: int = 0
    activation: str = ""
    side: int = 0
    padding: str = ""
    rate: float = 0.0
    words: int = 0
    heads: int = 0
    hidden: int = 0


class Weight(NamedTuple):
    """A kernel's shape, that of the bias behind it (empty if there is none), at how many places of a sample it is
    applied, and the multiplications of a sample that the layer needs besides. A kernel of one axis is a scale."""

    shape: tuple[int, ...]
    bias: tuple[int, ...]
    places: int
    besides: int = 0

    @property
    def products(self) -> int:
        return prod(self.shape) * self.places + self.besides


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
        """Samples in float32, or words' numbers in int32, and their classes in int32: MNIST if wanted and there,
        otherwise made up."""
        folder = SHARED / "data" / "sets" / "mnist"
        if self.mnist and folder.is_dir():
            x = _idx(folder / "train-images-idx3-ubyte.gz", 16)[: self.rows * 784].astype(np.float32) / 255
            labels = _idx(folder / "train-labels-idx1-ubyte.gz", 8)[: self.rows].astype(np.int32)
            return x.reshape(self.rows, *self.shape), labels
        return self._texts() if self.words else self._made_up()

    @property
    def words(self) -> int:
        """How many words its embedding knows; 0 where there is none."""
        return self.layers[0].words

    def _texts(self) -> tuple[np.ndarray, np.ndarray]:
        """Every class prefers a twentieth of the words, for one word in thirty; a tenth of the labels is wrong."""
        rng = np.random.default_rng(0)
        labels = rng.integers(0, self.classes, self.rows)
        preferred = rng.integers(1, self.words, (self.classes, self.words // 20))
        x = rng.integers(1, self.words, (self.rows, *self.shape))
        chosen = preferred[labels[:, None], rng.integers(0, self.words // 20, x.shape)]
        x = np.where(rng.random(x.shape) < 1 / 30, chosen, x).astype(np.int32)
        wrong = rng.random(self.rows) < 0.1
        return x, np.where(wrong, rng.integers(0, self.classes, self.rows), labels).astype(np.int32)

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
        """Glorot's uniform kernels, ones for scales and zeros for biases, in Keras's order and layout: conv (height,
        width, inputs, outputs), dense (inputs, outputs), recurrent ones (inputs, gates · outputs) and (outputs,
        gates · outputs), attention (inputs, heads, columns) and (heads, columns, outputs)."""
        rng = np.random.default_rng(seed)
        found = []
        for kernel, bias, _, _ in self._weights():
            if len(kernel) == 1:
                found.append(np.ones(kernel, np.float32))
            else:
                limit = sqrt(6 / (prod(kernel[:-2]) * (kernel[-2] + kernel[-1])))
                found.append(rng.uniform(-limit, limit, kernel).astype(np.float32))
            if bias:
                found.append(np.zeros(bias, np.float32))
        return found

    @property
    def flops(self) -> int:
        """Floating-point operations of training on one sample: the products of the forward pass, and twice as many
        backwards, without the gradient of the data."""
        forward = [2 * weight.products for weight in self._weights()]
        return 3 * sum(forward) - forward[0]

    @property
    def least_bytes(self) -> int:
        """Memory that the work itself needs: data, parameters with their gradients and Adam's two moments, one batch
        of activations."""
        weights = list(self._weights())
        parameters = sum(prod(weight.shape) + prod(weight.bias) * bool(weight.bias) for weight in weights)
        activations = sum(weight.shape[-1] * weight.places for weight in weights)
        return 4 * (self.rows * (prod(self.shape) + self.classes) + 4 * parameters + self.batch * activations)

    def _weights(self) -> Iterator[Weight]:
        """In Keras's order."""
        shape = self.shape
        for layer in self.layers:
            yield from _weights_of(layer, shape)
            shape = _shape_behind(layer, shape)


def _weights_of(layer: Layer, shape: tuple[int, ...]) -> Iterator[Weight]:
    """Of a layer that is given samples of this shape."""
    size, places = layer.size, prod(_shape_behind(layer, shape)[:-1])
    if layer.kind == "conv":
        yield Weight((layer.side, layer.side, shape[2], size), (size,), places)
    elif layer.kind == "separable":
        yield Weight((3, 3, shape[2], 1), (), places)
        yield Weight((1, 1, shape[2], size), (size,), places)
    elif layer.kind in GATES:
        columns = GATES[layer.kind] * size
        yield Weight((shape[-1], columns), (), shape[0])
        yield Weight((size, columns), (2, columns) if layer.kind == "GRU" else (columns,), shape[0])
    elif layer.kind == "embedding":
        yield Weight((layer.words, size), (), 0)
    elif layer.kind == "block":
        heads = (layer.heads, size // layer.heads)
        for _ in ("query", "key", "value"):
            yield Weight((size, *heads), heads, places)
        yield Weight((*heads, size), (size,), places, besides=2 * places * places * size)
        yield Weight((size,), (size,), 0)
        yield Weight((size, layer.hidden), (layer.hidden,), places)
        yield Weight((layer.hidden, size), (size,), places)
        yield Weight((size,), (size,), 0)
    elif layer.kind == "dense":
        yield Weight((shape[0], size), (size,), 1)


def _shape_behind(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a layer's outputs."""
    match layer.kind:
        case "conv":
            lost = 0 if layer.padding == "same" else layer.side - 1
            return shape[0] - lost, shape[1] - lost, layer.size
        case "separable":
            return *shape[:2], layer.size
        case "pool":
            return shape[0] // 2, shape[1] // 2, shape[2]
        case "embedding":
            return *shape, layer.size
        case "mean":
            return shape[-1:]
        case "flatten":
            return (prod(shape),)
        case "dense" | "LSTM" | "GRU":
            return (layer.size,)
        case _:
            return shape


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
    "texts": Workload((Layer("embedding", 64, words=20_000), Layer("mean"), *dense(64, 2)), (200,), 4096, 32, epochs=2),
    "transformer": Workload(
        (Layer("embedding", 64, words=1000), Layer("block", 64, heads=4, hidden=128), Layer("mean"), *dense(2)),
        (100,), 2048, 32, epochs=2,
    ),
    "separable": Workload(
        (conv(32, 3, "same"), *(part for size in (64, 128, 128) for part in (Layer("separable", size), POOL)),
         Layer("mean"), *dense(10)),
        (28, 28, 1), 4000, 32, epochs=3, mnist=True,
    ),
    "many": Workload(ARTICLE, (16,), 1000, 32, epochs=20),
}
