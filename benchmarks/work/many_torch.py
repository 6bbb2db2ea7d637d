"""64 networks at once in PyTorch: their weights stacked, so that each layer is one batched product and Adam one update;
seconds of a warm fit. (One after the other they take 20 s.)"""

import torch

from benchmarks.work.measure import asked, peak_bytes, tell, timed
from benchmarks.workloads import BETA_1, BETA_2, EPSILON, LEARNING_RATE

work, settings = asked()
networks = settings.get("networks", 64)
torch.manual_seed(0)
torch.set_flush_denormal(True)
torch.set_num_threads(settings.get("threads", torch.get_num_threads()))
x, y = (torch.from_numpy(part) for part in work.data())
y = y.long()


def fit():
    each = zip(*(work.weights(seed) for seed in range(networks)), strict=True)
    weights = [torch.stack([torch.from_numpy(one) for one in part]) for part in each]
    weights = [(w if w.dim() == 3 else w[:, None]).requires_grad_() for w in weights]
    adam = torch.optim.Adam(weights, LEARNING_RATE, (BETA_1, BETA_2), EPSILON, fused=True)
    means = []
    for _ in range(work.epochs):
        orders = torch.rand(networks, work.rows).argsort(1)
        losses, hits = torch.zeros(networks), torch.zeros(networks)
        for rows in orders.split(work.batch, 1):
            hidden, wanted = x[rows], y[rows]
            for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
                scores = torch.baddbmm(bias, hidden, kernel)
                hidden = scores.relu()
            loss = torch.nn.functional.cross_entropy(scores.transpose(1, 2), wanted, reduction="none")
            adam.zero_grad(set_to_none=True)
            loss.mean(1).sum().backward()  # the networks' losses don't touch each other
            adam.step()
            losses += loss.detach().sum(1)
            hits += (scores.argmax(2) == wanted).sum(1)
        means.append(losses.mean().item() / work.rows)
    return means


fit()
found = []
seconds = timed(lambda: found.append(fit()))
tell(seconds=seconds, loss=found[-1], peak=peak_bytes())
