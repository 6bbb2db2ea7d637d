"""What makes a function of Keras's `ops` work on everything: arrays (computed at once), symbols (a line is written),
and the symbolic tensors of the functional API (a node of the model is made)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from numbers import Number
from typing import Any

import numpy as np

from pippin.engines import current_engine, get_engine
from pippin.errors import SettingError
from pippin.ops.dtypes import Gives, as_operands, numpy_type, standardize_dtype
from pippin.ops.tensor import has_keras_tensor, make_node, settings_of, types_given
from pippin.primitives import spec_of
from pippin.program import Symbol, Trace, Variable, current_trace
from pippin.program.eager import as_eager, handed_out
from pippin.transforms import simplify
from pippin.tree import flatten, map_structure


def is_symbolic(*things: Any) -> bool:
    """Whether any of these (or their leaves) is a symbol."""
    return any(isinstance(leaf, Symbol) for leaf in flatten(list(things)))


def _is_unknown(*things: Any) -> bool:
    """Whether any of these is a value that exists only when a program runs."""
    return any(isinstance(leaf, (Symbol, Variable)) for leaf in flatten(list(things)))


def operation(
    tensors: int = 1, gives: Gives | tuple[Gives, ...] = as_operands
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function of symbols a function of everything. Its first `tensors` arguments are (structures of)
    tensors; `gives` says of which of Keras's types the results are (one rule, or one for each)."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        names = function.__code__.co_varnames[:tensors]

        @wraps(function)
        def call(*arguments: Any, **keywords: Any) -> Any:
            given = [
                *arguments[:tensors],
                *(keywords.pop(name) for name in names[len(arguments) :] if name in keywords),
            ]
            rest, keywords = map_structure(_setting, arguments[tensors:]), map_structure(_setting, keywords)
            if has_keras_tensor(given):
                return make_node(call, (*given, *rest), keywords)
            trace = current_trace()
            if trace is not None and trace.computes_numbers and not _is_unknown(given, rest, keywords):
                # EagerTensors, because `x += symbol` makes something new of one.
                return map_structure(as_eager, run_eagerly(function, given, rest, keywords, gives))
            if trace is not None or is_symbolic(given):
                trace = trace or next(leaf.trace for leaf in flatten(given) if isinstance(leaf, Symbol))
                return function(*_as_symbols(trace, given), *rest, **keywords)
            return run_eagerly(function, given, rest, keywords, gives)

        call.tensor_count, call.gives = tensors, gives  # type: ignore[attr-defined]
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
        return _setting(leaf)

    return [map_structure(convert, thing) for thing in given]


def _setting(leaf: Any) -> Any:
    """NumPy's own array, or number, for one with more manners: what shapes and settings are made of."""
    return np.asarray(leaf)[()] if isinstance(leaf, np.ndarray) else leaf


def _as_array(leaf: Any) -> np.ndarray:
    array = leaf.value if isinstance(leaf, Variable) else np.asarray(leaf)
    return np.ascontiguousarray(array, spec_of(array).dtype).reshape(array.shape)


def type_of(leaf: Any) -> str:
    """The name of a tensor's type; Python's bare numbers are "int" and "float"."""
    if isinstance(leaf, Number) and not isinstance(leaf, np.generic):
        return "bool" if isinstance(leaf, bool) else "int" if isinstance(leaf, int) else "float"
    return standardize_dtype(leaf.dtype)


def run_eagerly(
    function: Callable[..., Any],
    given: Sequence[Any],
    rest: tuple[Any, ...],
    keywords: dict[str, Any],
    gives: Gives | tuple[Gives, ...] = as_operands,
) -> Any:
    """Compute now: the function is traced once for these shapes, types and settings, and its program kept."""
    structure = [_listed(thing) for thing in given]
    leaves = [leaf for leaf in flatten(structure) if leaf is not None]
    arrays = _in_one_type(leaves, [_as_array(leaf) for leaf in leaves])
    rest, keywords = map_structure(_plain, rest), map_structure(_plain, keywords)
    specs = tuple(spec_of(a) for a in arrays)
    types = tuple(map(type_of, leaves))
    places = map_structure(lambda leaf: leaf is not None, structure)
    key = (function, specs, types, repr(places), _static(rest), _static(tuple(sorted(keywords.items()))))
    call = _Call(key, function, specs, types, places, rest, keywords, gives)
    runner, packed, narrowed = _compiled(current_engine().name, call)
    outputs = runner({f"x{n}": array for n, array in enumerate(arrays)}, {})
    results = [
        handed_out(outputs[f"y{n}"] if dtype is None else outputs[f"y{n}"].astype(dtype))
        for n, dtype in enumerate(narrowed)
    ]
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


def eager_only(word: str, *things: Any) -> Any:
    """The arrays, for a function whose result's shape depends on numbers: refused where there are only symbols."""
    if has_keras_tensor(things) or is_symbolic(*things):
        raise SettingError(
            f"{word}: expected arrays, received symbols. The shape of its result depends on the numbers, which a "
            "program does not know beforehand: call it on arrays, outside of models and compiled functions."
        )
    found = [np.asarray(thing) for thing in things]
    return found[0] if len(found) == 1 else found


class _Call:
    """What is compiled; equal calls (by key) share a program."""

    def __init__(
        self,
        key: Any,
        function: Callable[..., Any],
        specs: Any,
        types: Any,
        places: Any,
        rest: Any,
        keywords: Any,
        gives: Any,
    ) -> None:
        self.key, self.function, self.specs, self.types = key, function, specs, types
        self.places, self.rest, self.keywords, self.gives = places, rest, keywords, gives

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Call) and self.key == other.key


@lru_cache(maxsize=4096)
def _compiled(engine: str, call: _Call) -> tuple[Any, Any, list[Any]]:
    """What runs a call, the structure of its results, and the types they are handed back in where the program has
    another."""
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
            leaves[number] = trace.symbol(leaf)
            trace.output(f"y{number}", leaves[number])
    numbers = iter(range(len(leaves)))
    packed = map_structure(lambda _: next(numbers), result) if isinstance(result, (list, tuple, dict)) else None
    settings = settings_of(call.function, len(call.places), call.rest, call.keywords)
    made = [leaf.dtype for leaf in leaves]
    wanted = types_given(call.gives, call.types, made, settings)
    narrowed = [None if a == b else numpy_type(b) for a, b in zip(made, wanted, strict=True)]
    return get_engine(engine).compile(simplify(trace.program())), packed, narrowed
