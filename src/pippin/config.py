"""Settings of the process: which engine runs, Keras's backend words."""

from __future__ import annotations

from typing import Any

from pippin.dtype_policies import dtype_policy, say_float32, set_dtype_policy
from pippin.engines import current_engine, engine, engine_names, set_engine
from pippin.errors import SettingError

__all__ = [
    "backend", "current_engine", "disable_flash_attention", "dtype_policy", "enable_flash_attention", "engine",
    "engine_names", "epsilon", "floatx", "image_data_format", "is_flash_attention_enabled", "set_dtype_policy",
    "set_engine", "set_epsilon", "set_floatx", "set_image_data_format", "set_threads",
]  # fmt: skip


def set_threads(count: int) -> None:
    """Compute with so many threads, on the native engine. Any number of them gives the same results, bit for bit."""
    from pippin.engines.native import _native

    if isinstance(count, bool) or not hasattr(count, "__index__") or count < 1:
        raise SettingError(f"set_threads: expected a whole number of 1 or more, received {count!r}.")
    if _native is not None:
        _native.set_threads(int(count))


def backend() -> str:
    """The name of what computes. Programs that ask are told apart by it, so under `pippin run`, where they ask for
    TensorFlow's, it is "tensorflow"."""
    return backend_name


backend_name = "pippin"


def floatx() -> str:
    """The type of weights and activations: always float32."""
    return "float32"


def set_floatx(value: str) -> None:
    """Ask for another type of floats. There is one, float32: others are computed in it, which is said once."""
    if value not in ("bfloat16", "float16", "float32", "float64"):
        raise SettingError(f"Unknown `floatx` value: {value}. Expected one of bfloat16, float16, float32, float64.")
    if value != "float32":
        say_float32(value)


_settings: dict[str, Any] = {"epsilon": 1e-7, "image_data_format": "channels_last"}


def epsilon() -> float:
    """The small number that keeps divisions and logarithms safe."""
    return float(_settings["epsilon"])


def set_epsilon(value: float) -> None:
    """Another small number for `epsilon`."""
    _settings["epsilon"] = float(value)


def image_data_format() -> str:
    """Where the channels of a picture stand, for layers that don't say so themselves."""
    return str(_settings["image_data_format"])


def set_image_data_format(data_format: str) -> None:
    """Where the channels of a picture stand from now on: "channels_last" or "channels_first"."""
    if str(data_format).lower() not in ("channels_first", "channels_last"):
        raise SettingError(
            "The `data_format` argument must be one of {'channels_first', 'channels_last'}. "
            f"Received: {data_format!r}."
        )
    _settings["image_data_format"] = str(data_format).lower()


_flash = [True]


def enable_flash_attention() -> None:
    """Let attention be computed without keeping all scores, where an engine can. It is the same result."""
    _flash[0] = True


def disable_flash_attention() -> None:
    """Let attention be computed plainly."""
    _flash[0] = False


def is_flash_attention_enabled() -> bool:
    """What was asked for last."""
    return _flash[0]
