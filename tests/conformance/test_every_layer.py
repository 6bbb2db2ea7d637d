"""What every layer promises, asked of each one: shapes, configuration, gradients, training and use, models, engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pippin
from conformance.asking import counted, engine_or_skip
from pippin import layers, models
from pippin.engines.reference import ReferenceRunner
from pippin.layers import Layer
from pippin.naming import clear_names
from pippin.primitives import Spec
from pippin.program import Trace
from pippin.transforms import gradients, simplify

ROWS, PICTURES, SEQUENCES, VOLUMES = (4, 6), (3, 6, 5, 2), (3, 4, 5), (2, 3, 4, 4, 2)
COLOURS = (3, 4, 3, 3)
Example = tuple[Callable[[], Layer], tuple[tuple[int, ...], ...]]

# For each layer a way to make it, and the shapes of its inputs, batch first.
EXAMPLES: dict[str, Example] = {
    "Activation": (lambda: layers.Activation("tanh"), (ROWS,)),
    "ActivityRegularization": (lambda: layers.ActivityRegularization(0.1, 0.2), (ROWS,)),
    "AdaptiveAveragePooling1D": (lambda: layers.AdaptiveAveragePooling1D(3), (SEQUENCES,)),
    "AdaptiveAveragePooling2D": (lambda: layers.AdaptiveAveragePooling2D(2), (PICTURES,)),
    "AdaptiveAveragePooling3D": (lambda: layers.AdaptiveAveragePooling3D(2), (VOLUMES,)),
    "AdaptiveMaxPooling1D": (lambda: layers.AdaptiveMaxPooling1D(3), (SEQUENCES,)),
    "AdaptiveMaxPooling2D": (lambda: layers.AdaptiveMaxPooling2D(2), (PICTURES,)),
    "AdaptiveMaxPooling3D": (lambda: layers.AdaptiveMaxPooling3D(2), (VOLUMES,)),
    "Add": (layers.Add, (ROWS, ROWS)),
    "AdditiveAttention": (layers.AdditiveAttention, (SEQUENCES, (3, 6, 5))),
    "AlphaDropout": (lambda: layers.AlphaDropout(0.4, seed=3), (ROWS,)),
    "Attention": (lambda: layers.Attention(use_scale=True), (SEQUENCES, (3, 6, 5))),
    "AutoContrast": (lambda: layers.AutoContrast((-2, 2)), (PICTURES,)),
    "Average": (layers.Average, (ROWS, ROWS, ROWS)),
    "AveragePooling1D": (lambda: layers.AveragePooling1D(2), (SEQUENCES,)),
    "AveragePooling2D": (lambda: layers.AveragePooling2D(2, padding="same"), (PICTURES,)),
    "AveragePooling3D": (lambda: layers.AveragePooling3D(2, padding="same"), (VOLUMES,)),
    "BatchNormalization": (layers.BatchNormalization, (PICTURES,)),
    "Bidirectional": (lambda: layers.Bidirectional(layers.LSTM(2, return_sequences=True)), (SEQUENCES,)),
    "CenterCrop": (lambda: layers.CenterCrop(3, 7), (PICTURES,)),
    "Concatenate": (layers.Concatenate, (ROWS, (4, 2))),
    "Conv1D": (lambda: layers.Conv1D(4, 3, padding="causal", dilation_rate=2), (SEQUENCES,)),
    "Conv1DTranspose": (lambda: layers.Conv1DTranspose(2, 3, strides=2), (SEQUENCES,)),
    "Conv2D": (lambda: layers.Conv2D(3, (2, 3), strides=(1, 2), padding="same", activation="tanh"), (PICTURES,)),
    "Conv2DTranspose": (lambda: layers.Conv2DTranspose(3, 3, strides=2, padding="same"), (PICTURES,)),
    "Conv3D": (lambda: layers.Conv3D(2, 2, padding="same"), (VOLUMES,)),
    "Conv3DTranspose": (lambda: layers.Conv3DTranspose(2, 2, strides=2), (VOLUMES,)),
    "CutMix": (lambda: layers.CutMix(seed=3), (PICTURES,)),
    "Cropping1D": (lambda: layers.Cropping1D((0, 1)), (SEQUENCES,)),
    "Cropping2D": (lambda: layers.Cropping2D(1), (PICTURES,)),
    "Cropping3D": (layers.Cropping3D, ((2, 3, 4, 4, 2),)),
    "Dense": (lambda: layers.Dense(3, activation="sigmoid"), (ROWS,)),
    "DepthwiseConv1D": (lambda: layers.DepthwiseConv1D(3, padding="same"), (SEQUENCES,)),
    "DepthwiseConv2D": (lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2), (PICTURES,)),
    "Dot": (lambda: layers.Dot((2, 1)), (SEQUENCES, (3, 5, 2))),
    "Dropout": (lambda: layers.Dropout(0.4, seed=3), (ROWS,)),
    "ELU": (layers.ELU, (ROWS,)),
    "EinsumDense": (lambda: layers.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d"), (SEQUENCES,)),
    "Embedding": (lambda: layers.Embedding(7, 3), (ROWS,)),
    "Flatten": (layers.Flatten, (PICTURES,)),
    "GRU": (lambda: layers.GRU(3), (SEQUENCES,)),
    "GaussianDropout": (lambda: layers.GaussianDropout(0.4, seed=3), (ROWS,)),
    "GaussianNoise": (lambda: layers.GaussianNoise(0.4, seed=3), (ROWS,)),
    "GlobalAveragePooling1D": (layers.GlobalAveragePooling1D, (SEQUENCES,)),
    "GlobalAveragePooling2D": (layers.GlobalAveragePooling2D, (PICTURES,)),
    "GlobalAveragePooling3D": (layers.GlobalAveragePooling3D, (VOLUMES,)),
    "GlobalMaxPooling1D": (layers.GlobalMaxPooling1D, (SEQUENCES,)),
    "GlobalMaxPooling2D": (layers.GlobalMaxPooling2D, (PICTURES,)),
    "GlobalMaxPooling3D": (layers.GlobalMaxPooling3D, (VOLUMES,)),
    "GroupNormalization": (lambda: layers.GroupNormalization(2), (PICTURES,)),
    "Identity": (layers.Identity, (ROWS,)),
    "LSTM": (lambda: layers.LSTM(3, go_backwards=True), (SEQUENCES,)),
    "LayerNormalization": (layers.LayerNormalization, (SEQUENCES,)),
    "LeakyReLU": (layers.LeakyReLU, (ROWS,)),
    "Masking": (layers.Masking, (SEQUENCES,)),
    "MaxPooling1D": (lambda: layers.MaxPooling1D(2, padding="same"), (SEQUENCES,)),
    "MaxPooling2D": (lambda: layers.MaxPooling2D(2), (PICTURES,)),
    "MaxPooling3D": (lambda: layers.MaxPooling3D(2, padding="same"), (VOLUMES,)),
    "Maximum": (layers.Maximum, (ROWS, ROWS)),
    "Minimum": (layers.Minimum, (ROWS, ROWS)),
    "MixUp": (lambda: layers.MixUp(0.4, seed=3), (PICTURES,)),
    "Multiply": (layers.Multiply, (ROWS, ROWS)),
    "PReLU": (lambda: layers.PReLU("random_normal"), (ROWS,)),
    "Permute": (lambda: layers.Permute((2, 1)), (SEQUENCES,)),
    "RMSNormalization": (layers.RMSNormalization, (SEQUENCES,)),
    "RNN": (lambda: layers.RNN([layers.GRUCell(3, reset_after=False), layers.LSTMCell(2)]), (SEQUENCES,)),
    "RandomBrightness": (lambda: layers.RandomBrightness(0.1, (-5, 5), seed=3), (PICTURES,)),
    "RandomColorDegeneration": (lambda: layers.RandomColorDegeneration(0.5, (-5, 5), seed=3), (COLOURS,)),
    "RandomColorJitter": (lambda: layers.RandomColorJitter((-5, 5), 0.1, 0.2, seed=3), (COLOURS,)),
    "RandomContrast": (lambda: layers.RandomContrast((0.3, 0.3), (-5, 5), seed=3), (PICTURES,)),
    "RandomElasticTransform": (lambda: layers.RandomElasticTransform(value_range=(-5, 5), seed=3), (PICTURES,)),
    "RandomErasing": (lambda: layers.RandomErasing(1.0, 0.5, value_range=(-5, 5), seed=3), (PICTURES,)),
    "RandomFlip": (lambda: layers.RandomFlip(seed=3), (PICTURES,)),
    "RandomGaussianBlur": (lambda: layers.RandomGaussianBlur(value_range=(-5, 5), seed=3), (PICTURES,)),
    "RandomGrayscale": (lambda: layers.RandomGrayscale(0.5, seed=4), (COLOURS,)),
    "RandomHue": (lambda: layers.RandomHue(0.5, (-5, 5), seed=3), (COLOURS,)),
    "RandomInvert": (lambda: layers.RandomInvert((0.5, 0.5), (-5, 5), seed=3), (PICTURES,)),
    "RandomPerspective": (lambda: layers.RandomPerspective(scale=0.3, seed=3), (PICTURES,)),
    "RandomRotation": (lambda: layers.RandomRotation(0.2, seed=3), (PICTURES,)),
    "RandomSaturation": (lambda: layers.RandomSaturation((0.4, 0.6), (0, 1), seed=3), (COLOURS,)),
    "RandomSharpness": (lambda: layers.RandomSharpness(0.5, (-5, 5), seed=3), (PICTURES,)),
    "RandomShear": (lambda: layers.RandomShear(0.3, 0.2, seed=3), (PICTURES,)),
    "RandomTranslation": (lambda: layers.RandomTranslation(0.3, 0.3, fill_mode="constant", seed=3), (PICTURES,)),
    "RandomZoom": (lambda: layers.RandomZoom(0.3, 0.2, fill_mode="nearest", seed=3), (PICTURES,)),
    "Normalization": (lambda: layers.Normalization(mean=[1.0, 2.0], variance=[4.0, 0.5]), (PICTURES,)),
    "ReLU": (lambda: layers.ReLU(1.0, 0.1), (ROWS,)),
    "RepeatVector": (lambda: layers.RepeatVector(3), (ROWS,)),
    "Rescaling": (lambda: layers.Rescaling(0.3, 1.0), (PICTURES,)),
    "Reshape": (lambda: layers.Reshape((-1, 3)), (ROWS,)),
    "Resizing": (lambda: layers.Resizing(4, 7, "bicubic"), (PICTURES,)),
    "ReversibleEmbedding": (lambda: layers.ReversibleEmbedding(7, 3, tie_weights=False), (ROWS,)),
    "STFTSpectrogram": (lambda: layers.STFTSpectrogram("psd", 4, 2), (SEQUENCES,)),
    "SeparableConv1D": (lambda: layers.SeparableConv1D(3, 2), (SEQUENCES,)),
    "SeparableConv2D": (lambda: layers.SeparableConv2D(3, 3, padding="same"), (PICTURES,)),
    "SimpleRNN": (lambda: layers.SimpleRNN(3, return_sequences=True), (SEQUENCES,)),
    "Softmax": (layers.Softmax, (ROWS,)),
    "SpatialDropout1D": (lambda: layers.SpatialDropout1D(0.4, seed=3), (SEQUENCES,)),
    "SpatialDropout2D": (lambda: layers.SpatialDropout2D(0.4, seed=3), (PICTURES,)),
    "SpatialDropout3D": (lambda: layers.SpatialDropout3D(0.4, seed=3), (VOLUMES,)),
    "Subtract": (layers.Subtract, (ROWS, ROWS)),
    "TimeDistributed": (lambda: layers.TimeDistributed(layers.Dense(2, activation="tanh")), (SEQUENCES,)),
    "UnitNormalization": (layers.UnitNormalization, (SEQUENCES,)),
    "UpSampling1D": (layers.UpSampling1D, (SEQUENCES,)),
    "UpSampling2D": (lambda: layers.UpSampling2D((2, 3), interpolation="bilinear"), (PICTURES,)),
    "UpSampling3D": (layers.UpSampling3D, (VOLUMES,)),
    "ZeroPadding1D": (layers.ZeroPadding1D, (SEQUENCES,)),
    "ZeroPadding2D": (lambda: layers.ZeroPadding2D(((1, 0), (0, 2))), (PICTURES,)),
    "ZeroPadding3D": (layers.ZeroPadding3D, (VOLUMES,)),
}
CHANGES_IN_TRAINING = {
    name
    for name in EXAMPLES
    if name.startswith(("Random", "CutMix", "MixUp", "BatchNorm", "GaussianNoise")) or "Dropout" in name
}
NAMES = sorted(EXAMPLES)


def inputs_of(shapes: tuple[tuple[int, ...], ...]) -> list[np.ndarray]:
    """Numbers that are apart from each other and from 0, where kinks have no derivative."""
    stream = np.random.RandomState(5)
    return [(stream.permutation(int(np.prod(s))) * 0.02 - 0.37).reshape(s).astype(np.float32) for s in shapes]


def made(name: str) -> tuple[Layer, list[np.ndarray], Any]:
    """The layer, its inputs, and what it is called with: one array, or a list."""
    pippin.random.set_random_seed(1)
    make, shapes = EXAMPLES[name]
    arrays = inputs_of(shapes)
    return make(), arrays, arrays[0] if len(arrays) == 1 else arrays


def keywords_of(name: str, training: bool) -> dict[str, bool]:
    return {"training": training} if name in CHANGES_IN_TRAINING else {}


def test_every_layer_has_an_example() -> None:
    listed = {name: getattr(layers, name) for name in layers.__all__}
    kinds = {thing.__name__ for thing in listed.values() if isinstance(thing, type) and issubclass(thing, Layer)}
    outside = {"CategoryEncoding", "IntegerLookup", "StringLookup", "TextVectorization", "Hashing", "HashedCrossing"}
    # Functions for arguments, another size in training, weights that a call changes: tests/layers.
    apart = {"Discretization", "Lambda", "RandomCrop", "RandomPosterization", "Solarization", "SpectralNormalization"}
    # Steps and choices, which have no derivative to compare: tests/layers/test_augmenting.py.
    apart |= {"AugMix", "ContrastLimitedAdaptiveHistogramEqualization", "Equalization", "MaxNumBoundingBoxes"}
    apart |= {"MelSpectrogram", "Pipeline", "RandAugment"}
    in_others = outside | apart | {"Wrapper", "StackedRNNCells", "SimpleRNNCell", "LSTMCell", "GRUCell"}
    in_others |= {"MultiHeadAttention", "GroupedQueryAttention"}  # their inputs are arguments of their own
    assert kinds - {"Layer", "InputLayer"} - in_others == set(EXAMPLES)


@pytest.mark.parametrize("name", NAMES)
def test_the_result_has_the_shape_that_was_foretold(name: str) -> None:
    layer, arrays, given = made(name)
    result = layer(given, **keywords_of(name, True))
    shapes = [(None, *array.shape[1:]) for array in arrays]
    foretold = layer.compute_output_shape(shapes[0] if len(shapes) == 1 else shapes)
    assert (None, *result.shape[1:]) == foretold
    assert result.dtype == np.float32


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_is_made_again_from_its_configuration(name: str) -> None:
    layer, _, given = made(name)
    result = layer(given, **keywords_of(name, False))
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    again(given, **keywords_of(name, False))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(given, **keywords_of(name, False)), result)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_central_differences(name: str, training: bool) -> None:
    layer, arrays, given = made(name)
    layer(given, **keywords_of(name, training))
    trace = Trace("gradients")
    with trace.active():
        symbols = [trace.input(f"x{number}", Spec(array.shape)) for number, array in enumerate(arrays)]
        result = layer(symbols[0] if len(symbols) == 1 else symbols, **keywords_of(name, training))
        total = counted(trace, result)
        learned = [trace.read(variable) for variable in layer.trainable_weights]
        for number, slope in enumerate(gradients(total, [*symbols, *learned])):
            trace.output(f"slope{number}", slope)
        trace.output("total", total)
    runner = ReferenceRunner(simplify(trace.program()), np.float64)
    places = [f"x{number}" for number in range(len(symbols))]
    places += [next(key for key, v in trace.variables.items() if v is w) for w in layer.trainable_weights]
    inputs: dict[str, np.ndarray] = {f"x{number}": array.astype(np.float64) for number, array in enumerate(arrays)}
    kept = {key: variable.value for key, variable in trace.variables.items()}
    states = {key: value.astype(np.float64) if value.dtype.kind == "f" else value for key, value in kept.items()}

    def run() -> dict[str, np.ndarray]:
        return runner(inputs, {key: value.copy() for key, value in states.items()})

    slopes = run()
    for number, place in enumerate(places):
        array = inputs[place] if place in inputs else states[place]
        for spot in list(np.ndindex(array.shape))[:: max(1, array.size // 7)]:
            before = array[spot]
            array[spot] = before + 1e-6
            above = run()["total"]
            array[spot] = before - 1e-6
            below = run()["total"]
            array[spot] = before
            expected = (above - below) / 2e-6
            assert slopes[f"slope{number}"][spot] == pytest.approx(expected, rel=1e-5, abs=1e-7), (place, spot)


@pytest.mark.parametrize("name", NAMES)
def test_only_layers_that_say_so_behave_differently_in_training(name: str) -> None:
    layer, _, given = made(name)
    resting = layer(given, training=False)
    training = layer(given, training=True)
    assert np.array_equal(resting, training) == (name not in CHANGES_IN_TRAINING)
    if name in CHANGES_IN_TRAINING - {"BatchNormalization"}:
        np.testing.assert_array_equal(resting, given)


@pytest.mark.parametrize("name", NAMES)
def test_models_give_what_the_layer_gives_alone(name: str) -> None:
    layer, arrays, given = made(name)
    alone = layer(given, training=False)
    tensors = [layers.Input(array.shape[1:]) for array in arrays]
    whole = models.Model(
        tensors if len(tensors) > 1 else tensors[0], layer(tensors if len(tensors) > 1 else tensors[0])
    )
    np.testing.assert_allclose(whole.predict(given, verbose=0), alone, rtol=1e-6, atol=1e-7)
    assert whole.output_shape == (None, *alone.shape[1:])
    if len(arrays) == 1:
        stacked = models.Sequential([layers.Input(arrays[0].shape[1:]), layer])
        np.testing.assert_allclose(stacked.predict(given, verbose=0), alone, rtol=1e-6, atol=1e-7)
        assert [v.shape for v in stacked.weights] == [v.shape for v in layer.weights]


def trained(name: str) -> list[np.ndarray]:
    """The weights of a small model around the layer after one step of training."""
    clear_names()
    layer, arrays, given = made(name)
    tensors = [layers.Input(array.shape[1:]) for array in arrays]
    # A layer in front has weights, so that the gradient must pass through the one that is tried.
    fronts: Any = [layers.PReLU("ones")(tensor) for tensor in tensors]
    flat = layers.Flatten()(layer(fronts if len(fronts) > 1 else fronts[0]))
    model = models.Model(tensors if len(tensors) > 1 else tensors[0], layers.Dense(2)(flat))
    model.compile(optimizer=pippin.optimizers.SGD(0.1), loss="mse")
    model.train_on_batch(given, np.ones((len(arrays[0]), 2), np.float32))
    return model.get_weights()


@pytest.mark.filterwarnings("ignore:Flatten.*does not support masks")  # as in Keras
@pytest.mark.parametrize("engine", ["native", pytest.param("jax", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", NAMES)
def test_a_step_of_training_is_the_same_on_every_engine(name: str, engine: str) -> None:
    engine_or_skip(engine)
    with pippin.config.engine("reference"):
        expected = trained(name)
    with pippin.config.engine(engine):
        found = trained(name)
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-6)
