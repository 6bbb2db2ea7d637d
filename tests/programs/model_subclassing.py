"""A subclassed classifier, trained from logits, as in TensorFlow's beginner guides."""
import sys

import numpy as np
import tensorflow as tf
from tensorflow.keras import Model
from tensorflow.keras.layers import BatchNormalization, Dense, Dropout

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
tf.random.set_seed(seed)
rng = np.random.RandomState(0)

centers = rng.normal(scale=1.1, size=(5, 12))
labels = rng.randint(0, 5, size=1500)
points = (centers[labels] + rng.normal(size=(1500, 12))).astype("float32")
x_train, x_test = points[:1200], points[1200:]
y_train, y_test = labels[:1200], labels[1200:]
print("train:", x_train.shape, "test:", x_test.shape)


class Classifier(Model):
    def __init__(self, units=32, classes=5):
        super(Classifier, self).__init__()
        self.hidden = [Dense(units, activation="relu"), Dense(units, activation="relu")]
        self.norm = BatchNormalization()
        self.dropout = Dropout(0.3)
        self.out = Dense(classes)

    def call(self, inputs, training=False):
        x = inputs
        for layer in self.hidden:
            x = layer(x)
        x = self.norm(x, training=training)
        if training:
            x = self.dropout(x, training=training)
        return self.out(x)


model = Classifier()
model.build(input_shape=(None, 12))
model.summary()
model.compile(
    optimizer=tf.keras.optimizers.Adam(learning_rate=0.005),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(x_train, y_train, batch_size=32, epochs=12, validation_data=(x_test, y_test), verbose=2)
probabilities = tf.nn.softmax(model(x_test[:5])).numpy()
print("first five:", np.argmax(probabilities, axis=1))
assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print("accuracy", accuracy)
