"""`tf.debugging`: claims of a script about its arrays."""

from __future__ import annotations

from typing import Any

import numpy as np


def assert_equal(x: Any, y: Any, message: str | None = None, **unused: Any) -> None:
    """Refuse arrays that differ."""
    if not np.array_equal(np.asarray(x), np.asarray(y)):
        raise ValueError(f"tf.debugging.assert_equal: {message or 'expected equal arrays'}: {x!r:.100} and {y!r:.100}.")


def assert_near(x: Any, y: Any, rtol: float | None = None, atol: float | None = None, **unused: Any) -> None:
    """Refuse arrays that differ by more than rounding."""
    np.testing.assert_allclose(np.asarray(x), np.asarray(y), rtol=rtol or 1e-5, atol=atol or 1e-5)


def assert_greater(x: Any, y: Any, message: str | None = None, **unused: Any) -> None:
    """Refuse numbers of x that are not above those of y."""
    if not np.all(np.asarray(x) > np.asarray(y)):
        raise ValueError(f"tf.debugging.assert_greater: {message or 'expected x > y'}: {x!r:.100} and {y!r:.100}.")


def set_log_device_placement(enabled: bool) -> None:
    """Without effect: everything runs here."""
