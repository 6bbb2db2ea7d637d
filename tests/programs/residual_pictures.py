"""A residual network of separable convolutions on small pictures, with augmentation inside and a falling rate."""
import sys

import keras
import numpy as np
from keras import layers

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(8)
marks = rng.uniform(size=(4, 8, 8, 1)) > 0.6
labels = rng.integers(4, size=700)
pictures = (marks[labels] * 160 + rng.normal(scale=60, size=(700, 8, 8, 1)) + 40).clip(0, 255).astype("float32")


def block(x, filters):
    shortcut = layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    return layers.add([x, shortcut])


inputs = keras.Input((8, 8, 1))
x = layers.Rescaling(1 / 255)(inputs)
x = layers.GaussianNoise(0.02)(x)
x = layers.Conv2D(12, 3, padding="same", activation="relu", kernel_initializer="he_normal")(x)
for filters in (16, 24):
    x = block(x, filters)
x = layers.GlobalAveragePooling2D()(x)
outputs = layers.Dense(4)(layers.Dropout(0.1)(x))
model = keras.Model(inputs, outputs)
rate = keras.optimizers.schedules.CosineDecay(0.01, decay_steps=150)
model.compile(
    optimizer=keras.optimizers.Adam(rate), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(pictures[:500], labels[:500], batch_size=32, epochs=10, validation_split=0.1, verbose=2)
_, accuracy = model.evaluate(pictures[500:], labels[500:], verbose=0)
print("accuracy", accuracy)
