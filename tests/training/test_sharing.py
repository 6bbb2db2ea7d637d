"""Models that are made alike share a compiled step; models that differ in anything that counts never do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, losses, metrics, models, ops, optimizers, regularizers
from pippin.naming import clear_names
from pippin.training import sharing

RNG = np.random.default_rng(4)
X = RNG.random((40, 6)).astype(np.float32)
Y = np.eye(3, dtype=np.float32)[RNG.integers(0, 3, 40)]


class Counts:
    traced = compiled = 0


@pytest.fixture(autouse=True)
def counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counts]:
    """How often a step was traced and compiled, from an empty store on."""
    forget()
    found, trace, close = Counts(), sharing.trace_step, sharing.close_step

    def tracing(*arguments: Any) -> Any:
        found.traced += 1
        return trace(*arguments)

    def closing(*arguments: Any) -> Any:
        found.compiled += 1
        return close(*arguments)

    monkeypatch.setattr(sharing, "trace_step", tracing)
    monkeypatch.setattr(sharing, "close_step", closing)
    yield found
    forget()


def forget() -> None:
    sharing._kept.clear()
    sharing._lately.clear()


def network(
    activation: Any = "relu", rate: float = 0.2, optimizer: Callable[[], Any] = lambda: optimizers.Adam(0.01),
    loss: Any = "categorical_crossentropy", figures: Any = ("accuracy",), change: Callable[[Any], Any] = id,
    **settings: Any,
) -> Any:  # fmt: skip
    model = models.Sequential(
        [
            layers.Input((6,)),
            layers.Dense(5, activation, **settings),
            layers.Dropout(rate),
            layers.Dense(3, "softmax"),
        ]
    )
    model.compile(optimizer(), loss, metrics=list(figures))
    change(model)
    return model


def trained(make: Callable[[], Any]) -> list[Any]:
    """The numbers that training leaves, and its history."""
    pippin.utils.set_random_seed(2)
    model = make()
    history = model.fit(X, Y, batch_size=16, epochs=2, verbose=0).history
    return [history, *(v.value.tobytes() for v in [*model.variables, *model.optimizer.variables])]


def test_a_second_model_of_the_same_kind_is_not_traced(counts: Counts) -> None:
    first = trained(network)
    assert counts.traced == 2, "once for full batches, once for the last"
    assert trained(network) == first
    assert trained(lambda: network(optimizer=lambda: optimizers.Adam(0.3))) != first, "the learning rate is a state"
    assert (counts.traced, counts.compiled) == (2, 2)


def double(x: Any) -> Any:
    return ops.relu(x) * FACTOR


FACTOR = 2.0


class Custom(layers.Layer):
    def __init__(self, factor: float = 2.0) -> None:
        super().__init__()
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor


OTHERS: dict[str, Callable[[], Any]] = {
    "activation": lambda: network("tanh"),
    "rate": lambda: network(rate=0.3),
    "bias": lambda: network(use_bias=False),
    "a regularizer": lambda: network(kernel_regularizer=regularizers.L2(0.1)),
    "another strength of it": lambda: network(kernel_regularizer=regularizers.L2(0.2)),
    "beta": lambda: network(optimizer=lambda: optimizers.Adam(0.01, beta_1=0.8)),
    "optimizer": lambda: network(optimizer=lambda: optimizers.SGD(0.01)),
    "clipping": lambda: network(optimizer=lambda: optimizers.Adam(0.01, clipnorm=0.1)),
    "a schedule": lambda: network(optimizer=lambda: optimizers.Adam(lambda step: ops.cast(step, "float32") * 1e-3)),
    "weight decay but for a name": lambda: network(optimizer=undecayed),
    "loss": lambda: network(loss="mse"),
    "smoothing": lambda: network(loss=losses.CategoricalCrossentropy(label_smoothing=0.1)),
    "metrics": lambda: network(figures=["accuracy", "mae"]),
    "the name of a metric": lambda: network(figures=["acc"]),
    "an argument of a metric": lambda: network(figures=[metrics.TopKCategoricalAccuracy(2)]),
    "a frozen layer": lambda: network(change=lambda model: setattr(model.layers[0], "trainable", False)),
    "an attribute set later": lambda: network(change=lambda m: setattr(m.layers[0], "activation", ops.tanh)),
    "a rate set later": lambda: network(change=lambda model: setattr(model.layers[1], "rate", 0.7)),
    "an integer that is a float": lambda: network(rate=0),
    "a function": lambda: network(double),
    "a lambda": lambda: network(lambda x: ops.relu(x) * 3.0),
}  # fmt: skip


def undecayed() -> Any:
    made = optimizers.Adam(0.01, weight_decay=0.1)
    made.exclude_from_weight_decay(var_names=["bias"])
    return made


@pytest.mark.parametrize("other", OTHERS)
def test_a_model_that_differs_is_trained_as_if_it_were_alone(other: str) -> None:
    make = OTHERS[other]
    alone = trained(make)
    forget()
    plain = trained(network)
    assert plain != alone, "the difference makes no difference: the test shows nothing"
    assert trained(make) == alone
    assert trained(network) == plain
    assert trained(make) == alone


def test_functions_of_users_are_traced_each_time_and_compiled_once(
    counts: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = trained(lambda: network(double))
    assert trained(lambda: network(double)) == first
    assert (counts.traced, counts.compiled) == (4, 2)
    monkeypatch.setitem(globals(), "FACTOR", 0.5)
    assert trained(lambda: network(double)) != first, "a trace of an earlier model was taken"
    assert counts.compiled == 4


def test_layers_of_users_are_traced_each_time() -> None:
    def make(factor: float) -> Any:
        model = models.Sequential([layers.Input((6,)), Custom(factor), layers.Dense(3, "softmax")])
        model.compile("adam", "categorical_crossentropy")
        return model

    first, second = trained(lambda: make(2.0)), trained(lambda: make(0.5))
    assert first != second
    forget()
    assert trained(lambda: make(0.5)) == second


def test_names_that_meet_in_two_models_are_kept_apart(counts: Counts) -> None:
    """Full batches come from a model with layers dense and dense_1, the last from one with dense_1 and dense_2."""

    def make(first: str, second: str) -> Any:
        model = models.Sequential(
            [layers.Input((6,)), layers.Dense(6, name=first), layers.Dense(6, name=second), layers.Dense(3)]
        )
        model.compile("adam", "mse")
        return model

    pippin.utils.set_random_seed(2)
    expected = trained(lambda: make("c", "d"))
    forget()
    make("a", "b").fit(X[:32], Y[:32], batch_size=16, verbose=0)
    make("b", "a").fit(X[:8], Y[:8], batch_size=8, verbose=0)
    before = counts.traced
    assert trained(lambda: make("c", "d")) == expected
    assert counts.traced == before


def test_a_shared_step_has_the_names_of_its_own_model() -> None:
    clear_names()
    made = [network(), network()]
    for model in made:
        model.fit(X, Y, verbose=0)
    runner, step = next(iter(made[1]._steps.values()))
    assert "dense_2/kernel" in step.program.states and "dense/kernel" not in step.program.states
    assert set(step.variables) == set(runner.program.states)
    assert step.variables["dense_2/kernel"] is made[1].layers[0].kernel


def test_evaluation_and_prediction_are_shared_too(counts: Counts) -> None:
    made = [network(), network()]
    results = [(model.evaluate(X, Y, verbose=0), model.predict(X, verbose=0)) for model in made]
    assert counts.traced == 4, "evaluation and prediction, full batches and the last"
    assert results[0][0] != results[1][0]
    np.testing.assert_allclose(made[0](X), results[0][1], rtol=1e-6)
    np.testing.assert_allclose(made[1](X), results[1][1], rtol=1e-6)


def test_one_program_gives_each_model_its_own_structure(counts: Counts) -> None:
    class Named(models.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(3)

        def call(self, inputs: Any) -> Any:
            return {"scores": self.dense(inputs)}

    named, plain = Named(), models.Sequential([layers.Input((6,)), layers.Dense(3)])
    assert list(named.predict(X, verbose=0)) == ["scores"]
    assert plain.predict(X, verbose=0).shape == (40, 3)
    other = models.Sequential([layers.Input((6,)), layers.Dense(3)])
    assert other.predict(X, verbose=0).shape == (40, 3)
    assert counts.compiled == 2, "one program for full batches, one for the last"


def test_models_of_one_kind_may_be_trained_by_two_threads_at_once() -> None:
    def make() -> Any:
        return network(rate=0.0)

    pippin.utils.set_random_seed(2)
    one, other, third = make(), make(), make()
    other.set_weights(one.get_weights())
    third.set_weights(one.get_weights())
    settings = {"batch_size": 16, "epochs": 300, "shuffle": False, "verbose": 0}
    one.fit(X, Y, **settings)
    threads = [threading.Thread(target=model.fit, args=(X, Y), kwargs=settings) for model in (other, third)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for model in (other, third):
        for a, b in zip(one.get_weights(), model.get_weights(), strict=True):
            assert a.tobytes() == b.tobytes()


def test_large_steps_go_with_their_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_SMALL", 0)
    model = network()
    model.fit(X, Y, verbose=0)
    assert len(sharing._kept) and not sharing._lately
    model._steps.clear()
    assert not len(sharing._kept)
