"""A folder of photos through Keras's image_dataset_from_directory on TensorFlow. argv: folder, side, passes.

Prints pictures per second as JSON: the first read, later passes from memory, and those with pictures altered by
Keras's layers inside tf.data.
"""

import json
import os
import sys
import time
from statistics import median

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import tensorflow as tf

folder, side, passes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
keras.utils.set_random_seed(0)


def seconds_of_pass(dataset):
    began = time.perf_counter()
    for _ in dataset:
        pass
    return time.perf_counter() - began


began = time.perf_counter()
read = keras.utils.image_dataset_from_directory(folder, image_size=(side, side), batch_size=32, seed=0, verbose=False)
count = len(read.file_paths)
kept = read.cache()
batches = kept.prefetch(tf.data.AUTOTUNE)
seconds_of_pass(batches)
first = time.perf_counter() - began
later = median(seconds_of_pass(batches) for _ in range(passes))
alter = keras.Sequential([
    keras.layers.RandomFlip("horizontal"),
    keras.layers.RandomRotation(0.08),
    keras.layers.RandomZoom(0.25),
])  # fmt: skip
altered = kept.map(lambda x, y: (alter(x, training=True), y), num_parallel_calls=tf.data.AUTOTUNE)
altered = altered.prefetch(tf.data.AUTOTUNE)
seconds_of_pass(altered)
augmented = median(seconds_of_pass(altered) for _ in range(passes))
print(json.dumps({"first": count / first, "later": count / later, "augmented": count / augmented, "seconds": first}))
