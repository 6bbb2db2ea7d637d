"""pippin export MODEL --to onnx: a trained model for other programs, proved by running it."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "write a model as an ONNX file, and prove it with onnxruntime"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = (
        "Write what MODEL predicts as an ONNX file. Where onnxruntime is installed, the file is run on examples beside "
        "the model, and the largest difference is told. MODEL is a run folder of pippin train, or a .keras or .h5 file."
    )
    parser.add_argument("model", metavar="MODEL", help="a run folder, or a .keras or .h5 file")
    parser.add_argument("--to", choices=["onnx"], default="onnx", help="the format (onnx)")
    parser.add_argument("--out", metavar="FILE", help="where to write it (MODEL.onnx, here)")
    parser.add_argument("--examples", metavar="FILE.npy", help="inputs to prove it with (numbers are drawn)")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from pippin.cli.step import model_file
    from pippin.saving import load_model

    path = Path(model_file(arguments.model))
    out = arguments.out or f"{Path(arguments.model).resolve().stem}.onnx"
    load_model(path, compile=False).export(out, verbose=True, examples=_examples(arguments.examples))
    return 0


def _examples(path: str | None) -> object:
    import io

    import numpy as np

    from pippin.errors import FileError
    from pippin.saving.files import read_bytes

    if path is None:
        return None
    try:
        return np.load(io.BytesIO(read_bytes(path, "an array (.npy)")), allow_pickle=False)
    except ValueError as error:
        raise FileError(f"{path}: expected an array (.npy), received something else: {error}.") from error
