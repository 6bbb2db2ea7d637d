"""Claims about bad input: it is refused before the first step, in three parts (expected, received, cure), by name and place,
in the same words on every engine; and what only looks bad just works, to the bit."""

# ruff: noqa: E501  the tables of bad input are read row by row
from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, losses, models, optimizers
from pippin.callbacks import TerminateOnNaN
from pippin.errors import DataError, NonFiniteError, NotCompiledError, PippinError, SettingError, ShapeError
from pippin.naming import clear_names

ENGINES = ("reference", "native", "jax")
rng = np.random.default_rng(0)
X = rng.normal(size=(32, 4)).astype("float32")
CLASSES = np.arange(32) % 3
ONE_HOT = np.eye(3, dtype="float32")[CLASSES]
YES = CLASSES[:, None] % 2


def use(engine: str) -> None:
    try:
        pippin.config.set_engine(engine)
    except PippinError as reason:
        pytest.skip(str(reason))


def network(
    units: int = 3,
    activation: Any = "softmax",
    loss: Any = "sparse_categorical_crossentropy",
    features: Any = 4,
    **goal: Any,
) -> Any:
    """One hidden layer, "body", and the last, "head", compiled."""
    size = features if isinstance(features, tuple) else (features,)
    model = models.Sequential(
        [layers.Input(size), layers.Dense(5, "relu", name="body"), layers.Dense(units, activation, name="head")]
    )
    model.compile("adam", loss, **goal)
    return model


def binary() -> Any:
    return network(1, "sigmoid", "binary_crossentropy")


def regression(units: int = 1) -> Any:
    return network(units, "linear", "mse")


def changed(array: Any, *changes: tuple[Any, Any], dtype: Any = None) -> np.ndarray:
    found = np.array(array, dtype=dtype)
    for place, value in changes:
        found[place] = value
    return found


def fit(model: Any, x: Any, y: Any, **settings: Any) -> Any:
    return model.fit(x, y, verbose=0, **settings)


Case = tuple[Callable[[], Any], type[Exception], str]
nan, inf = float("nan"), float("inf")

BAD: dict[str, Case] = {
    # Labels of classes
    "labels that begin at 1": (lambda: fit(network(), X, CLASSES + 1), DataError,
        r'^y: expected class numbers from 0 to 2, because Dense "head" has 3 outputs, received 1 to 3: 10 of 32 rows are outside \(first: row 2 with 3\)\. They look as if they began at 1: train on y - 1\.$'),
    "all labels out of range": (lambda: fit(network(), X, CLASSES + 7), DataError, r"from 0 to 2.*received 7 to 9: 32 of 32 rows are outside \(first: row 0 with 7\).*Give the layer 10 outputs"),
    "one label out of range": (lambda: fit(network(), X, changed(CLASSES, (5, 99))), DataError, r"received 0 to 99: 1 of 32 rows are outside \(first: row 5 with 99\)"),
    "a label of -1": (lambda: fit(network(), X, changed(CLASSES, (4, -1))), DataError, r"received -1 to 2: 1 of 32 rows.*first: row 4 with -1.*ignore_class=-1"),
    "negative labels": (lambda: fit(network(), X, -CLASSES), DataError, r"received -2 to 0: 21 of 32 rows.*np\.unique"),
    "labels in a column": (lambda: fit(network(), X, CLASSES[:, None] + 1), DataError, r"They look as if they began at 1"),
    "fractions as class numbers": (lambda: fit(network(), X, CLASSES + 0.7), DataError, r"expected whole class numbers.*received 0\.7 \(first in row 0\).*mean_squared_error"),
    "one-hot rows for a sparse loss": (lambda: fit(network(), X, ONE_HOT), DataError, r"expected class numbers, shape \(rows,\).*received one column for each class, \(32, 3\).*categorical_crossentropy.*argmax"),
    "class numbers for a categorical loss": (lambda: fit(network(loss="categorical_crossentropy"), X, CLASSES), DataError, r"one column for each class, shape \(rows, 3\).*received class numbers, \(32,\).*sparse_categorical_crossentropy.*to_categorical\(y, 3\)"),
    "one-hot rows of other classes": (lambda: fit(network(loss="categorical_crossentropy"), X, np.eye(4)[CLASSES]), ShapeError, r'targets of shape \(rows, 3\), like the outputs of Dense "head", received \(32, 4\)'),
    "negative one-hot rows": (lambda: fit(network(loss="categorical_crossentropy"), X, ONE_HOT - 1), DataError, r"expected one-hot rows or probabilities, received -1 \(first in row 0\)"),
    "labels of several columns for a sparse loss": (lambda: fit(network(), X, np.zeros((32, 2, 2), int)), ShapeError, r"expected class numbers of shape \(rows,\).*received \(32, 2, 2\)"),
    "labels 0, 100 and 200 for a yes or no": (lambda: fit(binary(), X, CLASSES * 100), DataError, r"expected 0 or 1 for loss binary_crossentropy, received 0 to 200: 21 of 32 rows are outside \(first: row 1 with 100\).*sparse_categorical_crossentropy"),
    "labels -1 and 1 for a yes or no": (lambda: fit(binary(), X, YES * 2 - 1), DataError, r"expected 0 and 1.*received -1 and 1.*\(y \+ 1\) / 2.*hinge"),
    "quantities for a yes or no": (lambda: fit(binary(), X, X[:, :1] * 2), DataError, r"expected 0 or 1.*Scale them to 0\.\.1"),
    "class numbers for many yes or no": (lambda: fit(network(3, "sigmoid", "binary_crossentropy"), X, CLASSES % 2), ShapeError, r"targets of shape \(rows, 3\).*received \(32,\).*For one of several classes use softmax"),
    "no labels": (lambda: fit(network(), X, None), DataError, r"expected labels for loss sparse_categorical_crossentropy, received none"),
    "one column for three outputs": (lambda: fit(regression(3), X, X[:, :1]), ShapeError, r'targets of shape \(rows, 3\), like the outputs of Dense "head", received \(32, 1\)\. The column would be stretched over all 3 outputs'),
    "three columns for one output": (lambda: fit(regression(), X, X[:, :3]), ShapeError, r"targets of shape \(rows, 1\).*received \(32, 3\)"),
    # Numbers
    "NaN in x": (lambda: fit(network(), changed(X, ((3, 1), nan)), CLASSES), DataError, r"^x: expected finite numbers, received NaN in 1 of 32 rows \(first: row 3, column 1\)\. Drop those rows or fill them"),
    "infinity in x": (lambda: fit(network(), changed(X, ((7, 0), -inf), ((9, 3), inf)), CLASSES), DataError, r"received infinity in 2 of 32 rows \(first: row 7, column 0\)"),
    "NaN in a picture": (lambda: fit(pictures(), changed(np.zeros((8, 6, 6, 1)), ((2, 3, 4, 0), nan)), CLASSES[:8]), DataError, r"NaN in 1 of 8 rows \(first: row 2, at \(3, 4, 0\)\)"),
    "NaN in y": (lambda: fit(regression(), X, changed(X[:, 0], (5, nan))), DataError, r"^y: expected finite numbers, received NaN in 1 of 32 rows \(first: row 5\)"),
    "NaN in the weights": (lambda: fit(network(), X, CLASSES, sample_weight=changed(np.ones(32), (6, nan))), DataError, r"^sample_weight: .*NaN.*row 6"),
    "weights of zero": (lambda: fit(network(), X, CLASSES, sample_weight=np.zeros(32)), DataError, r"sample_weight: expected weights above 0, received only zeros: there is nothing to learn from"),
    "numbers too large for 32 bits": (lambda: fit(network(), changed(X, ((1, 2), 1e300), dtype=float), CLASSES), DataError, r"expected numbers that fit into 32 bits \(up to 3\.4e\+38\), received 1 that don't \(first: 1e\+300 at row 1, column 2\)\. Scale"),
    "whole numbers too large for 32 bits": (lambda: fit(network(), X, CLASSES + 2**40), DataError, r"at most 32 bits, received 1099511627778"),
    # Shapes
    "a feature too few": (lambda: fit(network(), X[:, :3], CLASSES), ShapeError, r'^Dense "body": expected x of shape \(rows, 4\), received \(32, 3\)\. Give the data the columns'),
    "pictures that were not flattened": (lambda: fit(network(features=784), np.zeros((8, 28, 28)), CLASSES[:8]), ShapeError, r'Dense "body": expected x of shape \(rows, 784\), received \(8, 28, 28\)\..*add Flatten\(\).*x\.reshape\(-1, 784\)'),
    "a single example": (lambda: network().predict(X[0], verbose=0), ShapeError, r"received \(4,\)\. It looks like a single example: add the batch axis with x\[None\]"),
    "channels first": (lambda: fit(pictures(3), np.zeros((8, 3, 6, 6)), CLASSES[:8]), ShapeError, r"The channels stand first: move them with x\.transpose\(0, 2, 3, 1\)"),
    "different lengths": (lambda: fit(network(), X, CLASSES[:30]), DataError, r"the same number of rows everywhere, but x has 32 rows, y has 30 rows"),
    "weights of another length": (lambda: fit(network(), X, CLASSES, sample_weight=np.ones(3)), DataError, r"sample_weight has 3 rows"),
    "nothing": (lambda: fit(network(), X[:0], CLASSES[:0]), DataError, r"expected at least one row, received an empty array"),
    "a single number": (lambda: fit(network(), 3.0, 1), (DataError), r"expected|received"),
    # Types
    "text": (lambda: fit(network(), X.astype(str), CLASSES), DataError, r"expected numbers, received an array of text \(first: \['.*'\]\)\. Convert it with \.astype"),
    "bytes of text": (lambda: fit(network(), X.astype("S8"), CLASSES), DataError, r"an array of text"),
    "complex numbers": (lambda: fit(network(), X.astype("complex64"), CLASSES), DataError, r"an array of complex64.*Take \.real"),
    "dates": (lambda: fit(network(), np.zeros((32, 4), "datetime64[s]"), CLASSES), DataError, r"an array of dates"),
    "rows of different lengths": (lambda: fit(network(), [[1.0, 2.0], [1.0, 2.0], [1.0]], [0, 1, 2]), DataError, r"x: expected rows of one length, received different ones \(row 0: 2, row 2: 1\)\. Pad or cut them"),
    "an array of such rows": (lambda: fit(network(), np.array([[1.0], [1.0, 2.0]], object), [0, 1]), DataError, r"row 0: 1, row 1: 2"),
    "objects": (lambda: fit(network(), np.array([[{}] * 4] * 32, object), CLASSES), DataError, r"an array of objects \(first: \{\}\)"),
    "a table with words": (lambda: fit(network(), Table({"age": X[:, 0], "city": np.array(["a"] * 32, object)}), CLASSES), DataError, r"expected columns of numbers, received others: city\."),
    # Settings
    "no epochs": (lambda: fit(network(), X, CLASSES, epochs=0), SettingError, r"fit epochs: expected a whole number of 1 or more, received 0"),
    "negative epochs": (lambda: fit(network(), X, CLASSES, epochs=-2), SettingError, r"received -2"),
    "half an epoch": (lambda: fit(network(), X, CLASSES, epochs=1.5), SettingError, r"received 1\.5"),
    "a batch of nothing": (lambda: fit(network(), X, CLASSES, batch_size=0), SettingError, r"fit batch_size: expected a whole number of 1 or more, received 0"),
    "a batch of 2.5": (lambda: fit(network(), X, CLASSES, batch_size=2.5), SettingError, r"received 2\.5"),
    "no steps": (lambda: fit(network(), X, CLASSES, steps_per_epoch=0), SettingError, r"fit steps_per_epoch"),
    "a start before the first epoch": (lambda: fit(network(), X, CLASSES, initial_epoch=-1), SettingError, r"fit initial_epoch"),
    "all rows for validation": (lambda: fit(network(), X, CLASSES, validation_split=1.0), SettingError, r"validation_split: expected a number between 0 and 1"),
    "too few rows for validation": (lambda: fit(network(), X[:2], CLASSES[:2], validation_split=0.9), SettingError, r"leaves 0 to train on and 2 to validate"),
    "fitting before compiling": (lambda: fit(models.Sequential([layers.Input((4,)), layers.Dense(1)]), X, CLASSES), NotCompiledError, r"expected compile\(optimizer, loss\) before training"),
    "bad validation data": (lambda: fit(network(), X, CLASSES, validation_data=(X, CLASSES + 1)), DataError, r"^validation_data: y: expected class numbers from 0 to 2"),
    "validation data of another shape": (lambda: fit(network(), X, CLASSES, validation_data=(X[:, :2], CLASSES)), ShapeError, r"^validation_data: Dense"),
    # Goals
    "softmax over one output": (lambda: fit(network(1, "softmax", "binary_crossentropy"), X, YES), SettingError, r'Dense "head": expected softmax over 2 outputs or more, received 1, which is always 1\.0.*sigmoid'),
    "one output for classes": (lambda: fit(network(1, "sigmoid"), X, YES), SettingError, r'expected one output for each class, received 1 from Dense "head"'),
    "softmax twice": (lambda: fit(network(loss=losses.SparseCategoricalCrossentropy(from_logits=True)), X, CLASSES), SettingError, r'as from_logits=True says, but Dense "head" applies softmax itself'),
    "sigmoid twice": (lambda: fit(network(1, "sigmoid", losses.BinaryCrossentropy(from_logits=True)), X, YES), SettingError, r"applies sigmoid itself"),
    "a softmax layer and logits": (lambda: fit(with_softmax_layer(), X, CLASSES), SettingError, r"applies softmax itself"),
    # Names
    "a misspelt loss": (lambda: network(loss="sparse_categorial_crossentropy"), SettingError, r'Unknown loss: \'sparse_categorial_crossentropy\'\. Did you mean "sparse_categorical_crossentropy"\?'),
    "a misspelt loss in a list": (lambda: network(loss=["mean_square_error"]), SettingError, r'Did you mean "mean_squared_error"'),
    "a misspelt optimizer": (lambda: regression().compile("adamm", "mse"), SettingError, r'Unknown optimizer: \'adamm\'\. Did you mean "adamw?"'),
    "a misspelt metric": (lambda: network(metrics=["acuracy"]), SettingError, r'Unknown metric: \'acuracy\'\. Did you mean'),
    "a misspelt activation": (lambda: layers.Dense(3, "sofmax"), SettingError, r'Unknown activation: \'sofmax\'\. Did you mean "softmax"'),
    "a misspelt initializer": (lambda: layers.Dense(3, kernel_initializer="glorot_unifrom"), SettingError, r'Did you mean "GlorotUniform"|Did you mean "glorot_uniform"'),
    "negative units": (lambda: layers.Dense(-3), SettingError, r"Dense units: expected a positive integer, received -3"),
    "units of 2.5": (lambda: layers.Dense(2.5), SettingError, r"received 2\.5"),
    "a negative learning rate": (lambda: optimizers.Adam(-1.0), SettingError, r"learning_rate: expected"),
    "a learning rate that is no number": (lambda: optimizers.SGD(nan), SettingError, r"learning_rate: expected"),
    # Batches of a stream
    "a bad batch of a stream": (lambda: fit(network(), batches((X, CLASSES), (X, CLASSES + 1)), None), DataError, r"^batch 1: y: expected class numbers from 0 to 2.*began at 1"),
    "NaN in a batch of a stream": (lambda: fit(network(), batches((X * nan, CLASSES)), None), DataError, r"^batch 0: x: expected finite numbers"),
    "a batch of another shape": (lambda: fit(network(), batches((X[:, :2], CLASSES)), None), ShapeError, r"^batch 0: Dense"),
    "a batch of different lengths": (lambda: fit(network(), batches((X, CLASSES[:5])), None), DataError, r"^batch 0: expected the same number of rows"),
    "a batch of four things": (lambda: fit(network(), batches((X, CLASSES, CLASSES, CLASSES)), None), DataError, r"^batch 0: .*received a tuple of 4"),
    "a batch of None": (lambda: fit(network(), batches(None), None), DataError, r"^batch 0: .*received None"),
    "no batches": (lambda: fit(network(), batches(), None), DataError, r"expected at least one batch"),
    "labels beside batches": (lambda: fit(network(), batches((X, CLASSES)), CLASSES), DataError, r"y: expected none"),
}  # fmt: skip


def pictures(channels: int = 1) -> Any:
    model = models.Sequential(
        [layers.Input((6, 6, channels)), layers.Conv2D(2, 3, name="conv"), layers.Flatten(), layers.Dense(3, "softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def with_softmax_layer() -> Any:
    model = models.Sequential([layers.Input((4,)), layers.Dense(3), layers.Softmax()])
    model.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def batches(*given: Any) -> Iterator[Any]:
    yield from given


class Table:
    """As much of a DataFrame as matters here."""

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self.data = columns
        self.columns = list(columns)
        self.dtypes = [array.dtype for array in columns.values()]

    def to_numpy(self) -> np.ndarray:
        return np.stack(list(self.data.values()), 1)


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_refused_in_three_parts_and_the_same_words_on_every_engine(kind: str) -> None:
    do, error, words = BAD[kind]
    told = []
    for engine in ENGINES:
        try:
            pippin.config.set_engine(engine)
        except PippinError:
            continue
        clear_names()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(error, match=words) as caught:
                do()
        told.append(str(caught.value))
    assert len(told) >= 1 and len(set(told)) == 1
    assert len(told[0]) < 700 and "\x1b" not in told[0] and "Traceback" not in told[0]


def test_refused_data_leave_weights_and_optimizer_untouched() -> None:
    use("reference")
    model = network()
    before = model.get_weights()
    for y in (CLASSES + 1, CLASSES + 0.5):
        with pytest.raises(DataError):
            fit(model, X, y)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert int(model.optimizer.iterations) == 0


def test_evaluate_predict_and_single_batches_refuse_the_same() -> None:
    use("reference")
    model = network()
    with pytest.raises(DataError, match="began at 1"):
        model.evaluate(X, CLASSES + 1, verbose=0)
    with pytest.raises(DataError, match="began at 1"):
        model.train_on_batch(X, CLASSES + 1)
    with pytest.raises(DataError, match="began at 1"):
        model.test_on_batch(X, CLASSES + 1)
    for ask in (lambda x: model.predict(x, verbose=0), model.predict_on_batch):
        with pytest.raises(ShapeError, match=r'Dense "body": expected x of shape \(rows, 4\)'):
            ask(X[:, :3])


def test_each_output_of_several_is_named() -> None:
    use("reference")
    x = layers.Input((4,), name="x")
    model = models.Model(x, [layers.Dense(3, "softmax", name="kind")(x), layers.Dense(1, name="size")(x)])
    model.compile("adam", ["sparse_categorical_crossentropy", "mse"])
    with pytest.raises(DataError, match='^y of "kind": expected class numbers from 0 to 2'):
        fit(model, X, [CLASSES + 1, X[:, :1]])
    with pytest.raises(ShapeError, match='^y of "size": expected targets'):
        fit(model, X, [CLASSES, X[:, :2]])
    with pytest.raises(DataError, match='^y of "kind": expected class numbers from 0 to 2'):
        fit(model, X, {"size": X[:, :1], "kind": CLASSES + 1})
    model.compile("adam", [None, "mse"])
    with pytest.raises(ShapeError, match='^y of "size": expected targets'):
        fit(model, X, [CLASSES, X[:, :2]])
    assert not heard(lambda: fit(model, X, [CLASSES + 7, X[:, :1]]))


def test_what_raises_inside_the_data_keeps_its_traceback_and_gets_the_number_of_the_batch() -> None:
    use("reference")

    def broken() -> Iterator[Any]:
        yield X, CLASSES
        raise KeyError("missing.csv")

    with pytest.raises(KeyError, match=r"missing\.csv") as caught:
        fit(network(), broken(), None)
    assert caught.value.__notes__ == ["It was raised by the data, for batch 1."]


def test_a_stream_that_ends_early_is_told() -> None:
    use("reference")
    with pytest.warns(UserWarning, match="expected 5 batches in epoch 1, received 2"):
        fit(network(), batches((X, CLASSES), (X, CLASSES)), None, steps_per_epoch=5)


# What is fine --------------------------------------------------------------------------------------------------------

SAME: dict[str, Callable[[np.ndarray], Any]] = {
    "every second row of a longer array": lambda x: np.repeat(x, 2, 0)[::2],
    "Fortran order": np.asfortranarray,
    "a transposed array": lambda x: np.ascontiguousarray(x.T).T,
    "negative strides": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
    "big-endian": lambda x: x.astype(">f4"),
    "float64": lambda x: x.astype("float64"),
    "read-only": lambda x: read_only(x),
    "a list of lists": lambda x: x.tolist(),
    "a list of arrays of one row": lambda x: x.astype(object),
    "unaligned": lambda x: unaligned(x),
    "a table": lambda x: Table({f"c{n}": x[:, n] for n in range(4)}),
}  # fmt: skip


def read_only(x: np.ndarray) -> np.ndarray:
    found = x.copy()
    found.flags.writeable = False
    return found


def unaligned(x: np.ndarray) -> np.ndarray:
    raw = np.zeros(x.nbytes + 1, np.uint8)
    found = raw[1:].view(np.float32).reshape(x.shape)
    found[...] = x
    assert not found.flags.aligned
    return found


def trained(x: Any, y: Any) -> list[bytes]:
    pippin.random.set_random_seed(0)
    model = network()
    fit(model, x, y, batch_size=10, epochs=2)
    return [array.tobytes() for array in model.get_weights()]


@pytest.mark.parametrize("engine", ENGINES)
def test_arrays_of_every_layout_train_the_same_bits(engine: str) -> None:
    use(engine)
    expected = trained(X, CLASSES)
    for kind, lay_out in SAME.items():
        if engine == "jax" and kind != "negative strides":
            continue  # it compiles every network anew, which takes its time
        assert trained(lay_out(X), CLASSES) == expected, kind


def test_labels_of_every_type_train_the_same_bits() -> None:
    use("native")
    expected = trained(X, CLASSES)
    for kind in ("int64", "int32", "uint8", "int8", "float32", "float64", ">i8", "uint16"):
        assert trained(X, CLASSES.astype(kind)) == expected, kind
    assert trained(X, CLASSES[:, None]) == expected
    assert trained(X, CLASSES.tolist()) == expected


def test_a_column_of_targets_may_lack_its_axis() -> None:
    use("reference")
    for y in (X[:, 0], X[:, :1]):
        fit(regression(), X, y)
    fit(binary(), X, YES[:, 0])
    fit(binary(), X, YES.astype(bool))
    fit(binary(), X, YES * 0.8 + 0.1)  # soft labels


def test_ignored_classes_and_own_losses_are_let_be() -> None:
    use("reference")
    fit(network(loss=losses.SparseCategoricalCrossentropy(ignore_class=-1)), X, changed(CLASSES, (4, -1)))

    def own(y_true: Any, y_pred: Any) -> Any:
        return pippin.ops.mean(pippin.ops.square(y_pred), axis=-1)

    fit(network(loss=own), X, CLASSES + 100)


# Hints ---------------------------------------------------------------------------------------------------------------


def heard(do: Callable[[], Any]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        do()
    return [str(warning.message) for warning in caught]


def test_pixels_without_rescaling_are_warned_of_once() -> None:
    use("reference")
    for dtype in ("uint8", "float32"):
        pixels = np.random.default_rng(0).integers(0, 256, (12, 6, 6, 1)).astype(dtype)
        model = pictures()
        told = heard(lambda model=model, pixels=pixels: [fit(model, pixels, CLASSES[:12], epochs=2) for _ in range(2)])
        assert len(told) == 1 and "received whole numbers up to 25" in told[0] and "Rescaling(1 / 255)" in told[0]
        assert not heard(lambda pixels=pixels: fit(pictures(), pixels / np.float32(255), CLASSES[:12]))
    rescaled = models.Sequential(
        [layers.Input((6, 6, 1)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(3, "softmax")]
    )
    rescaled.compile("adam", "sparse_categorical_crossentropy")
    assert not heard(lambda: fit(rescaled, pixels, CLASSES[:12]))


@pytest.mark.parametrize(
    ("make", "y", "words"),
    [
        (
            lambda: network(3, None),
            CLASSES,
            'ends with linear. Give it activation="softmax", or the loss from_logits=True',
        ),
        (lambda: network(1, None, "binary_crossentropy"), YES, 'ends with linear. Give it activation="sigmoid"'),
        (
            lambda: network(2, "softmax", "binary_crossentropy"),
            np.eye(2)[CLASSES % 2],
            "ends with softmax, where one of 2 wins",
        ),
        (lambda: network(3, "sigmoid"), CLASSES, "ends with sigmoid"),
        (lambda: network(), CLASSES * 0, "received 0 in all 32 rows"),
    ],
)
def test_what_trains_but_probably_not_as_meant_is_warned_of_once(make: Callable[[], Any], y: Any, words: str) -> None:
    use("reference")
    pippin.random.set_random_seed(0)  # some networks without a last activation begin where their loss is not finite
    model = make()
    told = heard(lambda: [fit(model, X, y) for _ in range(2)])
    assert len(told) == 1 and words in told[0]


def test_a_warning_points_at_the_line_of_the_script() -> None:
    use("reference")
    pippin.random.set_random_seed(0)
    with pytest.warns(UserWarning) as told:
        fit(network(3, None), X, CLASSES)
    assert told[0].filename == __file__


def test_models_that_are_fine_hear_nothing() -> None:
    use("reference")
    logits = network(3, None, losses.SparseCategoricalCrossentropy(from_logits=True))
    assert not heard(
        lambda: [
            fit(network(), X, CLASSES),
            fit(binary(), X, YES),
            fit(regression(), X, X[:, 0]),
            fit(logits, X, CLASSES),
        ]
    )


# NaN while training --------------------------------------------------------------------------------------------------


class RootOf(layers.Layer):
    """The logarithm of its input: not a number where that is negative."""

    def call(self, inputs: Any) -> Any:
        return pippin.ops.log(inputs)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_logarithm_of_a_negative_number_stops_at_that_step_and_names_the_layer(engine: str) -> None:
    use(engine)
    model = models.Sequential([layers.Input((4,)), RootOf(name="root"), layers.Dense(1, name="head")])
    model.compile("sgd", "mse")
    x = np.abs(X) + 1
    x[25, 2] = -1  # in step 4 of 4
    with pytest.raises(
        NonFiniteError, match=r'epoch 1, step 4: layer "root", forward, made NaN or infinity in log'
    ) as caught:
        fit(model, x, X[:, 0], batch_size=8, shuffle=False)
    assert "Try" in str(caught.value)
    assert int(model.optimizer.iterations) == 3
    assert all(np.isfinite(array).all() for array in model.get_weights())


@pytest.mark.parametrize("engine", ENGINES)
def test_a_huge_learning_rate_stops_with_the_last_finite_weights(engine: str) -> None:
    use(engine)

    def explosive() -> Any:
        pippin.random.set_random_seed(0)
        model = regression()
        model.compile(optimizers.SGD(1e7), "mse")
        return model

    model, undisturbed = explosive(), explosive()
    with pytest.raises(
        NonFiniteError, match=r'layer "(body|head)".*learning rate is too high.*ten times smaller'
    ) as caught:
        fit(model, X, X[:, 0], epochs=50, shuffle=False)
    assert isinstance(caught.value, FloatingPointError)
    steps = int(model.optimizer.iterations)  # one an epoch
    assert str(caught.value).startswith(f"Training stopped at epoch {steps + 1}, step 1:")
    fit(undisturbed, X, X[:, 0], epochs=steps, shuffle=False)
    for stopped, before in zip(model.get_weights(), undisturbed.get_weights(), strict=True):
        assert np.isfinite(stopped).all()
        np.testing.assert_array_equal(stopped, before)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_callback_that_waits_for_nan_stops_training_without_an_error(engine: str) -> None:
    use(engine)
    pippin.random.set_random_seed(0)
    model = regression()
    model.compile(optimizers.SGD(1e7), "mse")
    history = fit(model, X, X[:, 0], epochs=50, callbacks=[TerminateOnNaN()])
    assert len(history.epoch) < 50
    assert all(np.isfinite(array).all() for array in model.get_weights())


@pytest.mark.parametrize("engine", ENGINES)
def test_single_batches_stop_too(engine: str) -> None:
    use(engine)
    model = models.Sequential([layers.Input((4,)), RootOf(name="root"), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(NonFiniteError, match='layer "root"'):
        model.train_on_batch(-np.abs(X), X[:, 0])
    with pytest.raises(NonFiniteError, match='layer "root"'):
        fit(model, batches((-np.abs(X), X[:, 0])), None)
    assert int(model.optimizer.iterations) == 0


# What it costs -------------------------------------------------------------------------------------------------------


def test_looking_at_a_few_rows_takes_microseconds() -> None:
    from timeit import repeat

    from pippin.training import validate
    from pippin.training.feed import make_feed

    model = network()
    x, y = X[:20], CLASSES[:20].astype("int32")
    feed: Any = make_feed(x, y)
    validate.check_against_model(model, feed)

    def look() -> None:
        validate.check_training_data(model, feed)
        validate.check_against_model(model, feed)

    # The least of many: other processes only ever make it longer. Meant to stay below 50; a slow machine may take twice as long.
    assert min(repeat(look, number=50, repeat=40)) / 50 < 100e-6


def test_a_last_axis_of_one_is_put_on_and_taken_off_as_in_keras() -> None:
    """Grey pictures without their channel train as with it, and numbers in a column as in a row."""
    grey = np.linspace(0, 1, 8 * 36, dtype="float32").reshape(8, 6, 6)
    model = pictures()
    expected = model.predict(grey[..., None], verbose=0)
    np.testing.assert_array_equal(model.predict(grey, verbose=0), expected)
    np.testing.assert_array_equal(np.asarray(model(grey)), expected)
    np.testing.assert_array_equal(network().predict(X[..., None], verbose=0).shape, (32, 3))
    fit(model, grey, CLASSES[:8])
