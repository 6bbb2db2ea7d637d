"""Settings of the process: which engine runs, Keras's backend words."""

from __future__ import annotations

from pippin.engines import current_engine, engine, engine_names, set_engine

__all__ = ["current_engine", "engine", "engine_names", "epsilon", "floatx", "image_data_format", "set_engine"]


def floatx() -> str:
    """The type of weights and activations: always float32."""
    return "float32"


def epsilon() -> float:
    """The small number that keeps divisions and logarithms safe."""
    return 1e-7


def image_data_format() -> str:
    """Where the channels of a picture stand: always last."""
    return "channels_last"
