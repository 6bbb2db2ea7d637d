"""Claims about arguments: what is meant is understood, and what is not is refused with words before anything
is done."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from pippin.cli.arguments import fraction, positive, seconds, seed, stoppable, whole


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (whole, "3", 3),
        (seed, "0", 0),
        (positive, "1e-3", 0.001),
        (fraction, ".25", 0.25),
        (seconds, "90", 90),
        (seconds, "90s", 90),
        (seconds, "1.5m", 90),
        (seconds, "2min", 120),
        (seconds, "1h", 3600),
    ],
)
def test_what_is_meant_is_understood(kind: Callable[[str], Any], text: str, value: float) -> None:
    assert kind(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (whole, "0"),
        (whole, "-1"),
        (whole, "1.5"),
        (whole, "many"),
        (whole, "²"),
        (seed, str(2**32)),
        (positive, "0"),
        (positive, "inf"),
        (positive, "nan"),
        (fraction, "1"),
        (fraction, "20%"),
        (seconds, "0s"),
        (seconds, "5 d"),
        (seconds, ""),
    ],
)
def test_what_is_not_is_refused_with_what_was_expected(kind: Callable[[str], Any], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected"):
        kind(text)


def test_the_first_ctrl_c_asks_and_the_second_interrupts() -> None:
    with pytest.raises(KeyboardInterrupt), stoppable() as must_stop:
        assert not must_stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert must_stop()
        os.kill(os.getpid(), signal.SIGINT)


def test_afterwards_ctrl_c_means_what_it_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stoppable():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
