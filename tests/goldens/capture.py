"""Writes down what real Keras prints and does. Run once, with a Python that has Keras 3.15, not by the tests:

    KERAS_BACKEND=jax path/to/keras/python tests/goldens/capture.py path/to/article.py

The tests run the same scenarios on Pippin and compare with the files that this leaves beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))


def main() -> None:
    import keras

    from goldens import article, bars, readings, summaries, watchers

    for name, scenario in summaries.SCENARIOS.items():
        keras.utils.clear_session()
        write(f"summary/{name}.txt", scenario(keras))
    for name, shown in bars.SCENARIOS.items():
        keras.utils.clear_session()
        write(f"bar/{name}.txt", shown(keras))
    for name, lead in watchers.SCENARIOS.items():
        write(f"watcher/{name}.txt", "\n".join(lead(keras)))
    with TemporaryDirectory() as folder:
        readings.make_files(Path(folder))
        readings.let_keras_read(Path(folder))
        for name, read in readings.SCENARIOS.items():
            write(f"reading/{name}.txt", read(keras.datasets))
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    ran = subprocess.run([sys.executable, sys.argv[1]], env=environment, capture_output=True, check=True)
    write("article.txt", article.on_screen(ran.stdout.decode()))


def write(name: str, text: str) -> None:
    path = FOLDER / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
