"""Claims about the search for a learning rate: it suggests one that learns, and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from diagnosis.samples import blobs
from pippin import glass, layers, optimizers
from pippin.errors import PippinError

X, Y = blobs()


def made(rate: Any = 0.001, *inside: Any) -> Any:
    pippin.random.set_random_seed(3)
    model = pippin.Sequential(
        [layers.Dense(16, activation="relu"), layers.Dropout(0.2), *inside, layers.Dense(3, activation="softmax")]
    )
    model.build((None, 8))
    model.compile(optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def rate_of(model: Any) -> float:
    return float(model.optimizer.learning_rate.value)


def weights_after_fit(model: Any) -> bytes:
    model.fit(X, Y, epochs=2, verbose=0)
    return b"".join(weight.tobytes() for weight in model.get_weights())


def test_training_afterwards_gives_the_same_bits_as_without() -> None:
    plain, searched = made(), made()
    glass.find_learning_rate(searched, X, Y)
    assert rate_of(searched) == np.float32(0.001)
    after = []
    for model in (plain, searched):
        pippin.random.set_random_seed(5)
        if model is searched:
            glass.find_learning_rate(model, X, Y)
        after.append(weights_after_fit(model))
    assert after[0] == after[1]


def test_a_model_in_the_middle_of_its_training_goes_on_as_if_nothing_had_been() -> None:
    plain, searched = made(), made()
    for model in (plain, searched):
        pippin.random.set_random_seed(5)
        weights_after_fit(model)
        if model is searched:
            glass.find_learning_rate(model, X, Y, highest=100.0)
        weights_after_fit(model)
    assert all(map(np.array_equal, plain.get_weights(), searched.get_weights()))
    kept, left = plain.optimizer.variables, searched.optimizer.variables
    assert all(np.array_equal(a.value, b.value) for a, b in zip(kept, left, strict=True))


@pytest.mark.parametrize("kind", [KeyboardInterrupt, RuntimeError])
def test_an_interruption_restores_it_too(kind: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    model = made()
    before, train = [weight.copy() for weight in model.get_weights()], model.train_on_batch
    left = iter(range(20))

    def stopped(*given: Any, **words: Any) -> Any:
        if next(left, None) is None:
            raise kind
        return train(*given, **words)

    monkeypatch.setattr(model, "train_on_batch", stopped)
    with pytest.raises(kind):
        glass.find_learning_rate(model, X, Y)
    assert all(map(np.array_equal, before, model.get_weights()))
    assert rate_of(model) == np.float32(0.001) and not model.optimizer.iterations.value


def test_the_suggested_rate_learns_faster_than_one_far_below_and_one_far_above() -> None:
    found = glass.find_learning_rate(made(), X, Y, highest=100.0)
    assert found.suggestion is not None and 1e-4 < found.suggestion < 0.3
    assert found.too_high is not None and found.too_high > found.suggestion

    def loss(rate: float) -> float:
        return made(rate).fit(X, Y, epochs=2, verbose=0).history["loss"][-1]  # type: ignore[no-any-return]

    assert loss(found.suggestion) < min(loss(found.suggestion / 100), loss(min(1e3, found.too_high * 30)))


def test_it_tells_the_curve_and_what_it_means() -> None:
    told = str(glass.find_learning_rate(made(), X, Y))
    assert "Suggested: " in told and "falls most steeply" in told and "█" in told and "as it was" in told


def test_a_loss_that_never_falls_suggests_nothing() -> None:
    blind = made(0.001, layers.Lambda(lambda x: x * 0.0))
    found = glass.find_learning_rate(blind, X, np.resize([0, 1, 2], len(X)), highest=1e-3)
    assert found.suggestion is None and "no rate can be suggested" in found.tell()


def test_what_cannot_be_tried_is_refused() -> None:
    scheduled = made(optimizers.schedules.ExponentialDecay(0.1, 10, 0.9))
    for call, message in (
        (lambda: glass.find_learning_rate(made(), X, Y, lowest=1.0, highest=0.1), "lowest < highest"),
        (lambda: glass.find_learning_rate(made(), X, Y, steps=2), "steps"),
        (lambda: glass.find_learning_rate(scheduled, X, Y), "left to its schedule"),
        (lambda: glass.find_learning_rate(made(), iter([(X, Y)])), "expected arrays"),
        (lambda: glass.find_learning_rate(pippin.Sequential([layers.Dense(3)]), X, Y), "compile"),
    ):
        with pytest.raises(PippinError, match=message):
            call()
