"""Shapes, initializers and sets of shapes as TensorFlow's programs write them, outside of layers and in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import numpy as np
import tensorflow as tf

class Widened(tf.keras.layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1],), initializer=tf.zeros_initializer())

    def call(self, x):
        rows, features = tf.shape(x)[0], x.get_shape().as_list()[-1]
        assert x.shape.as_list()[-1] == features and x.shape.rank == 2
        x.set_shape([None, features])
        return tf.reshape(x + self.w, [rows, features, 1])

inputs = tf.keras.Input((3,))
model = tf.keras.Model(inputs, Widened()(inputs))
assert model.predict(np.ones((2, 3)), verbose=0).shape == (2, 3, 1)

x = tf.ones((2, 3))
x.set_shape([2, None])
assert x.shape == (2, 3) and x.shape.as_list() == [2, 3] and x[0].shape.rank == 1
assert tf.Variable(x).shape.as_list() == [2, 3]
try:
    x.set_shape([3, None])
except ValueError as error:
    print(error)
print(tf.random_normal_initializer(0.0, 0.02, seed=1)((2,)).shape, tf.constant_initializer(2.0)((1,)))
"""


def test_shapes_answer_as_tensorflows(tmp_path: Path) -> None:
    script = tmp_path / "shapes.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-m", "pippin", "run", str(script)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "is not compatible with supplied shape [3, None]" in done.stdout
    assert "(2,) [2.]" in done.stdout
