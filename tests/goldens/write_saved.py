"""Writes the models of saved_models.py with Pippin, for Keras to read: python tests/goldens/write_saved.py FOLDER"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))


def main(folder: Path) -> None:
    import pippin
    from goldens import saved_models

    pippin.random.set_random_seed(0)
    folder.mkdir(exist_ok=True)
    for name, make in saved_models.MODELS.items():
        model = make(pippin)
        model.fit(*saved_models.data(name), epochs=2, batch_size=5, verbose=0)
        model.save(folder / f"{name}.keras")
        np.savez_compressed(folder / f"{name}.npz", **saved_models.answers(model, name))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
