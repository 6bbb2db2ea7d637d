"""Claims about explanations: credits are the program's own slopes, they add up, and they are compared with a network
that has learned nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import glass, layers, models
from pippin.errors import DataError, SettingError
from pippin.glass.explanation import METHODS, likeness
from pippin.glass.occlusion import PARTS


def learned(*stack: Any, x: np.ndarray, y: np.ndarray, epochs: int = 20) -> Any:
    pippin.random.set_random_seed(4)
    model = models.Sequential([layers.Input(x.shape[1:]), *stack])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=epochs, verbose=0)
    return model


@pytest.fixture(scope="module")
def rows() -> tuple[Any, np.ndarray]:
    """A network that learned whether the first number is larger than the second, and its data."""
    x = np.random.RandomState(0).rand(200, 16).astype(np.float32)
    y = (x[:, 0] > x[:, 1]).astype(np.int32)
    return learned(layers.Dense(32, "relu"), layers.Dense(2, "softmax"), x=x, y=y, epochs=60), x


@pytest.fixture(scope="module")
def pictures() -> tuple[Any, np.ndarray]:
    """A network that learned where a bright spot is, left or right, and its data."""
    random = np.random.RandomState(1)
    x = random.rand(80, 16, 16, 1).astype(np.float32) * 0.2
    y = np.arange(80, dtype=np.int32) % 2
    for number, side in enumerate(y):
        x[number, 5:9, 2 + 8 * side : 6 + 8 * side] += 0.8
    stack = [layers.Conv2D(6, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten()]
    return learned(*stack, layers.Dense(2, "softmax"), x=x, y=y), x


def test_a_weighted_sum_is_credited_with_its_products() -> None:
    """For y = w · x + b every method knows the answer: w[i] · (x[i] - baseline[i])."""
    model = models.Sequential([layers.Input((5,)), layers.Dense(1)])
    weights = np.array([[1.0], [-2.0], [0.5], [0.0], [3.0]], np.float32)
    model.layers[-1].set_weights([weights, np.array([0.7], np.float32)])
    x = np.array([[1.0, 2.0, 3.0, 4.0, -1.0]], np.float32)
    baseline = np.full((1, 5), 0.5, np.float32)
    for method in METHODS:
        why = glass.explain(model, x, method=method, baseline=baseline)
        assert why.contributions == pytest.approx(weights[:, 0] * (x[0] - 0.5), abs=1e-5)
        assert why.value == pytest.approx(1 - 4 + 1.5 - 3 + 0.7, abs=1e-5)


def test_integrated_gradients_add_up_to_the_change_of_the_answer(rows: Any, pictures: Any) -> None:
    """Completeness, the axiom of Sundararajan and others; 1 % is TOLERANCE."""
    for model, x in (rows, pictures):
        for example in range(4):
            why = glass.explain(model, x[example : example + 1])
            expected = model.predict(x[example : example + 1], verbose=0)[0].max()
            before = model.predict(np.zeros_like(x[:1]), verbose=0)[0][why.place[0]]
            assert (why.value, why.before) == pytest.approx((expected, before), abs=1e-6)
            assert why.is_complete and why.total == pytest.approx(expected - before, abs=0.011)


def test_what_does_not_add_up_is_said(rows: Any) -> None:
    model, x = rows
    why = glass.explain(model, x[:1])
    broken = glass.Explanation(**{**vars(why), "contributions": why.contributions * 2})
    assert "they add up" in why.tell() and not broken.is_complete
    assert "take them with care" in broken.tell()


def test_gradient_times_input_is_what_pippin_gradient_gives(rows: Any) -> None:
    model, x = rows
    why = glass.explain(model, x[:1], 1, method="gradient_x_input")
    slope = pippin.gradient(lambda given: model(given)[0, 1])(x[:1])
    assert why.contributions == pytest.approx(np.asarray(slope)[0] * x[0], abs=1e-6)


def test_what_was_learned_is_found(rows: Any, pictures: Any) -> None:
    """The first two numbers of sixteen; the side with the spot."""
    model, x = rows
    for method in METHODS:
        sizes = sum(abs(glass.explain(model, x[n : n + 1], method=method).contributions) for n in range(8))
        assert set(np.argsort(-sizes)[:2]) == {0, 1}
    model, x = pictures
    for method in METHODS:
        left = glass.explain(model, x[:1], 0, method=method).contributions[..., 0]
        assert left[4:10, 1:7].sum() > abs(left[4:10, 9:15].sum()) and left[4:10, 1:7].sum() > 0


def test_covers_of_a_picture_are_parts_and_everything_is_covered(pictures: Any) -> None:
    model, x = pictures
    why = glass.explain(model, x[:1], method="occlusion")
    assert why.contributions.shape == (16, 16, 1)
    assert np.unique(why.contributions).size <= PARTS**2
    part = why.contributions[:2, :2]
    assert (part == part[0, 0]).all()
    covered = x[:1].copy()
    covered[0, 0:3, 0:3] = 0
    chances = model.predict(np.concatenate([x[:1], covered]), verbose=0)[:, why.place[0]]
    assert part[0, 0, 0] == pytest.approx(chances[0] - chances[1], abs=1e-6)


def test_the_twins_have_the_same_numbers_in_another_order_and_the_model_stays(rows: Any) -> None:
    from pippin.glass.asked import Asked

    model, x = rows
    before = [weight.copy() for weight in model.get_weights()]
    glass.explain(model, x[:1])
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    twin = Asked(model, x[:1], None).shuffled(np.random.default_rng(0))
    kernel = next(name for name in twin if name.endswith("dense/kernel") or "kernel" in name)
    own = next(v.numpy() for v in model.variables if v.path == kernel)
    assert not (twin[kernel] == own).all() and (np.sort(twin[kernel], None) == np.sort(own, None)).all()


def test_a_map_that_shows_the_input_and_not_the_learning_is_called_out() -> None:
    """A model whose answer is the sum of its input times one learned number: shuffling changes nothing."""
    model = models.Sequential([layers.Input((6,)), layers.Dense(1, use_bias=False)])
    model.layers[-1].set_weights([np.full((6, 1), 0.3, np.float32)])
    why = glass.explain(model, np.arange(1.0, 7.0, dtype=np.float32)[None])
    assert why.likeness == pytest.approx(1) and not why.depends_on_learning and "don't rely" in why.tell()


def test_a_network_that_learned_depends_on_it(rows: Any) -> None:
    model, x = rows
    why = glass.explain(model, x[:1])
    assert why.depends_on_learning and "depends on what the network has learned" in why.tell()


def test_likeness_is_spearmans_rank_correlation_of_sizes() -> None:
    stats = pytest.importorskip("scipy.stats")
    random = np.random.RandomState(0)
    one, other = random.randint(-4, 5, 60).astype(float), random.randint(-4, 5, 60).astype(float)
    assert likeness([one], [other]) == pytest.approx(stats.spearmanr(abs(one), abs(other))[0])
    assert likeness([one], [np.zeros(60)]) == 0


def test_the_same_explanation_on_every_engine_and_each_time(rows: Any) -> None:
    model, x = rows
    first = glass.explain(model, x[:1])
    assert (glass.explain(model, x[:1]).contributions == first.contributions).all()
    with pippin.config.engine("reference"):
        slow = glass.explain(model, x[:1])
    assert slow.contributions == pytest.approx(first.contributions, abs=1e-5)
    assert slow.likeness == pytest.approx(first.likeness, abs=1e-2)


def test_models_with_several_inputs_get_a_map_for_each() -> None:
    a, b = layers.Input((3,), name="a"), layers.Input((2,), name="b")
    model = models.Model([a, b], layers.Dense(1)(layers.Concatenate()([a, b])))
    x = [np.ones((1, 3), np.float32), np.ones((1, 2), np.float32)]
    why = glass.explain(model, x)
    assert [leaf.shape for leaf in why.contributions] == [(3,), (2,)] and why.is_complete
    assert "input 1[0]" in why.tell()


def test_words_are_occluded_since_they_have_no_slope() -> None:
    pippin.random.set_random_seed(0)
    stack = [layers.Embedding(10, 4), layers.GlobalAveragePooling1D(), layers.Dense(2, activation="softmax")]
    model = models.Sequential([layers.Input((5,), dtype="int32"), *stack])
    x = np.array([[1, 2, 3, 4, 5]], np.int32)
    assert glass.explain(model, x, method="occlusion").contributions.shape == (5,)
    with pytest.raises(SettingError, match='Use method="occlusion"'):
        glass.explain(model, x)


def test_what_cannot_be_explained_is_refused_with_the_cure(rows: Any) -> None:
    model, x = rows
    with pytest.raises(DataError, match=r"such as x\[:1\], received shape \(2, 16\)"):
        glass.explain(model, x[:2])
    with pytest.raises(SettingError, match=r"an output within \(2,\), received 7"):
        glass.explain(model, x[:1], 7)
    with pytest.raises(SettingError, match="integrated_gradients"):
        glass.explain(model, x[:1], method="integrated")
    with pytest.raises(DataError, match=r"baseline of shape \(1, 16\)"):
        glass.explain(model, x[:1], baseline=x[0])
    a = layers.Input((2,))
    two = models.Model(a, [layers.Dense(1)(a), layers.Dense(1)(a)])
    with pytest.raises(SettingError, match="one output, received one with 2"):
        glass.explain(two, np.ones((1, 2), np.float32))


def test_recurrent_networks_are_explained_through_time() -> None:
    pippin.random.set_random_seed(0)
    model = models.Sequential([layers.Input((12, 2)), layers.LSTM(4), layers.Dense(1)])
    x = np.random.RandomState(0).rand(1, 12, 2).astype(np.float32)
    why = glass.explain(model, x)
    assert why.contributions.shape == (12, 2) and why.is_complete
