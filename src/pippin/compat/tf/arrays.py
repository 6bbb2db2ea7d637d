"""TensorFlow's types and functions of arrays. They are those of `pippin.ops`, so losses may use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class DType(str):
    """The name of a type of numbers, which NumPy and Pippin take as it is: tf.float32 == "float32"."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return str(self)

    @property
    def as_numpy_dtype(self) -> type:
        return np.dtype(str(self)).type


_DTYPES = (
    "bool",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "string",
)

_FUNCTIONS = """
abs abs x
add add x y
concat concatenate values axis
divide divide x y
equal equal x y
exp exp x
expand_dims expand_dims input axis
greater greater x y
less less x y
log log x
matmul matmul a b
maximum maximum x y
minimum minimum x y
multiply multiply x y
negative negative x
not_equal not_equal x y
one_hot one_hot indices depth
ones ones shape dtype
ones_like ones_like input dtype
pow power x y
reduce_max max input_tensor axis keepdims
reduce_mean mean input_tensor axis keepdims
reduce_min min input_tensor axis keepdims
reduce_prod prod input_tensor axis keepdims
reduce_std std input_tensor axis keepdims
reduce_sum sum input_tensor axis keepdims
reshape reshape tensor shape
round round x
shape shape input
sigmoid sigmoid x
sign sign x
sqrt sqrt x
square square x
squeeze squeeze input axis
stack stack values axis
subtract subtract x y
tanh tanh x
transpose transpose a perm
where where condition x y
zeros zeros shape dtype
zeros_like zeros_like input dtype
"""
"""TensorFlow's name, the function of pippin.ops, TensorFlow's names for its arguments."""


def _function(name: str, operation: str, *arguments: str) -> Callable[..., Any]:
    """A function of pippin.ops under TensorFlow's name, which takes TensorFlow's names for its arguments."""

    def call(*given: Any, name: str | None = None, **named: Any) -> Any:
        from pippin import ops

        values = dict(zip(arguments, given, strict=False)) | named
        if (
            len(given) > len(arguments)
            or not set(values) <= set(arguments)
            or len(values) < len(given) + len(named)
        ):
            raise TypeError(
                f"tf.{call.__name__}: expected the arguments {', '.join(arguments)}, received {given, named}."
            )
        wanted = max((arguments.index(word) + 1 for word in values), default=0)
        return getattr(ops, operation)(*(values.get(word) for word in arguments[:wanted]))

    call.__name__ = name
    return call


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> np.ndarray:
    """An array; Python's numbers become 32-bit ones, as in TensorFlow."""
    array = np.asarray(value, dtype)
    if dtype is None and not isinstance(value, (np.ndarray, np.generic)):
        array = array.astype({"float64": "float32", "int64": "int32"}.get(array.dtype.name, array.dtype))
    return array if shape is None else np.broadcast_to(array, shape).copy()


def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None) -> Any:
    """`value` as an array; symbols stay what they are."""
    from pippin.ops.operation import is_symbolic
    from pippin.ops.tensor import has_keras_tensor

    if is_symbolic(value) or has_keras_tensor(value):
        return value if dtype is None else cast(value, dtype)
    return constant(value, dtype)


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """The same numbers in another type."""
    from pippin import ops
    from pippin.ops.operation import is_symbolic
    from pippin.ops.tensor import has_keras_tensor

    return ops.cast(x, str(dtype)) if is_symbolic(x) or has_keras_tensor(x) else np.asarray(x).astype(dtype)


def argmax(input: Any, axis: int | None = None, output_type: Any = "int64", name: str | None = None) -> Any:
    """The place of the greatest number along an axis, by default the first."""
    from pippin import ops

    return cast(ops.argmax(input, 0 if axis is None else axis), output_type)


def range_(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = None
) -> np.ndarray:
    """start, start + delta, ... up to and without limit."""
    return constant(
        (np.arange(start, step=delta) if limit is None else np.arange(start, limit, delta)).tolist(), dtype
    )


PUBLIC: dict[str, Any] = (
    {line.split()[0]: _function(*line.split()) for line in _FUNCTIONS.strip().splitlines()}
    | {name: DType(name) for name in _DTYPES}
    | {
        "Tensor": np.ndarray,
        "argmax": argmax,
        "cast": cast,
        "constant": constant,
        "newaxis": None,
        "range": range_,
    }
    | {"convert_to_tensor": convert_to_tensor}
)
"""What `tf` offers of this, by name."""
