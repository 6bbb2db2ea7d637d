"""What real Keras 3.15's recurrent layers computed, lost and learned: tests/goldens/make_recurrent_goldens.py wrote it
down."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import pippin
from conformance.asking import engine_or_skip
from goldens import recurrent_models as asked
from goldens.recurrent_recipes import inputs_of, target_of, weights_of

ANSWERS = json.loads((Path(asked.__file__).parent / "recurrent.json").read_text())


def test_every_question_has_an_answer() -> None:
    assert set(ANSWERS) == set(asked.MODELS)


@pytest.mark.parametrize("engine", ["native", "reference", pytest.param("jax", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", asked.MODELS)
def test_outputs_losses_and_trained_weights_are_those_of_keras(name: str, engine: str) -> None:
    engine_or_skip(engine)
    expected = ANSWERS[name]
    with pippin.config.engine(engine):
        model = asked.MODELS[name](pippin)
        model.set_weights(weights_of(model))
        x = inputs_of(model)
        y = model(x)
        model.compile(pippin.optimizers.SGD(0.1), "mse")
        losses = model.fit(x, target_of(y), batch_size=4, epochs=2, shuffle=False, verbose=0).history["loss"]
        weights = model.get_weights()
    # Six figures are kept; sums of at most 40 float32 numbers, in another order, through six steps.
    np.testing.assert_allclose(y, expected["y"], rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(losses, expected["losses"], rtol=2e-5)
    for found, wanted in zip(weights, expected["weights"], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=3e-5, atol=5e-6)
