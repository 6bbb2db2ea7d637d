"""Training that is interrupted and goes on: checkpoints, weights alone, JSON, and whole files."""
import os
import sys
import tempfile

import keras
import numpy as np
from keras.callbacks import ModelCheckpoint
from keras.layers import Dense, Dropout
from keras.models import Sequential, load_model, model_from_json

keras.utils.set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
rng = np.random.RandomState(7)
X = rng.uniform(-1, 1, size=(768, 8))
Y = ((X[:, 0] * X[:, 1] + X[:, 2]) > 0.1).astype(int)
home = tempfile.mkdtemp()


def create_model():
    model = Sequential()
    model.add(keras.Input(shape=(8,)))
    model.add(Dense(24, kernel_initializer="he_normal", activation="relu"))
    model.add(Dropout(0.1))
    model.add(Dense(12, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


model = create_model()
filepath = os.path.join(home, "weights-{epoch:02d}-{val_accuracy:.2f}.weights.h5")
checkpoint = ModelCheckpoint(filepath, monitor="val_accuracy", verbose=1, save_weights_only=True, mode="max")
model.fit(X, Y, validation_split=0.33, epochs=20, batch_size=10, callbacks=[checkpoint], verbose=0)
files = sorted(os.listdir(home))
assert len(files) == 20, files
scores = model.evaluate(X, Y, verbose=0)
print("%s: %.2f%%" % (model.metrics_names[1], scores[1] * 100))

other = create_model()
other.load_weights(os.path.join(home, files[-1]))
assert np.allclose(other.predict(X, verbose=0), model.predict(X, verbose=0), atol=1e-6)
json_model = model_from_json(model.to_json())
json_model.set_weights(model.get_weights())
assert np.allclose(json_model.predict(X, verbose=0), model.predict(X, verbose=0), atol=1e-6)

for name in ("model.h5", "model.keras"):
    path = os.path.join(home, name)
    model.save(path)
    del other
    other = load_model(path)
    assert np.allclose(other.predict(X, verbose=0), model.predict(X, verbose=0), atol=1e-6)
history = other.fit(X, Y, validation_split=0.33, epochs=50, initial_epoch=20, batch_size=10, verbose=0)
assert history.epoch == list(range(20, 50))
print("val_accuracy", max(history.history["val_accuracy"]))
