"""Number by number what real Keras 3.15 gave, on every engine: tests/goldens/make_keras_goldens.py wrote its answers
down."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import pytest

import pippin
from conformance.asking import ENGINES, KERAS, Questions, difference, engine_or_skip, gradients_of
from goldens.keras_models import MODELS
from goldens.recipes import made, numbers
from pippin import activations, constraints, layers, losses, metrics, optimizers, regularizers
from pippin.program import Variable


def asked(case: dict[str, Any], word: str) -> str:
    return f"{case[word]} {case['settings']}"


def weight_value(number: int, name: str, shape: Any) -> np.ndarray:
    """The weights that Keras was given."""
    if "variance" in name:
        return numbers(100 + number, shape, 0.5, 1.5)
    return numbers(100 + number, shape, -0.6, 0.6)


def inside_its_program(ask: Callable[[Questions], None]) -> Callable[[Questions], None]:
    """Everything that is called writes lines of the questions' program."""

    @wraps(ask)
    def asked_inside(questions: Questions) -> None:
        with questions.trace.active():
            ask(questions)

    return asked_inside


@inside_its_program
def ask_activations(questions: Questions) -> None:
    for case in KERAS["activations"]:
        x = questions.give(numbers(1, (4, 6), -3, 3))
        y = getattr(activations, case["name"])(x, **case["settings"])
        questions.expect(f"{asked(case, 'name')} y", y, case["y"])
        questions.expect(f"{asked(case, 'name')} dx", gradients_of(questions.trace, y, [], [x])[0], case["dx"])


def ask_layers(questions: Questions) -> None:
    trace = questions.trace
    for case in KERAS["layers"]:
        question = f"{asked(case, 'layer')} training={case['training']}"
        layer = getattr(layers, case["layer"])(**case["settings"], name="layer")
        inputs = [questions.give(numbers(200 + n, shape)) for n, shape in enumerate(case["inputs"])]
        given: Any = inputs[0] if len(inputs) == 1 else inputs
        keywords = {} if case["training"] is None else {"training": case["training"]}
        shapes = [(None, *shape[1:]) for shape in case["inputs"]]
        layer.build(shapes[0] if len(shapes) == 1 else shapes)
        layer.set_weights([weight_value(n, w.name, w.shape) for n, w in enumerate(layer.weights)])
        with trace.active():
            y = layer(given, **keywords)
            own = layer.trainable_weights
            penalties = [w.regularizer(trace.read(w)) for w in own if w.regularizer is not None]
            found = gradients_of(trace, y, [*layer.losses_of(trace), *penalties], [*own, *inputs])
            questions.expect(f"{question} y", y, case["y"])
            questions.expect(f"{question} dw", found[: len(own)], case["dw"])
            questions.expect(f"{question} dx", found[len(own) :], case["dx"])
            questions.expect(f"{question} kept", [trace.read(v) for v in layer.non_trainable_weights], case["kept"])


VIEW_WORDS = {"RandomFlip": "flips", "RandomContrast": "contrast_factor", "RandomBrightness": "rgb_delta"}


@inside_its_program
def ask_views(questions: Questions) -> None:
    for case in KERAS["views"]:
        layer = getattr(layers, case["layer"])(**case["settings"])
        drawn = questions.give(np.asarray(case["drawn"]).reshape(-1, 1, 1, 1))
        pictures = questions.give(numbers(200, (2, 5, 5, 1)))
        changed = layer.transform_images(pictures, {VIEW_WORDS[case["layer"]]: drawn})
        questions.expect(asked(case, "layer"), changed, case["y"])


@inside_its_program
def ask_losses(questions: Questions) -> None:
    for case in KERAS["losses"]:
        question = f"{asked(case, 'loss')} weight={case['weight']}"
        loss = getattr(losses, case["loss"])(**case["settings"])
        y_true, y_pred = (questions.give(made(case[word])) for word in ("y_true", "y_pred"))
        weight = None if case["weight"] is None else questions.give(made(case["weight"]))
        value = loss(y_true, y_pred, sample_weight=weight)
        questions.expect(question, value, case["value"])
        gradient = gradients_of(questions.trace, value, [], [y_pred])[0]
        questions.expect(f"{question} gradient", gradient, case["gradient"])


def later(recipe: Any) -> Any:
    """The same kind of numbers with another seed, for the second batch."""
    return [recipe[0], recipe[1] + 500, *recipe[2:]]


@inside_its_program
def ask_metrics(questions: Questions) -> None:
    for case in KERAS["metrics"]:
        question = f"{asked(case, 'metric')} weight={case['weight']}"
        metric = getattr(metrics, case["metric"])(**case["settings"])
        for number, change in enumerate((lambda recipe: recipe, later)):
            given = [
                questions.give(made(change(case[word]))) for word in ("y_true", "y_pred") if case[word] is not None
            ]
            weight = None if case["weight"] is None else questions.give(made(change(case["weight"])))
            metric.update_state(*given, sample_weight=weight)
            questions.expect(f"{question} after {number + 1}", metric.result(), case["results"][number])
        if case["totals"] is not None:
            totals = [questions.trace.read(variable) for variable in metric.variables]
            questions.expect(f"{question} totals", totals, case["totals"])


@inside_its_program
def ask_optimizers(questions: Questions) -> None:
    trace = questions.trace
    for case in KERAS["optimizers"]:
        optimizer = getattr(optimizers, case["optimizer"])(**case["settings"])
        if case["undecayed"]:
            optimizer.exclude_from_weight_decay(var_names=case["undecayed"])
        weights = [
            Variable(numbers(300 + n, shape), name=name)
            for n, (name, shape) in enumerate((("kernel", (3, 2)), ("bias", (2,))))
        ]
        for step, after in enumerate(case["after"]):
            found = [questions.give(numbers(400 + 10 * step + n, w.shape, -2, 2)) for n, w in enumerate(weights)]
            optimizer.apply(found, weights)
            questions.expect(f"{asked(case, 'optimizer')} step {step + 1}", [trace.read(w) for w in weights], after)
        memory = [trace.read(variable) for variable in optimizer.variables]
        questions.expect(f"{asked(case, 'optimizer')} memory", memory, [value for _, value in case["variables"]])


@inside_its_program
def ask_regularizers_and_constraints(questions: Questions) -> None:
    w = questions.give(numbers(500, (4, 3)))
    for kind, module in (("regularizers", regularizers), ("constraints", constraints)):
        for case in KERAS[kind]:
            questions.expect(asked(case, "name"), getattr(module, case["name"])(**case["settings"])(w), case["value"])


FAMILIES: list[Callable[[Questions], None]] = [
    ask_activations, ask_layers, ask_views, ask_losses, ask_metrics, ask_optimizers, ask_regularizers_and_constraints,
]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("ask", FAMILIES, ids=lambda ask: ask.__name__.removeprefix("ask_"))
def test_answers_are_those_of_keras(ask: Callable[[Questions], None], engine: str) -> None:
    runs = engine_or_skip(engine)
    questions = Questions()
    ask(questions)
    assert questions.wrong_answers(runs) == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", sorted(MODELS))
def test_training_moves_weights_as_in_keras(name: str, engine: str) -> None:
    engine_or_skip(engine)
    recorded = KERAS["models"][name]
    with pippin.config.engine(engine):
        model, *recipes = MODELS[name](pippin)
        model.set_weights([weight_value(n, w.name, w.shape) for n, w in enumerate(model.weights)])
        x, y, weight = (None if recipe is None else made(recipe) for recipe in recipes)
        wrong = [difference("predictions", model.predict(x, verbose=0), recorded["before"])]
        for number, step in enumerate(recorded["steps"]):
            logs = model.train_on_batch(x, y, sample_weight=weight, return_dict=True)
            wrong += compared(f"step {number + 1}", logs, step["logs"])
            for at, right in enumerate(step.get("weights", ())):
                wrong.append(difference(f"step {number + 1} {model.weights[at].path}", model.get_weights()[at], right))
        model.reset_metrics()
        wrong += compared("evaluation", model.test_on_batch(x, y, weight, return_dict=True), recorded["evaluated"])
    assert [told for told in wrong if told] == []


def compared(where: str, logs: dict[str, float], right: dict[str, float]) -> list[str]:
    assert logs.keys() == right.keys(), where
    return [difference(f"{where} {key}", logs[key], right[key]) for key in right]
