"""Lambda: a function of the caller's as a layer."""

from __future__ import annotations

import codecs
import inspect
import marshal
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import FileError, SettingError
from pippin.layers.layer import Layer
from pippin.program import current_trace
from pippin.saving.named import given_object
from pippin.saving.serialize import described_function, serialize
from pippin.tree import flatten, map_shape_structure

_CODE = "__lambda__"
_own: dict[str, Callable[..., Any]] = {}
"""The lambdas that this program wrote down, by what was written: only these are found again without being passed."""


class Lambda(Layer):
    """function(inputs, **arguments), with `mask` and `training` if the function has such parameters.

    `output_shape` is never needed; it is what `compute_output_shape` says, without the batch if it isn't a function.
    `mask` is the mask of the result, or a function (inputs, mask) that gives it.

    A file names the function, or holds the code of a lambda for Keras to run. Pippin runs no code from a file: pass the
    function as custom_objects={its name, or the layer's: function}.
    """

    ready_when_made = True
    function_arguments = ("function", "output_shape", "mask")

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        if not callable(function):
            raise SettingError(
                f'{self.described()}: expected a function, received {function!r}. If this is its name, from a file, '
                f"pass custom_objects={{{function!r}: the function}}."
            )
        self.function = function
        self.arguments = dict(arguments or {})
        self.supports_masking = mask is not None
        self.mask, self._output_shape = mask, output_shape
        taken = inspect.signature(function).parameters
        self._handed_on = [word for word in ("mask", "training") if word in taken]

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        offered = {"mask": mask, "training": training}
        return self.function(inputs, **self.arguments, **{word: offered[word] for word in self._handed_on})

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if callable(self.mask):
            return self.mask(inputs, mask)
        trace = current_trace()
        return self.mask if trace is None or self.mask is None else trace.symbol(np.asarray(self.mask, bool))

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._output_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self._output_shape):
            return self._output_shape(input_shape)
        batch = flatten(input_shape)[0]
        return map_shape_structure(lambda shape: (batch, *shape), self._output_shape)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        for word, value in (("function", self.function), ("output_shape", self._output_shape), ("mask", self.mask)):
            config[word] = _written(value) if callable(value) else serialize(value)
        config["arguments"] = serialize(self.arguments)
        optional = ("output_shape", "mask")
        return {word: value for word, value in config.items() if value is not None or word not in optional}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None, safe_mode: bool | None = None
    ) -> Any:
        """The layer that `get_config` described. Functions are those of `custom_objects`, or registered ones; with
        safe_mode=False also lambdas that this very program wrote down."""
        found = dict(config)
        for word in ("function", "output_shape", "mask"):
            if isinstance(config.get(word), dict) and config[word].get("class_name") in (_CODE, "function"):
                names = [config.get("name")] if word == "function" else []
                found[word] = _function(config[word], names, custom_objects or {}, safe_mode)
        if isinstance(found.get("output_shape"), list):
            found["output_shape"] = tuple(found["output_shape"])
        return cls(**found)


def _written(function: Any) -> dict[str, Any]:
    """A named function by its name; a lambda by its code, in the form that Keras reads."""
    if getattr(function, "__name__", None) != "<lambda>":
        return described_function(function)
    cells = function.__closure__
    config = {
        "code": codecs.encode(marshal.dumps(function.__code__), "base64").decode("ascii"),
        "defaults": serialize(function.__defaults__),
        "closure": None if cells is None else serialize(tuple(cell.cell_contents for cell in cells)),
    }
    _own[_key(config)] = function
    return {"class_name": _CODE, "config": config}


def _key(config: Mapping[str, Any]) -> str:
    return repr([config.get("code"), *(_listed(config.get(word)) for word in ("defaults", "closure"))])


def _listed(value: Any) -> Any:
    """Tuples as the lists that JSON makes of them."""
    return [_listed(part) for part in value] if isinstance(value, (list, tuple)) else value


def _function(described: dict[str, Any], names: list[Any], custom: Mapping[str, Any], safe_mode: bool | None) -> Any:
    config, is_code = described.get("config"), described.get("class_name") == _CODE
    if not is_code:
        names = [described.get("registered_name"), config, *names]
    found = given_object(names, custom)
    if found is None and is_code and safe_mode is False:
        found = _own.get(_key(config or {}))
    if found is None and not is_code and described.get("module") == "keras.ops":
        operation = vars(ops).get(str(config))
        found = operation if hasattr(operation, "tensor_count") else None
    if found is not None:
        return found
    told = "a lambda, whose code stands in the file" if is_code else f"the function {config!r}"
    name = names[0] or "lambda"
    raise FileError(
        f'Lambda "{name}": it calls {told}, and nothing in a file is ever run: that would be arbitrary code execution. '
        f"Pass the function itself: custom_objects={{{name!r}: function}}."
    )
