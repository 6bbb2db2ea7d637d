"""Claims about event files: they are records and messages as TensorBoard reads them, with every figure where it looks.

The reading here is by itself: it checks the checksums bit by bit, and knows of messages only what their wire says.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pippin import callbacks, layers, models
from pippin.callbacks.event_file import EventFile
from pippin.errors import SettingError


def checksum(data: bytes) -> int:
    """CRC-32C by division of polynomials over bits, then masked."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x82F63B78 * (crc & 1)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """(number, value) of the fields of a message."""
    at = 0

    def varint() -> int:
        nonlocal at
        found = shift = 0
        while True:
            byte = message[at]
            at, found, shift = at + 1, found | (byte & 127) << shift, shift + 7
            if byte < 128:
                return found

    while at < len(message):
        number, wire = divmod(varint(), 8)
        if wire == 0:
            yield number, varint()
        else:
            size = {1: 8, 5: 4}.get(wire) or varint()
            yield number, message[at : at + size]
            at += size


def only(message: bytes, number: int) -> Any:
    (found,) = [value for field, value in fields(message) if field == number]
    return found


def events(folder: Path) -> list[bytes]:
    found = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            message = data[12 : 12 + length]
            assert struct.unpack("<I", data[8:12])[0] == checksum(data[:8])
            assert struct.unpack("<I", data[12 + length : 16 + length])[0] == checksum(message)
            found.append(message)
            data = data[16 + length :]
    return found


def summaries(folder: Path) -> list[tuple[str, str, int, Any]]:
    """(plugin, tag, step, value) of all that is told."""
    found = []
    for event in events(folder)[1:]:
        told = dict(fields(event))
        if 5 not in told:
            continue
        value = only(told[5], 1)
        plugin = only(only(only(value, 9), 1), 1).decode()
        tensor = list(fields(only(value, 8)))
        kind, content = dict(tensor)[1], dict(tensor).get(4)
        strings = [part for number, part in tensor if number == 8]
        shape = [only(size, 1) for number, size in fields(dict(tensor)[2]) if number == 2]
        array = {1: "<f4", 2: "<f8"}.get(kind)
        data = strings if array is None else np.frombuffer(content, array).reshape(shape)
        found.append((plugin, only(value, 1).decode(), told[2], data))
    return found


def trained(folder: Path, epochs: int = 2, **settings: Any) -> Any:
    model = models.Sequential(
        [layers.Input((6, 6, 1)), layers.Conv2D(2, 5), layers.GlobalAveragePooling2D(), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    x = np.linspace(0, 1, 10 * 36, dtype=np.float32).reshape(10, 6, 6, 1)
    board = callbacks.TensorBoard(folder, **settings)
    history = model.fit(x, x[:, :1, 0, 0], 4, epochs, 0, [board], validation_data=(x, x[:, :1, 0, 0]))
    return model, history


def test_a_known_checksum() -> None:
    assert checksum(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_every_figure_of_an_epoch_is_written_where_keras_writes_it(tmp_path: Path) -> None:
    model, history = trained(tmp_path)
    train, held_out = summaries(tmp_path / "train"), summaries(tmp_path / "validation")
    assert only(events(tmp_path / "train")[0], 3) == b"brain.Event:2"
    assert [(kind, tag, step) for kind, tag, step, _ in train] == [
        ("graph_keras_model", "keras", 0), ("scalars", "epoch_loss", 0), ("scalars", "epoch_learning_rate", 0),
        ("scalars", "epoch_loss", 1), ("scalars", "epoch_learning_rate", 1),
    ]  # fmt: skip
    assert json.loads(train[0][3][0]) == json.loads(model.to_json())
    losses = [value.item() for _, tag, _, value in train if tag == "epoch_loss"]
    np.testing.assert_array_equal(losses, np.float32(history.history["loss"]))
    assert [(tag, step) for _, tag, step, _ in held_out] == [
        ("evaluation_loss_vs_iterations", 3), ("epoch_loss", 0),
        ("evaluation_loss_vs_iterations", 6), ("epoch_loss", 1),
    ]  # fmt: skip
    np.testing.assert_array_equal(held_out[-1][3], np.float32(history.history["val_loss"][-1]))


@pytest.mark.parametrize(("often", "steps"), [("batch", [1, 2, 3, 4, 5, 6]), (2, [2, 4, 6]), ("epoch", [])])
def test_batches_are_written_as_often_as_is_asked_for(often: Any, steps: list[int], tmp_path: Path) -> None:
    trained(tmp_path, update_freq=often, write_steps_per_second=True, write_graph=False)
    train = summaries(tmp_path / "train")
    for tag in ("batch_loss", "batch_steps_per_second"):
        assert [step for _, name, step, _ in train if name == tag] == steps
    speeds = [value for _, name, _, value in train if name == "epoch_steps_per_second"]
    assert len(speeds) == 2 and min(speeds) > 0


def test_weights_are_written_as_histograms_and_pictures(tmp_path: Path) -> None:
    model, _ = trained(tmp_path, epochs=3, histogram_freq=2, write_images=True)
    train = summaries(tmp_path / "train")
    for weight in model.weights:
        told = [(step, value) for _, tag, step, value in train if tag == f"{weight.path}/histogram"]
        assert [step for step, _ in told] == [0, 2]
        buckets = told[-1][1]
        assert buckets.shape == (30, 3) and buckets[:, 2].sum() == weight.value.size
        np.testing.assert_allclose([buckets[0, 0], buckets[-1, 1]], [weight.value.min(), weight.value.max()], 1e-6)
    width, height, *pictures = next(value for _, tag, _, value in train if tag == f"{model.weights[0].path}/image")
    assert len(pictures) == 2  # one for each filter
    with Image.open(io.BytesIO(pictures[0])) as picture:
        assert picture.size == (int(width), int(height)) == (5, 5)


def test_numbers_that_are_alike_or_not_finite_have_a_histogram(tmp_path: Path) -> None:
    file = EventFile(tmp_path)
    for step, values in enumerate(([2.0, 2.0, np.nan], [np.inf], [])):
        file.histogram("h", np.array(values), step)
    file.flush()
    alike, infinite, empty = (value for *_, value in summaries(tmp_path))
    assert (alike[-1] == [2, 2, 2]).all() and alike[:, 2].sum() == 2
    assert not infinite.any() and not empty.any()


def test_the_projector_is_told_of_embeddings(tmp_path: Path) -> None:
    model = models.Sequential([layers.Input((3,)), layers.Embedding(5, 2, name="words"), layers.Flatten()])
    model.compile("sgd", "mse")
    board = callbacks.TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"words": "words.tsv"})
    model.fit(np.zeros((4, 3)), np.zeros((4, 6)), verbose=0, callbacks=[board])
    assert 'metadata_path: "words.tsv"' in (tmp_path / "projector_config.pbtxt").read_text()
    assert (tmp_path / "train" / "keras_embedding.ckpt-0.weights.h5").exists()
    board = callbacks.TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"wrods": "words.tsv"})
    with pytest.raises(SettingError, match="expected names of Embedding layers .words., received wrods"):
        model.fit(np.zeros((4, 3)), np.zeros((4, 6)), verbose=0, callbacks=[board])


def test_impossible_settings_are_refused_and_missing_ones_are_told() -> None:
    with pytest.raises(SettingError, match="update_freq"):
        callbacks.TensorBoard(update_freq="step")
    with pytest.raises(SettingError, match="profile_batch"):
        callbacks.TensorBoard(profile_batch=(5, 2))
    with pytest.warns(UserWarning, match="no profiler"):
        callbacks.TensorBoard(profile_batch=2)
