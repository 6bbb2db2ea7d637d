"""Layers around a layer: the same layer at each time step, and a recurrent layer in both directions."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.layers.layer import Layer, parameters
from pippin.layers.nested import revived
from pippin.layers.through_time import through_time


class Wrapper(Layer):
    """The base of layers around a layer."""

    def __init__(self, layer: Any, **keywords: Any) -> None:
        need_layer(layer)
        super().__init__(**keywords)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The layer that `get_config` described, with the layer inside."""
        return cls(**revived(config, custom_objects))


def need_layer(layer: Any) -> None:
    """Raise unless this can be wrapped."""
    if not isinstance(layer, Layer):
        raise SettingError(
            f"Layer {layer} supplied to Wrapper isn't a supported layer type. Please ensure wrapped layer is a valid "
            "Keras layer."
        )


class TimeDistributed(Wrapper):
    """Calls a layer at each time step of (batch, time, ...): the same weights for all."""

    supports_masking = True

    def check_input_shape(self, shape: Any) -> None:
        if not isinstance(shape, tuple) or len(shape) < 3:
            raise ShapeError(
                "`TimeDistributed` Layer should be passed an `input_shape` with at least 3 dimensions, received: "
                f"{shape}"
            )

    def build(self, input_shape: Any = None) -> None:
        self.check_input_shape(tuple(input_shape))
        super().build((input_shape[0], *input_shape[2:]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        self.check_input_shape(tuple(input_shape))
        inside = self.layer.compute_output_shape((input_shape[0], *input_shape[2:]))
        return (inside[0], input_shape[1], *inside[1:])

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if mask is not None and tuple(mask.shape[:2]) != tuple(inputs.shape[:2]):
            raise ShapeError(
                f"The `mask` passed to the `TimeDistributed` layer has a shape {mask.shape} that is incompatible with "
                f"the input shape {inputs.shape}: expected {tuple(inputs.shape[:2])} as its first two axes."
            )
        taken = parameters(type(self.layer).call)
        keywords: dict[str, Any] = {"training": training} if "training" in taken else {}
        has_mask = mask is not None and "mask" in taken

        def step(now: list[Any], here: list[Any]) -> tuple[list[Any], list[Any]]:
            if has_mask:
                keywords["mask"] = here[1]
            return [], [self.layer(here[0], **keywords)]

        slices = [_swapped(inputs), *([_swapped(mask)] if has_mask else [])]
        _, kept = through_time(self, step, [], slices, inputs.shape[1])
        return _swapped(kept[0])


def _swapped(x: Any) -> Any:
    return ops.transpose(x, (1, 0, *range(2, len(x.shape))))


class Bidirectional(Layer):
    """A recurrent layer forwards in time and one backwards, and what both put out, merged.

    `merge_mode` is "concat", "sum", "mul", "ave", or None for both as they are. The layers are made anew from the
    configuration of `layer`. Source: Schuster and Paliwal, Bidirectional recurrent neural networks (1997).
    """

    supports_masking = True

    def __init__(
        self, layer: Any, merge_mode: str | None = "concat", weights: Any = None, backward_layer: Any = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        if not isinstance(layer, Layer):
            raise SettingError(
                f"Please initialize `Bidirectional` layer with a `keras.layers.Layer` instance. Received: {layer}"
            )
        if backward_layer is not None and not isinstance(backward_layer, Layer):
            raise SettingError(
                f"`backward_layer` need to be a `keras.layers.Layer` instance. Received: {backward_layer}"
            )
        if merge_mode not in ("sum", "mul", "ave", "concat", None):
            raise SettingError(
                f"Invalid merge mode. Received: {merge_mode}. Merge mode should be one of "
                '{"sum", "mul", "ave", "concat", None}'
            )
        super().__init__(**keywords)
        bare = layer.name.removeprefix("forward_")
        self.forward_layer = _anew(layer, name=f"forward_{bare}")
        if backward_layer is None:
            backward_layer = _anew(
                layer, name=f"backward_{layer.name.removeprefix('backward_')}",
                go_backwards=True,
            )  # fmt: skip
        self.backward_layer = backward_layer
        if hasattr(layer, "use_cudnn"):
            self.forward_layer.use_cudnn = self.backward_layer.use_cudnn = layer.use_cudnn
        self._need_a_pair()
        for one in (self.forward_layer, self.backward_layer):
            if getattr(one, "zero_output_for_mask", None) is not None:
                # A skipped step has no step before it that both directions share.
                one.zero_output_for_mask = one.return_sequences
        self.merge_mode = merge_mode
        recurrent: Any = layer
        self.stateful, self.return_sequences = recurrent.stateful, recurrent.return_sequences
        self.return_state = recurrent.return_state
        self._first_weights = weights

    def _need_a_pair(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise SettingError(
                "Forward layer and backward layer should have different `go_backwards` value. Received: "
                f"forward_layer.go_backwards {forward.go_backwards}, backward_layer.go_backwards="
                f"{backward.go_backwards}"
            )
        for word in ("stateful", "return_sequences", "return_state"):
            ours, theirs = getattr(forward, word), getattr(backward, word)
            if ours != theirs:
                raise SettingError(
                    "Forward layer and backward layer are expected to have the same value for attribute "
                    f'"{word}", got "{ours}" for forward layer and "{theirs}" for backward layer'
                )

    @property
    def layer(self) -> Any:
        """The forward layer."""
        return self.forward_layer

    @property
    def states(self) -> Any:
        """The states of both layers, if they are stateful and have been used."""
        both = (self.forward_layer.states, self.backward_layer.states)
        return (*both[0], *both[1]) if both[0] and both[1] else None

    def reset_state(self) -> None:
        """Both layers forget."""
        if not self.stateful:
            raise AttributeError("Layer must be stateful.")
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """The older name of `reset_state`."""
        self.reset_state()

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        for one in (self.forward_layer, self.backward_layer):
            if not one.built:
                one.build(sequences_shape)
        if self._first_weights is not None:
            half = len(self._first_weights) // 2
            self.forward_layer.set_weights(self._first_weights[:half])
            self.backward_layer.set_weights(self._first_weights[half:])

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        output = self.forward_layer.compute_output_shape(sequences_shape)
        states: tuple[Any, ...] = ()
        if self.return_state:
            output, *rest = output
            states = tuple(rest)
        if self.merge_mode is None:
            return (output, output, *states, *states) if self.return_state else (output, output)
        if self.merge_mode == "concat":
            output = (*output[:-1], output[-1] * 2)
        return (output, *states, *states) if self.return_state else output

    def compute_mask(self, _: Any, mask: Any) -> Any:
        mask = mask[0] if isinstance(mask, list) else mask
        found = mask if self.return_sequences else None
        return (found, found) if self.merge_mode is None else found

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool | None = None) -> Any:
        halves: list[Any] = [None, None]
        if initial_state is not None:
            half = len(initial_state) // 2
            halves = [list(initial_state[:half]), list(initial_state[half:])]
        results = []
        for one, state in zip((self.forward_layer, self.backward_layer), halves, strict=True):
            taken = parameters(type(one).call)
            keywords = {"training": training} if "training" in taken else {}
            if mask is not None and "mask" in taken:
                keywords["mask"] = mask
            if state is not None:
                keywords["initial_state"] = state
            results.append(one(sequences, **keywords))
        states: list[Any] = []
        if self.return_state:
            states = [state for result in results for state in result[1:]]
            results = [result[0] for result in results]
        forward, backward = results
        if self.return_sequences:
            backward = ops.flip(backward, axis=1)
        output = self._merged(forward, backward)
        if not self.return_state:
            return output
        return (*output, *states) if self.merge_mode is None else (output, *states)

    def _merged(self, forward: Any, backward: Any) -> Any:
        if self.merge_mode == "concat":
            return ops.concatenate([forward, backward], axis=-1)
        if self.merge_mode == "sum":
            return forward + backward
        if self.merge_mode == "ave":
            return (forward + backward) / 2.0
        return forward * backward if self.merge_mode == "mul" else (forward, backward)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("weights", None)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The layer that `get_config` described, with both layers inside."""
        return cls(**revived(config, custom_objects))


def _anew(layer: Any, **changes: Any) -> Any:
    """A layer made from another's configuration, with nothing of its weights."""
    made = type(layer).from_config({**layer.get_config(), **changes})
    if layer.built and not made.built:
        made.build_from_config(layer.get_build_config())
    return made
