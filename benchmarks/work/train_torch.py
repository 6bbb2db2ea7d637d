"""A workload in PyTorch. Settings: `threads`, `compile` (torch.compile of network and loss), `last` (convolutions with
channels last), `adam` ("fused" or "foreach")."""

from __future__ import annotations

import torch
from torch import nn

from benchmarks.work.measure import asked, measure
from benchmarks.workloads import BETA_1, BETA_2, EPSILON, LEARNING_RATE, Workload


class Last(nn.Module):
    """The output of a recurrent layer's last step."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.part = part

    def forward(self, x):
        return self.part(x)[0][:, -1]


class Mean(nn.Module):
    """Over all places: of words (samples, places, columns) or of pixels (samples, channels, height, width)."""

    def forward(self, x):
        return x.mean(1) if x.dim() == 3 else x.mean((2, 3))


class Block(nn.Module):
    """One block of a transformer's encoder, normalized behind its sums. Its weights come as Keras orders them."""

    def __init__(self, layer, weights) -> None:
        super().__init__()
        self.heads, size = layer.heads, layer.size
        kernels, biases = zip(
            *((next(weights).reshape(size, size), next(weights).ravel()) for _ in range(3)), strict=True
        )
        self.all = linear(torch.cat(kernels, 1), torch.cat(biases))
        self.out = linear(next(weights).reshape(size, size), next(weights))
        self.first = self.norm(weights)
        self.thought = nn.Sequential(
            linear(next(weights), next(weights)), nn.ReLU(), linear(next(weights), next(weights))
        )
        self.second = self.norm(weights)

    @staticmethod
    def norm(weights):
        part = nn.LayerNorm(len(next(weights)), eps=1e-6)  # begins with ones and zeros itself
        next(weights)
        return part

    def forward(self, x):
        samples, places, size = x.shape
        parts = self.all(x).view(samples, places, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = nn.functional.scaled_dot_product_attention(*parts)
        first = self.first(x + self.out(seen.transpose(1, 2).reshape(samples, places, size)))
        return self.second(first + self.thought(first))


def linear(kernel, bias):
    part = nn.Linear(*kernel.shape)
    part.weight.data, part.bias.data = kernel.T.contiguous(), bias
    return part


def network(work: Workload) -> nn.Sequential:
    """The layers, with the weights everybody begins with: kernels are (outputs, inputs, ...) here, and pixels stand in
    the order channels, height, width, so the first dense kernel after them is the same numbers in another order."""
    weights = iter(torch.from_numpy(weight) for weight in work.weights())

    def weighted(layer):
        kernel, bias = next(weights), next(weights)
        kernel = kernel.permute(3, 2, 0, 1) if layer.kind == "conv" else kernel.T
        outputs, inputs = kernel.shape[:2]
        padding = layer.side // 2 if layer.padding == "same" else 0
        conv = layer.kind == "conv"
        part = nn.Conv2d(inputs, outputs, layer.side, padding=padding) if conv else nn.Linear(inputs, outputs)
        part.weight.data, part.bias.data = kernel.contiguous(), bias
        return part

    def recurrent(layer):
        """The last output. A GRU's gates stand in another order, and everything has a second bias here."""
        kernels = [next(weights), next(weights)]
        next(weights)  # zeros
        gates = [kernel.split(layer.size, 1) for kernel in kernels]
        if layer.kind == "GRU":
            gates = [(reset, update, new) for update, reset, new in gates]
        part = getattr(nn, layer.kind)(kernels[0].shape[0], layer.size, batch_first=True)
        part.weight_ih_l0.data, part.weight_hh_l0.data = (torch.cat(one, 1).T.contiguous() for one in gates)
        part.bias_ih_l0.data.zero_()
        part.bias_hh_l0.data.zero_()
        return Last(part)

    def separable(layer):
        depth, point, bias = (next(weights) for _ in range(3))
        channels = len(depth[0, 0])
        by_channel = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        by_pixel = nn.Conv2d(channels, layer.size, 1)
        by_channel.weight.data, by_pixel.weight.data = (
            k.permute(p).contiguous() for k, p in ((depth, (2, 3, 0, 1)), (point, (3, 2, 0, 1)))
        )
        by_pixel.bias.data = bias
        return nn.Sequential(by_channel, by_pixel)

    make = {
        "separable": separable,
        "mean": lambda layer: Mean(),
        "embedding": lambda layer: nn.Embedding.from_pretrained(next(weights), freeze=False),
        "block": lambda layer: Block(layer, weights),
        "LSTM": recurrent,
        "GRU": recurrent,
        "conv": weighted,
        "dense": weighted,
        "pool": lambda layer: nn.MaxPool2d(2),
        "flatten": lambda layer: nn.Flatten(),
        "dropout": lambda layer: nn.Dropout(layer.rate),
    }
    parts = []
    for layer in work.layers:
        parts.append(make[layer.kind](layer))
        if layer.activation == "relu" or layer.kind == "separable":
            parts.append(nn.ReLU())
    return nn.Sequential(*parts)


def main() -> None:
    work, settings = asked()
    torch.manual_seed(0)
    torch.set_flush_denormal(True)
    torch.set_num_threads(settings.get("threads", torch.get_num_threads()))
    x, y = (torch.from_numpy(part) for part in work.data())
    y = y.long()
    model = network(work)
    if len(work.shape) == 3:
        x = x.permute(0, 3, 1, 2)  # a view: the memory stays channels last
        x = x if settings.get("last", True) else x.contiguous()
        model = model.to(memory_format=torch.channels_last) if settings.get("last", True) else model
    adam = torch.optim.Adam(
        model.parameters(), LEARNING_RATE, (BETA_1, BETA_2), EPSILON, **{settings.get("adam", "fused"): True}
    )
    entropy = nn.CrossEntropyLoss()

    def forward(x, y):
        scores = model(x)
        return entropy(scores, y), (scores.argmax(1) == y).sum()

    if settings.get("compile"):
        forward = torch.compile(forward)

    def epoch() -> tuple[float, float]:
        losses, hits = torch.zeros(()), torch.zeros((), dtype=torch.long)
        for rows in torch.randperm(work.rows).split(work.batch):
            adam.zero_grad(set_to_none=True)
            loss, right = forward(x[rows], y[rows])
            loss.backward()
            adam.step()
            losses += loss.detach() * len(rows)
            hits += right
        return losses.item() / work.rows, hits.item() / work.rows

    def fit(epochs, tick):
        found = []
        for _ in range(epochs):
            found.append(epoch())
            if tick:
                tick()
        return list(zip(*found, strict=True))

    measure(work, fit)
    if settings.get("predict"):
        with torch.no_grad():
            print(model.eval()(x[:1]).softmax(1))


if __name__ == "__main__":
    main()
