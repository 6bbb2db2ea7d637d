"""Batch normalization beside its plain form: with masks, and renormalized. (The rest: tests/conformance, by Keras.)"""

from __future__ import annotations

import numpy as np
import pytest

from pippin import layers
from pippin.errors import SettingError

SEQUENCES = np.random.RandomState(0).randn(4, 3, 2).astype(np.float32)
COUNTS = np.array([[True, True, False], [True, False, False], [True, True, True], [True, True, False]])


def test_time_steps_that_do_not_count_change_no_mean() -> None:
    layer, plain = layers.BatchNormalization(momentum=0.0), layers.BatchNormalization(momentum=0.0)
    found = layer(SEQUENCES, training=True, mask=COUNTS)
    expected = plain(SEQUENCES[COUNTS], training=True)
    # The count of what counts has 1e-7 added, as in Keras.
    np.testing.assert_allclose(found[COUNTS], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer.moving_mean.numpy(), plain.moving_mean.numpy(), rtol=1e-5, atol=1e-6)


def test_renormalized_batches_are_what_the_moving_averages_would_give() -> None:
    layer = layers.BatchNormalization(renorm=True, renorm_momentum=0.5)
    x = SEQUENCES[:, 0]
    first = layer(x, training=True)  # the averages are still 0 and 1, so that nothing changes
    np.testing.assert_allclose(first, x, rtol=1e-4, atol=1e-5)
    names = [weight.name for weight in layer.weights]
    assert names == ["gamma", "beta", "moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev"]
    spread = np.sqrt(x.var(0) + layer.epsilon)
    np.testing.assert_allclose(layer.renorm_mean.numpy(), x.mean(0) / 2, rtol=1e-5)
    np.testing.assert_allclose(layer.renorm_stddev.numpy(), (1 + spread) / 2, rtol=1e-5)
    second = layer(x, training=True)
    np.testing.assert_allclose(second, (x - x.mean(0) / 2) / ((1 + spread) / 2), rtol=1e-4, atol=1e-5)


def test_corrections_are_kept_within_their_limits() -> None:
    layer = layers.BatchNormalization(renorm=True, renorm_clipping={"rmin": 1.0, "rmax": 1.0, "dmax": 0.0})
    plain = layers.BatchNormalization()
    x = SEQUENCES[:, 0] * 3 + 5
    np.testing.assert_allclose(layer(x, training=True), plain(x, training=True), rtol=1e-5, atol=1e-6)
    with pytest.raises(SettingError, match="invalid keys"):
        layers.BatchNormalization(renorm=True, renorm_clipping={"r": 1})
    with pytest.raises(SettingError, match="rmax should be greater"):
        layers.BatchNormalization(renorm=True, renorm_clipping={"rmin": 2, "rmax": 1})
