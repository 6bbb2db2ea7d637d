"""Peak memory of a whole process that trains. argv: library ("pippin", "keras" or "torch"), network ("mlp" or "photo").

Prints the peak as JSON, and what must be there in any case: the data, four times the parameters, and the process with
the library imported.
"""

import json
import resource
import sys
import time

import numpy as np

library, network = sys.argv[1], sys.argv[2]
if library == "pippin":
    import pippin as keras
    from pippin import layers, models  # noqa: F401
elif library == "keras":
    import keras
else:
    import torch
imported = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000

shape, rows, classes = ((784,), 60_000, 10) if network == "mlp" else ((100, 100, 3), 1000, 2)
random = np.random.default_rng(0)
x = random.random((rows, *shape), np.float32)
y = np.zeros((rows, classes), np.float32)
y[np.arange(rows), random.integers(0, classes, rows)] = 1


def trained_with_keras():
    layers = keras.layers
    if network == "mlp":
        stack = [layers.Dense(128, activation="relu")]
    else:
        stack = []
        for filters in (32, 64, 128):
            stack += [
                layers.Conv2D(filters, 3, padding="same", activation="relu"),
                layers.MaxPooling2D(2),
            ]
        stack += [layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.5)]
    model = keras.Sequential([keras.Input(shape), *stack, layers.Dense(classes, activation="softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=2, verbose=0)
    return model.count_params()


def trained_with_torch():
    nn = torch.nn
    if network == "mlp":
        model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    else:
        stack, channels = [], 3
        for filters in (32, 64, 128):
            stack += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
            channels = filters
        stack += [nn.Flatten(), nn.Linear(12 * 12 * 128, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 2)]
        model = nn.Sequential(*stack).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    inputs, labels = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(2):
        for chosen in torch.randperm(rows).split(32):
            batch = inputs[chosen]
            batch = batch.permute(0, 3, 1, 2) if batch.ndim == 4 else batch
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(batch), labels[chosen]).backward()
            optimizer.step()
    return sum(parameter.numel() for parameter in model.parameters())


began = time.perf_counter()
parameters = trained_with_torch() if library == "torch" else trained_with_keras()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
needed = (x.nbytes + y.nbytes + 16 * parameters) / 1e6
seconds = time.perf_counter() - began
print(json.dumps({"peak": peak, "imported": imported, "needed": needed, "seconds": seconds}))
