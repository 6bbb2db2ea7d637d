"""Two inputs, two outputs, losses with weights: the ticket example of the functional guide."""
import sys

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
rng = np.random.default_rng(0)
num_tags, num_words, num_departments, rows = 6, 60, 3, 800

title_data = rng.integers(num_words, size=(rows, 8))
body_data = rng.integers(num_words, size=(rows, 20))
tags_data = rng.integers(2, size=(rows, num_tags)).astype("float32")
urgent = (title_data < 6).sum(1) + (body_data < 6).sum(1) + tags_data[:, 0] * 2
priority_targets = (urgent > 3).astype("float32").reshape(-1, 1)
dept_targets = keras.utils.to_categorical((tags_data[:, 1] + tags_data[:, 2]).astype(int), num_departments)

title_input = keras.Input(shape=(None,), name="title")
body_input = keras.Input(shape=(None,), name="body")
tags_input = keras.Input(shape=(num_tags,), name="tags")
title_features = layers.Embedding(num_words, 16)(title_input)
body_features = layers.Embedding(num_words, 16)(body_input)
title_features = layers.LSTM(16)(title_features)
body_features = layers.GlobalMaxPooling1D()(layers.Conv1D(16, 1, activation="relu")(body_features))
x = layers.concatenate([title_features, body_features, tags_input])
priority_pred = layers.Dense(1, name="priority")(x)
department_pred = layers.Dense(num_departments, name="department")(x)
model = keras.Model(
    inputs=[title_input, body_input, tags_input], outputs={"priority": priority_pred, "department": department_pred}
)
model.compile(
    optimizer=keras.optimizers.RMSprop(5e-3),
    loss={
        "priority": keras.losses.BinaryCrossentropy(from_logits=True),
        "department": keras.losses.CategoricalCrossentropy(from_logits=True),
    },
    loss_weights={"priority": 1.0, "department": 0.5},
    metrics={"department": ["accuracy"]},
)
history = model.fit(
    {"title": title_data, "body": body_data, "tags": tags_data},
    {"priority": priority_targets, "department": dept_targets},
    epochs=12, batch_size=32, verbose=2, validation_split=0.25,
)
found = model.predict({"title": title_data[600:], "body": body_data[600:], "tags": tags_data[600:]}, verbose=0)
print({name: array.shape for name, array in sorted(found.items())})
print("department_accuracy", history.history["val_department_accuracy"][-1])
