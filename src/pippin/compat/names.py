"""Which module of Pippin a Keras or TensorFlow module name stands for. Nothing is imported here."""

from __future__ import annotations

TENSORFLOW_VERSION = "2.21.0"
"""The release whose Keras words these are. Scripts read it; the suffix says who answers."""

KERAS_VERSION = "3.15.1"

ROOTS = frozenset({"keras", "tensorflow", "tf_keras"})
_KERAS_ROOTS = (
    "tensorflow.python.keras",
    "tensorflow.compat.v2.keras",
    "tensorflow.keras",
    "tf_keras",
    "keras",
)
_PREFIXES = ("api._v2.keras", "api.keras", "api", "src.legacy", "src", "_legacy", "legacy")

_SURFACE = "pippin.compat.tf"
_SURFACE_OF = {
    **dict.fromkeys(("python", "compat", "compat.v2", "math"), _SURFACE),
    **dict.fromkeys(("config.experimental", "config.optimizer", "config.threading"), f"{_SURFACE}.config"),
    "data.experimental": f"{_SURFACE}.data",
}
_KERAS_IN_TENSORFLOW = ("initializers", "losses", "metrics", "optimizers")

# Where Keras 1 and 2 kept what Keras 3 keeps elsewhere; scripts of ten years import from there.
_MOVED = {
    "layers": "advanced_activations convolutional core embeddings experimental experimental.preprocessing "
    "merge noise normalization pooling preprocessing recurrent wrappers",
    "utils": "all_utils data_utils generic_utils image_utils layer_utils np_utils vis_utils",
    "optimizers": "experimental legacy",
}
_OLD_HOMES = {f"{home}.{word}": home for home, words in _MOVED.items() for word in words.split()} | {
    "engine": "models",
    "engine.topology": "layers",
}


def home_of(name: str) -> str | None:
    """The module of Pippin that stands for "tensorflow.keras.layers" and the like; None for other names.

    Whether that module exists is for the importer to find out: new parts of Pippin need no entry here.
    """
    path = _keras_path(name)
    if path is not None:
        path = _OLD_HOMES.get(path, path)
        return f"pippin.{path}" if path else "pippin"
    if name == "tensorflow":
        return _SURFACE
    if name.startswith("tensorflow."):
        path = name.removeprefix("tensorflow.")
        if path.split(".")[0] in _KERAS_IN_TENSORFLOW:
            return f"pippin.{path}"
        return _SURFACE_OF.get(path, f"{_SURFACE}.{path.removeprefix('compat.v2.')}")
    return None


def _keras_path(name: str) -> str | None:
    """ "tensorflow.keras.layers" → "layers", "keras" → "", "tensorflow.data" → None."""
    for root in _KERAS_ROOTS:
        if name == root or name.startswith(f"{root}."):
            path = name[len(root) + 1 :]
            for prefix in _PREFIXES:
                if path == prefix or path.startswith(f"{prefix}."):
                    return path[len(prefix) + 1 :]
            return path
    return None


def shown(name: str) -> str:
    """A module's name as scripts write it: "tf.keras.layers"."""
    return "tf" + name.removeprefix("tensorflow") if name.split(".")[0] == "tensorflow" else name
