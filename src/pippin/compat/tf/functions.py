"""What surrounds TensorFlow's computations in scripts: functions that are graphs elsewhere, scopes, devices,
specifications. Here most of it says nothing more than Python does."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from pippin.compat.tf.arrays import constant
from pippin.compat.tf.dtypes import DType, kind_of
from pippin.program import Variable as PippinVariable
from pippin.program.eager import as_eager
from pippin.program.tensor_shape import TensorShape
from pippin.tree import map_structure


def function(func: Callable[..., Any] | None = None, **settings: Any) -> Any:
    """The function itself: what it computes under a tape is compiled anyway, and kept."""
    return (lambda given: given) if func is None else func


def py_function(func: Callable[..., Any], inp: Any, Tout: Any, name: str | None = None) -> Any:
    """Call a Python function on these arrays."""
    found = func(*inp)
    if isinstance(Tout, (list, tuple)):
        return [constant(one, kind) for one, kind in zip(found, Tout, strict=True)]
    return constant(found, Tout)


def numpy_function(
    func: Callable[..., Any], inp: Any, Tout: Any, stateful: bool = True, name: str | None = None
) -> Any:
    """Call a function of NumPy on these arrays."""
    return py_function(lambda *arrays: func(*map(np.asarray, arrays)), inp, Tout)


def print_(*things: Any, output_stream: Any = None, sep: str = " ", end: str = "\n", **unused: Any) -> None:
    """Print at once."""
    print(*(thing.numpy() if hasattr(thing, "numpy") else thing for thing in things), sep=sep, end=end)


@contextlib.contextmanager
def _scope(*arguments: Any, **keywords: Any) -> Iterator[None]:
    """A scope that changes nothing: names of lines come from layers, and everything runs on this machine."""
    yield


device = name_scope = init_scope = control_dependencies = _scope


class TensorSpec:
    """The shape and type of a tensor that is yet to come."""

    def __init__(self, shape: Any, dtype: Any = "float32", name: str | None = None) -> None:
        self.shape, self.dtype, self.name = TensorShape(shape), DType(kind_of(dtype)), name


class Variable(PippinVariable):
    """A variable as tf.Variable makes it; its numbers are EagerTensors, or symbols under a tape."""

    def __init__(
        self, initial_value: Any, trainable: bool = True, validate_shape: bool = True, caching_device: Any = None,
        name: str | None = None, variable_def: Any = None, dtype: Any = None, shape: Any = None, **unused: Any,
    ) -> None:  # fmt: skip
        given = initial_value() if callable(initial_value) else initial_value
        array = constant(given, dtype)
        if array.dtype.kind == "f" and dtype is None and isinstance(given, np.ndarray):
            array = array.astype(given.dtype)
        super().__init__(array, name=name or "Variable", trainable=trainable)

    def numpy(self) -> Any:
        """A copy of the numbers."""
        return as_eager(self.value.copy()).numpy()

    @property
    def shape(self) -> TensorShape:
        """The sizes of the axes."""
        return TensorShape(self.value.shape)

    def get_shape(self) -> TensorShape:
        """The sizes of the axes, in TensorFlow 1's words."""
        return self.shape

    def read_value(self) -> Any:
        """The numbers, as they are now."""
        return as_eager(self.value.copy())


class Module:
    """The base of TensorFlow's own modules: finds the variables among its attributes and in modules inside."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name or type(self).__name__.lower()

    @property
    def variables(self) -> tuple[Any, ...]:
        """All variables, in the order of the attributes' names."""
        found: dict[int, Any] = {}

        def look(thing: Any) -> Any:
            if isinstance(thing, PippinVariable):
                found[id(thing)] = thing
            elif hasattr(thing, "variables"):
                found.update({id(one): one for one in thing.variables})
            return thing

        for _, value in sorted(vars(self).items()):
            map_structure(look, value)
        return tuple(found.values())

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Those that training moves."""
        return tuple(one for one in self.variables if one.trainable)


class TensorArray:
    """A list of tensors that grows by `write` and becomes one by `stack`."""

    def __init__(self, dtype: Any = None, size: Any = 0, dynamic_size: bool = False, **unused: Any) -> None:
        self._parts: dict[int, Any] = {}

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """Put a tensor at a place."""
        self._parts[int(index)] = value
        return self

    def read(self, index: Any, name: str | None = None) -> Any:
        """The tensor at a place."""
        return self._parts[int(index)]

    def size(self, name: str | None = None) -> int:
        """How many there are."""
        return len(self._parts)

    def stack(self, name: str | None = None) -> Any:
        """All, one after the other, with an axis more."""
        from pippin import ops

        return ops.stack([self._parts[place] for place in sorted(self._parts)])


class MirroredStrategy:
    """A strategy for one device: this one."""

    num_replicas_in_sync = 1

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        pass

    def scope(self) -> contextlib.AbstractContextManager[None]:
        """Nothing changes inside."""
        return _scope()


PUBLIC = {
    "Module": Module, "TensorArray": TensorArray, "TensorShape": TensorShape, "TensorSpec": TensorSpec,
    "Variable": Variable, "control_dependencies": control_dependencies, "device": device, "function": function,
    "init_scope": init_scope, "name_scope": name_scope, "numpy_function": numpy_function, "print": print_,
    "py_function": py_function,
}  # fmt: skip
"""What `tf` offers of this, by name."""
