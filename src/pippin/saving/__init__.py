"""Files: what is written is whole or not there; what is read is data and never code."""

from pippin.lazy import lazily

# The parts stand at different heights: `configured` is known to every layer, `models` knows all of them.
_HOMES = {
    "CustomObjectScope": "pippin.saving.known",
    "clone_model": "pippin.saving.cloning",
    "custom_object_scope": "pippin.saving.known",
    "deserialize_keras_object": "pippin.saving.revive",
    "get_custom_objects": "pippin.saving.known",
    "get_registered_name": "pippin.saving.known",
    "get_registered_object": "pippin.saving.known",
    "load_model": "pippin.saving.models",
    "load_weights": "pippin.saving.weights",
    "model_from_json": "pippin.saving.models",
    "register_keras_serializable": "pippin.saving.known",
    "save_model": "pippin.saving.models",
    "save_weights": "pippin.saving.weights",
    "serialize_keras_object": "pippin.saving.serialize",
}

__getattr__, __dir__ = lazily(__name__, _HOMES)
