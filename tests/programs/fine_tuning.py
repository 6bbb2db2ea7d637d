"""Transfer: a convolutional base learns one task, is frozen under a new head, then tuned gently."""
import sys

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers, models, optimizers

keras.utils.set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
rng = np.random.RandomState(0)


def pictures(count, kinds):
    """Stripes of a direction and width each, in noise."""
    kind = rng.randint(len(kinds), size=count)
    rows, columns = np.mgrid[:16, :16]
    images = np.zeros((count, 16, 16, 1), "float32")
    for image, number in zip(images, kind):
        direction, width = kinds[number]
        place = {"lying": rows, "standing": columns, "rising": rows + columns, "falling": rows - columns + 16}[direction]
        image[..., 0] = ((place + rng.randint(8)) // width) % 2
    return images + rng.normal(scale=0.4, size=images.shape).astype("float32"), kind


x_first, y_first = pictures(700, [("lying", 2), ("standing", 2), ("rising", 2), ("falling", 2)])
x_new, y_new = pictures(500, [("lying", 4), ("standing", 4), ("rising", 4)])

conv_base = models.Sequential(name="base")
conv_base.add(layers.Conv2D(8, (3, 3), activation="relu", input_shape=(16, 16, 1)))
conv_base.add(layers.MaxPooling2D((2, 2)))
conv_base.add(layers.Conv2D(16, (3, 3), activation="relu"))
conv_base.add(layers.MaxPooling2D((2, 2)))
first = models.Sequential([conv_base, layers.Flatten(), layers.Dense(4, activation="softmax")])
first.compile(optimizers.Adam(5e-3), "sparse_categorical_crossentropy", metrics=["acc"])
first.fit(x_first, y_first, epochs=5, batch_size=32, verbose=2)

conv_base.trainable = False
model = models.Sequential()
model.add(conv_base)
model.add(layers.Flatten())
model.add(layers.Dense(32, activation="relu"))
model.add(layers.Dropout(0.3))
model.add(layers.Dense(3, activation="softmax"))
print("This is the number of trainable weights after freezing the conv base:", len(model.trainable_weights))
assert len(model.trainable_weights) == 4
model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizers.RMSprop(learning_rate=2e-3), metrics=["acc"])
before = conv_base.get_weights()
history = model.fit(x_new[:300], y_new[:300], epochs=8, batch_size=20, validation_data=(x_new[300:], y_new[300:]), verbose=2)
assert all(np.array_equal(a, b) for a, b in zip(before, conv_base.get_weights()))

conv_base.trainable = True
for layer in conv_base.layers[:-2]:
    layer.trainable = False
model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizers.RMSprop(learning_rate=5e-4), metrics=["acc"])
model.summary()
history = model.fit(x_new[:300], y_new[:300], epochs=8, batch_size=20, validation_data=(x_new[300:], y_new[300:]), verbose=2)
acc, val_acc = history.history["acc"], history.history["val_acc"]
print("epochs", range(1, len(acc) + 1))
print("val_acc", max(val_acc))
