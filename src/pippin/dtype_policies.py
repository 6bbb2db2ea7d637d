"""Which type a layer keeps its weights in and which it computes in. Pippin computes in float32, so that a policy of
mixed precision is kept and written down, but changes nothing; other floats are said once to be computed in it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pippin.errors import SettingError
from pippin.saving.named import from_description

_WHOLE = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "string")
_OTHER_FLOATS = ("bfloat16", "float16", "float64")
_POLICIES = ("float32", "mixed_float16", "mixed_bfloat16", *_OTHER_FLOATS)
_COMPUTED_AS = dict.fromkeys(_POLICIES, "float32") | {whole: whole for whole in _WHOLE}


_said: set[str] = set()


def say_float32(wanted: str) -> None:
    """Say once for each type that was asked for that computing goes on in float32."""
    if wanted not in _said:
        _said.add(wanted)
        warnings.warn(f"{wanted}: Pippin computes in float32, and goes on in it.", stacklevel=3)


class DTypePolicy:
    """A name such as "float32" or "mixed_float16", and the types it stands for."""

    quantization_mode = None

    def __init__(self, name: str | None = None) -> None:
        wanted = dtype_policy().name if name is None else name
        if not isinstance(wanted, str):
            raise TypeError(f"DTypePolicy name: expected text such as 'float32', received {wanted!r}.")
        if wanted not in _COMPUTED_AS:
            raise SettingError(
                f"dtype: expected a type of floats (computed in float32) or of whole numbers, received {wanted!r}."
            )
        if wanted in _OTHER_FLOATS:
            say_float32(wanted)
        self.name: str = wanted

    @property
    def compute_dtype(self) -> str:
        """The type that inputs are brought to and results have."""
        return _COMPUTED_AS[self.name]

    @property
    def variable_dtype(self) -> str:
        """The type of weights."""
        return _COMPUTED_AS[self.name]

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


_present = [DTypePolicy("float32")]


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are given none."""
    return _present[0]


def set_dtype_policy(policy: Any) -> None:
    """Give all layers made from now on this policy, unless they are given one of their own."""
    _present[0] = get(policy)


def get(identifier: Any) -> DTypePolicy:
    """The policy for a name, a NumPy type, a description, a policy, or None."""
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    try:
        return DTypePolicy(np.dtype(identifier).name)
    except TypeError:
        raise SettingError(f"dtype: expected the name of a type or a policy, received {identifier!r}.") from None


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """The policy as plain data, in Keras's form."""
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": dtype_policy.get_config(),
        "registered_name": None,
    }


def deserialize(config: dict[str, Any], custom_objects: Any = None) -> DTypePolicy:
    """The policy that `serialize` described."""
    known = {"DTypePolicy": DTypePolicy, **(custom_objects or {})}
    return from_description("dtype policy", config, known)  # type: ignore[no-any-return]
