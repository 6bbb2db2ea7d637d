"""`pippin run` is to a Keras script what `python` is, with Pippin in Keras's place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir

import pytest

from goldens import article

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "tests" / "goldens"
Ran = subprocess.CompletedProcess[str]


def pippin(*words: object, folder: Path, code: int = 0, path: str = "") -> Ran:
    """Run the command in a folder; it must end with the code."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{path}",
        "PYTHONIOENCODING": "utf-8",
    }
    environment |= {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": gettempdir() + "/pippin-tests-bytecode",
    }
    environment.pop("COLUMNS", None)
    command = [sys.executable, "-m", "pippin", *map(str, words)]
    ran = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60
    )
    # Decoded here, because text mode would take the carriage returns of a progress bar for ends of lines.
    told = Ran(command, ran.returncode, ran.stdout.decode(), ran.stderr.decode())
    assert told.returncode == code, f"{told.stdout}\n{told.stderr}"
    return told


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "script.py"


def test_the_article_prints_what_it_prints_under_keras(SHARED: Path, tmp_path: Path) -> None:
    ran = pippin("run", SHARED / "article" / "article.py", folder=tmp_path)
    assert article.on_screen(ran.stdout) == (GOLDENS / "article.txt").read_text(encoding="utf-8")


IMPORTS = """
import tensorflow as tf
from tensorflow import keras as first
import tensorflow.keras as second
import keras as third
from tensorflow.keras import layers, models
from tensorflow.keras.layers import Dense
from tensorflow.python.keras.layers import Dense as hidden
from keras.api.layers import Dense as by_api
from keras.src.layers import Dense as by_source
from keras.layers.core import Dense as of_keras_2
from keras.utils import to_categorical, np_utils
from tensorflow.keras.preprocessing.image import load_img
from tensorflow.keras.optimizers.legacy import Adam
import tensorflow.keras.layers as L

kinds = {Dense, hidden, by_api, by_source, of_keras_2, L.Dense, layers.Dense, tf.keras.layers.Dense}
print(len(kinds), Dense.__module__, first is tf.keras is second, np_utils.to_categorical is to_categorical)
print(tf.__version__.startswith("2."), "pippin" in tf.__version__, third.__version__.split(".")[0])
print(tf.optimizers.Adam is Adam, sorted(name for name in dir(models) if name[0] == "S"))
from tensorflow.keras.layers import *
print(Flatten.__name__)
"""


def test_every_way_to_import_keras_leads_to_pippin(script: Path) -> None:
    script.write_text(IMPORTS)
    ran = pippin("run", script, folder=script.parent)
    assert ran.stdout == "1 pippin.layers.core True True\nTrue True 3\nTrue ['Sequential']\nFlatten\n"


def test_a_real_tensorflow_is_left_aside(script: Path, tmp_path: Path) -> None:
    real = tmp_path / "installed" / "tensorflow"
    real.mkdir(parents=True)
    (real / "__init__.py").write_text("raise SystemExit('the real one was imported')")
    script.write_text("import tensorflow as tf\nprint(tf.keras.Sequential.__module__)")
    assert (
        pippin("run", script, folder=tmp_path, path=str(real.parent)).stdout == "pippin.models.sequential\n"
    )


SURFACE = """
import numpy as np, tensorflow as tf
print(tf.config.list_physical_devices("GPU"), tf.config.experimental.list_physical_devices("GPU"))
tf.config.experimental.set_memory_growth(None, True)
tf.config.threading.set_intra_op_parallelism_threads(2)
np.random.seed(5); first = np.random.rand(); np.random.seed(5)
tf.random.set_seed(1)
print(first == np.random.rand(), tf.executing_eagerly(), tf.test.is_gpu_available(), tf.data.AUTOTUNE)
x = tf.constant([[1.0, 2.0], [3.0, 5.0]])
print(x.dtype == tf.float32, tf.constant([1, 2]).dtype, tf.cast(x, tf.int32).tolist(), tf.int8.as_numpy_dtype)
print(tf.reduce_mean(x, axis=1).tolist(), tf.reduce_sum(x, keepdims=True).shape, tf.argmax(x))
print(tf.concat([x, x], axis=0).shape, tf.transpose(x, perm=[1, 0]).tolist(), tf.range(3), x[tf.newaxis].ndim)
model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(2, activation=tf.nn.relu)])
model.compile("adam", lambda truth, guess: tf.reduce_mean(tf.square(truth - guess), axis=-1))
model.fit(x, tf.zeros((2, 2)), verbose=0)
print(list(tf.data.Dataset.from_tensor_slices(x).batch(2).prefetch(tf.data.AUTOTUNE))[0].shape)
"""


def test_the_rest_of_tf_that_scripts_set_up_with_is_there(script: Path) -> None:
    script.write_text(SURFACE)
    assert pippin("run", script, folder=script.parent).stdout.splitlines() == [
        "[] []",
        "True True False -1",
        "True int32 [[1, 2], [3, 5]] <class 'numpy.int8'>",
        "[1.5, 4.0] (1, 1) [1 1]",
        "(4, 2) [[1.0, 3.0], [2.0, 5.0]] [0 1 2] 3",
        "(2, 2)",
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("tf.keras.layers.Dens(3)", 'tf.keras.layers.Dens (HERE, line 2). Did you mean "Dense"?'),
        ("from keras.layers import Dens", 'keras.layers.Dens (HERE, line 2). Did you mean "Dense"?'),
        ("import keras.layers.nothing_like_it", "keras.layers.nothing_like_it (HERE, line 2)."),
        ("tf.get_default_graph()", "tf.get_default_graph (HERE, line 2)."),
    ],
)
def test_a_missing_name_is_named_with_the_line_and_the_nearest(script: Path, line: str, message: str) -> None:
    script.write_text(f"import tensorflow as tf\n{line}\n")
    ran = pippin("run", script, folder=script.parent, code=1)
    told = ran.stderr.splitlines()
    assert told[0] == "Traceback (most recent call last):"
    assert told[1] == f'  File "{script}", line 2, in <module>'
    assert told[-1].split(": ", 1)[1] == f"Pippin has no {message.replace('HERE', str(script))}"
    assert sum("File" in row for row in told) == 1, "the traceback shows more than the script"


def test_a_script_can_ask_whether_a_name_is_there(script: Path) -> None:
    script.write_text(
        "import tensorflow as tf\n"
        "print(hasattr(tf, 'Session'), hasattr(tf.keras.layers, 'Dense'))\n"
        "try:\n    from keras.layers import Nonsense\n"
        "except ImportError as error:\n    print(type(error).__name__)\n"
    )
    assert pippin("run", script, folder=script.parent).stdout == "False True\nMissingModule\n"


ITSELF = """
import sys, os, __main__
print(sys.argv, __name__, __file__, sys.path[0], __spec__, __doc__, vars(__main__) is globals())
import neighbour
print(neighbour.WORD, __main__.sys is sys, __builtins__.__name__)
"""


@pytest.mark.parametrize("way", ["python", "pippin"])
def test_a_script_finds_itself_as_under_python(script: Path, way: str) -> None:
    script.write_text('"""About."""\n' + ITSELF)
    (script.parent / "neighbour.py").write_text("WORD = 'beside'")
    words = ["script.py", "--epochs", "3", "-x", "--help"]
    if way == "pippin":
        out = pippin("run", *words, folder=script.parent).stdout
    else:
        out = subprocess.run(
            [sys.executable, *words], cwd=script.parent, capture_output=True, text=True, check=True
        ).stdout
    assert out.splitlines() == [
        f"['script.py', '--epochs', '3', '-x', '--help'] __main__ {script} {script.parent} None About. True",
        "beside True builtins",
    ]


FAILURES = {
    "an error": "def deep():\n    return 1 / 0\n\ntry:\n    int('x')\nexcept ValueError:\n    deep()",
    "a mistake of grammar": "print('begun'\n",
    "another encoding": "# coding: latin-1\nprint('\xe9')\nraise KeyError('\xe9')",
    "an exit with words": "import sys\nsys.exit('no good')",
    "an exit with a code": "raise SystemExit(7)",
    "a hook of its own": "import sys\nsys.excepthook = lambda *a: print(a[0].__name__)\nraise KeyError('x')",
}


@pytest.mark.parametrize("what", FAILURES)
def test_a_script_fails_as_under_python(script: Path, what: str) -> None:
    script.write_text(FAILURES[what], encoding="latin-1")
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    plain = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment)
    assert plain.returncode != 0
    ran = pippin("run", script, folder=script.parent, code=plain.returncode)
    assert (ran.stdout, ran.stderr) == (plain.stdout, plain.stderr)


def test_a_script_that_is_interrupted_says_so_to_the_shell(script: Path) -> None:
    script.write_text("raise KeyboardInterrupt")
    ran = pippin("run", script, folder=script.parent, code=130)
    assert ran.stderr.endswith("KeyboardInterrupt\n")


def test_what_is_no_script_is_refused(tmp_path: Path) -> None:
    assert "there is no such file" in pippin("run", "gone.py", folder=tmp_path, code=2).stderr
    assert "it is a folder" in pippin("run", tmp_path, folder=tmp_path, code=2).stderr
    assert "SCRIPT.py" in pippin("run", folder=tmp_path, code=2).stderr
