"""Layers of windows, borders, normalization, reshaping and attention give what real Keras 3.15 gave: results, gradients
and configurations, written down by tests/goldens/make_layer_goldens.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.asking import ENGINES, Questions, engine_or_skip, gradients_of
from conformance.test_against_keras import weight_value
from goldens.recipes import numbers
from pippin import layers
from pippin.saving.serialize import serialize

ANSWERS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "goldens" / "layers.json").read_text(encoding="utf-8")
)


pytestmark = pytest.mark.filterwarnings("ignore:LayerNormalization rms_scaling")


def build(layer: Any, case: dict[str, Any]) -> None:
    shapes: list[Any] = [(None, *shape[1:]) for shape in case["inputs"]]
    layer.build(*(shapes if "asked" in case or len(shapes) == 1 else [shapes]))


def ask(questions: Questions, case: dict[str, Any]) -> None:
    trace = questions.trace
    question = f"{case['layer']} {case['settings']} training={case['training']}"
    layer = getattr(layers, case["layer"])(**case["settings"], name="layer")
    inputs = [questions.give(numbers(200 + n, shape)) for n, shape in enumerate(case["inputs"])]
    given: Any = inputs[0] if len(inputs) == 1 else inputs
    keywords = {} if case["training"] is None else {"training": case["training"]}
    build(layer, case)
    layer.set_weights([weight_value(n, w.name, w.shape) for n, w in enumerate(layer.weights)])
    with trace.active():
        y = layer(*inputs, **case["asked"]) if "asked" in case else layer(given, **keywords)
        own = layer.trainable_weights
        penalties = [w.regularizer(trace.read(w)) for w in own if w.regularizer is not None]
        found = gradients_of(trace, y, [*layer.losses_of(trace), *penalties], [*own, *inputs])
        questions.expect(f"{question} y", y, case["y"])
        questions.expect(f"{question} dw", found[: len(own)], case["dw"])
        questions.expect(f"{question} dx", found[len(own) :], case["dx"])
        questions.expect(f"{question} kept", [trace.read(v) for v in layer.non_trainable_weights], case["kept"])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", sorted({case["layer"] for case in ANSWERS}))
def test_layers_answer_as_kerass_do(kind: str, engine: str) -> None:
    runs = engine_or_skip(engine)
    questions = Questions()
    for case in ANSWERS:
        if case["layer"] == kind:
            ask(questions, case)
    assert questions.wrong_answers(runs) == []


@pytest.mark.parametrize("number", range(len(ANSWERS)), ids=lambda number: f"{number}-{ANSWERS[number]['layer']}")
def test_configurations_are_those_of_keras(number: int) -> None:
    case = ANSWERS[number]
    if case["config"] is None:
        pytest.skip("the same configuration is asked in another case")
    layer = getattr(layers, case["layer"])(**case["settings"], name="layer")
    build(layer, case)
    found = json.loads(json.dumps(serialize(layer)["config"]))
    found["dtype"] = "float32"
    wanted = case["config"]["config"]
    assert {key: found.get(key, "missing") for key in wanted} == wanted
