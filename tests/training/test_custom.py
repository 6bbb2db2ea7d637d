"""Steps, losses and metrics that a model writes itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, losses, metrics, models, ops, optimizers
from pippin.errors import NonFiniteError, SettingError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 3)).astype(np.float32)
Y = X.sum(1, keepdims=True)


class OwnStep(models.Model):
    """The training step of Keras's guide, written out."""

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        with pippin.GradientTape() as tape:
            predictions = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=predictions)
        slopes = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(slopes, self.trainable_variables, strict=True))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, predictions)
        return {metric.name: metric.result() for metric in self.metrics}


def _graph(cls: Any = models.Model, **more: Any) -> Any:
    pippin.utils.set_random_seed(7)
    x = layers.Input((3,))
    hidden = layers.Dense(8, activation="relu", **more)(x)
    return cls(x, layers.Dense(1)(hidden))


def test_a_subclass_of_model_is_made_from_tensors() -> None:
    model = _graph(OwnStep)
    assert isinstance(model, OwnStep) and isinstance(model, models.Functional) and len(model.layers) == 3


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_step_written_out_trains_as_the_one_inherited(eagerly: bool) -> None:
    own, inherited = _graph(OwnStep), _graph()
    histories = []
    for model in (own, inherited):
        model.compile(optimizers.Adam(0.01), "mse", metrics=["mae"], run_eagerly=eagerly)
        pippin.utils.set_random_seed(1)
        histories.append(model.fit(X, Y, epochs=3, batch_size=16, verbose=0).history)
    assert histories[0].keys() == histories[1].keys() == {"loss", "mae"}
    for name in histories[0]:
        np.testing.assert_allclose(histories[0][name], histories[1][name], rtol=1e-4)


def test_the_inherited_step_may_be_called_from_an_own_one() -> None:
    class Louder(models.Model):
        def train_step(self, data: Any) -> dict[str, Any]:
            return {**super().train_step(data), "steps": self.optimizer.iterations}

    model = _graph(Louder)
    model.compile("sgd", "mse")
    history = model.fit(X, Y, epochs=1, batch_size=16, verbose=0).history
    assert history["steps"] == [4.0] and 0 < history["loss"][0] < 10


def test_sample_weights_reach_an_own_step() -> None:
    class Weighted(models.Model):
        def train_step(self, data: Any) -> dict[str, Any]:
            x, y, weight = data
            with pippin.GradientTape() as tape:
                loss = self.compute_loss(y=y, y_pred=self(x, training=True), sample_weight=weight)
            self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
            return {"loss": loss, "heaviest": ops.max(weight)}

    model = _graph(Weighted)
    model.compile("sgd", "mse")
    weight = np.ones(64, np.float32)
    weight[0] = 5.0
    logs = model.fit(X, Y, sample_weight=weight, batch_size=64, verbose=0).history
    assert logs["heaviest"] == [5.0]


def test_an_own_step_that_meets_nan_stops_before_the_weights_are_touched() -> None:
    class Broken(OwnStep):
        def compute_loss(self, *arguments: Any, **keywords: Any) -> Any:
            return ops.log(super().compute_loss(*arguments, **keywords) * -1.0)

    model = _graph(Broken)
    model.compile("sgd", "mse")
    before = model.get_weights()
    with pytest.raises(NonFiniteError, match="log"):
        model.fit(X, Y, verbose=0)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_own_step_that_returns_no_figures_is_refused_by_name() -> None:
    class Silent(models.Model):
        def train_step(self, data: Any) -> Any:
            return None

    model = _graph(Silent)
    model.compile("sgd", "mse")
    with pytest.raises(SettingError, match="train_step to return a dict"):
        model.fit(X, Y, verbose=0)


def test_a_step_that_looks_at_numbers_is_told_of_run_eagerly_and_runs_with_it() -> None:
    class Looking(OwnStep):
        def train_step(self, data: Any) -> dict[str, Any]:
            logs = super().train_step(data)
            if logs["loss"] > 1e6:
                raise AssertionError("it has exploded")
            return logs

    model = _graph(Looking)
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match="truth value") as caught:
        model.fit(X, Y, verbose=0)
    assert "run_eagerly=True" in caught.value.__notes__[0]
    model.compile("sgd", "mse", run_eagerly=True)
    assert model.fit(X, Y, epochs=2, batch_size=24, verbose=0).history["loss"][1] > 0


def test_an_own_test_step_is_what_evaluate_shows() -> None:
    class Tested(models.Model):
        def test_step(self, data: Any) -> dict[str, Any]:
            x, y = data
            return {"error": ops.mean(ops.abs(self(x, training=False) - y))}

    model = _graph(Tested)
    model.compile("sgd", "mse")
    found = model.evaluate(X, Y, batch_size=64, verbose=0, return_dict=True)
    assert found == {"error": pytest.approx(np.abs(model.predict(X, verbose=0) - Y).mean(), rel=1e-5)}


def test_an_own_predict_step_is_what_predict_shows() -> None:
    class Doubled(models.Model):
        def predict_step(self, data: Any) -> Any:
            return self(data, training=False) * 2.0

    model = _graph(Doubled)
    np.testing.assert_allclose(model.predict(X, verbose=0), model(X) * 2.0, rtol=1e-6)


def test_an_own_loss_is_made_smaller_and_shown() -> None:
    class Scaled(models.Model):
        def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, **others: Any) -> Any:
            return ops.mean(ops.square(y_pred - y)) * 10.0

    model = _graph(Scaled)
    model.compile("sgd")
    expected = np.mean((model.predict(X, verbose=0) - Y) ** 2) * 10.0
    assert model.test_on_batch(X, Y) == pytest.approx(expected, rel=1e-5)


def test_own_metrics_are_shown_beside_the_loss_and_start_anew_each_epoch() -> None:
    class Counted(models.Model):
        def __init__(self, *arguments: Any, **keywords: Any) -> None:
            super().__init__(*arguments, **keywords)
            self.rows = metrics.Sum(name="rows")

        def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
            self.rows.update_state(ops.ones_like(y))
            return super().compute_metrics(x, y, y_pred, sample_weight)

    model = _graph(Counted)
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=2, verbose=0).history
    assert history["rows"] == [64.0, 64.0] and set(history) == {"loss", "mae", "rows"}


def test_metrics_of_layers_are_shown() -> None:
    class Watching(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.size = metrics.Mean(name="size")

        def call(self, inputs: Any) -> Any:
            self.size.update_state(ops.abs(inputs))
            return inputs

    x = layers.Input((3,))
    model = models.Model(x, layers.Dense(1)(Watching()(x)))
    model.compile("sgd", "mse")
    history = model.fit(X, Y, verbose=0).history
    assert history["size"][0] == pytest.approx(np.abs(X).mean(), rel=1e-5)


class Gan(models.Model):
    """Two models that train against each other, each with its own optimizer."""

    def __init__(self) -> None:
        super().__init__()
        self.critic = models.Sequential([layers.Input((2,)), layers.Dense(16, "relu"), layers.Dense(1)])
        self.maker = models.Sequential([layers.Input((4,)), layers.Dense(16, "relu"), layers.Dense(2)])
        self.noise = layers.GaussianNoise(1.0)
        self.critic_loss, self.maker_loss = metrics.Mean(name="critic"), metrics.Mean(name="maker")

    def compile(self, critic_optimizer: Any, maker_optimizer: Any, loss_of: Any) -> None:  # type: ignore[override]
        super().compile()
        self.critic_optimizer, self.maker_optimizer, self.loss_of = critic_optimizer, maker_optimizer, loss_of

    @property
    def metrics(self) -> list[Any]:
        return [self.critic_loss, self.maker_loss]

    def train_step(self, real: Any) -> dict[str, Any]:
        rows = ops.shape(real)[0]
        for _ in range(2):  # the critic moves twice
            made = self.maker(self.noise(ops.zeros((rows, 4)), training=True))
            seen = ops.concatenate([made, real], axis=0)
            labels = ops.concatenate([ops.ones((rows, 1)), ops.zeros((rows, 1))], axis=0)
            with pippin.GradientTape() as tape:
                critic_loss = self.loss_of(labels, self.critic(seen))
            slopes = tape.gradient(critic_loss, self.critic.trainable_weights)
            self.critic_optimizer.apply_gradients(zip(slopes, self.critic.trainable_weights, strict=True))
        drawn = self.noise(ops.zeros((rows, 4)), training=True)
        with pippin.GradientTape() as tape:
            maker_loss = self.loss_of(ops.zeros((rows, 1)), self.critic(self.maker(drawn)))
        slopes = tape.gradient(maker_loss, self.maker.trainable_weights)
        self.maker_optimizer.apply_gradients(zip(slopes, self.maker.trainable_weights, strict=True))
        self.critic_loss.update_state(critic_loss)
        self.maker_loss.update_state(maker_loss)
        return {"critic": self.critic_loss.result(), "maker": self.maker_loss.result()}


def test_a_gan_learns_where_the_data_are() -> None:
    pippin.utils.set_random_seed(5)
    real = np.random.default_rng(1).normal([2.0, -1.0], 0.3, (512, 2)).astype(np.float32)
    gan = Gan()
    gan.compile(optimizers.Adam(5e-3), optimizers.Adam(5e-3), losses.BinaryCrossentropy(from_logits=True))
    history = gan.fit(real, epochs=40, batch_size=64, verbose=0).history
    assert set(history) == {"critic", "maker"} and len(history["critic"]) == 40
    drawn = np.random.default_rng(2).normal(size=(500, 4)).astype(np.float32)
    # Untrained, the middle lies near 0, sqrt(5) away; such a small GAN circles around its aim.
    assert np.linalg.norm(gan.maker(drawn).mean(0) - [2.0, -1.0]) < np.sqrt(5) / 2
    assert int(gan.critic_optimizer.iterations) == 2 * int(gan.maker_optimizer.iterations) == 640


class Vae(models.Model):
    """An autoencoder whose code is drawn from a distribution that it learns."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = models.Sequential([layers.Input((6,)), layers.Dense(16, "tanh"), layers.Dense(4)])
        self.decoder = models.Sequential([layers.Input((2,)), layers.Dense(16, "tanh"), layers.Dense(6)])
        self.noise = layers.GaussianNoise(1.0)
        self.trackers = [metrics.Mean(name="rebuilt"), metrics.Mean(name="spread")]

    def call(self, inputs: Any, training: bool = False) -> Any:
        code = self.encoder(inputs)
        mean, log_variance = code[:, :2], code[:, 2:]
        drawn = mean + ops.exp(0.5 * log_variance) * self.noise(ops.zeros_like(mean), training=training)
        spread = -0.5 * (1 + log_variance - ops.square(mean) - ops.exp(log_variance))
        return self.decoder(drawn), ops.mean(ops.sum(spread, axis=1))

    def train_step(self, data: Any) -> dict[str, Any]:
        with pippin.GradientTape() as tape:
            rebuilt, spread = self(data, training=True)
            error = ops.mean(ops.sum(ops.square(rebuilt - data), axis=1))
            loss = error + 0.01 * spread
        slopes = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(slopes, self.trainable_weights, strict=True))
        self.trackers[0].update_state(error)
        self.trackers[1].update_state(spread)
        return {metric.name: metric.result() for metric in self.trackers}


def test_a_vae_learns_to_rebuild_what_has_two_dimensions() -> None:
    pippin.utils.set_random_seed(6)
    hidden = RNG.normal(size=(256, 2)).astype(np.float32)
    seen = np.tanh(hidden @ RNG.normal(size=(2, 6)).astype(np.float32))
    vae = Vae()
    vae.compile(optimizers.Adam(1e-2))
    history = vae.fit(seen, epochs=40, batch_size=32, verbose=0).history
    variance = float(np.sum(np.var(seen, axis=0)))
    assert history["rebuilt"][-1] < 0.25 * variance < history["rebuilt"][0]


def test_a_model_without_trainable_weights_says_that_training_changes_nothing() -> None:
    model = _graph()
    model.trainable = False
    model.compile("sgd", "mse")
    before = model.get_weights()
    with pytest.warns(UserWarning, match="no trainable weights"):
        model.train_on_batch(X, Y)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_frozen_layers_stay_while_a_step_of_ones_own_trains_the_rest() -> None:
    model = _graph(OwnStep)
    model.layers[1].trainable = False
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(X, Y, epochs=1, verbose=0)
    moved = [bool((one != other).any()) for one, other in zip(before, model.get_weights(), strict=True)]
    assert moved == [False, False, True, True]


def test_a_loss_of_ones_own_need_not_take_training() -> None:
    class Doubled(models.Model):  # type: ignore[misc,name-defined]
        def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None) -> Any:
            return 2.0 * ops.mean(ops.square(y - y_pred))

    losses = []
    for cls in (models.Model, Doubled):
        model = _graph(cls)
        model.compile("sgd", "mse")
        losses.append(model.evaluate(X, Y, verbose=0))
        model.fit(X, Y, epochs=1, verbose=0)
    assert losses[1] == pytest.approx(2 * losses[0], rel=1e-5)


def test_a_step_of_ones_own_may_take_its_data_apart() -> None:
    """Pairs of batches, one for each side: no shape that the model itself could take."""

    class Pairs(models.Model):  # type: ignore[misc,name-defined]
        def train_step(self, data: Any) -> dict[str, Any]:
            with pippin.GradientTape() as tape:
                one, other = data[0], data[1]
                loss = ops.mean(ops.square(self(one) - self(other) - 1.0))
            slopes = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(slopes, self.trainable_variables, strict=True))
            return {"loss": loss}

    model = _graph(Pairs)
    model.compile("sgd", "mse")
    both = np.stack([X, -X])
    history = model.fit(iter([both] * 20), steps_per_epoch=10, epochs=2, verbose=0).history
    assert history["loss"][1] < history["loss"][0]


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_a_model_of_which_a_part_is_built_before_the_first_batch_trains_whole(run_eagerly: bool) -> None:
    """A part with an Input of its own has weights at once, the others get theirs when the first batch comes."""

    class Two(models.Model):
        def __init__(self) -> None:
            super().__init__()
            self.front = models.Sequential([layers.Input((3,)), layers.Dense(2)])
            self.back = models.Sequential([layers.Dense(3)])
            self.never_called = layers.Dense(7)

        def call(self, x: Any) -> Any:
            return self.back(self.front(x))

    model = Two()
    model.compile(optimizer="adam", loss="mse", run_eagerly=run_eagerly)
    x = np.eye(3, dtype="float32")
    first = model.fit(x, x, epochs=30, verbose=0).history["loss"]
    assert first[-1] < first[0]
    assert len(model.optimizer.variables) == 2 + 2 * 4  # the count of steps, the rate; two for each of four weights
    assert model.fit(x, x, verbose=0).history["loss"][0] < first[-1]


class Rivals(models.Model):
    """Two networks that learn in turn within one step: the second from the first as it was moved in this very step."""

    def __init__(self) -> None:
        super().__init__()
        self.critic = models.Sequential([layers.Input((2,)), layers.Dense(4, activation="tanh"), layers.Dense(1)])
        self.artist = models.Sequential([layers.Input((3,)), layers.Dense(2)])

    def compile(self, **settings: Any) -> None:
        super().compile(**settings)
        self.first, self.second = optimizers.Adam(0.05), optimizers.Adam(0.05)

    def call(self, x: Any) -> Any:
        return self.artist(x)

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        for _ in range(2):
            drawn = self.artist(x, training=True)
            with pippin.GradientTape() as tape:
                loss = ops.mean(self.critic(drawn, training=True)) - ops.mean(self.critic(y, training=True))
            slopes = tape.gradient(loss, self.critic.trainable_variables)
            self.first.apply_gradients(zip(slopes, self.critic.trainable_variables, strict=True))
        with pippin.GradientTape() as tape:
            blame = -ops.mean(self.critic(self.artist(x, training=True), training=True))
        slopes = tape.gradient(blame, self.artist.trainable_variables)
        self.second.apply_gradients(zip(slopes, self.artist.trainable_variables, strict=True))
        return {"loss": loss, "blame": blame}


def test_a_tape_does_not_look_behind_its_beginning() -> None:
    """What was moved earlier in a compiled step is as given for a later tape, as where the step runs as Python."""
    found = []
    for run_eagerly in (True, False):
        pippin.utils.set_random_seed(2)
        model = Rivals()
        model.compile(run_eagerly=run_eagerly)
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(16, 3)).astype("float32"), rng.normal(size=(16, 2)).astype("float32")
        history = model.fit(x, y, batch_size=8, epochs=4, shuffle=False, verbose=0).history
        found.append((history["loss"], history["blame"], *model.get_weights()))
    for plain, compiled in zip(*found, strict=True):
        # 1e-4: float32 in another order, over 24 steps of Adam, whose first ones divide by small numbers
        np.testing.assert_allclose(compiled, plain, rtol=1e-4, atol=1e-5)
