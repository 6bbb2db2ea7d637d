"""Claims about files that nobody vouches for: nothing in them is run, imported or believed; each is named for what it is."""

# ruff: noqa: E501  the tables of bad input are read row by row
from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from pippin import layers, models
from pippin.errors import FileError

Alter = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def good() -> bytes:
    """The bytes of a model file in which nothing is wrong."""
    import pippin

    pippin.random.set_random_seed(0)
    model = models.Sequential(
        [layers.Input((4,), name="x"), layers.Dense(3, "relu", name="hidden"), layers.Dense(2, name="head")]
    )
    model.compile("adam", "mse")
    from pippin.saving.models import model_bytes

    return model_bytes(model)


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_config(data: bytes, alter: Alter) -> bytes:
    """The same file with another config.json."""
    contents = members(data)
    config = json.loads(contents["config.json"])
    contents["config.json"] = json.dumps(alter(config) or config).encode()
    return packed(contents)


def with_layer(data: bytes, described: dict[str, Any], place: int = 1) -> bytes:
    """The same file with another layer in its middle."""

    def alter(config: dict[str, Any]) -> None:
        config["config"]["layers"][place] = described

    return with_config(data, alter)


def load(data: bytes, tmp_path: Path, **keywords: Any) -> Any:
    path = tmp_path / "model.keras"
    path.write_bytes(data)
    return models.load_model(path, **keywords)


def layer(class_name: Any, config: Any = None, module: Any = "keras.layers", registered: Any = None) -> dict[str, Any]:
    return {
        "module": module,
        "class_name": class_name,
        "config": {"name": "evil"} if config is None else config,
        "registered_name": registered,
    }


# Code, and names that lead to code ---------------------------------------------------------------------------------------

CODE: dict[str, tuple[dict[str, Any], str]] = {
    "a Lambda with bytecode": (layer("Lambda", {"name": "evil", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAA==", "defaults": None, "closure": None}}}), 'Lambda "evil": it calls a lambda, whose code stands in the file, and nothing in a file is ever run'),
    "a lambda as an activation": (layer("Dense", {"name": "evil", "units": 3, "activation": {"class_name": "__lambda__", "config": {"value": "x"}}}), "is a __lambda__, which carries code"),
    "a module and a function": (layer("function", "system", "os", "system"), "can be added to a Sequential model. Received: 'system'"),
    "a class of another package": (layer("Popen", {"args": ["touch", "/tmp/x"]}, "subprocess", "Popen"), "class 'Popen' .module 'subprocess'., which Pippin does not have"),
    "a function as an activation": (layer("Dense", {"name": "evil", "units": 3, "activation": {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}}), "Unknown activation"),
    "get_file of Keras": (layer("get_file", {"origin": "http://x"}, "keras.utils"), "class 'get_file'"),
    "load_model of Keras": (layer("load_model", {"filepath": "x", "safe_mode": False}, "keras.models"), "class 'load_model'"),
    "a class deep in Keras": (layer("Layer", {"name": "evil"}, "keras.src.layers.layer"), "class 'Layer'"),
    "a class of Pippin's that is no layer": (layer("Reviver", {}, "pippin.saving.revive"), "class 'Reviver'"),
    "an engine of Pippin's": (layer("ReferenceEngine", {}, "keras.engines"), "class 'ReferenceEngine'"),
    "a private name": (layer("__builtins__", {}, "keras.layers"), "class '__builtins__'"),
    "a wrapper of PyTorch": (layer("TorchModuleWrapper", {"name": "evil", "module": "gASV"}), "carries code"),
    "a saved model elsewhere": (layer("TFSMLayer", {"name": "evil", "filepath": "/etc"}), "leads to code"),
    "a type as an argument": (layer("Dense", {"name": "evil", "units": 3, "kernel_initializer": {"module": "builtins", "class_name": "eval", "config": {"source": "1"}}}), "class 'eval'"),
    "a list as a class": (layer(["Dense"]), "expected the configuration of .'Dense'."),
    "a call of the switch": (layer("enable_unsafe_deserialization", {}, "keras.config"), "class 'enable_unsafe_deserialization'"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CODE)
def test_code_and_what_leads_to_it_is_refused_with_the_reason(kind: str, good: bytes, tmp_path: Path) -> None:
    described, words = CODE[kind]
    for safe_mode in (True, False):
        with pytest.raises(FileError, match=words):
            load(with_layer(good, described), tmp_path, safe_mode=safe_mode)


def test_an_unknown_layer_is_named_with_the_nearest_one(good: bytes, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r'"evil" is of the class \'Dennse\'.*Did you mean "Dense"\?'):
        load(with_layer(good, layer("Dennse")), tmp_path)


def test_a_layer_that_would_compute_something_else_is_refused(good: bytes, tmp_path: Path) -> None:
    described = layer("BatchNormalization", {"name": "bn", "ghost_batches": 4})
    with pytest.raises(FileError, match="ghost_batches"):
        load(with_layer(good, described), tmp_path)


AUDIT = textwrap.dedent(
    """
    import sys
    import safetensors.numpy
    from pippin import models
    from pippin.errors import FileError, nearest

    # Whatever Pippin itself imports, it has imported now.
    models.load_model(sys.argv[1])
    nearest("a", ["b"])
    try:
        models.load_model(sys.argv[2])
    except FileError:
        pass
    seen, watched = [], set(sys.argv[2:])
    WATCHED = ("import", "exec", "compile", "open", "os.", "subprocess.", "socket.", "ctypes.", "marshal.", "pickle.", "shutil.", "urllib.", "tempfile.")
    HARMLESS = ("os.listdir",)

    def hook(event, arguments):
        if active and event.startswith(WATCHED) and event not in HARMLESS and not (event == "open" and arguments[0] in watched and arguments[1] in ("rb", "r")):
            seen.append((event, str(arguments)[:200]))

    active = False
    sys.addaudithook(hook)
    for path in sys.argv[2:]:
        active = True
        try:
            models.load_model(path)
            result = "loaded"
        except FileError as error:
            result = "refused"
        active = False
        assert not seen, (path, seen)
        assert result == ("loaded" if "good" in path else "refused"), (path, result)
    print(len(sys.argv) - 2)
    """
)


def revived(good: bytes) -> Any:
    from pippin.saving.revive import Reviver

    return Reviver({}, "it").revive(json.loads(members(good)["config.json"]))


def older(good: bytes, layer: dict[str, Any] | None = None) -> bytes:
    """The same model as a legacy file; with another layer in its middle."""
    from pippin.saving.older_file import model_bytes

    buffer = io.BytesIO(model_bytes(revived(good), "3.15.1"))
    with h5py.File(buffer, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        if layer is not None:
            config["config"]["layers"][1] = layer
        file.attrs["model_config"] = json.dumps(config)
    return buffer.getvalue()


def in_safetensors(good: bytes) -> bytes:
    from pippin.saving.safe_tensors import model_bytes

    return model_bytes(revived(good))


def test_loading_hostile_files_imports_runs_and_opens_nothing(good: bytes, tmp_path: Path) -> None:
    """A hook of Python's own (PEP 578) hears of every import, exec, open, process and socket while files are loaded."""
    files = {"good": good, "good_again": good}
    files |= {f"code_{number}": with_layer(good, described) for number, (described, _) in enumerate(CODE.values())}
    files |= {f"kind_{number}": content for number, (content, _) in enumerate(KINDS.values())}
    files |= {f"bomb_{number}": make(good) for number, (make, _) in enumerate(BOMBS.values())}
    files |= {"good_older": older(good), "good_tensors": in_safetensors(good)}
    files |= {f"older_{number}": older(good, described) for number, (described, _) in enumerate(CODE.values())}
    paths = []
    for name, content in files.items():
        paths.append(str(tmp_path / f"{name}.keras"))
        Path(paths[-1]).write_bytes(content)
    ran = subprocess.run(
        [sys.executable, "-c", AUDIT, *paths],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ran.stdout.strip() == str(len(files) - 1), ran.stderr


# Sizes ----------------------------------------------------------------------------------------------------------------------


def weights_bomb(good: bytes) -> bytes:
    contents = members(good)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_dataset(
            "layers/dense/vars/0", shape=(2**20, 2**20), dtype="float32", chunks=(1024, 1024), compression="gzip"
        )
    return packed({**contents, "model.weights.h5": buffer.getvalue()})


def wide(config: dict[str, Any]) -> None:
    config["config"]["layers"][1]["config"]["units"] = 10**12


def deep(config: dict[str, Any]) -> dict[str, Any]:
    for _ in range(100):
        config = {
            "module": "keras",
            "class_name": "Sequential",
            "config": {"name": "s", "layers": [config]},
            "registered_name": None,
        }
    return config


def packed_bomb(good: bytes) -> bytes:
    return packed({**members(good), "model.weights.h5": b"\0" * (64 << 20)}, zipfile.ZIP_DEFLATED)


BOMBS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a layer of a thousand billion units": (lambda good: with_config(good, wide), "Dense \"hidden\" is said to have a weight of shape .4, 1000000000000."),
    "weights of four terabytes": (weights_bomb, "more than the whole file"),
    "64 MB of zeros in a few KB": (packed_bomb, "the mark of an HDF5 file"),
    "a JSON of 20 MB": (lambda good: packed({**members(good), "config.json": b'{"a": "' + b"x" * (20 << 20) + b'"}'}), "claims 20971"),
    "JSON that is nested without end": (lambda good: packed({**members(good), "config.json": b"[" * 200_000}), "expected JSON"),
    "objects that are nested without end": (lambda good: with_config(good, deep), "nested more than"),
    "a name that stands twice": (lambda good: packed({**members(good), "config.json": b'{"class_name": 1, "class_name": 2}'}), "a name stands twice"),
    "NaN": (lambda good: packed({**members(good), "config.json": b'{"a": NaN}'}), "NaN is no JSON"),
    "a list instead of an object": (lambda good: packed({**members(good), "config.json": b"[]"}), "expected a JSON object, received list"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BOMBS)
def test_claims_are_checked_before_memory_is_taken(kind: str, good: bytes, tmp_path: Path) -> None:
    make, words = BOMBS[kind]
    with pytest.raises(FileError, match=words):
        load(make(good), tmp_path)


def test_shapes_that_differ_from_the_config_name_the_layer_and_both(good: bytes, tmp_path: Path) -> None:
    def narrower(config: dict[str, Any]) -> None:
        config["config"]["layers"][2]["config"]["units"] = 1

    with pytest.raises(
        FileError, match=r'Dense "head": expected "kernel" of shape \(3, 1\), the file has shape \(3, 2\)'
    ):
        load(with_config(good, narrower), tmp_path)


def test_layers_that_changed_places_are_noticed(good: bytes, tmp_path: Path) -> None:
    def renamed(config: dict[str, Any]) -> None:
        first, second = config["config"]["layers"][1:3]
        first["config"]["name"], second["config"]["name"] = "head", "hidden"

    with pytest.raises(
        FileError, match='expected the weights of "head" at layers/dense/vars, received those of "hidden"'
    ):
        load(with_config(good, renamed), tmp_path)


# Damage -----------------------------------------------------------------------------------------------------------------------


def same(model: Any, other: Any) -> bool:
    return model.to_json() == other.to_json() and all(
        np.array_equal(a, b) for a, b in zip(model.get_weights(), other.get_weights(), strict=True)
    )


def test_a_model_file_that_was_cut_anywhere_is_refused(good: bytes, tmp_path: Path) -> None:
    for length in [*range(0, len(good), 211), len(good) - 1]:
        with pytest.raises(FileError):
            load(good[:length], tmp_path)


def test_no_flipped_bit_is_read_as_something_else(good: bytes, tmp_path: Path) -> None:
    expected = load(good, tmp_path)
    chance = np.random.default_rng(0)
    # The whole directory of the zip, its heads, and bits anywhere.
    start = good.index(b"PK\x01\x02")
    bits = [*range(8 * start, 8 * len(good), 9), *range(0, 8 * 60, 7), *chance.integers(0, 8 * len(good), 150)]
    refused = 0
    for bit in bits:
        altered = bytearray(good)
        altered[bit // 8] ^= 1 << bit % 8
        try:
            model = load(bytes(altered), tmp_path)
        except FileError:
            refused += 1
        else:
            assert same(model, expected), f"bit {bit} changed the model and nobody noticed"
    assert refused > len(bits) // 2


def test_no_flipped_bit_of_a_weights_file_is_read_as_something_else(tmp_path: Path) -> None:
    model = models.Sequential([layers.Input((4,)), layers.Dense(3)])
    path = tmp_path / "w.weights.h5"
    model.save_weights(path)
    whole, weights = path.read_bytes(), model.get_weights()
    for bit in np.random.default_rng(0).integers(0, 8 * len(whole), 300):
        altered = bytearray(whole)
        altered[bit // 8] ^= 1 << int(bit % 8)
        path.write_bytes(altered)
        try:
            model.load_weights(path)
        except FileError:
            continue
        assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights, strict=True))
    for length in range(0, len(whole) - 20, 199):
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            model.load_weights(path)


KINDS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "an empty file"),
    "a web page": (b"<!DOCTYPE html><html><body>404</body></html>", "a web page"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n", "Git LFS pointer.*git lfs pull"),
    "a pickle": (pickle.dumps({"a": 1}), "pickle, which can run any code"),
    "the older format": (b"\x89HDF\r\n\x1a\n" + b"\0" * 600, "damaged at byte 8 of its HDF5 part"),
    "an ONNX model": (b"\x08\x07\x12\x07pytorch\x1a\x051.2.3" + b"\0" * 50, "an ONNX model"),
    "a text": (b"hello, this is a text\n", "a text file"),
    "a PyTorch model": (packed({"model/data.pkl": b"x", "model/version": b"3"}), "PyTorch model, a pickle"),
    "a zip of other things": (packed({"a.txt": b"x"}), "a zip file with other things in it .a.txt."),
    "a zip with a way out": (packed({"../../etc/passwd": b"x", "config.json": b"{}"}), "expected the members"),
    "an empty zip": (packed({}), "zip file"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a picture"),
    "safetensors": ((16).to_bytes(8, "little") + b'{"a":1}         ' + b"\0" * 10, "no whole safetensors file"),
    "an array": (b"\x93NUMPY\x01\x00" + b"\0" * 50, "a NumPy array"),
    "an archive": (b"\x1f\x8b\x08" + b"\0" * 50, "an archive"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_kind_is_named_for_what_it_is(kind: str, tmp_path: Path) -> None:
    content, words = KINDS[kind]
    with pytest.raises(FileError, match=words):
        load(content, tmp_path)


def test_a_member_that_stands_twice_is_refused(good: bytes, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for name, content in [*members(good).items(), ("config.json", b"{}")]:
            archive.writestr(name, content)
    with pytest.raises(FileError, match="expected the members"):
        load(buffer.getvalue(), tmp_path)


def test_a_zip_behind_other_bytes_is_refused(good: bytes, tmp_path: Path) -> None:
    with pytest.raises(FileError):
        load(b"#!/bin/sh\nexit\n" + good, tmp_path)


def test_a_missing_file_is_told_with_its_full_path_and_its_neighbour(good: bytes, tmp_path: Path) -> None:
    (tmp_path / "best_model.keras").write_bytes(good)
    with pytest.raises(
        FileError, match=rf'there is no file {tmp_path}/best_modle.keras. Did you mean "best_model.keras"\?'
    ):
        models.load_model(tmp_path / "best_modle.keras")
    with pytest.raises(FileError, match=f"There is no folder {tmp_path}/nowhere either"):
        models.load_model(tmp_path / "nowhere" / "model.keras")
    with pytest.raises(FileError, match="expected a model file .*, received a folder"):
        models.load_model(tmp_path)
    os.mkfifo(tmp_path / "pipe.keras")
    with pytest.raises(FileError, match="no regular file"):
        models.load_model(tmp_path / "pipe.keras")
