"""Keras's words: arguments, their order and defaults, the names of what nobody named, configurations that travel
both ways."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from conformance.asking import KERAS
from pippin import (
    activations,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    ops,
    optimizers,
    regularizers,
)  # fmt: skip
from pippin.naming import clear_names
from pippin.saving.serialize import serialize

MODULES: dict[str, ModuleType] = {
    "layers": layers, "losses": losses, "metrics": metrics, "optimizers": optimizers, "initializers": initializers,
    "regularizers": regularizers, "constraints": constraints,
}  # fmt: skip
CASES = [(family, case) for family, module in MODULES.items() for case in KERAS[family] if case["config"] is not None]


def class_of(family: str, case: dict[str, Any]) -> Any:
    word = {"initializers": "name", "regularizers": "name", "constraints": "name"}.get(family, family[:-1])
    return getattr(MODULES[family], case["loss" if family == "losses" else word])


def told(case: tuple[str, dict[str, Any]]) -> str:
    family, answers = case
    return f"{class_of(family, answers).__name__} {answers['settings']}"


def plain(value: Any) -> Any:
    """A configuration without what differs by nature: tuples and lists, float32's digits, the policy's long form."""
    if isinstance(value, dict):
        if value.get("class_name") == "DTypePolicy":
            return value["config"]["name"]
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def made(family: str, case: dict[str, Any]) -> Any:
    return class_of(family, case)(**case["settings"], **({"name": "layer"} if family == "layers" else {}))


@pytest.mark.parametrize("case", CASES, ids=told)
def test_a_configuration_is_what_keras_writes(case: tuple[str, dict[str, Any]]) -> None:
    family, answers = case
    ours, keras = plain(serialize(made(family, answers))), plain(answers["config"])
    for key in ("module", "class_name", "registered_name"):
        assert ours[key] == keras[key]
    accepted = {name for name, *_ in KERAS["signatures"][family][ours["class_name"]]}
    for key, value in keras["config"].items():
        # A second AUC is called auc_1; arrays are written as lists here and as tensors there.
        if (key != "name" or family == "layers") and key != "label_weights":
            assert ours["config"][key] == value, key
    assert set(ours["config"]) - set(keras["config"]) <= accepted, "Keras must be able to read what it doesn't write"


@pytest.mark.parametrize("case", CASES, ids=told)
def test_what_keras_wrote_is_read(case: tuple[str, dict[str, Any]]) -> None:
    family, answers = case
    written = answers["config"]
    if (written["config"].get("label_weights") or {}) != {}:
        written = {**written, "config": {**written["config"], "label_weights": answers["settings"]["label_weights"]}}
    again = MODULES[family].deserialize(written)
    assert type(again) is class_of(family, answers)
    ours, expected = plain(again.get_config()), plain(made(family, answers).get_config())
    assert {**ours, "name": 0} == {**expected, "name": 0}


@pytest.mark.parametrize("family", MODULES)
def test_classes_take_keras_arguments_in_keras_order(family: str) -> None:
    for name, keras in KERAS["signatures"][family].items():
        cls = getattr(MODULES[family], name)
        found = dict(inspect.signature(cls.__init__).parameters)
        shared = [parameter for parameter, *_ in keras if parameter in found]
        assert [parameter for parameter in found if parameter in shared] == shared, name
        for parameter, *default in keras:
            if parameter in found and default and family != "activations":
                assert as_keras(found[parameter].default) == as_keras(default[0]), f"{name} {parameter}"
        needed = {parameter: EXAMPLES[parameter] for parameter, *default in keras if not default}
        everything = {parameter: default[0] for parameter, *default in keras if default}
        cls(**needed, **everything)


EXAMPLES: dict[str, Any] = {
    "units": 2, "filters": 2, "kernel_size": 2, "pool_size": 2, "activation": "relu", "target_shape": [2], "scale": 1.0,
    "num_classes": 2, "target_class_ids": [0, 1], "specificity": 0.5, "sensitivity": 0.5, "precision": 0.5,
    "recall": 0.5,
    "rate": 0.5, "factor": 0.1, "height_factor": 0.1, "width_factor": 0.1, "fn": losses.mean_squared_error,
}  # fmt: skip


def as_keras(default: Any) -> Any:
    """(2, 2) and [2, 2], "Zeros" and "zeros", None and what is found when nothing is said, are the same default."""
    if isinstance(default, (list, tuple)):
        return [as_keras(part) for part in default]
    if isinstance(default, str):
        return default.lower()
    return default


ANY_NUMBER = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@pytest.mark.parametrize("family", ["activations", "ops"])
def test_functions_take_keras_arguments_in_keras_order(family: str) -> None:
    module: Any = activations if family == "activations" else ops
    names = activations.ALL if family == "activations" else ops.__all__
    checked = 0
    for name in names:
        if name not in KERAS["signatures"][family]:
            continue
        keras = KERAS["signatures"][family][name]
        given = inspect.signature(getattr(module, name)).parameters.items()
        found = {word: parameter for word, parameter in given if parameter.kind not in ANY_NUMBER}
        shared = [parameter for parameter, *_ in keras if parameter in found]
        assert [parameter for parameter in found if parameter in shared] == shared, name
        assert len(shared) == len(found), f"{name}: {set(found) - set(shared)} are not Keras's words"
        for parameter, *default in keras:
            if parameter in found and default and default[0] is not None:
                assert as_keras(found[parameter].default) == as_keras(default[0]), f"{name} {parameter}"
        checked += 1
    assert checked >= (29 if family == "activations" else 120)


def test_what_nobody_named_is_called_as_in_keras() -> None:
    clear_names()
    settings = {case["layer"]: case["settings"] for case in reversed(KERAS["layers"])}
    for name, given in KERAS["names"].items():
        cls = next(vars(module)[name] for module in (layers, optimizers, metrics) if name in vars(module))
        assert cls(**settings.get(name, {})).name == given
    assert [layers.Dense(1).name, layers.Dense(1).name] == ["dense_1", "dense_2"]


@pytest.mark.parametrize(
    ("module", "word", "meant"),
    [
        (activations, "relo", "relu"), (initializers, "glorot_unifrom", "glorot_?uniform"),
        (losses, "sparse_crossentropy", "entropy"), (metrics, "acuracy", "accuracy"), (optimizers, "adm", "adam"),
        (regularizers, "l1_12", "l1_?l2"), (constraints, "maxnrom", "norm"),
    ],
)  # fmt: skip
def test_a_misspelt_name_gets_the_nearest_one(module: ModuleType, word: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f'(?i){word}.*Did you mean ".*{meant}'):
        module.get(word)


@pytest.mark.parametrize("family", MODULES)
def test_get_takes_names_classes_objects_and_nothing(family: str) -> None:
    module = MODULES[family]
    if family == "layers":
        return
    assert module.get(None) is None
    for name in {case["config"]["class_name"] for listed, case in CASES if listed == family}:
        cls = getattr(module, name)
        needs = [
            p
            for p in inspect.signature(cls.__init__).parameters.values()
            if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
        ]
        if len(needs) > 1:
            continue
        thing = cls()
        assert module.get(thing) is thing
        assert type(module.get(cls)) is cls
        assert type(module.get(name)) is cls
        assert type(module.deserialize(module.serialize(thing))) is cls


def test_an_array_serves_as_an_initializer_of_its_own_shape() -> None:
    given = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(initializers.get(given)((2, 3)), given)
    with pytest.raises(ValueError, match=r"Expected `shape` to be \(2, 3\), that of the array. Received: \(3, 2\)"):
        initializers.get(given)((3, 2))
