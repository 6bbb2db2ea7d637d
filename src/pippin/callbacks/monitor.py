"""What callbacks that watch one figure share: which way is better, and what counts as an improvement."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np

from pippin.callbacks.callback import Callback

_UP = re.compile(
    "accuracy|acc$|auc|precision|recall|f1|fbeta|iou|sensitivity|specificity|cosine_similarity|r2|pearson|concordance"
)
_DOWN = re.compile("loss|error|hinge|crossentropy|divergence|poisson|log_?cosh|(mse|mae|mape|msle|bce)$", re.IGNORECASE)


class MonitorCallback(Callback):
    """Watches the figure `monitor` of the logs. `mode` "min" or "max" says which is better; "auto": its name.

    An improvement of less than `min_delta` is none. Figures are compared as 32-bit floats, as in Keras.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(f"{type(self).__name__} mode '{mode}' is unknown, fallback to auto mode.", stacklevel=3)
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best: Any = baseline
        self.min_delta = abs(min_delta)

    def is_improvement(self, figure: Any, reference: Any) -> bool:
        """Whether `figure` is better than `reference`; anything is better than None."""
        # Asked first, so that a figure with no better side is refused in the first epoch.
        more_is_better = self._more_is_better()
        if reference is None:
            return True
        if more_is_better:
            return bool(np.float32(figure - self.min_delta) > np.float32(reference))
        return bool(np.float32(figure + self.min_delta) < np.float32(reference))

    def _more_is_better(self) -> bool:
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.removeprefix("val_")
        metric = next((one for one in getattr(self.model, "metrics", ()) if one.name == name), None)
        direction = getattr(metric, "_direction", None)
        if direction is not None:
            return bool(direction == "up")
        if _UP.search(name.lower()):
            return True
        if _DOWN.search(name):
            return False
        raise ValueError(
            f"{type(self).__name__}: expected a figure with a better side, received monitor={self.monitor}. "
            "Pass mode='max' if more of it is better, mode='min' if less is."
        )
