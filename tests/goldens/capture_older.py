"""Lets Keras 2 write the legacy files in saved/keras2.zip. Run once, not by the tests, with tf_keras 2.21:

    TF_USE_LEGACY_KERAS=1 python tests/goldens/capture_older.py

Each NAME.h5 is a whole model after some steps, NAME.weights its weights alone in the same format, NAME.npz data for it
(x, y), what it said (out) and what it said after one more step (after).
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

PLACE = Path(__file__).parent / "saved" / "keras2.zip"
Case = tuple[Any, Any, Any, dict[str, Any]]


def cases(keras: Any) -> dict[str, Case]:
    """Models in the ways of Keras 2: optimizers of before 2.11 and after, models in models, states handed on."""
    layers, models, optimizers = keras.layers, keras.models, keras.optimizers
    numbers = np.random.RandomState(0)

    def floats(*shape: int) -> np.ndarray:
        return numbers.rand(*shape).astype("float32")

    found: dict[str, Case] = {}
    digits = [
        layers.Conv2D(4, 3, activation="relu", input_shape=(10, 10, 1)), layers.MaxPooling2D(), layers.Flatten(),
        layers.Dense(8, activation="swish"), layers.Dense(3, activation="softmax"),
    ]  # fmt: skip
    goal = {
        "optimizer": optimizers.legacy.Adam(0.01),
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
    }
    found["digits"] = models.Sequential(digits), floats(6, 10, 10, 1), np.array([0, 1, 2, 0, 1, 2]), goal

    words = [
        layers.Embedding(20, 6, input_length=7), layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
        layers.GlobalMaxPool1D(), layers.Dense(1, activation="sigmoid"),
    ]  # fmt: skip
    goal = {
        "optimizer": optimizers.legacy.RMSprop(0.01, momentum=0.9, centered=True),
        "loss": "binary_crossentropy",
        "metrics": ["acc", keras.metrics.AUC()],
    }
    found["words"] = models.Sequential(words), numbers.randint(0, 20, (5, 7)), floats(5, 1), goal

    depthwise = [
        layers.SeparableConv2D(4, 3, padding="same", input_shape=(8, 8, 3)), layers.BatchNormalization(),
        layers.LeakyReLU(alpha=0.2), layers.DepthwiseConv2D(3), layers.ReLU(6.0), layers.Conv2DTranspose(2, 2),
        layers.GlobalAveragePooling2D(), layers.Dense(2),
    ]  # fmt: skip
    goal = {"optimizer": optimizers.SGD(0.01, momentum=0.9, nesterov=True), "loss": keras.losses.Huber()}
    found["depthwise"] = models.Sequential(depthwise), floats(4, 8, 8, 3), floats(4, 2), goal

    start = layers.Input((7, 5))
    told, h, c = layers.LSTM(4, return_sequences=True, return_state=True)(start)
    last = layers.LSTM(4)(told, initial_state=[h, c])
    back = layers.GRU(3, reset_after=False, go_backwards=True)(start)
    end = layers.Dense(2)(layers.Concatenate()([last, back, layers.SimpleRNN(2)(start)]))
    goal = {"optimizer": optimizers.legacy.Adam(0.01, amsgrad=True), "loss": "mse"}
    found["states"] = models.Model(start, end), floats(4, 7, 5), floats(4, 2), goal

    base = [layers.InputLayer(input_shape=(8, 8, 3)), layers.Conv2D(3, 3), layers.GlobalAveragePooling2D()]
    stack = models.Sequential(base, name="base")
    inner = layers.Input((8, 8, 3))
    cut = models.Model(inner, layers.GlobalMaxPool2D()(layers.Conv2D(3, 3, name="own")(inner)), name="cut")
    start = layers.Input((8, 8, 3))
    joined = layers.Add()([stack(start), cut(start) * 2.0])
    goal = {"optimizer": optimizers.Adam(0.01), "loss": "mse", "metrics": ["mae"]}
    found["nested"] = models.Model(start, layers.Dense(2)(joined)), floats(3, 8, 8, 3), floats(3, 2), goal
    return found


def main() -> None:
    import tf_keras as keras

    keras.utils.set_random_seed(0)
    with zipfile.ZipFile(PLACE, "w", zipfile.ZIP_DEFLATED) as archive, tempfile.TemporaryDirectory() as folder:
        for name, (model, x, y, goal) in cases(keras).items():
            model.compile(**goal)
            model.fit(x, y, epochs=2, batch_size=2, verbose=0, shuffle=False)
            for word, write in (("h5", model.save), ("weights", model.save_weights)):
                path = Path(folder) / f"{name}-{word}.h5"
                write(path)
                archive.write(path, f"{name}.{word}")
            out = model.predict(x, verbose=0)
            model.train_on_batch(x, y)
            buffer = io.BytesIO()
            np.savez(buffer, x=x, y=y, out=out, after=model.predict(x, verbose=0))
            archive.writestr(f"{name}.npz", buffer.getvalue())


if __name__ == "__main__":
    main()
