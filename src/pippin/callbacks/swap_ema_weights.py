"""SwapEMAWeights: judge and save with the weights' moving averages while training goes on with the weights."""

from __future__ import annotations

from pippin.callbacks.callback import Callback, Logs
from pippin.errors import SettingError


class SwapEMAWeights(Callback):
    """Puts the moving averages that an optimizer with `use_ema=True` keeps in the place of the weights for each
    evaluation and prediction, and back afterwards; with `swap_on_epoch` from the end of each epoch to the next one's
    beginning, so that a ModelCheckpoint after it in the list saves them. After training they stay."""

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._are_swapped = False

    def _swap(self) -> None:
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        if not getattr(optimizer, "use_ema", False):
            raise SettingError(
                "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer: it keeps the averages. "
                f"Received: use_ema=False of {type(optimizer).__name__}"
            )
        if not optimizer.built:
            return
        for variable in self.model.trainable_variables:
            average = optimizer.slot("average", variable)
            kept = variable.value.copy()
            variable.value[...] = average.value
            average.value[...] = kept
        self._are_swapped = not self._are_swapped

    def _keep(self) -> None:
        """The weights are the averages now, and the averages too: so the end of training leaves them."""
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        for variable in self.model.trainable_variables:
            optimizer.slot("average", variable).value[...] = variable.value
        self._are_swapped = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        if self.swap_on_epoch and self._are_swapped:
            self._swap()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self.swap_on_epoch and not self._are_swapped:
            self._swap()
            if epoch == self.params["epochs"] - 1:
                self._keep()

    def on_test_begin(self, logs: Logs = None) -> None:
        self._swap()

    def on_test_end(self, logs: Logs = None) -> None:
        self._swap()

    def on_predict_begin(self, logs: Logs = None) -> None:
        self._swap()

    def on_predict_end(self, logs: Logs = None) -> None:
        self._swap()
