"""Reviews told apart with TextVectorization, an Embedding and averages, over tf.data."""
import re
import string
import sys

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, losses

tf.random.set_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
rng = np.random.RandomState(0)
good = "great wonderful loved brilliant moving superb charming fun".split()
bad = "boring awful hated dull terrible wasted slow worst".split()
plain = "the film a movie plot with actors and it was scene of an hour director music this".split()


def review(is_good):
    words = list(rng.choice(plain, 10)) + list(rng.choice(good if is_good else bad, 2))
    words += list(rng.choice(bad if is_good else good, 1))
    rng.shuffle(words)
    text = " ".join(words).capitalize() + "!"
    return text.replace(" film", "<br />film")


labels = rng.randint(0, 2, 1000)
texts = np.array([review(label) for label in labels])
labels = np.where(rng.rand(1000) < 0.1, 1 - labels, labels)  # some are in the wrong folder
raw_train_ds = tf.data.Dataset.from_tensor_slices((texts[:700], labels[:700])).batch(32)
raw_val_ds = tf.data.Dataset.from_tensor_slices((texts[700:], labels[700:])).batch(32)
for text_batch, label_batch in raw_train_ds.take(1):
    print("Review", text_batch.numpy()[0], "Label", label_batch.numpy()[0])


def custom_standardization(input_data):
    lowercase = tf.strings.lower(input_data)
    stripped_html = tf.strings.regex_replace(lowercase, "<br />", " ")
    return tf.strings.regex_replace(stripped_html, "[%s]" % re.escape(string.punctuation), "")


max_features, sequence_length = 100, 20
vectorize_layer = layers.TextVectorization(
    standardize=custom_standardization,
    max_tokens=max_features,
    output_mode="int",
    output_sequence_length=sequence_length,
)
train_text = raw_train_ds.map(lambda x, y: x)
vectorize_layer.adapt(train_text)


def vectorize_text(text, label):
    text = tf.expand_dims(text, -1)
    return vectorize_layer(text), label


AUTOTUNE = tf.data.AUTOTUNE
train_ds = raw_train_ds.map(vectorize_text).cache().prefetch(buffer_size=AUTOTUNE)
val_ds = raw_val_ds.map(vectorize_text).cache().prefetch(buffer_size=AUTOTUNE)
print("Vocabulary size:", len(vectorize_layer.get_vocabulary()))

model = tf.keras.Sequential([
    layers.Embedding(max_features, 16),
    layers.Dropout(0.2),
    layers.GlobalAveragePooling1D(),
    layers.Dropout(0.2),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(
    loss=losses.BinaryCrossentropy(), optimizer=tf.keras.optimizers.Adam(0.02),
    metrics=[tf.metrics.BinaryAccuracy(threshold=0.5)],
)
history = model.fit(train_ds, validation_data=val_ds, epochs=10, verbose=2)

export_model = tf.keras.Sequential([vectorize_layer, model])
print(export_model.predict(tf.constant(["A great movie! Loved it.", "What a dull, boring film."]), verbose=0).shape)
loss, accuracy = model.evaluate(val_ds, verbose=0)
print("accuracy", accuracy)
