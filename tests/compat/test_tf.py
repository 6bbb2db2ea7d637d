"""What `tf` offers beside `tf.keras` does what TensorFlow's does: types, shapes, numbers, tapes that see operators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pippin.compat import tf
from pippin.program.eager import EagerTensor


def _list(thing: Any) -> Any:
    return np.asarray(thing).tolist()


@pytest.mark.parametrize(
    ("made", "dtype", "value"),
    [
        (lambda: tf.constant([1.5, 2]), "float32", [1.5, 2.0]),
        (lambda: tf.constant([1, 2]), "int32", [1, 2]),
        (lambda: tf.constant(3, shape=(2,)), "int32", [3, 3]),
        (lambda: tf.constant(np.array([1.0])), "float64", [1.0]),
        (lambda: tf.cast([1.7, -1.7], tf.int32), "int32", [1, -1]),
        (lambda: tf.cast(np.array([0, 255], np.uint8), tf.float32) / 255.0, "float32", [0.0, 1.0]),
        (lambda: tf.range(2, 8, 3), "int32", [2, 5]),
        (lambda: tf.range(3.0), "float32", [0.0, 1.0, 2.0]),
        (lambda: tf.fill((2,), 7.0), "float32", [7.0, 7.0]),
        (lambda: tf.one_hot([1, 0], 3), "float32", [[0, 1, 0], [1, 0, 0]]),
        (lambda: tf.one_hot([1], depth=2, on_value=5.0, off_value=-1.0), "float32", [[-1, 5]]),
        (lambda: tf.argmax([[1, 5], [7, 2]]), "int64", [1, 0]),
        (lambda: tf.argmax([[1, 5], [7, 2]], axis=1, output_type=tf.int32), "int32", [1, 0]),
        (lambda: tf.matmul([[1.0, 2.0]], [[3.0, 4.0]], transpose_b=True), "float32", [[11.0]]),
        (lambda: tf.gather([[1.0, 2.0], [3.0, 4.0]], [1, 0]), "float32", [[3, 4], [1, 2]]),
        (lambda: tf.where(tf.constant([False, True, True])), "int64", [[1], [2]]),
        (lambda: tf.boolean_mask(tf.constant([1, 2, 3]), [True, False, True]), "int32", [1, 3]),
        (lambda: tf.add_n([tf.ones(2), tf.ones(2), tf.ones(2)]), "float32", [3.0, 3.0]),
        (lambda: tf.pad([[1.0]], [[0, 1], [1, 0]]), "float32", [[0, 1], [0, 0]]),
        (lambda: tf.split(tf.range(5), [2, 3])[1], "int32", [2, 3, 4]),
        (lambda: tf.unique(tf.constant([5, 3, 5]))[1], "int32", [0, 1, 0]),
        (lambda: tf.norm([3.0, 4.0]), "float32", 5.0),
        (lambda: tf.clip_by_norm(tf.constant([3.0, 4.0]), 1.0), "float32", [0.6, 0.8]),
        (lambda: tf.confusion_matrix([0, 1, 1], [0, 1, 0]), "int32", [[1, 0], [1, 1]]),
        (lambda: tf.linalg.band_part(tf.ones((3, 3)), -1, 0)[0], "float32", [1, 0, 0]),
        (lambda: tf.nn.softmax(tf.zeros((1, 4))), "float32", [[0.25] * 4]),
        (lambda: tf.nn.sigmoid_cross_entropy_with_logits([1.0], [0.0]), "float32", [np.log(2)]),
        (lambda: tf.nn.sparse_softmax_cross_entropy_with_logits([1], [[0.0, 0.0]]), "float32", [np.log(2)]),
        (lambda: tf.nn.l2_loss(tf.constant([3.0, 4.0])), "float32", 12.5),
        (lambda: tf.strings.length(tf.constant(["ab", "ü"])), "int32", [2, 2]),
        (lambda: tf.strings.to_number(["1.5"]), "float32", [1.5]),
    ],
)
def test_a_function_gives_what_tensorflow_gives(made: Any, dtype: str, value: Any) -> None:
    found = made()
    assert np.asarray(found).dtype == dtype
    np.testing.assert_allclose(np.asarray(found), value, rtol=1e-6)


def test_a_wrong_argument_is_told_with_those_there_are() -> None:
    with pytest.raises(TypeError, match='expected the arguments input_tensor, axis, keepdims, .*Did you mean "axis"'):
        tf.reduce_sum(tf.ones(2), axes=0)


def test_texts_are_changed_one_by_one() -> None:
    texts = tf.constant(["Good <br />Film!", "BAD"])
    lower = tf.strings.regex_replace(tf.strings.lower(texts), "<br />", " ")
    assert _list(lower) == ["good  film!", "bad"]
    assert _list(tf.strings.split("a b  c")) == ["a", "b", "c"]
    assert tf.expand_dims(texts, -1).shape == (2, 1)
    assert texts.numpy()[1] == b"BAD" and texts[1].numpy().decode() == "BAD"


def test_types_are_names_that_numpy_takes() -> None:
    assert np.dtype(tf.float32) == "float32" == tf.ones(1).dtype
    assert tf.uint8.max == 255 and tf.float32.is_floating and tf.int32.as_numpy_dtype is np.int32


def test_a_variable_is_assigned_and_added_to() -> None:
    variable = tf.Variable([1.0, 2.0])
    variable.assign_add([1.0, 1.0])
    assert _list(variable.assign_sub(tf.constant([0.5, 0.5]))) == [1.5, 2.5]
    assert variable.numpy().tolist() == [1.5, 2.5] and tf.Variable(3).dtype == "int32"


def test_a_tape_sees_the_operators_of_a_watched_constant() -> None:
    x = tf.constant([3.0, -1.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = 2.0 * x * x - x / 2.0 + x[0]
    np.testing.assert_allclose(tape.gradient(y, x), [12 - 0.5 + 2, -4 - 0.5], rtol=1e-6)


def test_a_module_finds_its_variables() -> None:
    class Line(tf.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.w, self.b = tf.Variable(2.0), tf.Variable(1.0)
            self.count = tf.Variable(0, trainable=False)

    line = Line()
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(line.w * tf.constant([1.0, 2.0]) + line.b))
    slopes = tape.gradient(loss, line.trainable_variables)
    assert [float(slope) for slope in slopes] == [8.0, 13.0] and len(line.variables) == 3


def test_functions_of_graphs_are_plain_calls() -> None:
    @tf.function
    def doubled(x: Any) -> Any:
        return x * 2

    @tf.function(jit_compile=True)
    def halved(x: Any) -> Any:
        return x / 2

    assert _list(halved(doubled(tf.constant([3.0])))) == [3.0]


def test_elements_of_a_dataset_are_eager_tensors() -> None:
    data = tf.data.Dataset.from_tensor_slices(([1.0, 2.0], [0, 1])).map(lambda x, y: (x * 2, tf.one_hot(y, 2)))
    x, y = next(iter(data.batch(2)))
    assert isinstance(x, EagerTensor) and x.numpy().tolist() == [2.0, 4.0] and y.shape == (2, 2)


def test_pictures_are_read_resized_and_made_floats(tmp_path: Path) -> None:
    from PIL import Image

    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    read = tf.io.decode_png(tf.io.read_file(tf.constant(str(tmp_path / "a.png"))), channels=3)
    assert read.dtype == "uint8" and np.array_equal(read, pixels)
    half = tf.image.resize(read, [2, 2])
    assert half.dtype == "float32"
    np.testing.assert_allclose(half, pixels.reshape(2, 2, 2, 2, 3).mean((1, 3)), rtol=1e-6)
    np.testing.assert_allclose(tf.image.convert_image_dtype(read, tf.float32), pixels / 255.0, rtol=1e-6)
    assert np.array_equal(tf.image.flip_left_right(read), pixels[:, ::-1])
    assert tf.image.resize_with_crop_or_pad(read, 2, 6).shape == (2, 6, 3)
    assert tf.image.random_crop(read, (2, 2, 3)).shape == (2, 2, 3)


def test_bytes_that_are_no_picture_are_refused() -> None:
    with pytest.raises(ValueError, match="expected the bytes of a JPEG, PNG, GIF or BMP"):
        tf.image.decode_jpeg(b"nothing")
