"""The symbolic tensors of the functional API: each use of an operation on them becomes a node of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from pippin.errors import SettingError
from pippin.ops.dtypes import as_made, as_operands, standardize_dtype
from pippin.ops.types import program_type
from pippin.primitives import Spec
from pippin.program import Symbol, Trace
from pippin.tree import flatten, map_structure

Shape = tuple[int | None, ...]


class KerasTensor:
    """A tensor of the functional API: a shape (None for the batch), a type, and the operation that makes it."""

    __array_ufunc__ = None
    sparse = ragged = False

    def __init__(
        self,
        shape: Shape,
        dtype: str = "float32",
        name: str | None = None,
        node: Node | None = None,
        index: int = 0,
        sparse: bool = False,
        ragged: bool = False,
    ) -> None:
        if sparse or ragged:
            raise SettingError("KerasTensor: expected a dense tensor, received sparse=True or ragged=True.")
        self.shape = tuple(shape)
        self.dtype = dtype
        self.name = name or "keras_tensor"
        self.node = node
        self.index = index
        self._keras_mask: KerasTensor | None = None

    @property
    def ndim(self) -> int:
        return len(self.shape)

    rank = ndim

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, sparse=False, ragged=False, name={self.name}>"

    def __bool__(self) -> bool:
        raise TypeError(
            "A symbolic tensor of a functional model has no truth value: its numbers exist only when the model runs."
        )

    def __getitem__(self, key: Any) -> Any:
        return make_node(take_item, (self, key), {})

    def _apply(self, name: str, *arguments: Any) -> Any:
        return make_node(OPERATORS[name], arguments, {})


_nodes_made = count()


class Node:
    """One use of an operation in a functional model: what went in and the tensors that came out. Later ones have larger
    numbers."""

    def __init__(self, operation: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        self.number = next(_nodes_made)
        self.operation = operation
        self.arguments = arguments
        self.keywords = keywords
        self.inputs = [leaf for leaf in flatten([list(arguments), keywords]) if isinstance(leaf, KerasTensor)]
        self.outputs: Any = None


def take_item(x: Any, key: Any) -> Any:
    return x[key]


def take_mask(x: Any) -> Any:
    """The mask that a tensor carries (masks.py)."""
    return x._keras_mask


OPERATORS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "truediv": lambda a, b: a / b,
    "pow": lambda a, b: a**b, "matmul": lambda a, b: a @ b, "neg": lambda a: -a, "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b, "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b, "ne": lambda a, b: a != b,
    "floordiv": lambda a, b: a // b, "mod": lambda a, b: a % b, "and": lambda a, b: a & b, "or": lambda a, b: a | b,
    "invert": lambda a: ~a, "abs": lambda a: abs(a),
}  # fmt: skip


def _give_operators() -> None:
    for word in OPERATORS:
        if word in ("neg", "invert", "abs"):
            setattr(KerasTensor, f"__{word}__", lambda self, word=word: self._apply(word, self))
            continue
        setattr(KerasTensor, f"__{word}__", lambda self, other, word=word: self._apply(word, self, other))
        if word not in ("lt", "le", "gt", "ge", "ne"):
            setattr(KerasTensor, f"__r{word}__", lambda self, other, word=word: self._apply(word, other, self))


_give_operators()

_KERAS_WORDS = {
    "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "pow": "power", "neg": "negative", "lt": "less",
    "le": "less_equal", "gt": "greater", "ge": "greater_equal", "ne": "not_equal", "floordiv": "floor_divide",
    "and": "logical_and", "or": "logical_or", "invert": "logical_not", "abs": "absolute",
}  # fmt: skip


def operation_name(operation: Callable[..., Any]) -> str:
    """Keras's word for a function that a functional model uses: "concatenate", or "multiply" for `a * b`."""
    if operation is take_item:
        return "get_item"
    sign = next((word for word, function in OPERATORS.items() if function is operation), None)
    return operation.__name__ if sign is None else _KERAS_WORDS.get(sign, sign)


def make_node(operation: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Note the use of an operation on symbolic tensors, and return the tensors it makes."""
    node = Node(operation, arguments, keywords)
    places = count()

    def tensor(made: Inferred) -> KerasTensor:
        found = KerasTensor(made.shape, made.dtype, getattr(operation, "name", None), node, next(places))
        if made.mask is not None:
            taken = Node(take_mask, (found,), {})
            taken.outputs = found._keras_mask = KerasTensor(made.mask, "bool", "mask", taken)
        return found

    node.outputs = map_structure(tensor, infer(operation, arguments, keywords))
    return node.outputs


@dataclass(frozen=True)
class Inferred:
    """Shape (None for the batch) and type of a tensor that an operation makes, and the shape of its mask, if any."""

    shape: Shape
    dtype: str
    mask: Shape | None = None


def infer(operation: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Shapes and types of what an operation makes: it is traced with two batch sizes; axes that differ are None."""
    first = _specs_with(3, operation, arguments, keywords)
    tensors = [leaf for leaf in flatten([list(arguments), keywords]) if isinstance(leaf, KerasTensor)]
    if not any(None in tensor.shape for tensor in tensors):
        return first
    second = _specs_with(5, operation, arguments, keywords)

    def common(a: Shape, b: Shape) -> Shape:
        return tuple(m if m == n else None for m, n in zip(a, b, strict=True))

    def merged(a: Inferred, b: Inferred) -> Inferred:
        mask = None if a.mask is None or b.mask is None else common(a.mask, b.mask)
        return Inferred(common(a.shape, b.shape), a.dtype, mask)

    return map_structure(merged, first, second)


def _specs_with(batch: int, operation: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    trace = Trace("shapes")

    def symbol(leaf: Any) -> Any:
        if not isinstance(leaf, KerasTensor):
            return leaf
        made = given(leaf)
        if leaf._keras_mask is not None:
            trace.masks[made.value] = given(leaf._keras_mask).value
        return made

    def given(tensor: KerasTensor) -> Symbol:
        # Windows must fit into lengths that are not known yet.
        known = [batch if place == 0 else 32 * batch for place in range(len(tensor.shape))]
        shape = tuple(own if size is None else size for own, size in zip(known, tensor.shape, strict=True))
        return trace.input(f"x{len(trace.inputs)}", Spec(shape, program_type(tensor.dtype)))

    def inferred(leaf: Any) -> Inferred:
        made = trace.symbol(leaf)
        mask = trace.masks.get(made.value)
        return Inferred(made.shape, made.dtype, None if mask is None else trace.specs[mask].shape)

    with trace.active():
        result = operation(*map_structure(symbol, list(arguments)), **map_structure(symbol, keywords))
        return _in_kerass_types(map_structure(inferred, result), operation, arguments, keywords)


def _in_kerass_types(
    made: Any, operation: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """What was inferred from a program, in the types that Keras names, which may be narrower."""
    gives = as_operands if operation is take_item or operation in OPERATORS.values() else as_made
    gives, count = getattr(operation, "gives", gives), getattr(operation, "tensor_count", len(arguments))
    if gives is as_made:
        return made
    settings = settings_of(getattr(operation, "__wrapped__", operation), count, arguments[count:], keywords)
    given = [*arguments[:count], *(thing for thing in keywords.values() if isinstance(thing, KerasTensor))]
    types = [_type_of(leaf) for leaf in flatten(given) if leaf is not None]
    leaves = flatten(made)
    wanted = types_given(gives, types, [leaf.dtype for leaf in leaves], settings)
    changed = iter([replace(leaf, dtype=dtype) for leaf, dtype in zip(leaves, wanted, strict=True)])
    return map_structure(lambda _: next(changed), made)


def _type_of(leaf: Any) -> str:
    if isinstance(leaf, (bool, int, float)):
        return type(leaf).__name__
    return standardize_dtype(getattr(leaf, "dtype", None))


def settings_of(
    function: Callable[..., Any], tensors: int, rest: Sequence[Any], keywords: dict[str, Any]
) -> dict[str, Any]:
    """The arguments of an operation that are no tensors, by name."""
    code = getattr(function, "__code__", None)
    names = code.co_varnames[tensors : code.co_argcount] if code is not None else ()
    return {**dict(zip(names, rest, strict=False)), **keywords}


def types_given(gives: Any, types: Sequence[str], made: Sequence[str], settings: dict[str, Any]) -> list[str]:
    """The types of an operation's results: `gives` is one rule for all, or one for each."""
    rules = gives if isinstance(gives, tuple) else (gives,) * len(made)
    return [rule(types, dtype, settings) for rule, dtype in zip(rules, made, strict=True)]


def has_keras_tensor(*things: Any) -> bool:
    """Whether any of these (or their leaves) is a tensor of the functional API."""
    return any(isinstance(leaf, KerasTensor) for leaf in flatten(list(things)))


def in_rank(tensor: Any, x: Any) -> Any:
    """Data for an input, array or symbol, with a last axis of one put on or taken off if that is all they lack."""
    rank, wanted = len(x.shape), len(tensor.shape)
    if rank == wanted - 1 and tensor.shape[-1] == 1:
        return x[..., None]
    if rank == wanted + 1 and x.shape[-1] == 1:
        return x[..., 0]
    return x
