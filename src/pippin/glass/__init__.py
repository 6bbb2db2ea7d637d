"""The glass box: any training step of any model, opened, with its own numbers, in plain words."""

from pippin.lazy import lazily

_HOMES = {
    "GradientCheck": "pippin.glass.check",
    "LayerView": "pippin.glass.layer",
    "NeuronView": "pippin.glass.neuron",
    "Pushes": "pippin.glass.pushes",
    "Step": "pippin.glass.one_step",
    "WeightView": "pippin.glass.weight",
    "step": "pippin.glass.one_step",
}

__getattr__, __dir__ = lazily(__name__, _HOMES)
