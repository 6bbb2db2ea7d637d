"""How many instructions the native engine needs for a training step, counted by callgrind.

`python tests/engines/instructions.py` counts and prints; with `--refresh` it also writes instruction_counts.json, which
test_instruction_counts.py holds new counts against. Counts hardly vary, as times do, but they are a compiler's: the
file names the one that made them. Valgrind knows no AVX-512, so what is counted is the AVX2 copy of the kernels.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COUNTS = Path(__file__).with_name("instruction_counts.json")
UNDER_CALLGRIND = "PIPPIN_COUNT_WITH"


def why_not() -> str:
    """What is missing to count here, or nothing."""
    if not shutil.which("valgrind"):
        return "valgrind is not installed"
    if not shutil.which("c++"):
        return "no C++ compiler here"
    try:
        from pippin import _native
    except ImportError:
        return "the native engine is not built here"
    return "" if "avx2" in _native.instruction_sets() else "this machine has no AVX2"


def compiler() -> str:
    """The compiler that built the native engine, as it says itself in the module."""
    from pippin import _native

    found = re.search(rb"(GCC: \([^)]*\) [\d.]+|clang version [\d.]+)", Path(_native.__file__).read_bytes())
    return found.group(1).decode() if found else "unknown"


def count() -> dict[str, int]:
    """Instructions of one step of each case, in a process of its own."""
    with TemporaryDirectory() as folder:
        library = Path(folder) / "callgrind.so"
        source = ROOT / "native" / "tests" / "callgrind.cpp"
        subprocess.run(["c++", "-shared", "-fPIC", "-O1", source, "-o", library], check=True, capture_output=True)
        command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/out.%p",
                   sys.executable, __file__]  # fmt: skip
        environment = {**os.environ, UNDER_CALLGRIND: str(library), "PYTHONHASHSEED": "0"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"counting failed:\n{done.stderr[-2000:]}")
        steps = json.loads(done.stdout.splitlines()[-1])
        found = {}
        for path in Path(folder).glob("out.*"):
            text = path.read_text()
            name = re.search(r"^desc: Trigger: Client Request: (\w+)$", text, re.MULTILINE)
            if name:
                counted = re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)
                assert counted is not None
                found[name.group(1)] = round(int(counted.group(1)) / steps[name.group(1)])
        return {name: found[name] for name in steps}


def step_of_the_article() -> tuple[Any, tuple[int, ...], int, int]:
    from pippin import layers, models

    dense = [layers.Dense(32, "relu"), layers.Dense(16, "relu"), layers.Dense(2, "softmax")]
    model = models.Sequential([layers.Input((16,)), *dense])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, (20, 16), 20, 50


def dense_forward_and_backward() -> tuple[Any, tuple[int, ...], int, int]:
    from pippin import layers, models

    model = models.Sequential([layers.Input((784,)), layers.Dense(128, "relu"), layers.Dense(10, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model, (64, 784), 32, 2


def convolution_forward_and_backward() -> tuple[Any, tuple[int, ...], int, int]:
    from pippin import layers, models

    model = models.Sequential([
        layers.Input((16, 16, 3)), layers.Conv2D(8, 3, padding="same", activation="relu"), layers.MaxPooling2D(2),
        layers.Conv2D(16, 3, activation="relu"), layers.Flatten(), layers.Dense(2, "softmax"),
    ])  # fmt: skip
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model, (32, 16, 16, 3), 16, 2


def update_by_adam() -> tuple[Any, tuple[int, ...], int, int]:
    """16 400 weights and one sample: nearly all of a step is the update."""
    from pippin import layers, models

    model = models.Sequential([layers.Input((1024,)), layers.Dense(16, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, (4, 1024), 1, 2


CASES: tuple[Callable[[], tuple[Any, tuple[int, ...], int, int]], ...] = (
    step_of_the_article, dense_forward_and_backward, convolution_forward_and_backward, update_by_adam,
)  # fmt: skip


def run_under_callgrind(library: str) -> dict[str, int]:
    """Train each case, counting inside the engine's call and nowhere else; how many steps that were."""
    import numpy as np

    from pippin import config
    from pippin.engines import native

    callgrind = ctypes.CDLL(library)
    config.set_threads(1)
    run_epochs = native._native.run_epochs
    steps = {}
    for case in CASES:
        model, shape, batch, epochs = case()
        x = np.random.default_rng(0).random(shape, np.float32)
        y = np.arange(len(x), dtype=np.int32) % 2

        def counted(*arguments: Any, name: bytes = case.__name__.encode()) -> Any:
            callgrind.count_from_here()
            # No looks at the clock: the last argument is how many seconds to run before coming back.
            result = run_epochs(*arguments[:-1], 1e9)
            callgrind.write_down(name)
            return result

        native._native.run_epochs = run_epochs
        model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
        native._native.run_epochs = counted
        model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0)
        steps[case.__name__] = epochs * len(x) // batch
    return steps


def main() -> None:
    if library := os.environ.get(UNDER_CALLGRIND):
        print(json.dumps(run_under_callgrind(library)))
        return
    if reason := why_not():
        sys.exit(f"Can't count: {reason}.")
    found = {"compiler": compiler(), "instructions": count()}
    if "--refresh" in sys.argv:
        COUNTS.write_text(json.dumps(found, indent=4) + "\n")
    print(json.dumps(found, indent=4))


if __name__ == "__main__":
    main()
