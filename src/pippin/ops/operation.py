"""What makes a function of Keras's `ops` work on everything: arrays (computed at once), symbols (a line is written),
and the
symbolic tensors of the functional API (a node of the model is made)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from itertools import count
from numbers import Number
from typing import Any

import numpy as np

from pippin.engines import current_engine, get_engine
from pippin.primitives import Spec, spec_of
from pippin.program import Symbol, Trace, Variable, current_trace
from pippin.transforms import simplify
from pippin.tree import flatten, map_structure

Shape = tuple[int | None, ...]


class KerasTensor:
    """A tensor of the functional API: a shape (None for the batch), a type, and the operation that makes it."""

    __array_ufunc__ = None

    def __init__(
        self,
        shape: Shape,
        dtype: str = "float32",
        name: str | None = None,
        node: Node | None = None,
        index: int = 0,
    ) -> None:
        self.shape = tuple(shape)
        self.dtype = dtype
        self.name = name or "keras_tensor"
        self.node = node
        self.index = index

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
        return make_node(_take_item, (self, key), {})

    def _apply(self, name: str, *arguments: Any) -> Any:
        return make_node(_OPERATORS[name], arguments, {})


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


def _take_item(x: Any, key: Any) -> Any:
    return x[key]


_OPERATORS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "truediv": lambda a, b: a / b,
    "pow": lambda a, b: a**b, "matmul": lambda a, b: a @ b, "neg": lambda a: -a, "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b, "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b,
}  # fmt: skip


def _give_operators() -> None:
    for word in _OPERATORS:
        if word == "neg":
            setattr(KerasTensor, "__neg__", lambda self: self._apply("neg", self))  # noqa: B010
            continue
        setattr(KerasTensor, f"__{word}__", lambda self, other, word=word: self._apply(word, self, other))
        if word in ("add", "sub", "mul", "truediv", "pow", "matmul"):
            setattr(KerasTensor, f"__r{word}__", lambda self, other, word=word: self._apply(word, other, self))


_give_operators()

_KERAS_WORDS = {
    "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "pow": "power", "neg": "negative", "lt": "less",
    "le": "less_equal", "gt": "greater", "ge": "greater_equal",
}  # fmt: skip


def operation_name(operation: Callable[..., Any]) -> str:
    """Keras's word for a function that a functional model uses: "concatenate", or "multiply" for `a * b`."""
    if operation is _take_item:
        return "get_item"
    sign = next((word for word, function in _OPERATORS.items() if function is operation), None)
    return operation.__name__ if sign is None else _KERAS_WORDS.get(sign, sign)


def make_node(operation: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Note the use of an operation on symbolic tensors, and return the tensors it makes."""
    node = Node(operation, arguments, keywords)
    places = count()
    node.outputs = map_structure(
        lambda made: KerasTensor(made.shape, made.dtype, getattr(operation, "name", None), node, next(places)),
        infer(operation, arguments, keywords),
    )
    return node.outputs


@dataclass(frozen=True)
class Inferred:
    """Shape (None for the batch) and type of a tensor that an operation makes."""

    shape: Shape
    dtype: str


def infer(operation: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Shapes and types of what an operation makes: it is traced with two batch sizes; axes that differ are None."""
    first = _specs_with(3, operation, arguments, keywords)
    tensors = [leaf for leaf in flatten([list(arguments), keywords]) if isinstance(leaf, KerasTensor)]
    if not any(None in tensor.shape for tensor in tensors):
        return map_structure(lambda spec: Inferred(spec.shape, spec.dtype), first)
    second = _specs_with(5, operation, arguments, keywords)

    def merged(a: Spec, b: Spec) -> Inferred:
        return Inferred(tuple(m if m == n else None for m, n in zip(a.shape, b.shape, strict=True)), a.dtype)

    return map_structure(merged, first, second)


def _specs_with(batch: int, operation: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    trace = Trace("shapes")

    def symbol(leaf: Any) -> Any:
        if not isinstance(leaf, KerasTensor):
            return leaf
        shape = tuple(batch if size is None else size for size in leaf.shape)
        return trace.input(f"x{len(trace.inputs)}", Spec(shape, leaf.dtype))

    with trace.active():
        given = map_structure(symbol, list(arguments)), map_structure(symbol, keywords)
        result = operation(*given[0], **given[1])
        return map_structure(lambda leaf: trace.symbol(leaf).spec, result)


def is_symbolic(*things: Any) -> bool:
    """Whether any of these (or their leaves) is a symbol."""
    return any(isinstance(leaf, Symbol) for leaf in flatten(list(things)))


def has_keras_tensor(*things: Any) -> bool:
    """Whether any of these (or their leaves) is a tensor of the functional API."""
    return any(isinstance(leaf, KerasTensor) for leaf in flatten(list(things)))


def operation(tensors: int = 1) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function of symbols a function of everything. Its first `tensors` arguments are (structures of)
    tensors."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        names = function.__code__.co_varnames[:tensors]

        @wraps(function)
        def call(*arguments: Any, **keywords: Any) -> Any:
            given = [
                *arguments[:tensors],
                *(keywords.pop(name) for name in names[len(arguments) :] if name in keywords),
            ]
            rest = arguments[tensors:]
            if has_keras_tensor(given):
                return make_node(call, (*given, *rest), keywords)
            trace = current_trace()
            if trace is not None or is_symbolic(given):
                trace = trace or next(leaf.trace for leaf in flatten(given) if isinstance(leaf, Symbol))
                return function(*_as_symbols(trace, given), *rest, **keywords)
            return run_eagerly(function, given, rest, keywords)

        call.tensor_count = tensors  # type: ignore[attr-defined]
        return call

    return decorate


def _as_symbols(trace: Trace, given: Sequence[Any]) -> list[Any]:
    """Arrays and variables become symbols; bare numbers stay, to take the type of what they meet, unless they stand
    alone."""
    leaves = flatten(list(given))
    alone = not any(isinstance(leaf, (Symbol, Variable, np.ndarray)) for leaf in leaves)

    def convert(leaf: Any) -> Any:
        if isinstance(leaf, Variable) or (isinstance(leaf, (np.ndarray, np.generic)) and np.ndim(leaf)):
            return trace.symbol(leaf)
        if isinstance(leaf, (Number, np.ndarray)) and alone:
            return trace.symbol(leaf)
        return leaf

    return [map_structure(convert, thing) for thing in given]


def _as_array(leaf: Any) -> np.ndarray:
    array = leaf.value if isinstance(leaf, Variable) else np.asarray(leaf)
    return np.ascontiguousarray(array, spec_of(array).dtype).reshape(array.shape)


def run_eagerly(
    function: Callable[..., Any], given: Sequence[Any], rest: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Compute now: the function is traced once for these shapes and settings, and its program kept."""
    structure = [_listed(thing) for thing in given]
    leaves = [leaf for leaf in flatten(structure) if leaf is not None]
    arrays = _in_one_type(leaves, [_as_array(leaf) for leaf in leaves])
    rest, keywords = map_structure(_plain, rest), map_structure(_plain, keywords)
    specs = tuple(spec_of(a) for a in arrays)
    places = map_structure(lambda leaf: leaf is not None, structure)
    key = (function, specs, repr(places), _static(rest), _static(tuple(sorted(keywords.items()))))
    runner, packed = _compiled(current_engine().name, _Call(key, function, specs, places, rest, keywords))
    outputs = runner({f"x{n}": array for n, array in enumerate(arrays)}, {})
    results = [outputs[f"y{n}"] for n in range(len(outputs))]
    return results[0] if packed is None else map_structure(lambda n: results[n], packed)


def _in_one_type(leaves: list[Any], arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Bare whole numbers take the type of the first array; fractions stay floats."""
    numbers = [isinstance(leaf, Number) for leaf in leaves]
    typed = next((a.dtype for a, bare in zip(arrays, numbers, strict=True) if not bare), None)
    if typed is None or typed.kind == "b":
        return arrays
    return [a.astype(typed) if bare and a.dtype.kind in "iu" else a for a, bare in zip(arrays, numbers, strict=True)]


def _plain(leaf: Any) -> Any:
    return leaf.value if isinstance(leaf, Variable) else leaf


def _listed(thing: Any) -> Any:
    """A list of bare numbers is an array; a list that holds arrays is a structure of tensors."""
    if not isinstance(thing, (list, tuple)):
        return thing
    if any(isinstance(leaf, (np.ndarray, Variable)) for leaf in flatten(thing)):
        return [_listed(part) for part in thing]
    return np.asarray(thing)


def _static(value: Any) -> Any:
    """A setting as a part of a key: arrays by all their numbers."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_static, value))
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    return value if value.__hash__ is not None else repr(value)


class _Call:
    """What is compiled; equal calls (by key) share a program."""

    def __init__(
        self, key: Any, function: Callable[..., Any], specs: Any, places: Any, rest: Any, keywords: Any
    ) -> None:
        self.key, self.function, self.specs = key, function, specs
        self.places, self.rest, self.keywords = places, rest, keywords

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Call) and self.key == other.key


@lru_cache(maxsize=4096)
def _compiled(engine: str, call: _Call) -> tuple[Any, Any]:
    trace = Trace(call.function.__name__)
    specs = iter(enumerate(call.specs))

    def make(there: bool) -> Symbol | None:
        if not there:
            return None
        number, spec = next(specs)
        return trace.input(f"x{number}", spec)

    with trace.active():
        symbols = [map_structure(make, thing) for thing in call.places]
        result = call.function(*symbols, *call.rest, **call.keywords)
        leaves = flatten(result)
        for number, leaf in enumerate(leaves):
            trace.output(f"y{number}", trace.symbol(leaf))
    numbers = iter(range(len(leaves)))
    packed = map_structure(lambda _: next(numbers), result) if isinstance(result, (list, tuple, dict)) else None
    return get_engine(engine).compile(simplify(trace.program())), packed
