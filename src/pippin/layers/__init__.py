"""Keras's layers. Each family in its file; this one lists them, and finds them again by their configuration."""

from typing import Any

from pippin.layers.activation import ELU, LeakyReLU, PReLU, ReLU, Softmax
from pippin.layers.cells import StackedRNNCells
from pippin.layers.convolution import Conv2D
from pippin.layers.core import Activation, Dense, Identity, Input, InputLayer
from pippin.layers.embedding import Embedding, Masking
from pippin.layers.framing import RandomRotation, RandomTranslation, RandomZoom
from pippin.layers.gru import GRU, GRUCell
from pippin.layers.layer import Layer
from pippin.layers.lstm import LSTM, LSTMCell
from pippin.layers.merging import (
    Add,
    Average,
    Concatenate,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    maximum,
    minimum,
    multiply,
    subtract,
)
from pippin.layers.normalization import BatchNormalization
from pippin.layers.pooling import AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling2D, MaxPooling2D
from pippin.layers.preprocessing import RandomBrightness, RandomContrast, RandomFlip, Rescaling
from pippin.layers.regularization import Dropout
from pippin.layers.reshaping import Flatten, Reshape
from pippin.layers.rnn import RNN
from pippin.layers.simple_rnn import SimpleRNN, SimpleRNNCell
from pippin.layers.wrappers import Bidirectional, TimeDistributed, Wrapper
from pippin.saving.named import from_description
from pippin.saving.serialize import serialize

# Keras's other names for the same layers.
Convolution2D = Conv2D
AvgPool2D, MaxPool2D = AveragePooling2D, MaxPooling2D
GlobalAvgPool2D, GlobalMaxPool2D = GlobalAveragePooling2D, GlobalMaxPooling2D

ALL: dict[str, type[Layer]] = {
    name: thing for name, thing in list(globals().items()) if isinstance(thing, type) and issubclass(thing, Layer)
}


def deserialize(config: dict[str, Any]) -> Any:
    """The layer that {"class_name": ..., "config": ...} describes."""
    return from_description("layer", config, ALL)


__all__ = [
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "Add",
    "Average",
    "AveragePooling2D",
    "AvgPool2D",
    "BatchNormalization",
    "Bidirectional",
    "Concatenate",
    "Conv2D",
    "Convolution2D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GlobalAveragePooling2D",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling2D",
    "Identity",
    "Input",
    "InputLayer",
    "LSTMCell",
    "Layer",
    "LeakyReLU",
    "Masking",
    "MaxPool2D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "Multiply",
    "PReLU",
    "RandomBrightness",
    "RandomContrast",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "Rescaling",
    "Reshape",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "StackedRNNCells",
    "Subtract",
    "TimeDistributed",
    "Wrapper",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]  # fmt: skip
