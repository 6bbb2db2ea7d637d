"""Asks real Keras for everything in keras_cases.py and keras_models.py and writes its answers to keras.json.
Run once, with a Python that has Keras 3.15 and JAX, not by the tests:

    KERAS_BACKEND=jax path/to/keras/python tests/goldens/make_keras_goldens.py
"""

from __future__ import annotations

import inspect
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")
FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
warnings.filterwarnings("ignore")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

from goldens import keras_cases as cases  # noqa: E402
from goldens.keras_models import MODELS  # noqa: E402
from goldens.recipes import made, numbers  # noqa: E402

FAMILIES = ("layers", "losses", "metrics", "optimizers", "initializers", "regularizers", "constraints")


def plain(value: Any) -> Any:
    """Arrays as lists of numbers with six digits: as many as the comparison asks for, and one more."""
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        # The one type of numbers that everything here has is written short.
        return "float32" if value.get("class_name") == "DTypePolicy" else {k: plain(v) for k, v in value.items()}
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return float(f"{value if abs(value) < 1e-6 else round(value, 7):.6g}")
    return plain(np.asarray(value).tolist())


def config_of(thing: Any) -> Any:
    """The configuration; None when the same but for the name was written before."""
    config = keras.saving.serialize_keras_object(thing)
    key = json.dumps([config["module"], config["class_name"], {**config["config"], "name": ""}], default=str)
    if key in written:
        return None
    written.add(key)
    return config


written: set[str] = set()


def counted(values: Any) -> Any:
    """A single number from any result, with every place counting differently, so that gradients tell them
    apart."""
    return sum(jnp.sum(leaf * numbers(7, leaf.shape)) for leaf in jax.tree_util.tree_leaves(values))


def activation_answers() -> list[Any]:
    x, found = jnp.asarray(numbers(1, (4, 6), -3, 3)), []
    for name, settings in cases.ACTIVATIONS:
        function = getattr(keras.activations, name)
        y, dx = function(x, **settings), jax.grad(lambda x: counted(function(x, **settings)))(x)  # noqa: B023
        found.append({"name": name, "settings": settings, "y": y, "dx": dx})
    return found


def weight_value(number: int, path: str, shape: Any) -> np.ndarray:
    return numbers(100 + number, shape, 0.5, 1.5) if "variance" in path else numbers(100 + number, shape, -0.6, 0.6)


def layer_answer(name: str, settings: dict[str, Any], shapes: list[list[int]], training: bool | None) -> Any:
    layer = getattr(keras.layers, name)(**settings, name="layer")
    inputs = [jnp.asarray(numbers(200 + n, shape)) for n, shape in enumerate(shapes)]
    given = inputs[0] if len(inputs) == 1 else inputs
    layer.build(tuple(shapes[0]) if len(shapes) == 1 else [tuple(shape) for shape in shapes])
    layer.set_weights([weight_value(n, w.path, w.shape) for n, w in enumerate(layer.weights)])
    keywords = {} if training is None else {"training": training}
    fixed = [v.value for v in layer.non_trainable_variables]

    def run(trainable: Any, given: Any) -> Any:
        y, after, losses = layer.stateless_call(trainable, fixed, given, return_losses=True, **keywords)
        if layer.activity_regularizer is not None and not losses:
            # stateless_call leaves this one out; training (see keras_models.py) does not.
            losses = [layer.activity_regularizer(y) / y.shape[0]]
        return counted(y) + sum(losses, 0.0), (y, after)

    trainable = [v.value for v in layer.trainable_variables]
    (_, (y, after)), (dw, dx) = jax.value_and_grad(run, argnums=(0, 1), has_aux=True)(trainable, given)
    kept = [a for v, a in zip(layer.non_trainable_variables, after, strict=True) if "seed" not in v.path]
    return {
        "layer": name, "settings": settings, "inputs": shapes, "training": training, "y": y, "dw": dw,
        "dx": dx if len(inputs) > 1 else [dx], "kept": kept, "config": config_of(layer),
    }  # fmt: skip


def view_answers() -> list[Any]:
    found = []
    for name, settings, word, drawn in cases.VIEWS:
        layer = getattr(keras.layers, name)(**settings)
        x = jnp.asarray(numbers(200, cases.SQUARE))
        y = layer.transform_images(x, {word: jnp.asarray(drawn).reshape(-1, 1, 1, 1)}, training=True)
        found.append({"layer": name, "settings": settings, "drawn": drawn, "y": y})
    return found


def loss_answer(name: str, settings: dict[str, Any], true: Any, predicted: Any, weight: Any) -> Any:
    loss = getattr(keras.losses, name)(**settings)
    y_true, y_pred = made(true), jnp.asarray(made(predicted))
    weights = None if weight is None else made(weight)
    value = loss(y_true, y_pred, sample_weight=weights)
    gradient = jax.grad(lambda y: counted(loss(y_true, y, sample_weight=weights)))(y_pred)
    return {
        "loss": name, "settings": settings, "y_true": true, "y_pred": predicted, "weight": weight, "value": value,
        "gradient": gradient, "config": config_of(loss),
    }  # fmt: skip


def later(recipe: Any) -> Any:
    """The same kind of numbers with another seed, for the second batch."""
    return [recipe[0], recipe[1] + 500, *recipe[2:]]


def metric_answer(name: str, settings: dict[str, Any], true: Any, predicted: Any, weight: Any) -> Any:
    metric = getattr(keras.metrics, name)(**settings)
    results = []
    for change in (lambda recipe: recipe, later):
        given = [made(change(recipe)) for recipe in (true, predicted) if recipe is not None]
        metric.update_state(*given, sample_weight=None if weight is None else made(change(weight)))
        results.append(metric.result())
    totals = [variable.numpy() for variable in metric.variables] if metric.variables[0].ndim == 0 else None
    return {
        "metric": name, "settings": settings, "y_true": true, "y_pred": predicted, "weight": weight, "results": results,
        "totals": totals, "config": config_of(metric),
    }  # fmt: skip


def optimizer_answer(name: str, settings: dict[str, Any], undecayed: list[str] | None) -> Any:
    optimizer = getattr(keras.optimizers, name)(**settings)
    if undecayed:
        optimizer.exclude_from_weight_decay(var_names=undecayed)
    names = ["kernel", "bias"]
    variables = [keras.Variable(numbers(300 + n, shape), name=names[n]) for n, shape in enumerate(([3, 2], [2]))]
    after = []
    for step in range(3):
        optimizer.apply(
            [jnp.asarray(numbers(400 + 10 * step + n, v.shape, -2, 2)) for n, v in enumerate(variables)],
            variables,
        )
        after.append([v.numpy() for v in variables])
    return {
        "optimizer": name, "settings": settings, "undecayed": undecayed, "after": after,
        "variables": [[v.name, v.numpy()] for v in optimizer.variables], "config": config_of(optimizer),
    }  # fmt: skip


def small_answers() -> dict[str, Any]:
    """Initializers, regularizers and constraints."""
    found: dict[str, Any] = {"initializers": [], "regularizers": [], "constraints": []}
    for name, settings in cases.INITIALIZERS:
        thing = getattr(keras.initializers, name)(**settings)
        value = thing((3, 4)) if name in ("Zeros", "Ones", "Constant", "Identity") else None
        found["initializers"].append({"name": name, "settings": settings, "value": value, "config": config_of(thing)})
    w = jnp.asarray(numbers(500, (4, 3)))
    for kind, listed in (("regularizers", cases.REGULARIZERS), ("constraints", cases.CONSTRAINTS)):
        for name, settings in listed:
            thing = getattr(getattr(keras, kind), name)(**settings)
            found[kind].append({"name": name, "settings": settings, "value": thing(w), "config": config_of(thing)})
    return found


def model_answer(name: str) -> Any:
    model, x, y, weight = MODELS[name](keras)
    model.set_weights([weight_value(n, w.path, w.shape) for n, w in enumerate(model.weights)])
    data = made(x), made(y), None if weight is None else made(weight)
    found: dict[str, Any] = {"before": model.predict(data[0], verbose=0), "steps": []}
    for _ in range(3):
        logs = model.train_on_batch(*data, return_dict=True)
        found["steps"].append({"logs": logs, "weights": model.get_weights()})
    model.reset_metrics()
    found["evaluated"] = model.test_on_batch(*data, return_dict=True)
    # The weights after the second step tell nothing that those after the third don't.
    del found["steps"][1]["weights"]
    if name == "article":
        del found["steps"][0]["weights"]
    return found


def parameters_of(thing: Any) -> list[Any]:
    """[name, default] of every named argument, with None for defaults that are no plain data."""
    found = []
    for parameter in inspect.signature(thing).parameters.values():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) or parameter.name == "self":
            continue
        needed = parameter.default is parameter.empty
        found.append([parameter.name] if needed else [parameter.name, plain(parameter.default)])
    return found


def signatures() -> dict[str, Any]:
    """The arguments of everything public, and the name that Keras gives to what nobody named."""
    asked = {case[0] for listed in (cases.LAYERS, cases.LOSSES, cases.METRICS, cases.OPTIMIZERS) for case in listed}
    asked |= {name for name, _ in (*cases.INITIALIZERS, *cases.REGULARIZERS, *cases.CONSTRAINTS)}
    found: dict[str, Any] = {}
    for family in FAMILIES:
        module = getattr(keras, family)
        classes = {name: thing for name, thing in vars(module).items() if inspect.isclass(thing) and name in asked}
        found[family] = {name: parameters_of(cls.__init__) for name, cls in sorted(classes.items())}
    for family in ("activations", "ops"):
        functions = {n: f for n, f in vars(getattr(keras, family)).items() if inspect.isfunction(f)}
        found[family] = {name: parameters_of(function) for name, function in sorted(functions.items())}
    return found


def names() -> dict[str, str]:
    """What the first, second object of a class is called."""
    keras.backend.clear_session()
    found = {}
    for name, settings, _, _ in cases.LAYERS:
        if name not in found:
            found[name] = getattr(keras.layers, name)(**settings).name
    for name, _, _ in cases.OPTIMIZERS:
        found.setdefault(name, getattr(keras.optimizers, name)().name)
    for name in ("Precision", "Recall", "AUC", "TruePositives"):
        found[name] = getattr(keras.metrics, name)().name
    return found


def main() -> None:
    answers = {
        "keras": keras.__version__, "backend": keras.backend.backend(), "activations": activation_answers(),
        "layers": [layer_answer(*case) for case in cases.LAYERS], "views": view_answers(),
        "losses": [loss_answer(*case) for case in cases.LOSSES],
        "metrics": [metric_answer(*case) for case in cases.METRICS],
        "optimizers": [optimizer_answer(*case) for case in cases.OPTIMIZERS], **small_answers(),
        "models": {name: model_answer(name) for name in MODELS}, "signatures": signatures(), "names": names(),
    }  # fmt: skip
    text = json.dumps(plain(answers), separators=(",", ":"))
    (FOLDER / "keras.json").write_text(text.replace('},{"', '},\n{"'), encoding="utf-8")
    print(len(text), "characters")


if __name__ == "__main__":
    main()
