"""The glass box: any training step of any model, opened, with its own numbers, in plain words; and why it answers what
it does."""

from pippin.lazy import lazily

_HOMES = {
    "Explanation": "pippin.glass.explanation",
    "GradientCheck": "pippin.glass.check",
    "LayerView": "pippin.glass.layer",
    "NeuronView": "pippin.glass.neuron",
    "Pushes": "pippin.glass.pushes",
    "Recording": "pippin.glass.recording",
    "Step": "pippin.glass.one_step",
    "Watch": "pippin.diagnosis.watch",
    "WeightView": "pippin.glass.weight",
    "diagnose": "pippin.diagnosis.door",
    "find_learning_rate": "pippin.diagnosis.rates",
    "explain": "pippin.glass.explanation",
    "read": "pippin.glass.recording",
    "step": "pippin.glass.one_step",
}

__getattr__, __dir__ = lazily(__name__, _HOMES)
