"""Discretization: numbers as the bins they fall into, between boundaries that are given or learned from data."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import DataError, SettingError, unknown
from pippin.layers.layer import Layer
from pippin.layers.statistics import encoded

_MODES = ("int", "one_hot", "multi_hot", "count")


class Discretization(Layer):
    """Numbers (...) → the number of boundaries at or below each, from 0 to len(bin_boundaries); or one place for each.

    `adapt` learns `num_bins` bins with about as many numbers of the data in each, from a sketch of the data that is
    right to a share of `epsilon`.
    """

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if sparse:
            raise SettingError("Discretization: `sparse=True` cannot be used: Pippin's arrays are dense.")
        if output_mode not in _MODES:
            raise unknown("value of Discretization for `output_mode`", output_mode, _MODES)
        if num_bins is not None and num_bins < 0:
            raise SettingError(f"`num_bins` must be greater than or equal to 0. Received: `num_bins={num_bins}`")
        if num_bins is not None and bin_boundaries is not None:
            raise SettingError(
                f"Both `num_bins` and `bin_boundaries` should not be set. Received: `num_bins={num_bins}` and "
                f"`bin_boundaries={bin_boundaries}`"
            )
        if num_bins is None and bin_boundaries is None:
            raise SettingError("You need to set either `num_bins` or `bin_boundaries`.")
        self.bin_boundaries = None if bin_boundaries is None else [float(one) for one in bin_boundaries]
        self.num_bins, self.epsilon, self.output_mode, self.sparse = num_bins, epsilon, output_mode, sparse
        self.reset_state()

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the boundaries from an array, or from a dataset or another iterable of batches, `steps` of them."""
        if self.num_bins is None:
            raise SettingError(
                "Cannot adapt a Discretization layer that has been initialized with `bin_boundaries`, use `num_bins` "
                "instead."
            )
        self.reset_state()
        if isinstance(data, np.ndarray) or hasattr(data, "to_numpy"):
            self.update_state(data)
        else:
            for number, batch in enumerate(data):
                if steps is not None and number >= steps:
                    break
                self.update_state(batch[0] if isinstance(batch, tuple) else batch)
        self.finalize_state()

    def reset_state(self) -> None:
        """Forget what was learned."""
        self.summary = np.zeros((2, 0), np.float32)

    def update_state(self, data: Any) -> None:
        """Learn from a batch."""
        values = np.sort(np.asarray(data, np.float32), None)
        step = max(len(values) * self.epsilon, 1)
        picked = values[int(step - 1) :: int(step)]
        joined = np.concatenate([np.stack([picked, np.full_like(picked, step)]), self.summary], 1)
        self.summary = _compressed(joined[:, np.argsort(joined[0])], self.epsilon)

    def finalize_state(self) -> None:
        """Make boundaries of what was learned."""
        if self.num_bins is None:
            return
        if not self.summary.size:
            raise DataError(f"{self.described()}: expected data to learn bins from, received none.")
        self.bin_boundaries = _compressed(self.summary, 1 / self.num_bins)[0, :-1].tolist()

    def call(self, inputs: Any) -> Any:
        if self.bin_boundaries is None:
            raise SettingError(
                "You need to either pass the `bin_boundaries` argument at construction time or call `adapt(dataset)` "
                "before you can start using the `Discretization` layer."
            )
        x = ops.expand_dims(ops.cast(inputs, "float32"), -1)
        # Not below, rather than at or above: so NaN falls into the last bin, as with np.digitize.
        passed = ops.logical_not(ops.less(x, np.asarray(self.bin_boundaries, np.float32)))
        bins = ops.sum(ops.cast(passed, "int32"), -1)
        return bins if self.output_mode == "int" else encoded(bins, self.output_mode, len(self.bin_boundaries) + 1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        depth = self.num_bins if self.bin_boundaries is None else len(self.bin_boundaries) + 1
        if self.output_mode == "int":
            return tuple(input_shape)
        if self.output_mode == "one_hot":
            is_column = len(input_shape) > 1 and input_shape[-1] == 1
            return (*(input_shape[:-1] if is_column else input_shape), depth)
        return (*input_shape[:1], *input_shape[2:], depth) if len(input_shape) > 1 else (depth,)

    def get_config(self) -> dict[str, Any]:
        return {word: value for word, value in super().get_config().items() if word != "trainable"}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer that `get_config` described: one that has learned has both, bins and boundaries."""
        learned = config.get("bin_boundaries") if config.get("num_bins") is not None else None
        layer = cls(**{word: value for word, value in config.items() if word != "bin_boundaries" or learned is None})
        layer.bin_boundaries = layer.bin_boundaries if learned is None else list(learned)
        return layer


def _compressed(summary: np.ndarray, share: float) -> np.ndarray:
    """A sketch (values, weights) of fewer values: one at each `share` of the whole weight, in between interpolated."""
    if summary.shape[1] * share < 1:
        return summary
    wanted = share + np.arange(0.0, 1.0, share)
    total = summary[1].cumsum()
    reached = total / total[-1]
    weights = np.diff(np.interp(wanted, reached, total), prepend=0.0)
    return np.stack([np.interp(wanted, reached, summary[0]), weights]).astype(np.float32)
