"""What a functional model does with the graph it was made of."""

from __future__ import annotations

import numpy as np

from pippin import layers, models


def test_what_a_run_is_stands_above_what_a_layer_was_called_with() -> None:
    x = layers.Input((4,))
    model = models.Model(x, layers.Dropout(0.5)(x, training=True))  # Keras 3.15 rests here too, and writes such files
    np.testing.assert_array_equal(model.predict(np.ones((2, 4)), verbose=0), np.ones((2, 4)))
