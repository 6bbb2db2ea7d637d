"""`tf.config`: settings that scripts make, without effect here, and what they ask of the machine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

_CPU = SimpleNamespace(name="/physical_device:CPU:0", device_type="CPU")


def list_physical_devices(device_type: str | None = None) -> list[Any]:
    """The processor; no GPU, because Pippin's engines for this machine compute on the processor."""
    return [_CPU] if device_type in (None, "CPU") else []


def list_logical_devices(device_type: str | None = None) -> list[Any]:
    """The processor."""
    return list_physical_devices(device_type)


def get_visible_devices(device_type: str | None = None) -> list[Any]:
    """The processor."""
    return list_physical_devices(device_type)


def _nothing_to_set(*arguments: Any, **keywords: Any) -> None:
    """A setting of TensorFlow's that has no counterpart: taken, and without effect."""


# Memory is taken as it is needed; every run is deterministic; every step is compiled.
set_memory_growth = set_visible_devices = set_logical_device_configuration = _nothing_to_set
enable_op_determinism = run_functions_eagerly = set_soft_device_placement = set_jit = _nothing_to_set
set_inter_op_parallelism_threads = set_intra_op_parallelism_threads = _nothing_to_set
