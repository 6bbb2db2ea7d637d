"""A stateful LSTM that remembers from batch to batch, trained epoch by epoch with its state taken back."""
import sys

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
keras.utils.set_random_seed(seed)
time = np.arange(241)
beat = (np.sin(2 * np.pi * time / 12) + 0.5 * np.sin(2 * np.pi * time / 30)).astype("float32")
windows, following = beat[:240].reshape(24, 10, 1), beat[1:241].reshape(24, 10, 1)

model = keras.Sequential(
    [
        layers.Input(batch_shape=(4, 10, 1)),
        layers.LSTM(16, stateful=True, return_sequences=True),
        layers.TimeDistributed(layers.Dense(1)),
    ]
)
model.compile(optimizer=keras.optimizers.RMSprop(0.01, clipnorm=1.0), loss="mean_squared_error")
# Row r of a batch goes on where row r of the batch before it stopped.
order = np.arange(24).reshape(4, 6).T.reshape(-1)
losses = []
for _ in range(30):
    history = model.fit(windows[order], following[order], batch_size=4, epochs=1, shuffle=False, verbose=0)
    losses.append(history.history["loss"][0])
    for layer in model.layers:
        if hasattr(layer, "reset_state"):
            layer.reset_state()
print("loss", np.mean(losses[-5:]))
