"""Lets real Keras write the files in saved/. Run once, with a Python that has Keras 3.15, not by the tests:

    KERAS_BACKEND=jax path/to/keras/python tests/goldens/capture_saved.py

With KERAS_BACKEND=tensorflow it writes frozen-tensorflow.keras, whose counters are int64. With a folder behind it,
Keras reads what Pippin wrote there (`tests/goldens/write_saved.py FOLDER`) and compares.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))


def capture(only: str = "") -> None:
    import keras

    from goldens import saved_models

    keras.utils.set_random_seed(0)
    suffix = "-tensorflow" if keras.backend.backend() == "tensorflow" else ""
    for name, make in saved_models.MODELS.items():
        if only not in ("", name) or (suffix and name != "frozen"):
            continue
        keras.utils.clear_session()
        model = make(keras)
        model.fit(*saved_models.data(name), epochs=2, batch_size=5, verbose=0)
        model.save(FOLDER / "saved" / f"{name}{suffix}.keras")
        if name == "pictures":
            model.save_weights(FOLDER / "saved" / f"{name}.weights.h5")
        np.savez_compressed(FOLDER / "saved" / f"{name}{suffix}.npz", **saved_models.answers(model, name))


def compare(folder: Path) -> None:
    import keras

    from goldens import saved_models

    warnings.simplefilter("error", UserWarning)  # so Keras says that it skipped an optimizer
    for name in saved_models.MODELS:
        expected = np.load(folder / f"{name}.npz")
        found = saved_models.answers(keras.models.load_model(folder / f"{name}.keras"), name)
        assert set(found) == set(expected), (name, set(found) ^ set(expected))
        for word, array in found.items():
            np.testing.assert_allclose(array, expected[word], rtol=1e-5, atol=1e-5, err_msg=f"{name}, {word}")
        print(f"{name}: Keras agrees on {len(found)} arrays")


if __name__ == "__main__":
    compare(Path(sys.argv[1])) if len(sys.argv) > 1 else capture()
