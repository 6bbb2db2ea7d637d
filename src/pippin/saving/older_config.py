"""Configurations in the spellings of Keras 2 and of legacy .h5 files, turned into those of Keras 3: data in, data out.

What such files leave out is where a class belongs: it follows from the place it stands in (a layer, an initializer).
What they say besides, and what Keras 3 no longer has, is left out where it changes nothing; where it would, the word is
kept, so that it is refused by name. Source: the files themselves, as tf.keras 2.1 to 2.21 and Keras 2.0 to 2.4 write
them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from pippin.saving.operations import has_operation

MODELS = ("Sequential", "Functional", "Model")
_RENAMED = {"BatchNormalizationV1": "BatchNormalization", "BatchNormalizationV2": "BatchNormalization"}
_FAMILIES = {
    "_initializer": "keras.initializers", "_regularizer": "keras.regularizers", "_constraint": "keras.constraints",
    "learning_rate": "keras.optimizers.schedules",
}  # fmt: skip
_LAYERS_INSIDE = ("layer", "backward_layer", "cell", "cells")
_LOST = (
    "batch_input_shape", "implementation", "input_dtype", "input_length", "input_shape", "key_shape", "query_shape",
    "rng_type", "value_shape",
)  # fmt: skip
"""Words that Keras 3 lost; whatever they say, the layer computes the same."""
_DEFAULTS = {"groups": 1, "time_major": False, "trainable": True}
"""Words that some layers of Keras 3 lost; these values mean what is there without them."""
_RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM2D")
_FUNCTIONS = {
    "__operators__.add": "Add", "math.add": "Add", "__operators__.sub": "Subtract", "math.subtract": "Subtract",
    "__operators__.mul": "Multiply", "math.multiply": "Multiply", "__operators__.truediv": "TrueDivide",
    "math.truediv": "TrueDivide", "math.divide": "TrueDivide", "math.maximum": "Maximum", "math.minimum": "Minimum",
    "math.pow": "Power", "math.sigmoid": "Sigmoid", "math.tanh": "Tanh", "math.exp": "Exp", "math.abs": "Absolute",
    "math.sqrt": "Sqrt", "math.square": "Square", "math.negative": "Negative", "math.reduce_mean": "Mean",
    "math.reduce_sum": "Sum", "math.reduce_max": "Max", "math.reduce_min": "Min", "nn.relu": "Relu",
    "nn.softmax": "Softmax", "expand_dims": "ExpandDims",
}  # fmt: skip
"""TensorFlow's functions between layers of Keras 2, by their names in files, and what Keras 3 calls them."""

Data = dict[str, Any]


def modern_model(described: Data, where: str, is_keras_2: bool) -> Data:
    """The description of a whole model."""
    found: Data = _Translator(where, is_keras_2).layer(described)
    return found


class _Translator:
    def __init__(self, where: str, is_keras_2: bool) -> None:
        self.where = where
        self.is_keras_2 = is_keras_2

    # Layers ----------------------------------------------------------------------------------------------------------

    def layer(self, described: Any, is_first: bool = False) -> Any:
        """A layer or model with all inside it; the first of a Sequential may say what goes in."""
        if not isinstance(described, dict) or "class_name" not in described:
            return described
        if described.get("module") and not self.is_keras_2:
            return described  # in the present spelling already
        name, config = described["class_name"], described.get("config")
        if name in MODELS and isinstance(config, list):  # Keras 2.0: a Sequential was its list of layers
            config = {"name": None, "layers": config}
        if not isinstance(config, dict):
            return described
        if name in MODELS:
            is_graph = "input_layers" in config
            made = {
                "module": "keras" if not is_graph else "keras.src.models.functional",
                "class_name": "Functional" if is_graph else name,
                "config": self._graph(config) if is_graph else self._stack(config),
            }
        elif name == "TFOpLambda" and config.get("function") in _FUNCTIONS:
            made = {"module": "keras.ops", "class_name": _FUNCTIONS[config["function"]], "config": {}}
        elif not self.is_keras_2 and has_operation(name) and not {"trainable", "dtype"} & set(config):
            # Keras 3 leaves out that Mean or Reshape is a function; functions have no types and can't be trained.
            made = {"module": "keras.ops", "class_name": name, "config": config}
        else:
            made = {**_belonging(name, "keras.layers"), "config": self._settings(name, config, is_first)}
            if described.get("registered_name"):
                made["registered_name"] = described["registered_name"]
        return {**described, "registered_name": None, **made}

    def _settings(self, kind: str, config: Data, is_first: bool) -> Data:
        """A layer's configuration."""
        said = {
            word: value
            for word, value in config.items()
            if word not in _LOST and not (word in _DEFAULTS and value == _DEFAULTS[word])
        }
        found = {word: self._setting(word, value) for word, value in said.items()}
        if "batch_input_shape" in config and (is_first or kind == "InputLayer"):
            found["batch_shape"] = config["batch_input_shape"]
        if kind == "Lambda" and isinstance(config.get("function"), list):
            found["function"] = {"class_name": "__lambda__", "config": {"code": config["function"][0]}}
        dtype = config.get("dtype")
        if isinstance(dtype, dict):
            found["dtype"] = (dtype.get("config") or {}).get("name")
        axis = config.get("axis")
        if isinstance(axis, list) and len(axis) == 1:
            found["axis"] = axis[0]
        if kind == "LeakyReLU" and "alpha" in found:
            found["negative_slope"] = found.pop("alpha")
        if kind in ("DepthwiseConv2D", "DepthwiseConv1D", "SeparableConv2D", "SeparableConv1D"):
            for word in ("kernel_initializer", "kernel_regularizer", "kernel_constraint"):
                found.pop(word, None)  # they have no such weight
        if self.is_keras_2 and "hard_sigmoid" in (found.get("activation"), found.get("recurrent_activation")):
            warnings.warn(
                f'{self.where}: {kind} "{config.get("name")}" uses hard_sigmoid, which was clip(x/5 + 1/2, 0, 1) in '
                "Keras 2 and is clip(x/6 + 1/2, 0, 1) since Keras 3, and here: its answers will differ a little.",
                stacklevel=2,
            )
        return found

    def _setting(self, word: str, value: Any) -> Any:
        if word in _LAYERS_INSIDE:
            return [self.layer(part) for part in value] if isinstance(value, list) else self.layer(value)
        family = next((module for ending, module in _FAMILIES.items() if word.endswith(ending)), None)
        if family is None or not isinstance(value, dict) or "class_name" not in value:
            return value
        config = dict(value.get("config") or {})
        if family == "keras.initializers":
            config.pop("dtype", None)
            if config.get("distribution") == "normal":
                config["distribution"] = "truncated_normal"
        if value.get("module"):
            return {**value, "config": config}
        return {**_belonging(value["class_name"], family), "config": config}

    # Models ----------------------------------------------------------------------------------------------------------

    def _stack(self, config: Data) -> Data:
        """A Sequential."""
        layers = config.get("layers")
        if not isinstance(layers, list):
            return config
        return {**config, "layers": [self.layer(part, is_first=number == 0) for number, part in enumerate(layers)]}

    def _graph(self, config: Data) -> Data:
        """A functional model: its layers, and how they are connected."""
        described = [layer for layer in config.get("layers", ()) if isinstance(layer, dict)]
        shifts = {layer.get("name"): _first_use(layer) if self.is_keras_2 else 0 for layer in described}
        wire = _Wires(shifts)
        layers = []
        for layer in described:
            uses = [wire.use(use, layer.get("class_name")) for use in layer.get("inbound_nodes") or ()]
            layers.append({**self.layer(layer), "inbound_nodes": uses})
        found, by_name = {**config, "layers": layers}, {layer["name"]: layer for layer in layers}
        if self.is_keras_2:
            # Keras 3 counts the use that made a functional model here too, and only here.
            here = {name: 0 if layer["class_name"] == "Functional" else shifts[name] for name, layer in by_name.items()}
            found["input_layers"] = _single(config["input_layers"], {})
            found["output_layers"] = _single(config["output_layers"], here)
        return found


class _Wires:
    """Uses of layers: Keras 2 lists (layer, number of its use, place in its results, further arguments)."""

    def __init__(self, shifts: dict[Any, int]) -> None:
        self.shifts = shifts

    def use(self, use: Any, kind: Any) -> Any:
        if not isinstance(use, list):
            return use  # Keras 3 says it in full
        if use and isinstance(use[0], str):  # a function of TensorFlow's, called on (x, y=...)
            words = {word: self._keyword(value) for word, value in use[3].items() if word not in ("name", "y")}
            second = [self._keyword(use[3]["y"])] if use[3].get("y") is not None else []
            return {"args": [self._tensor(use), *second], "kwargs": words}
        tensors = [self._tensor(part) for part in use]
        keywords = use[0][3] if use and len(use[0]) > 3 and isinstance(use[0][3], dict) else {}
        words = {word: self._keyword(value) for word, value in keywords.items()}
        if len(tensors) > 1 and kind in _RECURRENT:
            return {"args": tensors[:1], "kwargs": {"initial_state": tensors[1:], **words}}
        return {"args": tensors[:1] if len(tensors) == 1 else [tensors], "kwargs": words}

    def _tensor(self, part: list[Any]) -> Data:
        name, number, place = part[:3]
        history = [name, number - self.shifts.get(name, 0), place]
        return {"class_name": "__keras_tensor__", "config": {"keras_history": history}}

    def _keyword(self, value: Any) -> Any:
        if isinstance(value, list):
            is_tensor = len(value) in (3, 4) and value[0] in self.shifts and all(isinstance(n, int) for n in value[1:3])
            return self._tensor(value) if is_tensor else [self._keyword(part) for part in value]
        return value


def _first_use(layer: Data) -> int:
    """The number Keras 2 gave the first use of a layer: models were used once when they were made."""
    config = layer.get("config")
    if layer.get("class_name") not in MODELS or not config:
        return 0
    parts = config if isinstance(config, list) else config.get("layers", [])
    if isinstance(config, dict) and "input_layers" in config:
        return 1
    first = parts[0] if parts else {}
    return int(first.get("class_name") == "InputLayer" or "batch_input_shape" in first.get("config", {}))


def _belonging(name: str, family: str) -> Data:
    """A class by its family; "Custom>Adam" and "mine>Layer" were registered under these names."""
    package, _, own = name.rpartition(">")
    own = _RENAMED.get(own, own)
    return {"module": family, "class_name": own, "registered_name": name if package else None}


def _single(ends: Any, shifts: dict[str, int]) -> Any:
    """Where a model begins or ends. Keras 2 lists single ends too."""
    if not isinstance(ends, list) or not all(isinstance(end, list) and len(end) == 3 for end in ends):
        return ends
    moved = [[name, number - shifts.get(name, 0), place] for name, number, place in ends]
    return moved[0] if len(moved) == 1 else moved


# What a model was compiled with --------------------------------------------------------------------------------------


def modern_goal(described: Data, outputs: list[str]) -> Data:
    """The arguments of `compile`. `outputs` are the names of the output layers, with which Keras 2 began the names of
    metrics."""
    optimizer = dict(described.get("optimizer_config") or {})
    config = {word: _learning_rate(word, value) for word, value in (optimizer.get("config") or {}).items()}
    for word in ("jit_compile", "is_legacy_optimizer", "decay"):
        if not config.get(word) or word != "decay":
            config.pop(word, None)
    if "lr" in config:
        config["learning_rate"] = config.pop("lr")
    found: Data = {"optimizer": {**_belonging(str(optimizer.get("class_name")), "keras.optimizers"), "config": config}}
    found["loss"] = each(described.get("loss"), _loss)
    for word in ("metrics", "weighted_metrics"):
        listed = each(described.get(word), lambda metric: _metric(metric, outputs))
        found[word] = listed[0] if _is_nested(listed) and len(listed) == 1 else listed
    found["loss_weights"] = described.get("loss_weights")
    return found


def _learning_rate(word: str, value: Any) -> Any:
    if word == "learning_rate" and isinstance(value, dict) and not value.get("module"):
        return {**_belonging(str(value.get("class_name")), _FAMILIES[word]), "config": value.get("config")}
    return value


def _is_nested(listed: Any) -> bool:
    return isinstance(listed, list) and any(isinstance(part, list) for part in listed)


def each(thing: Any, change: Callable[[Any], Any]) -> Any:
    """The same lists and dicts with every loss or metric in them changed."""
    if isinstance(thing, list):
        return [each(part, change) for part in thing]
    if isinstance(thing, dict) and "class_name" not in thing:
        return {key: each(part, change) for key, part in thing.items()}
    return change(thing)


def _loss(loss: Any) -> Any:
    if not isinstance(loss, dict) or loss.get("module"):
        return loss
    config = {word: value for word, value in loss["config"].items() if word != "fn"}
    if config.get("reduction") == "auto":
        config["reduction"] = "sum_over_batch_size"
    return {**_belonging(loss["class_name"], "keras.losses"), "config": config}


def _metric(metric: Any, outputs: list[str]) -> Any:
    """A metric; one that is the mean of a function by the name the user gave it, if it says enough."""
    if not isinstance(metric, dict) or metric.get("module"):
        return metric
    config = metric.get("config") or {}
    function = config.get("fn")
    if metric["class_name"] == "MeanMetricWrapper" and isinstance(function, str):
        name = str(config.get("name", ""))
        name = next((name[len(o) + 1 :] for o in outputs if name.startswith(f"{o}_")), name)
        return name if name in ("accuracy", "acc") and function.endswith("accuracy") else function
    kept = {word: value for word, value in config.items() if word != "fn"}
    return {**_belonging(metric["class_name"], "keras.metrics"), "config": kept}
