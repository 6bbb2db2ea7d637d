"""Changes that a fix makes to a trial: plain data, each word of it edits what the model is made from, or the data."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pippin.diagnosis.pictures import simple_numbers
from pippin.diagnosis.trial import Trial
from pippin.errors import SettingError
from pippin.training.rows import class_weights
from pippin.tree import map_structure

Data = dict[str, Any]


def changed(trial: Trial, change: Mapping[str, Any]) -> Trial:
    """A trial with a change made to it; the one given stays as it is."""
    found = replace(trial, config=copy.deepcopy(dict(trial.config)), variables=dict(trial.variables))
    for word, value in change.items():
        if word not in _WORDS:
            raise SettingError(f"change: expected words among {', '.join(_WORDS)}, received {word!r}.")
        found = _WORDS[word](found, value)
    return found


# The model as it is written down --------------------------------------------------------------------------------------


def layers_in(config: Any) -> Iterator[Data]:
    """Every layer that a description of a model holds, models inside it opened."""
    for layer in config.get("config", {}).get("layers", []):
        yield layer
        yield from layers_in(layer)


def _named(trial: Trial, names: Any) -> list[Data]:
    """The layers of some names (of their places: "encoder/dense"), or all."""
    wanted = None if names is None else {str(name).rpartition("/")[2] for name in names}
    return [layer for layer in layers_in(trial.config) if wanted is None or layer["config"].get("name") in wanted]


def _optimizer(trial: Trial) -> Data:
    found: Data = trial.config["compile_config"]["optimizer"]
    if isinstance(found, str):  # a bare name: all else as by default
        from pippin import optimizers
        from pippin.saving.serialize import serialize

        found = trial.config["compile_config"]["optimizer"] = serialize(optimizers.get(found))
    settings: Data = found["config"]
    return settings


def _learning_rate(trial: Trial, value: float) -> Trial:
    _optimizer(trial)["learning_rate"] = float(value)
    return trial


def _clipnorm(trial: Trial, value: float) -> Trial:
    _optimizer(trial)["clipnorm"] = float(value)
    return trial


def _activation(trial: Trial, value: Mapping[str, Any]) -> Trial:
    """{"layers": names, "to": name}: another gate, the weights as they are."""
    for layer in _named(trial, value["layers"]):
        if "activation" in layer["config"]:
            layer["config"]["activation"] = value["to"]
        elif layer["class_name"] == "ReLU":
            layer["config"]["negative_slope"] = 0.01 if value["to"] == "leaky_relu" else 0.0
    return trial


def _initializer(trial: Trial, value: str) -> Trial:
    """Fresh kernels, drawn another way, and biases of 0."""
    for layer in layers_in(trial.config):
        for word in ("kernel_initializer", "depthwise_initializer", "pointwise_initializer"):
            if word in layer["config"]:
                layer["config"][word] = value
        if "bias_initializer" in layer["config"]:
            layer["config"]["bias_initializer"] = "zeros"
    return replace(trial, variables={})


def _last(trial: Trial, value: Mapping[str, Any]) -> Trial:
    """{"activation": name, "loss": name}: another end of the network, and the loss that belongs to it."""
    found = [layer for layer in _named(trial, None) if layer["config"].get("activation") is not None]
    if "activation" in value and found:
        found[-1]["config"]["activation"] = value["activation"]
    if "loss" in value:
        trial.config["compile_config"]["loss"] = value["loss"]
    return trial


def _dropout(trial: Trial, value: float) -> Trial:
    """A Dropout before the last layer of a Sequential model."""
    return _inserted(trial, {"class_name": "Dropout", "config": {"rate": float(value), "name": "dropout_of_the_fix"}})


def _hidden(trial: Trial, value: int) -> Trial:
    """One more hidden layer of so many units before the last layer of a Sequential model; the weights are fresh."""
    config = {"units": int(value), "activation": "relu", "name": "dense_of_the_fix"}
    return replace(_inserted(trial, {"class_name": "Dense", "config": config}), variables={})


def _inserted(trial: Trial, layer: Data) -> Trial:
    if trial.config["class_name"] != "Sequential":
        raise SettingError(
            f"change: expected a Sequential model to put a {layer['class_name']} into, received a "
            f"{trial.config['class_name']} one. Put it in by hand, before the last layer."
        )
    described = {"module": "keras.layers", "registered_name": None, **layer}
    trial.config["config"]["layers"].insert(-1, described)
    for later in trial.config["config"]["layers"]:  # shapes are found anew
        later.pop("build_config", None)
    return trial


def _wider(trial: Trial, value: int) -> Trial:
    """So many times the units of every hidden layer; the weights are fresh."""
    layers = [layer for layer in layers_in(trial.config) if {"units", "filters"} & set(layer["config"])]
    for layer in layers[:-1]:
        for word in {"units", "filters"} & set(layer["config"]):
            layer["config"][word] *= int(value)
    for layer in layers_in(trial.config):
        layer.pop("build_config", None)
    return replace(trial, variables={})


def _trainable(trial: Trial, value: bool) -> Trial:
    for layer in layers_in(trial.config):
        if "trainable" in layer["config"]:
            layer["config"]["trainable"] = bool(value)
    trial.config["config"]["trainable"] = bool(value)
    return trial


# The data and the way of learning -------------------------------------------------------------------------------------


def _epochs(trial: Trial, value: int) -> Trial:
    return replace(trial, epochs=int(value))


def _batch_size(trial: Trial, value: int) -> Trial:
    return replace(trial, batch=int(value))


def _shuffle(trial: Trial, value: bool) -> Trial:
    return replace(trial, shuffle=bool(value))


def _class_weight(trial: Trial, value: Mapping[str, float]) -> Trial:
    weights = {int(number): float(share) for number, share in value.items()}
    return replace(trial, weight=class_weights(trial.y, weights, trial.weight))


def _scale(trial: Trial, value: Mapping[str, Any]) -> Trial:
    """{"subtract": numbers, "divide": numbers}: what layers.Normalization or Rescaling would make of the data."""
    subtract, divide = (np.asarray(value[word], np.float32) for word in ("subtract", "divide"))

    def scaled(x: np.ndarray) -> np.ndarray:
        return np.asarray((x.astype(np.float32) - subtract) / divide, np.float32)

    held = None if trial.validation is None else (scaled(trial.validation[0]), trial.validation[1])
    return replace(trial, x=scaled(trial.x), validation=held)


def _even(trial: Trial, value: str) -> Trial:
    """Each picture without its own brightness, or without that of its background."""

    def evened(x: np.ndarray) -> np.ndarray:
        return np.asarray(x - simple_numbers(x)[value][:, None, None, None], np.float32)

    held = None if trial.validation is None else (evened(trial.validation[0]), trial.validation[1])
    return replace(trial, x=evened(trial.x), validation=held)


def _leave_out(trial: Trial, value: Mapping[str, Any]) -> Trial:
    """{"part": "learn" or "validation", "rows": numbers}: without these rows."""
    rows = np.asarray(value["rows"], int)
    if value["part"] == "learn":
        return trial.take(np.setdiff1d(np.arange(trial.rows), rows))
    assert trial.validation is not None
    kept = np.setdiff1d(np.arange(len(trial.validation[1])), rows)
    x, y = (map_structure(lambda leaf: leaf[kept], part) for part in trial.validation)
    return replace(trial, validation=(x, y))


_WORDS: dict[str, Callable[[Trial, Any], Trial]] = {
    "learning_rate": _learning_rate, "clipnorm": _clipnorm, "activation": _activation, "initializer": _initializer,
    "last": _last, "dropout": _dropout, "hidden": _hidden, "wider": _wider, "trainable": _trainable, "epochs": _epochs,
    "batch_size": _batch_size, "shuffle": _shuffle, "class_weight": _class_weight, "scale": _scale,
    "even": _even, "leave_out": _leave_out,
}  # fmt: skip
"""What a change may say."""


def learning_rate_of(trial: Trial) -> float | None:
    """The learning rate of a trial; None where a schedule moves it."""
    found = _optimizer(replace(trial, config=copy.deepcopy(dict(trial.config)))).get("learning_rate")
    return float(found) if isinstance(found, (int, float)) else None
