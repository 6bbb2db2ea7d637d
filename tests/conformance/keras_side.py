"""What real Keras does with files that Pippin wrote, one model after the other: run by `test_files_both_ways.py` with a
Python that has Keras, never imported.

For each NAME.keras in the folder: open it, answer, train one step, write a file of its own, train one more step. What
it said and what its weights were is written down beside it, errors too.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np


def state(model: Any, word: str) -> dict[str, np.ndarray]:
    """The weights and the optimizer's variables, by name."""
    found = {f"{word} weight {n}": np.array(array) for n, array in enumerate(model.get_weights())}
    return found | {f"{word} memory {n}": np.array(v) for n, v in enumerate(model.optimizer.variables)}


def answered(folder: Path, name: str) -> dict[str, np.ndarray]:
    given = np.load(folder / f"{name}.given.npz")
    x: Any = [given[f"x{n}"] for n in range(len(given.files) - 1)]
    x = x if len(x) > 1 else x[0]
    # Keras 3.15.1 can't train a model on that it opened from a legacy file, its own neither, nor does it know Lamb by
    # name there: see its answers alone.
    older = keras.models.load_model(folder / f"{name}.h5", compile=name != "Lamb")
    model = keras.models.load_model(folder / f"{name}.keras")
    found = state(model, "opened") | {
        "opened output": np.array(model.predict(x, verbose=0)),
        "legacy output": np.array(older.predict(x, verbose=0)),
    }
    model.train_on_batch(x, given["y"])
    found |= state(model, "trained") | {"trained output": np.array(model.predict(x, verbose=0))}
    model.save(folder / f"{name}.theirs.keras")
    legacy = folder / f"{name}.theirs.h5"
    try:
        model.save(legacy)
    except (TypeError, ValueError):  # it can't write some random layers, and Adafactor's variables of one name
        legacy.unlink(missing_ok=True)
    model.save_weights(folder / f"{name}.theirs.weights.h5")
    model.train_on_batch(x, given["y"])
    found |= state(model, "again")
    # Weights alone, written by Pippin, into a model that has others by now.
    model.load_weights(folder / f"{name}.weights.h5")
    return found | {"weights output": np.array(model.predict(x, verbose=0))}


def main(folder: Path) -> None:
    warnings.simplefilter("error", UserWarning)  # so Keras says when it skipped an optimizer
    warnings.filterwarnings("ignore", message=".*with a mask attached")
    warnings.filterwarnings("ignore", message=".*requested dtype int64")  # MixUp asks JAX for wide numbers
    faults = {}
    for given in sorted(folder.glob("*.given.npz")):
        name = given.name.removesuffix(".given.npz")
        keras.utils.clear_session()
        try:
            np.savez(folder / f"{name}.theirs.npz", **answered(folder, name))
        except Exception as error:
            faults[name] = f"{type(error).__name__}: {error}"
    (folder / "faults.json").write_text(json.dumps(faults))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
