"""Claims about learning: it learns, keeps the best epoch, stops when told, and is the same each time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pippin.glass.events import Event
from pippin.images.display import Listener
from pippin.images.follower import Follower, averaged, rate_of
from pippin.images.learning import Learned, fit_time, learn
from pippin.images.network import probabilities
from pippin.images.photos import Photos, from_arrays
from pippin.images.settings import Plan, Settings

PLAN = Plan(epochs=6, batch=8, learning_rate=0.01)


@pytest.fixture
def photos() -> Photos:
    """Two kinds of 12 × 12 pictures: light above or light below."""
    random = np.random.default_rng(0)
    labels = np.arange(60) % 2
    pixels = random.integers(0, 160, (60, 12, 12, 1), np.uint8)
    pixels[labels == 0, :6] += 70
    pixels[labels == 1, 6:] += 70
    return from_arrays(pixels, labels, Settings())


class Ear(Listener):
    """Remembers the epochs it was told."""

    def __init__(self) -> None:
        self.epochs: list[Event] = []
        self.steps: list[tuple[int, int, int]] = []

    def event(self, happened: Event) -> None:
        self.epochs.append(happened)

    def learning(self, epoch: int, step: int, steps: int, loss: float, left: float) -> None:
        self.steps.append((epoch, step, steps))


def learned(
    photos: Photos, plan: Plan = PLAN, *, seed: int = 0, listener: Listener | None = None, **more: Any
) -> Learned:
    return learn(photos, plan, seed=seed, listener=listener or Listener(), **more)


def test_it_learns_what_can_be_learned(photos: Photos) -> None:
    found = learned(photos, Plan(epochs=20, batch=8, learning_rate=0.01))
    said = probabilities(found.model, photos.validation.pixels).argmax(axis=1)
    assert (said == photos.validation.labels).mean() >= 0.9


def test_it_goes_back_to_the_epoch_with_the_least_validation_loss(photos: Photos) -> None:
    found = learned(photos, Plan(epochs=12, batch=8, learning_rate=0.1))  # too fast: the last epoch is not the best
    losses = [epoch["val_loss"] for epoch in found.epochs]
    assert found.kept_epoch == int(np.argmin(losses)) + 1
    right = probabilities(found.model, photos.validation.pixels)[range(12), photos.validation.labels]
    assert -np.log(right).mean() == pytest.approx(min(losses), rel=1e-4)


def test_an_epoch_is_best_only_if_all_before_were_worse(photos: Photos) -> None:
    found = learned(photos)
    for number, epoch in enumerate(found.epochs):
        assert epoch["best"] == all(epoch["val_loss"] < before["val_loss"] for before in found.epochs[:number])


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(photos: Photos) -> None:
    weights = [learned(photos, seed=seed).model.get_weights() for seed in (4, 4, 5)]
    assert all((a == b).all() for a, b in zip(weights[0], weights[1], strict=True))
    assert any((a != b).any() for a, b in zip(weights[0], weights[2], strict=True))


def test_the_random_numbers_of_others_are_left_alone(photos: Photos) -> None:
    from pippin.random import make_seed, set_random_seed

    def drawn() -> tuple[float, int]:
        return float(np.random.random()), make_seed()

    set_random_seed(3)
    undisturbed = drawn()
    set_random_seed(3)
    learned(photos, Plan(1, 8, 0.01))
    assert drawn() == undisturbed


def test_each_epoch_is_told_once_with_its_learning_rate(photos: Photos) -> None:
    ear = Ear()
    learned(photos, listener=ear)
    assert [told["epoch"] for told in ear.epochs] == [1, 2, 3, 4, 5, 6]
    assert [told["learning_rate"] for told in ear.epochs] == [rate_of(epoch, PLAN) for epoch in range(6)]
    assert {of for _, _, of in ear.steps} == {6}  # 48 photos to learn from, 8 a step


def stop_after(calls: int) -> Callable[[], bool]:
    asked = iter(range(10**9))
    return lambda: next(asked) >= calls


def test_told_to_stop_it_keeps_the_best_epoch_so_far(photos: Photos) -> None:
    found = learned(photos, Plan(epochs=50, batch=8, learning_rate=0.01), must_stop=stop_after(6))
    assert found.is_interrupted and 1 <= len(found.epochs) < 50
    assert found.kept_epoch >= 1


def test_told_to_stop_at_once_it_still_has_a_model(photos: Photos) -> None:
    found = learned(photos, must_stop=lambda: True)
    assert found.is_interrupted
    assert np.isfinite(probabilities(found.model, photos.validation.pixels)).all()


def test_numbers_that_stop_being_finite_end_it_and_the_best_epoch_is_kept(photos: Photos, monkeypatch: Any) -> None:
    monkeypatch.setattr("pippin.images.follower.rate_of", lambda epoch, plan: 0.01 if epoch < 3 else 9e9)
    found = learned(photos, Plan(epochs=60, batch=8, learning_rate=0.01))
    assert found.stopped_by is not None and "Training stopped at epoch" in str(found.stopped_by)
    assert 1 <= found.kept_epoch <= 3
    assert all(np.isfinite(weight).all() for weight in found.model.get_weights())


def test_the_rate_rises_to_the_one_asked_for_and_falls_to_a_hundredth() -> None:
    for epochs in (1, 2, 5, 40, 100):
        rates = [rate_of(epoch, Plan(epochs, 8, 0.01)) for epoch in range(epochs)]
        top = rates.index(max(rates))
        assert max(rates) == pytest.approx(0.01)
        assert rates[: top + 1] == sorted(rates[: top + 1]) and rates[top:] == sorted(rates[top:], reverse=True)
        assert top <= max(1, 0.15 * epochs)
        assert min(rates) >= 0.0001


def test_as_many_epochs_are_planned_as_fit_into_the_time(photos: Photos) -> None:
    plan = fit_time(photos, PLAN, seconds=2.0, most=None)
    begun = time.monotonic()
    learned(photos, plan)
    assert 1 <= plan.epochs <= 1000
    assert time.monotonic() - begun < 6  # other work on the machine may make it slower than the trial was
    assert fit_time(photos, PLAN, seconds=2.0, most=3).epochs <= 3
    assert fit_time(photos, PLAN, seconds=1e-9, most=None).epochs == 1


def test_nobody_knows_how_long_it_takes_before_it_has_begun(photos: Photos) -> None:
    follower = Follower(PLAN, photos.validation, Listener(), lambda: False, lambda model, epochs: None)
    assert follower.left(0.0) == math.inf


def test_averaging_follows_weights_and_smooths_what_swings() -> None:
    random = np.random.default_rng(0)
    average, swings, smooth = None, [], []
    for epoch in range(100):
        weights = [np.array([5 + random.normal()], np.float32)]
        average = averaged(average, weights, epoch, 100)
        swings.append(float(weights[0][0]))
        smooth.append(float(average[0][0]))
    assert np.std(smooth[40:]) < 0.4 * np.std(swings[40:])
    assert np.mean(smooth[40:]) == pytest.approx(5, abs=0.3)


def test_learning_goes_on_with_its_own_weights_not_the_averaged_ones(photos: Photos, monkeypatch: Any) -> None:
    judged = learned(photos, Plan(3, 8, 0.01))
    monkeypatch.setattr("pippin.images.follower.MEMORY", 1e-9)  # a mean of the last epoch alone: no averaging
    unaveraged = learned(photos, Plan(3, 8, 0.01))
    assert [epoch["loss"] for epoch in judged.epochs] == [epoch["loss"] for epoch in unaveraged.epochs]
    assert judged.epochs[-1]["val_loss"] != unaveraged.epochs[-1]["val_loss"]
