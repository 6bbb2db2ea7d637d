"""fit_many: each model as `fit` alone would have trained it, errors with the number of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import callbacks, engines, layers, models, optimizers
from pippin.engines import current_engine
from pippin.errors import DataError, SettingError
from pippin.training import many

RNG = np.random.default_rng(3)
X = RNG.random((70, 6)).astype(np.float32)
Y = np.eye(2, dtype=np.float32)[(X[:, 0] > X[:, 1]).astype(int)]


@pytest.fixture(params=[1, 2, 5])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    native = pytest.importorskip("pippin._native")
    before = native.threads()
    native.set_threads(request.param)
    yield request.param
    native.set_threads(before)


def dense(units: int = 8, rate: float = 0.01, **settings: Any) -> Any:
    model = models.Sequential([layers.Input((6,)), layers.Dense(units, "relu"), layers.Dense(2, "softmax")])
    model.compile(optimizers.Adam(rate), "categorical_crossentropy", metrics=["accuracy"], **settings)
    return model


def dropping() -> Any:
    model = models.Sequential([layers.Input((6,)), layers.Dense(8, "tanh"), layers.Dropout(0.4), layers.Dense(2)])
    model.compile("sgd", "mse")
    return model


def normalizing() -> Any:
    model = models.Sequential([layers.Dense(5), layers.BatchNormalization(), layers.Dense(2, "softmax")])
    model.compile("rmsprop", "categorical_crossentropy")  # its weights are made by fit
    return model


def functional() -> Any:
    given = layers.Input((6,))
    hidden = layers.Dense(4, "relu")(given)
    joined = layers.Concatenate()([given, hidden])
    model = models.Model(given, layers.Dense(2, "softmax")(joined))
    model.compile("adam", lambda true, found: ((true - found) ** 2).mean(), metrics=["accuracy"])
    return model


KINDS: list[Callable[[], Any]] = [dense, dense, lambda: dense(8, 0.1), lambda: dense(3), dropping, functional,
                                  normalizing, dropping, functional, dense]  # fmt: skip


def numbers(model: Any) -> list[np.ndarray]:
    return [variable.value for variable in [*model.variables, *model.optimizer.variables]]


def alone(make: list[Callable[[], Any]], **settings: Any) -> tuple[list[Any], list[Any]]:
    """Models trained one after the other, with `settings` that are lists taken apart."""
    pippin.utils.set_random_seed(5)
    made = [one() for one in make]
    histories = []
    for number, model in enumerate(made):
        own = {word: given[number] if isinstance(given, list) else given for word, given in settings.items()}
        histories.append(model.fit(**own, verbose=0))
    return made, histories


def together(make: list[Callable[[], Any]], **settings: Any) -> tuple[list[Any], list[Any]]:
    pippin.utils.set_random_seed(5)
    made = [one() for one in make]
    return made, pippin.fit_many(made, **settings, verbose=0)


def assert_the_same(make: list[Callable[[], Any]], settings: dict[str, Any], for_many: dict[str, Any]) -> None:
    plain, plain_histories = alone(make, **settings)
    found, histories = together(make, **for_many)
    for number, (one, other) in enumerate(zip(plain, found, strict=True)):
        assert plain_histories[number].history == histories[number].history, number
        assert plain_histories[number].epoch == histories[number].epoch, number
        assert other.history is histories[number]
        for a, b in zip(numbers(one), numbers(other), strict=True):
            assert a.tobytes() == b.tobytes(), number


def test_each_model_ends_with_the_bits_that_fit_gives_it(threads: int) -> None:
    settings = {"x": X, "y": Y, "batch_size": 16, "epochs": 4}
    assert_the_same(KINDS, settings, settings)


@pytest.mark.parametrize("name", ["reference", "native"])
def test_every_engine_trains_many(name: str) -> None:
    with engines.engine(name):
        settings = {"x": X, "y": Y, "batch_size": 16, "epochs": 2}
        assert_the_same([dense, dropping, dense], settings, settings)


def test_models_are_stopped_and_go_on_without_a_trace(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    monkeypatch.setattr(many, "SECONDS_BETWEEN_LOOKS", 0.0)
    settings = {"x": X, "y": Y, "batch_size": 16, "epochs": 2}
    assert_the_same(KINDS, settings, settings)


def test_each_model_may_have_data_and_sizes_of_its_own() -> None:
    """The folds of a cross-validation."""
    parts = [np.delete(np.arange(70), np.arange(start, start + 14)) for start in (0, 14, 28)]
    held = [np.arange(start, start + 14) for start in (0, 14, 28)]
    settings = {
        "x": [X[part] for part in parts],
        "y": [Y[part] for part in parts],
        "validation_data": [(X[part], Y[part]) for part in held],
        "batch_size": [8, 16, 56],
        "epochs": [3, 2, 4],
    }
    assert_the_same([dense, functional, dropping], settings, settings)


def test_validation_weights_and_early_stopping_are_as_in_fit(threads: int) -> None:
    shared = {"x": X, "y": Y, "validation_split": 0.2, "epochs": 9, "class_weight": {0: 1.0, 1: 2.0}}
    own = {
        "callbacks": callbacks.EarlyStopping("loss", min_delta=0.01, patience=1, restore_best_weights=True),
        "sample_weight": np.linspace(0.5, 1, 70),
    }
    plain = [{**shared, **own, "callbacks": callbacks.EarlyStopping("loss", 0.01, 1, restore_best_weights=True)}]
    assert_the_same([dense, lambda: dense(3, 0.3), dropping], {**plain[0]}, {**shared, **own})


def test_python_lists_of_numbers_are_data_and_not_entries() -> None:
    settings = {"x": X[:3].tolist(), "y": Y[:3].tolist(), "epochs": 2}
    plain, _ = alone([dense] * 3, x=X[:3], y=Y[:3], epochs=2)
    found, _ = together([dense] * 3, **settings)
    for one, other in zip(plain, found, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(numbers(one), numbers(other), strict=True))


def test_a_model_that_meets_infinity_stops_alone_and_is_named() -> None:
    rates = [lambda: dense(), lambda: dense(rate=1e9), lambda: dense()]
    pippin.utils.set_random_seed(5)
    made = [make() for make in rates]
    made[1].layers[0].kernel.assign(np.full((6, 8), 3e38, np.float32))
    told = rf'1 of 3 models .* model 1 \("{made[1].name}"\): Training stopped at epoch 1'
    with pytest.warns(UserWarning, match=told):
        histories = pippin.fit_many(made, X, Y, epochs=3, verbose=0)
    assert [len(one.history["loss"]) for one in histories] == [3, 1, 3]
    assert np.isnan(histories[1].history["loss"][0])
    assert all(np.isfinite(array).all() for model in made for array in model.get_weights())


def test_infinity_in_the_validation_of_one_model_leaves_the_others() -> None:
    large = np.where(X > 0.5, np.float32(3e38), X)  # two in a row add up to infinity where weights are near 1
    made = [dense(), dense()]
    made[0].layers[0].kernel.assign(np.ones((6, 8), np.float32))
    with pytest.warns(UserWarning, match=r"1 of 2 models .* model 0 "):
        histories = pippin.fit_many(made, X, Y, epochs=3, validation_data=[(large, Y), (X, Y)], verbose=0)
    assert histories[0].epoch == [0] and histories[1].epoch == [0, 1, 2]
    assert np.isnan(histories[0].history["val_loss"][0])


def test_the_layer_that_made_infinity_is_the_models_own() -> None:
    """Its program is shared with the first model, whose layers have other names."""
    made = [dense(), dense()]
    made[1].layers[0].kernel.assign(np.full((6, 8), 3e38, np.float32))
    with pytest.warns(UserWarning, match=f'layer "{made[1].layers[0].name}"'):
        pippin.fit_many(made, X, Y, verbose=0)


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "no list": (lambda: pippin.fit_many(dense(), X, Y), "expected a list of compiled models"),
    "no models": (lambda: pippin.fit_many([], X, Y), "expected a list of compiled models"),
    "one twice": (lambda: pippin.fit_many([(one := dense()), dense(), one], X, Y), "model 0 and model 2"),
    "two entries for three": (lambda: pippin.fit_many([dense() for _ in range(3)], [X, X], Y), "each of 3 models"),
    "sizes for two of three": (
        lambda: pippin.fit_many([dense() for _ in range(3)], X, Y, batch_size=[1, 2]),
        "fit_many batch_size: expected one for all",
    ),
    "another callback": (
        lambda: pippin.fit_many([dense()], X, Y, callbacks=[callbacks.CSVLogger("x.csv")]),
        "expected EarlyStopping, .*received CSVLogger",
    ),
    "not compiled": (
        lambda: pippin.fit_many([dense(), models.Sequential([layers.Dense(1)])], X, Y),
        r'model 1 \("sequential.*expected compile',
    ),
    "NaN in the data of one": (
        lambda: pippin.fit_many([dense(), dense()], [X, np.where(X > 0.99, np.nan, X)], Y),
        r"fit_many, model 1 \(.*NaN",
    ),
    "labels of another width": (
        lambda: pippin.fit_many([dense(), dense()], X, [Y, np.zeros((70, 3), np.float32)]),
        r"fit_many, model 1 \(.*",
    ),
    "validation without labels": (lambda: pippin.fit_many([dense()], X, Y, validation_data=X), "the tuple"),
    "batches": (lambda: pippin.fit_many([dense()], iter([(X, Y)])), "an iterable of batches"),
    "no epochs": (lambda: pippin.fit_many([dense()], X, Y, epochs=0), "epochs: expected a whole number"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_makes_no_sense_is_refused_by_name(wrong: str) -> None:
    call, words = WRONG[wrong]
    with pytest.raises((SettingError, DataError, ValueError), match=words):
        call()


def test_models_that_share_a_layer_or_metrics_are_refused() -> None:
    layer = layers.Dense(2, "softmax")
    made = [models.Sequential([layers.Input((6,)), layer]) for _ in range(2)]
    for model in made:
        model.compile("adam", "categorical_crossentropy")
    with pytest.raises(SettingError, match=r'model 0 .* and model 1 .* share ".*kernel"'):
        pippin.fit_many(made, X, Y)
    metric = pippin.metrics.MeanSquaredError()
    made = [dense(), dense()]
    for model in made:
        model.compile("adam", "mse", metrics=[metric])
    with pytest.raises(SettingError, match="share .*total.* metrics of its own"):
        pippin.fit_many(made, X, Y)


def test_an_error_in_one_model_comes_before_any_step() -> None:
    made = [dense(), dense()]
    before = [array.copy() for array in made[0].get_weights()]
    with pytest.raises(DataError):
        pippin.fit_many(made, [X, X * np.nan], Y)
    assert all(np.array_equal(a, b) for a, b in zip(before, made[0].get_weights(), strict=True))


def test_ctrl_c_ends_all_and_keeps_what_was_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    made, calls = [dense(), dense()], []
    engine = current_engine()
    real = engine.run_many

    def interrupted(errands: Any, seconds: float) -> Any:
        calls.append(seconds)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(errands, 0.01)

    monkeypatch.setattr(engine, "run_many", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pippin.fit_many(made, X, Y, epochs=10**6, verbose=0)
    assert calls[0] <= 0.1, "Ctrl-C would wait"
    assert made[0].history.history["loss"]
    monkeypatch.undo()
    made[0].fit(X, Y, verbose=0)


def test_one_line_tells_how_far_all_are(capsys: pytest.CaptureFixture[str]) -> None:
    pippin.fit_many([dense(), dense(), dense()], X, Y, epochs=4)
    told = capsys.readouterr().out
    assert told.count("\n") == 1 and "12/12" in told and "/epoch" in told
    pippin.fit_many([dense()], X, Y, verbose=0)
    assert capsys.readouterr().out == ""
