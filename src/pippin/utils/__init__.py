"""Keras's `keras.utils`: small functions around data and runs that belong to no layer. Each is imported when it is
first named."""

from pippin.lazy import lazily

_PLACES = {
    "Config": "settings",
    "Progbar": "progbar",
    "PyDataset": "py_dataset",
    "Sequence": "py_dataset",
    "array_to_img": "pictures",
    "bounding_boxes": "bounding_boxes",
    "clear_session": "tensors",
    "get_file": "downloads",
    "get_source_inputs": "tensors",
    "image_dataset_from_directory": "image_folders",
    "img_to_array": "pictures",
    "is_keras_tensor": "tensors",
    "load_img": "pictures",
    "model_to_dot": "model_drawing",
    "normalize": "numerical",
    "pack_x_y_sample_weight": "packing",
    "pad_sequences": "sequences",
    "plot_model": "model_drawing",
    "save_img": "pictures",
    "set_random_seed": "seeds",
    "split_dataset": "splitting",
    "standardize_dtype": "tensors",
    "text_dataset_from_directory": "text_folders",
    "timeseries_dataset_from_array": "timeseries",
    "to_categorical": "numerical",
    "unpack_x_y_sample_weight": "packing",
}
# Words around files that Keras has in its utils too.
_OF_SAVING = {
    "CustomObjectScope": "known",
    "custom_object_scope": "known",
    "deserialize_keras_object": "revive",
    "get_custom_objects": "known",
    "get_registered_name": "known",
    "get_registered_object": "known",
    "register_keras_serializable": "known",
    "serialize_keras_object": "serialize",
}
_HOMES = {word: f"pippin.utils.{module}" for word, module in _PLACES.items()} | {
    word: f"pippin.saving.{module}" for word, module in _OF_SAVING.items()
}

__getattr__, __dir__ = lazily(__name__, _HOMES)
