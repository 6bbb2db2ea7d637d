"""The article's script as a whole process: import, build, fit 50 epochs, predict one row."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.answer import Answer, Table
from benchmarks.peers import python_of
from benchmarks.timing import Contestant, in_turn, peer
from benchmarks.workloads import SHARED

SCRIPT = SHARED / "article" / "article.py"
# The script's own lines, with Keras 3 imported as itself instead of as a part of TensorFlow.
WITHOUT_TENSORFLOW = (
    f"text = open({str(SCRIPT)!r}).read()\n"
    "text = text.replace('import tensorflow as tf\\n', '').replace('tensorflow.keras', 'keras')\n"
    "exec(compile(text, 'article', 'exec'))"
)


def ask(rounds: int) -> Answer:
    predict = '{"predict": true}'
    outcomes = in_turn([
        Contestant("pippin run", [str(Path(sys.executable).parent / "pippin"), "run", str(SCRIPT)]),
        peer("scikit-learn", "train_sklearn", "article", predict),
        peer("JAX", "train_jax", "article", predict),
        peer("PyTorch", "train_torch", "article", '{"predict": true, "threads": 1}', home="torch"),
        Contestant("Keras on JAX", [python_of("keras"), "-c", WITHOUT_TENSORFLOW], {"KERAS_BACKEND": "jax"}),
        Contestant("Keras on TensorFlow", [python_of("keras"), str(SCRIPT)], {"KERAS_BACKEND": "tensorflow"}),
    ], rounds, whole_process=True)  # fmt: skip
    table = Table("The article's script", "s", outcomes)
    table.claim(5, "scikit-learn")
    table.claim(25, "Keras on TensorFlow")
    return Answer("The article's script, whole process", [table])
