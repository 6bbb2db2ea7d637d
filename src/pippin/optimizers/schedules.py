"""Learning rates that follow the step: functions of how often the weights have moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log, pi
from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.saving.configured import Configured
from pippin.saving.named import from_description
from pippin.saving.serialize import serialize as written


class LearningRateSchedule(Configured):
    """The base of schedules. A subclass writes `__call__(step)`, in `pippin.ops`: it becomes lines of the training
    step, so that the learning rate moves inside the compiled loop."""

    def __call__(self, step: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: a schedule defines __call__(step).")


class _Decay(LearningRateSchedule):
    """A schedule that goes through `decay_steps` steps."""

    def __init__(self, decay_steps: int, name: str, word: str = "decay_steps") -> None:
        if decay_steps <= 0:
            raise SettingError(f"{type(self).__name__} {word}: expected a number above 0, received {decay_steps!r}.")
        self.decay_steps, self.name = decay_steps, name

    def _part(self, step: Any) -> Any:
        """How much of the decay is done: steps divided by decay_steps."""
        return ops.cast(step, "float32") / float(self.decay_steps)


class ExponentialDecay(_Decay):
    """initial_learning_rate · decay_rate^(step / decay_steps); staircase rounds the exponent down."""

    def __init__(
        self, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:  # fmt: skip
        super().__init__(decay_steps, name)
        self.initial_learning_rate, self.decay_rate, self.staircase = initial_learning_rate, decay_rate, staircase

    def __call__(self, step: Any) -> Any:
        part = self._part(step)
        return ops.power(float(self.decay_rate), ops.floor(part) if self.staircase else part) * _number(
            self.initial_learning_rate
        )


class InverseTimeDecay(_Decay):
    """initial_learning_rate / (1 + decay_rate · step / decay_steps); staircase rounds the quotient down."""

    def __init__(
        self, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:  # fmt: skip
        super().__init__(decay_steps, name)
        self.initial_learning_rate, self.decay_rate, self.staircase = initial_learning_rate, decay_rate, staircase

    def __call__(self, step: Any) -> Any:
        part = self._part(step)
        return _number(self.initial_learning_rate) / (
            (ops.floor(part) if self.staircase else part) * float(self.decay_rate) + 1.0
        )


class PolynomialDecay(_Decay):
    """From initial_learning_rate to end_learning_rate along (1 - step / decay_steps)^power; with `cycle`, decay_steps
    grows to its next multiple whenever it is passed, and the rate jumps up again."""

    def __init__(
        self, initial_learning_rate: float, decay_steps: int, end_learning_rate: float = 0.0001, power: float = 1.0,
        cycle: bool = False, name: str = "PolynomialDecay",
    ) -> None:  # fmt: skip
        super().__init__(decay_steps, name)
        self.initial_learning_rate, self.end_learning_rate = initial_learning_rate, end_learning_rate
        self.power, self.cycle = power, cycle

    def __call__(self, step: Any) -> Any:
        part = self._part(step)
        part = part / ops.maximum(ops.ceil(part), 1.0) if self.cycle else ops.minimum(part, 1.0)
        first, last = _number(self.initial_learning_rate), _number(self.end_learning_rate)
        return ops.power(1.0 - part, float(self.power)) * (first - last) + last


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[0] up to and with step boundaries[0], values[1] up to boundaries[1], and so on."""

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        if len(boundaries) != len(values) - 1:
            raise SettingError(
                f"PiecewiseConstantDecay values: expected one more than boundaries, received {len(values)} values and "
                f"{len(boundaries)} boundaries."
            )
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        rate: Any = _number(self.values[-1])
        for boundary, value in zip(reversed(self.boundaries), reversed(self.values[:-1]), strict=True):
            rate = ops.where(step <= float(boundary), _number(value), rate)
        return rate


class CosineDecay(_Decay):
    """Half a wave of the cosine from the initial rate down to `alpha` of it; before that, if there is a warmup_target,
    a straight line up to it in warmup_steps steps. Source: Loshchilov and Hutter, "SGDR" (2017), equation 5."""

    def __init__(
        self, initial_learning_rate: float, decay_steps: int, alpha: float = 0.0, name: str = "CosineDecay",
        warmup_target: float | None = None, warmup_steps: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(decay_steps, name)
        self.initial_learning_rate, self.alpha = initial_learning_rate, alpha
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps

    def __call__(self, step: Any) -> Any:
        step, first = ops.cast(step, "float32"), _number(self.initial_learning_rate)
        if self.warmup_target is None:
            return _half_wave(ops.minimum(self._part(step), 1.0)) * (first * (1 - self.alpha)) + first * self.alpha
        top, warm = _number(self.warmup_target), float(self.warmup_steps)
        part = ops.clip(self._part(step - warm), 0.0, 1.0)
        falling = _half_wave(part) * (top * (1 - self.alpha)) + top * self.alpha
        rising = step * ((top - first) / max(warm, 1.0)) + first
        return ops.where(step < warm, rising, falling)


class CosineDecayRestarts(_Decay):
    """Half waves of the cosine, one after the other: each `t_mul` times as long as the one before and beginning at
    `m_mul` times its height. Source: Loshchilov and Hutter, "SGDR" (2017), section 3."""

    def __init__(
        self, initial_learning_rate: float, first_decay_steps: int, t_mul: float = 2.0, m_mul: float = 1.0,
        alpha: float = 0.0, name: str = "SGDRDecay",
    ) -> None:  # fmt: skip
        super().__init__(first_decay_steps, name, "first_decay_steps")
        self.initial_learning_rate, self.first_decay_steps = initial_learning_rate, first_decay_steps
        self.t_mul, self.m_mul, self.alpha = t_mul, m_mul, alpha

    def __call__(self, step: Any) -> Any:
        part, longer = self._part(step), float(self.t_mul)
        if longer == 1.0:
            wave = ops.floor(part)
            part = part - wave
        else:
            # All waves before number n are (1 - t^n) / (1 - t) times as long as the first.
            wave = ops.floor(ops.log(1.0 - part * (1.0 - longer)) / log(longer))
            length = ops.power(longer, wave)
            part = (part - (1.0 - length) / (1.0 - longer)) / length
        first = _number(self.initial_learning_rate)
        height = ops.power(float(self.m_mul), wave) * (first * (1 - self.alpha))
        return height * _half_wave(part) + first * self.alpha


def _half_wave(part: Any) -> Any:
    """From 1 down to 0 while part goes from 0 to 1."""
    return (ops.cos(part * pi) + 1.0) * 0.5


def _number(value: Any) -> float:
    return float(value)


_CLASSES = (
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay,
)  # fmt: skip


def serialize(learning_rate_schedule: LearningRateSchedule) -> Any:
    """A schedule as plain data: its class and its configuration."""
    return written(learning_rate_schedule)


def deserialize(config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The schedule that `serialize` wrote. Own classes come from `custom_objects` or are registered."""
    return from_description("learning rate schedule", config, {cls.__name__: cls for cls in _CLASSES}, custom_objects)


__all__ = [
    "CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay", "LearningRateSchedule",
    "PiecewiseConstantDecay", "PolynomialDecay", "deserialize", "serialize",
]  # fmt: skip
