"""Models for other programs: the lines of a prediction, written as an ONNX graph, and proved by running it."""

from pippin.lazy import lazily

_HOMES = {
    "Proof": "pippin.export.onnx",
    "export_onnx": "pippin.export.onnx",
    "onnx_bytes": "pippin.export.onnx",
    "prove": "pippin.export.onnx",
}

__getattr__, __dir__ = lazily(__name__, _HOMES)
