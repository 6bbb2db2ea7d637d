"""A model as an ONNX file: its prediction, line by line, for batches of any size; proved by running it.

The graph takes what the model takes (channels last) and gives what `predict` gives. Weights are in the file as numbers.
What ONNX can't hold, such as layers that draw random numbers when asked, is refused by the layer's name.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pippin import __version__
from pippin.errors import FileError, SettingError
from pippin.export import elementwise, loops, moving, windows  # noqa: F401  they enter their emitters
from pippin.export.protobuf import Node, Value, model_bytes
from pippin.export.writer import BATCH, ExportError, Writer
from pippin.primitives import Spec
from pippin.primitives.primitive import TYPES
from pippin.saving.atomic import Place, write_bytes
from pippin.training.step import PREDICT, BatchSpecs, Step, close_step, trace_step
from pippin.tree import flatten, pack_sequence_as

TRACED = (3, 5)
"""Batch sizes that a program is traced for: neither 1, which is special, nor a usual size of anything else."""
MOST_BYTES = 2**31 - 1
"""A message of Protocol Buffers can't be longer."""
EXAMPLES = 7


@dataclass(frozen=True)
class Proof:
    """What onnxruntime made of a file, beside the model itself."""

    difference: float
    """The largest difference between two numbers, in units of the largest number that the model gave (at least 1)."""
    numbers: int
    runtime: str

    def __str__(self) -> str:
        return (
            f"onnxruntime {self.runtime} gives the same {self.numbers} numbers, the largest difference is "
            f"{self.difference:.1e}"
        )


def export_onnx(model: Any, filepath: Place, input_signature: Any = None, examples: Any = None) -> Proof | None:
    """Write a model to an ONNX file, whole or not at all, and run it: the proof, or None without onnxruntime.

    `input_signature` gives the shapes of inputs that the model leaves open, batch first (None: any size); `examples`
    is data to prove it with, drawn if there is none. Raises ExportError by the layer's name, and FileError if what
    onnxruntime computes is something else; then nothing is written.
    """
    data = onnx_bytes(model, input_signature)
    proof = None
    if importlib.util.find_spec("onnxruntime") is not None:
        proof = prove(model, data, input_signature, examples)
        if not proof.difference < 1e-3:
            raise FileError(
                f"{filepath} was not written: onnxruntime {proof.runtime} computes something else, the largest "
                f"difference is {proof.difference:.1e}. This is a fault of Pippin's; please report it."
            )
    write_bytes(filepath, data)
    return proof


def onnx_bytes(model: Any, input_signature: Any = None) -> bytes:
    """The bytes of the ONNX file of a model."""
    structure, names, shapes = signature_of(model, input_signature)
    fixed = [shape[0] for shape, _ in shapes if shape[0] is not None]
    batches = (fixed[0], fixed[0]) if fixed else TRACED
    first, second = (_traced(model, structure, shapes, batch) for batch in batches)
    program, other = first.program, second.program
    if program.updates:
        raise ExportError(
            f"{model.described()}: expected answers that depend on the input alone, but predict changes "
            f'"{next(iter(program.updates))}". Make the layer with stateful=False.'
        )
    write = Writer(model.name, batches)
    called: dict[int, str] = {}
    for word, (shape, dtype), value in zip(names, shapes, program.inputs.values(), strict=True):
        called[value] = word
        write.graph.inputs.append(Value(word, dtype, [BATCH if size is None else size for size in shape]))
    for word, value in program.states.items():
        called[value] = word
        write.graph.numbers[word] = np.asarray(first.variables[word].value)
    if not fixed and names:
        write.batch_size = write.node("Slice", write.node("Shape", names[0]), write.whole(0), write.whole(1))
    write.lines(program, other, called)
    outputs = model.output_names(len(program.outputs), first.predictions)
    for word, value, twin in zip(outputs, program.outputs.values(), other.outputs.values(), strict=True):
        _end(write, word, called[value], program.specs[value], other.specs[twin].shape)
    data = model_bytes(write.graph, "pippin", __version__)
    if len(data) > MOST_BYTES:
        raise ExportError(f"{model.described()}: expected at most 2 GB for an ONNX file, it has {len(data)} bytes.")
    return data


def _end(write: Writer, word: str, name: str, spec: Spec, other: Sequence[int]) -> None:
    """Let a value come out under a name of its own."""
    both = enumerate(zip(spec.shape, other, strict=True))
    sizes = [a if a == b else BATCH if (a, b) == write.batches else f"{word}_{axis}" for axis, (a, b) in both]
    taken = {value.name for value in (*write.graph.inputs, *write.graph.outputs)} | set(write.graph.numbers)
    word = word if word not in taken else write.free(word)
    write.graph.nodes.append(Node("Identity", [name], [word], name=word))
    write.graph.outputs.append(Value(word, spec.dtype, sizes))


# What goes in --------------------------------------------------------------------------------------------------------

Shape = tuple[tuple[int | None, ...], str]


def signature_of(model: Any, given: Any) -> tuple[Any, list[str], list[Shape]]:
    """The structure of a model's inputs, their names, and shape and type of each."""
    tensors: Any = getattr(model, "inputs", None) if model.built else None
    if given is None and not tensors:
        raise SettingError(
            f"{model.described()}: expected input_signature=[((None, 784), 'float32')] or the like, because the model "
            "does not say what goes into it."
        )
    structure = getattr(model, "_input_structure", None) if given is None or tensors else given
    found = [_shape_of(leaf) for leaf in _leaves(given)] if given is not None else [_shape_of(t) for t in tensors]
    if structure is None or len(flatten(structure)) != len(found):
        structure = [0] * len(found) if len(found) > 1 else 0
    names = [tensor.name for tensor in tensors] if tensors else [f"input_{n + 1}" for n in range(len(found))]
    for name, (shape, dtype) in zip(names, found, strict=True):
        if None in shape[1:] or not shape:
            raise ExportError(
                f'{model.described()}: expected known sizes behind the batch for the input "{name}", received {shape}. '
                "Give an input_signature."
            )
        if dtype not in TYPES:
            raise ExportError(
                f'{model.described()}: the input "{name}" is of {dtype}. Only numbers can be exported: give the model '
                "behind the layers that turn texts into numbers."
            )
    return structure, names, found


def _leaves(given: Any) -> list[Any]:
    """The inputs in a signature: objects with shape and dtype, or pairs ((None, 784), "float32")."""
    if hasattr(given, "shape") or (isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], str)):
        return [given]
    return [leaf for part in (given.values() if isinstance(given, dict) else given) for leaf in _leaves(part)]


def _shape_of(leaf: Any) -> Shape:
    shape, dtype = (leaf.shape, leaf.dtype) if hasattr(leaf, "shape") else leaf
    named = str(getattr(dtype, "name", dtype) or "float32")
    return tuple(shape), {"int64": "int32", "float64": "float32"}.get(named, named)


def _specs(structure: Any, shapes: Sequence[Shape], batch: int) -> Any:
    leaves = [Spec((batch, *(size or 0 for size in shape[1:])), dtype) for shape, dtype in shapes]
    return pack_sequence_as(structure, leaves)


def _traced(model: Any, structure: Any, shapes: Sequence[Shape], batch: int) -> Step:
    return close_step(trace_step(model, PREDICT, BatchSpecs(_specs(structure, shapes, batch))))


# The proof -----------------------------------------------------------------------------------------------------------


def prove(model: Any, data: bytes, input_signature: Any = None, examples: Any = None) -> Proof:
    """Run an ONNX file on the model's own inputs in onnxruntime, and compare with what the model says."""
    runtime: Any = importlib.import_module("onnxruntime")
    structure, names, shapes = signature_of(model, input_signature)
    arrays = _drawn(shapes) if examples is None else [np.asarray(leaf) for leaf in flatten(examples)]
    arrays = [array.astype(dtype) for array, (_, dtype) in zip(arrays, shapes, strict=True)]
    options = runtime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    try:
        session = runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        found = session.run(None, dict(zip(names, arrays, strict=True)))
    except Exception as error:  # its errors have no common base
        raise FileError(f"onnxruntime {runtime.__version__} can't run the exported model: {error}") from error
    wanted = [np.asarray(leaf) for leaf in flatten(model.predict_on_batch(pack_sequence_as(structure, arrays)))]
    differences = [_difference(a, b) for a, b in zip(found, wanted, strict=True)]
    return Proof(max(differences, default=0.0), sum(array.size for array in wanted), runtime.__version__)


def _drawn(shapes: Sequence[Shape]) -> list[np.ndarray]:
    """Numbers to try a model with; whole ones are 0 and 1, which are row numbers of every table."""
    rng = np.random.default_rng(0)
    sizes = [(EXAMPLES if shape[0] is None else shape[0], *(size or 0 for size in shape[1:])) for shape, _ in shapes]
    return [
        rng.standard_normal(size).astype(np.float32) if dtype == "float32" else rng.integers(0, 2, size)
        for size, (_, dtype) in zip(sizes, shapes, strict=True)
    ]


def _difference(found: np.ndarray, wanted: np.ndarray) -> float:
    if found.shape != wanted.shape:
        return float("inf")
    a, b = found.astype(np.float64), wanted.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    apart = np.where(same, 0.0, np.abs(np.where(same, 0.0, a) - np.where(same, 0.0, b)))
    size = max(1.0, float(np.max(np.abs(b[np.isfinite(b)]), initial=0.0)))
    return float(np.max(apart, initial=0.0)) / size


__all__ = ["ExportError", "Proof", "export_onnx", "onnx_bytes", "prove", "signature_of"]
