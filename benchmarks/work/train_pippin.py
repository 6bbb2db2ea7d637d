"""A workload under Pippin: Keras's words, and a clock around the calls of the engine, so that what Python costs is
seen. `threads` says how many; without it there are as many as processors. `watch` records the run."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.work.measure import asked
from benchmarks.work.train_keras import train
from pippin import config, glass
from pippin.engines.native import NativeEngine

spent = [0.0]


def watched(run_epochs):
    def run(*arguments):
        began = perf_counter()
        report = run_epochs(*arguments)
        spent[0] += perf_counter() - began
        return report

    return run


if __name__ == "__main__":
    work, settings = asked()
    NativeEngine.run_epochs = watched(NativeEngine.run_epochs)
    if threads := settings.pop("threads", 0):
        config.set_threads(threads)
    with TemporaryDirectory() as folder:
        watchers = [glass.Watch(Path(folder) / "run")] if settings.pop("watch", False) else []
        train(work, settings, lambda: spent[0], watchers)
