"""TensorFlow's functions of arrays: those of `pippin.ops`, under its names and with its names for their arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pippin import ops
from pippin.compat.tf.dtypes import as_text, is_text, kind_of
from pippin.errors import nearest
from pippin.ops.operation import is_symbolic
from pippin.ops.tensor import has_keras_tensor
from pippin.program import Variable
from pippin.program.eager import EagerTensor, as_eager

_FUNCTIONS = """
abs abs x
acos arccos x
add add x y
argmin argmin input axis
argsort argsort values axis
asin arcsin x
atan arctan x
atan2 arctan2 y x
broadcast_to broadcast_to input shape
ceil ceil x
clip_by_value clip t clip_value_min clip_value_max
concat concatenate values axis
cos cos x
cosh cosh x
divide divide x y
divide_no_nan divide_no_nan x y
equal equal x y
erf erf x
exp exp x
expand_dims expand_dims input axis
expm1 expm1 x
floor floor x
floordiv floor_divide x y
floormod mod x y
greater greater x y
greater_equal greater_equal x y
identity copy input
is_finite isfinite x
is_inf isinf x
is_nan isnan x
less less x y
less_equal less_equal x y
log log x
log1p log1p x
logical_and logical_and x y
logical_not logical_not x
logical_or logical_or x y
logical_xor logical_xor x y
maximum maximum x y
minimum minimum x y
mod mod x y
multiply multiply x y
negative negative x
not_equal not_equal x y
ones_like ones_like input dtype
pow power x y
reciprocal reciprocal x
reduce_all all input_tensor axis keepdims
reduce_any any input_tensor axis keepdims
reduce_logsumexp logsumexp input_tensor axis keepdims
reduce_max max input_tensor axis keepdims
reduce_mean mean input_tensor axis keepdims
reduce_min min input_tensor axis keepdims
reduce_prod prod input_tensor axis keepdims
reduce_std std input_tensor axis keepdims
reduce_sum sum input_tensor axis keepdims
reduce_variance var input_tensor axis keepdims
repeat repeat input repeats axis
reshape reshape tensor shape
reverse flip tensor axis
roll roll input shift axis
round round x
rsqrt rsqrt x
searchsorted searchsorted sorted_sequence values side
shape shape input
sigmoid sigmoid x
sign sign x
sin sin x
sinh sinh x
size size input
sqrt sqrt x
square square x
squeeze squeeze input axis
stack stack values axis
stop_gradient stop_gradient input
subtract subtract x y
tan tan x
tanh tanh x
tensordot tensordot a b axes
tile tile input multiples
top_k top_k input k
transpose transpose a perm
truediv true_divide x y
unstack unstack value num axis
zeros_like zeros_like input dtype
"""
"""TensorFlow's name, the function of pippin.ops, TensorFlow's names for its arguments."""


def _function(word: str, operation: str, *arguments: str) -> Callable[..., Any]:
    """A function of pippin.ops under TensorFlow's name, which takes TensorFlow's names for its arguments."""

    def call(*given: Any, name: str | None = None, **named: Any) -> Any:
        values = dict(zip(arguments, given, strict=False)) | named
        if len(given) > len(arguments) or not set(values) <= set(arguments) or len(values) < len(given) + len(named):
            strange = next(iter(set(named) - set(arguments)), "")
            raise TypeError(
                f"tf.{word}: expected the arguments {', '.join(arguments)}, received "
                f"{', '.join([*map(_short, given), *(f'{key}={_short(value)}' for key, value in named.items())])}."
                f"{nearest(strange, arguments)}"
            )
        if "dtype" in values and values["dtype"] is not None:
            values["dtype"] = kind_of(values["dtype"])
        wanted = max((arguments.index(argument) + 1 for argument in values), default=0)
        listed = [values.get(argument) for argument in arguments[:wanted]]
        if listed and is_text(listed[0]):
            return _of_texts(word, operation, listed)
        return getattr(ops, operation)(*listed)

    call.__name__ = word
    return call


def _short(value: Any) -> str:
    return f"{value!r:.40}"


_FOR_TEXTS = (
    *("concatenate", "copy", "equal", "expand_dims", "not_equal", "repeat", "reshape", "shape", "size", "squeeze"),
    *("stack", "tile"),
)


def _of_texts(word: str, operation: str, listed: list[Any]) -> Any:
    """Texts can be arranged and compared, and so are by NumPy."""
    if operation not in _FOR_TEXTS:
        raise TypeError(f"tf.{word}: expected numbers, received text ({_short(listed[0])}).")
    first = [as_text(part) for part in listed[0]] if isinstance(listed[0], (list, tuple)) else as_text(listed[0])
    rest = [as_text(part) if is_text(part) else part for part in listed[1:]]
    made = getattr(np, operation)(first, *rest)
    return made if isinstance(made, tuple) else as_eager(made)


def is_value(thing: Any) -> bool:
    """Whether something is a symbol or a tensor of the functional API, whose numbers are not there yet."""
    return is_symbolic(thing) or has_keras_tensor(thing)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """An array; Python's numbers become 32-bit ones, as in TensorFlow. A single number fills a shape."""
    if is_text(value):
        return as_eager(as_text(value))
    kind = None if dtype is None else kind_of(dtype)
    array = np.asarray(value.numpy() if isinstance(value, Variable) else value, kind)
    if kind is None and not isinstance(value, (np.ndarray, np.generic)):
        array = array.astype({"float64": "float32", "int64": "int32"}.get(array.dtype.name, array.dtype))
    if shape is not None:
        array = np.full(shape, array.item(), array.dtype) if array.size == 1 else array.reshape(shape)
    return as_eager(array)


def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None) -> Any:
    """`value` as an array; symbols stay what they are."""
    if is_value(value):
        return ops.stack(value) if isinstance(value, (list, tuple)) else value if dtype is None else cast(value, dtype)
    return value if isinstance(value, EagerTensor) and dtype is None else constant(value, dtype)


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """The same numbers in another type."""
    kind = kind_of(dtype)
    if (
        is_value(x)
        or isinstance(x, Variable)
        or (isinstance(x, np.ndarray) and "float" in kind and x.dtype.kind == "f")
    ):
        return ops.cast(x, kind)
    array = np.asarray(x)
    return as_eager(array if kind == "string" else array.astype(kind))


def argmax(input: Any, axis: int | None = None, output_type: Any = "int64", name: str | None = None) -> Any:
    """The place of the greatest number along an axis, by default the first."""
    return cast(ops.argmax(input, 0 if axis is None else axis), output_type)


def range_(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = None) -> Any:
    """start, start + delta, ... up to and without limit."""
    start, limit, delta = (None if one is None else np.asarray(one).item() for one in (start, limit, delta))
    return constant((np.arange(0, start, delta) if limit is None else np.arange(start, limit, delta)).tolist(), dtype)


def zeros(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """An array of zeros."""
    return fill(shape, 0, dtype)


def ones(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """An array of ones."""
    return fill(shape, 1, dtype)


def fill(dims: Any, value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """An array of one number."""
    if is_value(value):
        return ops.broadcast_to(value, tuple(dims))
    return as_eager(
        np.full(np.asarray(dims, int), np.asarray(constant(value, dtype)).item(), constant(value, dtype).dtype)
    )


def eye(num_rows: int, num_columns: int | None = None, dtype: Any = "float32", name: str | None = None) -> Any:
    """Ones on the diagonal, zeros elsewhere."""
    return as_eager(np.eye(num_rows, num_columns, dtype=kind_of(dtype)))


def linspace(start: Any, stop: Any, num: int, name: str | None = None, axis: int = 0) -> Any:
    """`num` numbers at equal distances, both ends among them."""
    return constant(np.linspace(start, stop, int(num), axis=axis).tolist())


def one_hot(
    indices: Any, depth: int, on_value: Any = 1.0, off_value: Any = 0.0, axis: int = -1, dtype: Any = "float32",
    name: str | None = None,
) -> Any:  # fmt: skip
    """Rows of zeros with a one at the place of each class."""
    hot = ops.one_hot(indices, int(depth), axis=-1 if axis is None else axis)
    if (on_value, off_value) not in ((1.0, 0.0), (None, None)):
        hot = hot * (on_value - off_value) + off_value
    return cast(hot, dtype or "float32")


def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
    adjoint_b: bool = False, name: str | None = None, **unused: Any,
) -> Any:  # fmt: skip
    """The matrix product over the last two axes."""
    return ops.matmul(_turned(a) if transpose_a or adjoint_a else a, _turned(b) if transpose_b or adjoint_b else b)


def _turned(x: Any) -> Any:
    return ops.swapaxes(x, -1, -2)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """x where the condition holds, y elsewhere; without them the places (count, axes) where it holds."""
    if x is None:
        return as_eager(np.argwhere(np.asarray(condition)))
    return ops.where(condition, x, y)


def gather(
    params: Any, indices: Any, validate_indices: Any = None, axis: int | None = None, batch_dims: int = 0,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The rows (or whatever `axis` holds) at these places; with `batch_dims` each example has places of its own."""
    if is_text(params):
        return as_eager(np.take(as_text(params), np.asarray(indices), axis or 0))
    if batch_dims:
        return ops.take_along_axis(params, indices, batch_dims if axis is None else axis)
    return ops.take(params, indices, axis=0 if axis is None else axis)


def split(value: Any, num_or_size_splits: Any, axis: int = 0, num: Any = None, name: str | None = None) -> Any:
    """Parts of equal size (a number of them), or of these sizes."""
    if isinstance(num_or_size_splits, (int, np.integer)):
        return ops.split(value, int(num_or_size_splits), axis)
    return ops.split(value, np.cumsum(num_or_size_splits)[:-1].tolist(), axis)


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None) -> Any:
    """More places before and behind, on each axis."""
    widths = np.asarray(paddings).tolist()
    return ops.pad(
        tensor, widths, mode.lower(), **({"constant_values": constant_values} if mode.lower() == "constant" else {})
    )


def add_n(inputs: Any, name: str | None = None) -> Any:
    """The sum of several arrays."""
    first, *others = inputs
    for one in others:
        first = ops.add(first, one)
    return first


def rank(input: Any, name: str | None = None) -> int:
    """How many axes there are."""
    return len(np.shape(input) if isinstance(input, (list, tuple, int, float)) else input.shape)


def boolean_mask(tensor: Any, mask: Any, axis: int | None = None, name: str | None = None) -> Any:
    """The rows for which the mask is true; of arrays, because how many there are depends on the numbers."""
    return as_eager(
        np.asarray(tensor)[np.asarray(mask, bool)] if not axis else np.compress(np.asarray(mask, bool), tensor, axis)
    )


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    """In order of size."""
    found = ops.sort(values, axis)
    return found if direction == "ASCENDING" else ops.flip(found, axis)


def unique(x: Any, out_idx: Any = "int32", name: str | None = None) -> tuple[Any, Any]:
    """Each value once, in the order of first appearance, and for each entry the place of its value there."""
    values, first, places = np.unique(np.asarray(constant(x)), return_index=True, return_inverse=True)
    order = np.argsort(first)
    renumbered = np.empty_like(order)
    renumbered[order] = np.arange(len(order))
    return as_eager(values[order]), as_eager(renumbered[places.reshape(-1)].astype(kind_of(out_idx)))


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> list[Any]:
    """Grids of coordinates."""
    return [as_eager(grid) for grid in np.meshgrid(*map(constant, args), indexing="ij" if indexing == "ij" else "xy")]


def einsum(equation: str, *inputs: Any, **unused: Any) -> Any:
    """Sums of products, in Einstein's notation."""
    return ops.einsum(equation, *inputs)


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The length of vectors: euclidean, 1 (sum of sizes) or infinity (largest size)."""
    if ord in ("euclidean", "fro", 2):
        return ops.sqrt(ops.sum(ops.square(tensor), axis, keepdims))
    if ord == 1:
        return ops.sum(ops.abs(tensor), axis, keepdims)
    if ord in (np.inf, float("inf")):
        return ops.max(ops.abs(tensor), axis, keepdims)
    raise ValueError(f"tf.norm: expected ord 'euclidean', 1, 2 or inf, received {ord!r}.")


def clip_by_norm(t: Any, clip_norm: float, axes: Any = None, name: str | None = None) -> Any:
    """The same direction, at most this long."""
    length = norm(t, axis=axes, keepdims=axes is not None)
    return ops.multiply(t, clip_norm / ops.maximum(length, clip_norm))


def global_norm(t_list: Any, name: str | None = None) -> Any:
    """The length of all arrays as one vector."""
    return ops.sqrt(add_n([ops.sum(ops.square(one)) for one in t_list if one is not None]))


def clip_by_global_norm(
    t_list: Any, clip_norm: float, use_norm: Any = None, name: str | None = None
) -> tuple[list[Any], Any]:
    """All arrays made shorter by one factor, so that together they are at most this long; and how long they were."""
    length = global_norm(t_list) if use_norm is None else use_norm
    scale = clip_norm / ops.maximum(length, clip_norm)
    return [None if one is None else ops.multiply(one, scale) for one in t_list], length


def confusion_matrix(labels: Any, predictions: Any, num_classes: int | None = None, weights: Any = None,
                     dtype: Any = "int32", name: str | None = None) -> Any:  # fmt: skip
    """How often each class (rows) was taken for each class (columns)."""
    truth, found = np.asarray(labels).reshape(-1).astype(int), np.asarray(predictions).reshape(-1).astype(int)
    classes = max(truth.max(initial=-1), found.max(initial=-1)) + 1 if num_classes is None else int(num_classes)
    counts = np.zeros((classes, classes), kind_of(dtype))
    np.add.at(counts, (truth, found), 1 if weights is None else np.asarray(weights).reshape(-1))
    return as_eager(counts)


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None) -> Any:
    """Vectors of length 1 along an axis."""
    return ops.multiply(x, ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis, True), epsilon)))


def map_fn(fn: Callable[..., Any], elems: Any, dtype: Any = None, **unused: Any) -> Any:
    """`fn` of each row, put together."""
    rows = zip(*elems, strict=True) if isinstance(elems, tuple) else elems
    return ops.stack([fn(row) for row in rows])


def while_loop(cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, **unused: Any) -> Any:
    """`body` again and again, as long as `cond` holds."""
    return ops.while_loop(cond, body, loop_vars)


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any], name: str | None = None) -> Any:
    """What one of two functions gives."""
    if not is_symbolic(pred):
        return true_fn() if np.asarray(pred) else false_fn()
    return ops.where(pred, true_fn(), false_fn())


_DEFINED: tuple[Callable[..., Any], ...] = (
    add_n, argmax, boolean_mask, cast, clip_by_global_norm, clip_by_norm, cond, confusion_matrix, constant,
    convert_to_tensor, einsum, eye, fill, gather, global_norm, l2_normalize, linspace, map_fn, matmul, meshgrid, norm,
    one_hot, ones, pad, rank, sort, split, unique, where, while_loop, zeros,
)  # fmt: skip

PUBLIC: dict[str, Any] = (
    {
        line.split()[0]: _function(*line.split())
        for line in _FUNCTIONS.strip().splitlines()
        if line.split()[1] in dir(ops)
    }
    | {function.__name__: function for function in _DEFINED}
    | {"newaxis": None, "range": range_}
)
"""What `tf` and `tf.math` offer of this, by name."""
