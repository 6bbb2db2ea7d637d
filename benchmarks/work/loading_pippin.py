"""A folder of photos through Pippin's image_dataset_from_directory. argv: folder, side, passes.

Prints pictures per second as JSON: the first read (nothing is in the cache of decoded pictures), a read of the same
folder again, later passes from memory, and those with pictures altered by Pippin's layers.
"""

import json
import os
import sys
import tempfile
import time
from statistics import median

import PIL.Image

import pippin
from pippin import layers

folder, side, passes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
empty = tempfile.TemporaryDirectory()
os.environ["XDG_CACHE_HOME"] = empty.name
PIL.Image.init()  # The other libraries have loaded all they need when they are imported.
make_dataset = pippin.utils.image_dataset_from_directory
pippin.utils.set_random_seed(0)
alter = pippin.Sequential([
    layers.RandomFlip("horizontal"),
    layers.RandomRotation(0.08),
    layers.RandomZoom(0.25),
])  # fmt: skip


def read():
    return make_dataset(folder, image_size=(side, side), batch_size=32, seed=0, verbose=False)


def seconds_of_pass(dataset, changed=lambda x: x):
    began = time.perf_counter()
    for pictures, _ in dataset:
        changed(pictures)
    return time.perf_counter() - began


began = time.perf_counter()
batches = read()
seconds_of_pass(batches)
first = time.perf_counter() - began
began = time.perf_counter()
seconds_of_pass(read())
again = time.perf_counter() - began
later = median(seconds_of_pass(batches) for _ in range(passes))
seconds_of_pass(batches, lambda x: alter(x, training=True))
augmented = median(seconds_of_pass(batches, lambda x: alter(x, training=True)) for _ in range(passes))
count = len(batches.file_paths)
print(
    json.dumps({
        "first": count / first, "again": count / again, "later": count / later, "augmented": count / augmented,
        "seconds": first,
    })
)  # fmt: skip
