"""An embedding learned with a classifier: Tokenizer, pad_sequences, Flatten, as blogs of Keras 2 did."""
import sys

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Dense, Embedding, Flatten
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer

tf.keras.utils.set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
rng = np.random.RandomState(3)
praise = ["Well done!", "Good work", "Great effort", "nice work", "Excellent!", "Superb result"]
blame = ["Weak", "Poor effort!", "not good", "poor work", "Could have done better.", "Sloppy result"]
docs = [praise[i % 6] + " " + rng.choice(["", "today", "again", "indeed"]) for i in range(60)]
docs += [blame[i % 6] + " " + rng.choice(["", "today", "again", "indeed"]) for i in range(60)]
labels = np.array([1] * 60 + [0] * 60)

t = Tokenizer()
t.fit_on_texts(docs)
vocab_size = len(t.word_index) + 1
encoded_docs = t.texts_to_sequences(docs)
max_length = 5
padded_docs = pad_sequences(encoded_docs, maxlen=max_length, padding="post")
print(vocab_size, padded_docs.shape, t.word_counts["work"])

model = Sequential()
model.add(Embedding(vocab_size, 8, input_length=max_length))
model.add(Flatten())
model.add(Dense(1, activation="sigmoid"))
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(padded_docs, labels, epochs=60, verbose=0)
print("embedding:", model.layers[0].get_weights()[0].shape)
loss, accuracy = model.evaluate(padded_docs, labels, verbose=0)
print("loss", loss)
