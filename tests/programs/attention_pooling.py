"""Which word matters: a layer of one's own that weighs time steps, written with the backend, behind a masked GRU."""
import sys

import numpy as np
from tensorflow import keras
from tensorflow.keras import backend as K
from tensorflow.keras import layers

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(2)
lengths = rng.integers(4, 13, size=600)
texts = np.zeros((600, 12), "int32")
for row, length in enumerate(lengths):
    texts[row, :length] = rng.integers(2, 30, size=length)
answers = np.array([(text == 7).any() or (text == 11).any() for text in texts]).astype("float32").reshape(-1, 1)


class Weigh(layers.Layer):
    """Sums time steps by weights that it learns to give; what the mask leaves out gets none."""

    def __init__(self, **kwargs):
        self.supports_masking = True
        super().__init__(**kwargs)

    def build(self, input_shape):
        width = input_shape[-1]
        self.kernel = self.add_weight(shape=(width, width), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(width,), initializer="zeros", name="bias")
        self.asked = self.add_weight(shape=(width, 1), initializer="glorot_uniform", name="asked")
        super().build(input_shape)

    def compute_mask(self, inputs, mask=None):
        return None

    def call(self, x, mask=None):
        scores = K.squeeze(K.dot(K.tanh(K.dot(x, self.kernel) + self.bias), self.asked), -1)
        weights = K.exp(scores - K.max(scores, axis=1, keepdims=True))
        if mask is not None:
            weights *= K.cast(mask, K.floatx())
        weights /= K.sum(weights, axis=1, keepdims=True) + K.epsilon()
        return K.sum(x * K.expand_dims(weights), axis=1)

    def compute_output_shape(self, input_shape):
        return input_shape[0], input_shape[-1]


def right(y_true, y_pred):
    return K.mean(K.cast(K.equal(y_true, K.round(y_pred)), K.floatx()))


inputs = layers.Input(shape=(12,))
x = layers.Embedding(30, 16, mask_zero=True)(inputs)
x = layers.Bidirectional(layers.GRU(12, return_sequences=True))(x)
x = Weigh()(x)
outputs = layers.Dense(1, activation="sigmoid")(layers.Dropout(0.1)(x))
model = keras.Model(inputs, outputs)
model.compile("adam", "binary_crossentropy", metrics=[right])
model.fit(texts[:450], answers[:450], batch_size=32, epochs=25, validation_data=(texts[450:], answers[450:]), verbose=0)
print("right", model.evaluate(texts[450:], answers[450:], verbose=0)[1])
