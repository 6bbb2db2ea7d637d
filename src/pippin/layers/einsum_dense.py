"""A dense layer whose axes are told by letters."""

from __future__ import annotations

from typing import Any

from pippin import activations, constraints, initializers, ops, regularizers
from pippin.errors import SettingError, ShapeError
from pippin.layers.arguments import refuse
from pippin.layers.layer import Layer

Shape = tuple[int | None, ...]


class EinsumDense(Layer):
    """activation(einsum(equation, x, kernel) + bias): "abc,cd->abd" is Dense on sequences.

    `output_shape` is the shape of the result without the batch, None where it is as long as the input; `bias_axes`
    are the letters of the result along which the bias differs. "..." stands for further axes, first or last.
    """

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: int | None = None,
        quantization_config: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.equation = equation
        self.partial_output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.bias_axes = bias_axes
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        for word, value in (("lora_rank", lora_rank), ("quantization_config", quantization_config)):
            refuse(f"EinsumDense {word}", value, None, "Pippin trains the whole kernel, in float32.")

    def build(self, input_shape: Any) -> None:
        given, weight, result = self._words(len(input_shape))
        lengths = dict(zip(result, self._result_lengths(input_shape, given, result), strict=True))
        lengths |= {letter: size for letter, size in zip(given, input_shape, strict=True) if letter not in lengths}
        unknown = [letter for letter in weight if lengths.get(letter) is None]
        if unknown:
            raise ShapeError(
                f"{self.described()}: Weight dimension {unknown[0]!r} did not have a match in the input or the output "
                f"of known length, for equation {self.equation!r} and input {input_shape}."
            )
        summed = [place for place, letter in enumerate(weight) if letter not in result]
        kept = [place for place, letter in enumerate(weight) if letter in result]
        self.kernel = self.add_weight(
            tuple(lengths[letter] for letter in weight), self._initializer_for(summed, kept),  # type: ignore[misc]
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint, name="kernel",
        )  # fmt: skip
        self.bias = None
        if self.bias_axes is not None:
            absent = set(self.bias_axes) - set(result)
            if absent:
                raise SettingError(
                    f"{self.described()}: Bias dimension {sorted(absent)[0]!r} was requested, but is not part of the "
                    f"output {result!r}."
                )
            varying = result[min(map(result.index, self.bias_axes)) :]
            shape = tuple(lengths[letter] if letter in self.bias_axes else 1 for letter in varying)
            self.bias = self.add_weight(
                shape, self.bias_initializer, regularizer=self.bias_regularizer,  # type: ignore[arg-type]
                constraint=self.bias_constraint, name="bias",
            )  # fmt: skip

    def _words(self, rank: int) -> tuple[str, str, str]:
        """The letters of input, kernel and result, with capital letters for the axes behind "..."."""
        given, _, result = self.equation.replace(" ", "").partition("->")
        given, _, weight = given.partition(",")
        further = "".join(chr(ord("α") + n) for n in range(rank - len(given.replace("...", ""))))
        sides = [word.split("...") for word in (given, result)]
        fits = weight.isalpha() and result and all(len(side) <= 2 for side in sides)
        if not fits or ("..." in given) != ("..." in result) or (further and "..." not in given):
            raise SettingError(
                f"{self.described()}: Invalid einsum equation {self.equation!r}. Equations must be in the form "
                "[X],[Y]->[Z], ...[X],[Y]->...[Z], or [X]...,[Y]->[Z]...."
            )
        return given.replace("...", further), weight, result.replace("...", further)

    def _result_lengths(self, input_shape: Shape, given: str, result: str) -> list[int | None]:
        """The lengths of the result's axes: the batch, those that were asked for, and those of the input."""
        lengths = dict(zip(given, input_shape, strict=True))
        asked = iter(self.partial_output_shape)
        found = []
        for place, letter in enumerate(result):
            wanted = lengths[letter] if place == 0 or not letter.isascii() else next(asked, None)
            own = lengths.get(letter)
            if wanted is not None and own is not None and wanted != own:
                raise ShapeError(
                    f"{self.described()}: Input shape and output shape do not match at shared dimension {letter!r}. "
                    f"Input shape is {own}, and output shape is {wanted}."
                )
            found.append(own if wanted is None else wanted)
        return found

    def _initializer_for(self, summed: list[int], kept: list[int]) -> Any:
        """One that counts the axes that are summed over as what goes in."""
        chosen = self.kernel_initializer
        if not isinstance(chosen, initializers.VarianceScaling) or chosen.input_axes is not None:
            return chosen
        config = {**chosen.get_config(), "input_axes": summed, "output_axes": kept}
        return type(chosen).from_config(config)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        x = ops.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            x = ops.add(x, self.bias)
        return self.activation(x)

    def get_config(self) -> dict[str, Any]:
        config = {"activity_regularizer": None, **super().get_config()}
        config["output_shape"] = list(self.partial_output_shape)
        return {name: value for name, value in config.items() if name not in _UNSAID}


_UNSAID = ("lora_rank", "lora_alpha", "gptq_unpacked_column_size")
