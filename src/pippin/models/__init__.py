"""Keras's models: Sequential, functional, subclassed; how they are saved, loaded and cloned is looked up when it is
used."""

from pippin.layers.core import Input
from pippin.lazy import lazily
from pippin.models.functional import Functional
from pippin.models.model import Model
from pippin.models.sequential import Sequential

_HOMES = dict.fromkeys(("load_model", "model_from_json", "save_model"), "pippin.saving.models")
_HOMES["clone_model"] = "pippin.saving.cloning"

__getattr__, _ = lazily(__name__, _HOMES)
__all__ = ["Functional", "Input", "Model", "Sequential", *_HOMES]


def __dir__() -> list[str]:
    return __all__
