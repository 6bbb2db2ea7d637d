"""The same call again goes straight to compiled code and gives what the long way gives, whatever changed in between."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

import pippin
import pippin.engines.reference
from pippin import changes, config, engines, layers, models, ops, random

pytestmark = pytest.mark.skipif(engines.current_engine().name != "native", reason="shortcuts are native")


@pytest.fixture(autouse=True)
def seed():
    random.set_random_seed(3)


def network(*more):
    return models.Sequential([layers.Input((4,)), layers.Dense(8, "relu"), layers.Dense(3, "softmax"), *more])


def rows(count=1, columns=4):
    return np.random.default_rng(0).random((count, columns), np.float32)


def the_long_way(model, x, **keywords):
    with changes.apart():
        return model(x, **keywords)


def warmed(model, x, **keywords):
    """The model after so many calls that the next one takes the shortcut."""
    for _ in range(3):
        model(x, **keywords)
    assert model._direct_call.take((x,), keywords) is not None, "the shortcut should be open"
    return model


def same(model, x, **keywords):
    """Twice, because the first call after a change may open a shortcut that the second takes."""
    for _ in range(3):
        assert np.array_equal(model(x, **keywords), the_long_way(model, x, **keywords))


def test_a_shortcut_gives_a_new_array_with_the_same_bits():
    x = rows(5)
    model = warmed(network(), x)
    one, other = model(x), model(x)
    assert np.array_equal(one, the_long_way(model, x))
    assert one is not other and not np.shares_memory(one, other)


def test_only_the_very_same_kind_of_array_takes_it():
    x = rows(2)
    model = warmed(network(), x)
    take = model._direct_call.take
    for other in (
        x.astype(np.float64), x.astype(">f4"), x.T.copy().T, np.repeat(x, 2, 0), x[0], x.view(np.matrix), x.tolist(),
        rows(1), x[:, :3],
    ):  # fmt: skip
        assert take((other,), {}) is None
    assert take((x, x), {}) is None and take((), {}) is None and take((x,), {"training": True}) is None
    assert np.array_equal(model(x.astype(np.float64)), model(x))
    assert np.array_equal(model(x.T.copy().T), model(x))
    with pytest.raises(pippin.errors.ShapeError, match="expected 4 features"):
        model(x[:, :3])


def test_numbers_written_into_the_weights_are_seen():
    x = rows()
    model = warmed(network(), x)
    before = model(x)
    model.set_weights([weight + 1 for weight in model.get_weights()])
    assert not np.array_equal(model(x), before)
    model.layers[0].kernel.assign(np.zeros((4, 8)))
    same(model, x)


def test_weights_that_move_to_other_memory_are_followed():
    x = rows(8)
    model = warmed(network(), x)
    model.compile("sgd", "mse")
    for _ in range(2):
        model.fit(x, rows(8, 3), verbose=0)
        same(model, x)


def test_a_variable_in_the_place_of_another_is_seen():
    class Scale(layers.Layer):
        def build(self, input_shape):
            self.scale = self.add_weight((), initializer="ones")

        def call(self, x):
            return x * self.scale

    x = rows()
    layer = warmed(Scale(), x)
    layer.scale = pippin.Variable(np.float32(5))
    assert np.allclose(layer(x), 5 * x)


def test_training_and_other_keywords_are_told_apart():
    x = np.ones((1, 400), np.float32)
    layer = warmed(layers.Dropout(0.5, seed=1), x, training=True)
    warmed(layer, x, training=False)
    assert np.array_equal(layer(x, training=False), x)
    one, other = layer(x, training=True), layer(x, training=True)
    assert (one == 0).any() and not np.array_equal(one, other), "each call draws anew"


def test_what_batch_normalization_learns_on_the_way_is_kept():
    x = rows(16)
    layer = warmed(layers.BatchNormalization(), x, training=True)
    twin = layers.BatchNormalization()
    twin(x)
    for _ in range(3 + 1):  # three calls and one look
        the_long_way(twin, x, training=True)
    for one, other in zip(layer.get_weights(), twin.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_freezing_a_layer_inside_changes_how_it_computes():
    x = rows(16)
    model = warmed(network(layers.BatchNormalization()), x, training=True)
    model.layers[-1].trainable = False
    frozen = model.layers[-1].get_weights()
    same(model, x, training=True)
    assert all(np.array_equal(a, b) for a, b in zip(frozen, model.layers[-1].get_weights(), strict=True))


def test_another_engine_is_asked():
    x = rows()
    model = warmed(network(), x)
    runs = []

    class Counting(engines.reference.ReferenceRunner):
        def __call__(self, inputs, states):
            runs.append(1)
            return super().__call__(inputs, states)

    model.compiled_calls.clear()
    plain, engines.reference.ReferenceRunner = engines.reference.ReferenceRunner, Counting
    try:
        with config.engine("reference"):
            model(x), model(x)
        assert len(runs) == 2
        config.set_engine("reference")
        model(x), model(x), model(x)
        assert len(runs) == 5
        with config.engine("native"):
            model(x), model(x)
        model(x)
        assert len(runs) == 6
    finally:
        engines.reference.ReferenceRunner = plain
        config.set_engine("native")


def test_a_task_inside_with_engine_takes_no_shortcut_and_others_do():
    x = rows()
    model = warmed(network(), x)
    seen = {}

    async def elsewhere():
        with config.engine("reference"):
            await asyncio.sleep(0)
            seen["inside"] = changes.is_apart()

    async def here():
        await asyncio.sleep(0)
        seen["outside"] = changes.is_apart()

    async def both():
        await asyncio.gather(elsewhere(), here())

    asyncio.run(both())
    assert seen == {"inside": True, "outside": False}
    same(model, x)


def test_any_number_of_threads_gives_the_same_bits():
    x = rows(64)
    model = warmed(network(), x)
    expected = model(x)
    try:
        for count in (1, 2, 3):
            config.set_threads(count)
            assert np.array_equal(model(x), expected)
    finally:
        config.set_threads(2)


def test_calls_from_many_threads_do_not_mix():
    model = network()
    inputs = [rows(1 + number % 3) * number for number in range(8)]
    expected = [the_long_way(model, x) for x in inputs]
    wrong = []

    def ask(number):
        for _ in range(300):
            if not np.array_equal(model(inputs[number]), expected[number]):
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_layer_on_top_or_taken_off_is_seen():
    x = rows()
    model = warmed(network(), x)
    model.add(layers.Dense(7))
    assert model(x).shape == (1, 7)
    same(warmed(model, x), x)
    model.pop()
    assert model(x).shape == (1, 3)
    same(model, x)


def test_a_model_inside_another_is_followed():
    x = rows()
    inner = network()
    outer = warmed(models.Sequential([layers.Input((4,)), inner, layers.Dense(2)]), x)
    before = outer(x)
    inner.layers[0].kernel.assign(inner.layers[0].kernel.numpy() * 2)
    assert not np.array_equal(outer(x), before)
    inner.layers[0].activation = ops.tanh
    same(outer, x)
    assert not np.array_equal(outer(x), before)


class Switching(models.Model):
    """A model whose computation is decided by Python."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(4)
        self.times, self.seen = 1, None

    def call(self, x, double=False, training=None):
        self.seen = x.shape
        for _ in range(self.times):
            x = self.dense(x)
        return x * 2 if double else x


def test_control_flow_follows_attributes_and_arguments():
    x = rows()
    model = warmed(warmed(Switching(), x), x, double=True)
    once = model(x)
    assert np.array_equal(model(x, double=True), 2 * once)
    model.times = 2
    assert np.array_equal(model(x), model.dense(model.dense(x)))
    assert np.array_equal(model(x, double=True), 2 * model(x))
    model.times = 1
    assert np.array_equal(model(x), once)


def test_what_call_sets_on_itself_is_no_reason_to_compile_again():
    x = rows()
    model = warmed(Switching(), x)
    count = len(model.compiled_calls)
    for _ in range(3):
        the_long_way(model, x)
    assert len(model.compiled_calls) == count


def test_masks_and_other_arrays_go_the_long_way():
    x = rows(2)
    model = warmed(network(), x)
    y = model(x)
    assert np.array_equal(model(x, mask=np.ones(2, bool)), y)
    attended = layers.Add()
    for _ in range(3):
        assert np.array_equal(attended([x, x]), x + x)


def test_an_array_inside_a_trace_becomes_a_line():
    ones = np.ones((1, 2), np.float32)

    class Shifted(layers.Layer):
        def __init__(self):
            super().__init__()
            self.shift = layers.Dense(2)

        def call(self, x):
            return x + self.shift(ones)

    layer = Shifted()
    layer.shift(ones)
    warmed(layer.shift, ones)
    zeros = np.zeros((1, 2), np.float32)
    assert np.array_equal(layer(zeros), layer.shift(ones))
    layer.shift.kernel.assign(np.full((2, 2), 5))
    assert np.array_equal(layer(zeros), np.full((1, 2), 10)), "its weights are read at each run"


# predict -------------------------------------------------------------------------------------------------------------


def predicting(model, x):
    for _ in range(3):
        model.predict(x, verbose=0)
    assert model._direct_prediction.take((x,), {}) is not None, "the shortcut should be open"
    return model


def test_predict_of_a_few_rows_gives_what_the_batch_gives():
    x = rows(3)
    model = predicting(network(), x)
    assert np.array_equal(model.predict(x, verbose=0), model.predict_on_batch(x))


def test_predict_still_refuses_what_it_refused():
    model = predicting(network(), rows())
    with pytest.raises(pippin.errors.ShapeError, match=r"add the batch axis with x\[None\]"):
        model.predict(rows()[0], verbose=0)
    with pytest.raises(pippin.errors.ShapeError, match="expected x of shape"):
        model.predict(rows(1, 5), verbose=0)


def test_predict_tells_callbacks_and_shows_its_bar(capsys):
    x = rows()
    model = predicting(network(), x)
    told = []
    callback = pippin.callbacks.LambdaCallback()
    callback.on_predict_batch_end = lambda batch, logs=None: told.append(logs["outputs"])
    found = model.predict(x, verbose=0, callbacks=[callback])
    assert len(told) == 1 and np.array_equal(told[0], found)
    model.predict(x)
    assert "1/1" in capsys.readouterr().out


def test_predict_after_training_uses_the_new_weights():
    x, y = rows(8), rows(8, 3)
    model = network()
    model.compile("sgd", "mse")
    predicting(model, x)
    before = model.predict(x, verbose=0)
    model.fit(x, y, verbose=0)
    after = model.predict(x, verbose=0)
    assert not np.array_equal(before, after)
    assert np.array_equal(after, the_long_way(model, x))


def test_predict_after_compile_is_traced_anew():
    x = rows()
    model = predicting(Switching(), x)
    once = model.predict(x, verbose=0)
    model.times = 2
    model.compile("sgd", "mse")
    for _ in range(3):
        assert np.array_equal(model.predict(x, verbose=0), model.dense(once))


@pytest.mark.parametrize("batch_size", [None, 1, 7, 100])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8"])
def test_predict_of_many_rows_gives_the_bits_of_its_batches(batch_size, dtype):
    x = (rows(100) * 10).astype(dtype)
    model = network()
    size = batch_size or 32
    expected = np.concatenate([model.predict_on_batch(x[start : start + size]) for start in range(0, 100, size)])
    assert np.array_equal(model.predict(x, batch_size, verbose=0), expected)


def test_predict_of_outputs_without_rows_joins_the_batches():
    class Totals(models.Model):
        def call(self, x):
            return {"rows": x * 2, "total": ops.sum(x, axis=0, keepdims=True)}

    x = rows(70)
    found = Totals().predict(x, verbose=0)
    assert np.array_equal(found["rows"], x * 2)
    assert found["total"].shape == (3, 4)


def test_predict_tells_every_batch_to_those_who_listen():
    x = rows(70)
    model, told = network(), []

    class Listener(pippin.callbacks.Callback):
        def on_predict_batch_begin(self, batch, logs=None):
            told.append(batch)

        def on_predict_batch_end(self, batch, logs=None):
            told.append(logs["outputs"])

    found = model.predict(x, verbose=0, callbacks=[Listener()])
    assert told[::2] == [0, 1, 2] and [len(part) for part in told[1::2]] == [32, 32, 6]
    assert np.array_equal(np.concatenate(told[1::2]), found)


def test_predict_stops_after_so_many_steps():
    x = rows(70)
    model = network()
    assert np.array_equal(model.predict(x, steps=2, verbose=0), model.predict(x, verbose=0)[:64])


def test_predict_refuses_to_make_no_steps():
    with pytest.raises(pippin.errors.SettingError, match="predict steps: expected a whole number of 1 or more"):
        network().predict(rows(), steps=0, verbose=0)


def test_predict_is_the_same_on_the_reference_engine():
    x = rows(70)
    model = network()
    with config.engine("reference"):
        plain = model.predict(x, verbose=0)
    # Float sums in another order: a few units in the last place.
    assert np.allclose(plain, model.predict(x, verbose=0), rtol=1e-6, atol=1e-7)
