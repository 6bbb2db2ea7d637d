"""A siamese network: a shared base, the distance in a Lambda, contrastive loss written with the backend."""
import random
import sys

import numpy as np
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras.layers import Dense, Dropout, Flatten, Input, Lambda
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import RMSprop

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
tf.random.set_seed(seed)
random.seed(1)
np.random.seed(1)
num_classes, epochs = 6, 12

patterns = np.random.rand(num_classes, 6, 6) > 0.5
labels = np.random.randint(num_classes, size=900)
images = np.clip(patterns[labels] + np.random.normal(scale=0.35, size=(900, 6, 6)), 0, 1).astype("float32")


def create_pairs(x, digit_indices):
    pairs, labels = [], []
    n = min([len(digit_indices[d]) for d in range(num_classes)]) - 1
    for d in range(num_classes):
        for i in range(n):
            z1, z2 = digit_indices[d][i], digit_indices[d][i + 1]
            pairs += [[x[z1], x[z2]]]
            dn = (d + random.randrange(1, num_classes)) % num_classes
            pairs += [[x[z1], x[digit_indices[dn][i]]]]
            labels += [1, 0]
    return np.array(pairs), np.array(labels).astype("float32")


def euclidean_distance(vects):
    x, y = vects
    sum_square = tf.reduce_sum(tf.square(x - y), axis=1, keepdims=True)
    return tf.sqrt(tf.maximum(sum_square, K.epsilon()))


def eucl_dist_output_shape(shapes):
    shape1, shape2 = shapes
    return (shape1[0], 1)


def contrastive_loss(y_true, y_pred):
    margin = 1
    square_pred = tf.square(y_pred)
    margin_square = tf.square(tf.maximum(margin - y_pred, 0))
    return tf.reduce_mean(y_true * square_pred + (1 - y_true) * margin_square)


def accuracy(y_true, y_pred):
    """Share of pairs on the right side of a fixed distance."""
    return tf.reduce_mean(tf.cast(tf.equal(y_true, tf.cast(y_pred < 0.5, y_true.dtype)), tf.float32))


def create_base_network(input_shape):
    input = Input(shape=input_shape)
    x = Flatten()(input)
    x = Dense(32, activation="relu")(x)
    x = Dropout(0.1)(x)
    x = Dense(32, activation="relu")(x)
    return Model(input, x)


train, test = slice(0, 700), slice(700, 900)
digit_indices = [np.where(labels[train] == i)[0] for i in range(num_classes)]
tr_pairs, tr_y = create_pairs(images[train], digit_indices)
digit_indices = [np.where(labels[test] == i)[0] for i in range(num_classes)]
te_pairs, te_y = create_pairs(images[test], digit_indices)
tr_y, te_y = tr_y.reshape(-1, 1), te_y.reshape(-1, 1)

base_network = create_base_network((6, 6))
input_a, input_b = Input(shape=(6, 6)), Input(shape=(6, 6))
distance = Lambda(euclidean_distance, output_shape=eucl_dist_output_shape)(
    [base_network(input_a), base_network(input_b)]
)
model = Model([input_a, input_b], distance)
model.compile(loss=contrastive_loss, optimizer=RMSprop(), metrics=[accuracy])
model.summary()
model.fit(
    [tr_pairs[:, 0], tr_pairs[:, 1]], tr_y, batch_size=32, epochs=epochs, verbose=2,
    validation_data=([te_pairs[:, 0], te_pairs[:, 1]], te_y),
)
y_pred = model.predict([te_pairs[:, 0], te_pairs[:, 1]])
print("accuracy", np.mean((y_pred.ravel() < 0.5) == (te_y.ravel() == 1)))
