"""Claims about ONNX files: onnxruntime gives what the model gives, for every layer and any batch, or the layer is
named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from conformance.running import inputs_of, judge, one_line, run, samples_of
from conformance.test_every_layer import NAMES, made
from goldens import saved_models
from pippin import layers, models
from pippin.errors import FileError, SettingError
from pippin.export import elementwise
from pippin.export.onnx import TRACED, export_onnx, onnx_bytes, prove
from pippin.export.protobuf import Value, model_bytes
from pippin.export.writer import EMITTERS, ExportError, Writer
from pippin.primitives import TABLE

runtime = pytest.importorskip("onnxruntime", reason="needs onnxruntime: pip install pippin[onnx]")

# float32 in another order: some units in the last place of the largest number, more where sums are long.
CLOSE = 2e-6


def small() -> Any:
    return models.Sequential([layers.Input((4,), name="x"), layers.Dense(3, "relu"), layers.Dense(2, name="head")])


def around(name: str) -> Any:
    layer, arrays, _ = made(name)
    tensors = [layers.Input(array.shape[1:]) for array in arrays]
    given = tensors if len(tensors) > 1 else tensors[0]
    return models.Model(given, layer(given))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore:.*was given an input with a mask")
def test_every_layer_says_the_same_in_onnxruntime(name: str) -> None:
    model = around(name)
    proof = prove(model, onnx_bytes(model))
    assert proof.difference < CLOSE and proof.numbers > 0


@pytest.mark.parametrize("name", saved_models.MODELS)
def test_whole_models_say_the_same(name: str) -> None:
    pippin.random.set_random_seed(2)
    model = saved_models.MODELS[name](pippin)
    assert prove(model, onnx_bytes(model), examples=saved_models.data(name)[0]).difference < CLOSE


@pytest.mark.parametrize("name", sorted(set(EMITTERS) & set(TABLE) - {"scan"}))
def test_every_emitter_means_what_its_primitive_means(name: str) -> None:
    primitive = TABLE[name]
    checked = 0
    for arguments, settings in samples_of(primitive):
        if any(np.asarray(array).size == 0 for array in arguments):
            continue  # runtimes differ about nothing
        program = one_line(primitive, arguments, settings)
        write = Writer(name, (1, 1))
        called = {value: word for word, value in program.inputs.items()}
        write.graph.inputs = [
            Value(word, program.specs[v].dtype, program.specs[v].shape) for word, v in program.inputs.items()
        ]
        write.lines(program, program, called)
        spec = program.spec("y")
        write.graph.outputs = [Value(write.node("Identity", called[program.outputs["y"]]), spec.dtype, spec.shape)]
        session = runtime.InferenceSession(model_bytes(write.graph, "pippin", "0"), providers=["CPUExecutionProvider"])
        arrays = inputs_of(arguments)
        given = {word: array.astype(program.spec(word).dtype) for word, array in arrays.items()}
        found = session.run(None, given)[0]
        exact = run(judge(), program, arrays)["y"]
        assert found.shape == exact.shape and found.dtype == spec.dtype
        size = max(1.0, float(np.max(np.abs(exact[np.isfinite(exact)]), initial=0.0))) if exact.dtype.kind == "f" else 1
        np.testing.assert_allclose(found, exact, rtol=CLOSE, atol=CLOSE * size)
        checked += 1
    assert checked or name == "constant"


@pytest.mark.parametrize("batch", [1, 2, *TRACED, 64])
def test_a_graph_takes_batches_of_any_size(batch: int) -> None:
    model = around("LSTM")
    x = np.linspace(-1, 1, batch * 20, dtype="float32").reshape(batch, 4, 5)
    assert prove(model, onnx_bytes(model), examples=x).difference < CLOSE


def test_inputs_and_outputs_keep_their_names_and_types(tmp_path: Path) -> None:
    words, x = layers.Input((5,), dtype="int32", name="words"), layers.Input((3,), name="x")
    told = layers.GRU(3, name="told")(layers.Embedding(7, 4, mask_zero=True)(words))
    yes = layers.Dense(1, name="yes")(layers.Concatenate()([told, x]))
    model = models.Model({"words": words, "x": x}, [told, yes])
    proof = model.export(tmp_path / "m.onnx", verbose=False)
    assert proof.difference < CLOSE
    session = runtime.InferenceSession((tmp_path / "m.onnx").read_bytes(), providers=["CPUExecutionProvider"])
    assert {(i.name, i.type, tuple(i.shape)) for i in session.get_inputs()} == {
        ("words", "tensor(int32)", ("batch", 5)), ("x", "tensor(float)", ("batch", 3)),
    }  # fmt: skip
    assert [(o.name, tuple(o.shape)) for o in session.get_outputs()] == [("told", ("batch", 3)), ("yes", ("batch", 1))]


def test_layers_of_ones_own_are_exported_too() -> None:
    class Own(layers.Layer):
        def call(self, x: Any) -> Any:
            return pippin.ops.logsumexp(x * x[:, :1], axis=1, keepdims=True)

    class Subclassed(models.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.own = layers.Dense(3), Own()

        def call(self, x: Any) -> Any:
            return {"b": self.own(self.first(x)), "a": x}

    model = Subclassed()
    with pytest.raises(SettingError, match="input_signature"):
        onnx_bytes(model)
    signature = [((None, 4), "float32")]
    assert prove(model, onnx_bytes(model, signature), signature).difference < CLOSE


def test_a_layer_that_draws_random_numbers_is_named() -> None:
    class Noisy(layers.Layer):
        def __init__(self, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.drop = layers.Dropout(0.5)

        def call(self, x: Any) -> Any:
            return self.drop(x, training=True)

    model = models.Sequential([layers.Input((4,)), Noisy(name="noisy")])
    with pytest.raises(ExportError, match="predict changes|noisy"):
        onnx_bytes(model)


def test_states_kept_between_calls_and_open_sizes_are_refused() -> None:
    stateful = models.Sequential([layers.Input((4, 2), batch_size=3), layers.LSTM(2, stateful=True)])
    with pytest.raises(ExportError, match="stateful=False"):
        onnx_bytes(stateful)
    x = layers.Input((None, 2), name="steps")
    open_ended = models.Model(x, layers.LSTM(2)(x))
    with pytest.raises(ExportError, match='known sizes behind the batch for the input "steps"'):
        onnx_bytes(open_ended)
    signature = [((None, 6, 2), "float32")]
    assert prove(open_ended, onnx_bytes(open_ended, signature), signature).difference < CLOSE


def test_what_depends_on_the_batch_needs_its_size() -> None:
    class OverBatch(layers.Layer):
        def call(self, x: Any) -> Any:
            return x - pippin.ops.mean(x, axis=0, keepdims=True)

    model = models.Sequential([layers.Input((4,)), OverBatch(name="centred")])
    with pytest.raises(ExportError, match='the layer "centred" computes something else for each size of batch'):
        onnx_bytes(model)
    signature = [((6, 4), "float32")]
    assert prove(model, onnx_bytes(model, signature), signature).difference < CLOSE


def test_a_file_that_computes_something_else_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(elementwise.PLAIN, "maximum", "Min")
    with pytest.raises(FileError, match="was not written: onnxruntime .* computes something else"):
        export_onnx(small(), tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_the_format_is_asked_for_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="expected format='onnx'"):
        small().export(tmp_path / "m", format="tf_saved_model")
    small().export(tmp_path / "m.onnx", format="onnx")
    assert "the largest difference is" in capsys.readouterr().out


def test_the_command_exports_and_proves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pippin.cli.main import main

    small().save(tmp_path / "m.keras")
    np.save(tmp_path / "x.npy", np.ones((2, 4), "float32"))
    arguments = ["--out", str(tmp_path / "m.onnx"), "--examples", str(tmp_path / "x.npy")]
    assert main(["export", str(tmp_path / "m.keras"), "--to", "onnx", *arguments]) == 0
    assert "gives the same 4 numbers" in capsys.readouterr().out
    assert (tmp_path / "m.onnx").stat().st_size > 200
    (tmp_path / "bad.npy").write_bytes(b"no array")
    assert main(["export", str(tmp_path / "m.keras"), "--examples", str(tmp_path / "bad.npy")]) == 1
