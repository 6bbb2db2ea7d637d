"""Files: what is written is whole or not there; what is read is data and never code."""

from pippin.lazy import lazily

# The parts stand at different heights: `configured` is known to every layer, `models` knows all of them.
_HOMES = {
    "clone_model": "pippin.saving.models",
    "deserialize_keras_object": "pippin.saving.revive",
    "load_model": "pippin.saving.models",
    "load_weights": "pippin.saving.weights",
    "model_from_json": "pippin.saving.models",
    "register_keras_serializable": "pippin.saving.known",
    "save_model": "pippin.saving.models",
    "save_weights": "pippin.saving.weights",
    "serialize_keras_object": "pippin.saving.serialize",
}

__getattr__, __dir__ = lazily(__name__, _HOMES)
