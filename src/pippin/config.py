"""Settings of the process: which engine runs, Keras's backend words."""

from __future__ import annotations

from pippin.engines import current_engine, engine, engine_names, set_engine
from pippin.errors import SettingError

__all__ = [
    "current_engine", "engine", "engine_names", "epsilon", "floatx", "image_data_format", "set_engine",
    "set_threads",
]  # fmt: skip


def set_threads(count: int) -> None:
    """Compute with so many threads, on the native engine. Any number of them gives the same results, bit for bit."""
    from pippin.engines.native import _native

    if isinstance(count, bool) or not hasattr(count, "__index__") or count < 1:
        raise SettingError(f"set_threads: expected a whole number of 1 or more, received {count!r}.")
    if _native is not None:
        _native.set_threads(int(count))


def floatx() -> str:
    """The type of weights and activations: always float32."""
    return "float32"


def epsilon() -> float:
    """The small number that keeps divisions and logarithms safe."""
    return 1e-7


def image_data_format() -> str:
    """Where the channels of a picture stand: always last."""
    return "channels_last"
