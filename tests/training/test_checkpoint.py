"""Claims about runs that are interrupted: they go on at exactly the next step, and end as if nothing had happened."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, models, optimizers
from pippin.callbacks import Callback, EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from pippin.errors import FileError, SettingError
from pippin.saving.weights import read_weights
from pippin.training import fit as fitting
from pippin.training.checkpoint import FILE, Checkpoint

ROWS, BATCH, EPOCHS = 50, 8, 4  # 7 steps an epoch, the last of 2 rows


class Interrupted(Exception):
    """What a test stops a run with: as sudden, for the run, as pulling the plug."""


class StopAt(Callback):
    """Interrupts the run when it stands still for the nth time, before or after the checkpoint is written."""

    def __init__(self, nth: int) -> None:
        super().__init__()
        self.left = nth

    def on_pause(self, run: Any) -> None:
        self.left -= 1
        if self.left == 0:
            raise Interrupted


@pytest.fixture(autouse=True)
def _pause_after_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "SECONDS_BETWEEN_LOOKS", 0.0)


def network(optimizer: Any) -> Any:
    model = models.Sequential(
        [
            layers.Input((6,)),
            layers.Dense(8, "relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(3, "softmax"),
        ]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def rows(count: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.random.default_rng(0)
    x = numbers.normal(size=(count, 6)).astype("float32")
    return x, (x[:, 0] > 0).astype("int32") + (x[:, 1] > 1)


Fit = Callable[[Any, list[Any]], Any]


def arrays(model: Any, callbacks: list[Any]) -> Any:
    x, y = rows()
    return model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=callbacks)


def with_validation(model: Any, callbacks: list[Any]) -> Any:
    x, y = rows()
    plateau = ReduceLROnPlateau("val_loss", factor=0.5, patience=1, min_delta=0.2)
    stopping = EarlyStopping("val_loss", patience=2, min_delta=0.3, restore_best_weights=True)
    return model.fit(
        x, y, batch_size=BATCH, epochs=8, verbose=0, callbacks=[plateau, stopping, *callbacks], validation_data=rows(9)
    )


def weighted(model: Any, callbacks: list[Any]) -> Any:
    x, y = rows()
    return model.fit(
        x,
        y,
        batch_size=BATCH,
        epochs=EPOCHS,
        verbose=0,
        callbacks=callbacks,
        class_weight={0: 1.0, 1: 3.0},
        validation_split=0.2,
    )


def steps_per_epoch(model: Any, callbacks: list[Any]) -> Any:
    """Seven batches, so that an epoch of five is followed by one of two, which says so."""
    x, y = rows()
    warnings.filterwarnings("ignore", message="fit: expected 5 batches in epoch")
    return model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, steps_per_epoch=5, verbose=0, callbacks=callbacks)


def dataset(model: Any, callbacks: list[Any]) -> Any:
    from pippin.data import Dataset

    data = Dataset.from_tensor_slices(rows()).shuffle(20, seed=5).batch(BATCH)
    return model.fit(data, epochs=EPOCHS, verbose=0, callbacks=callbacks)


def generator(model: Any, callbacks: list[Any]) -> Any:
    """Batches drawn at random for ever, with Python's, NumPy's and no seed of their own."""

    def batches() -> Iterator[Any]:
        x, y = rows()
        while True:
            chosen = np.random.permutation(ROWS)[:BATCH]
            yield x[chosen] + np.random.normal(size=(BATCH, 6)).astype("float32"), y[chosen]

    return model.fit(batches(), epochs=EPOCHS, steps_per_epoch=5, verbose=0, callbacks=callbacks)


def every_batch(model: Any, callbacks: list[Any]) -> Any:
    class Watcher(Callback):
        """Wants every batch, and remembers what it saw."""

        seen = 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.seen += 1
            self.model.optimizer.learning_rate = 0.01 / self.seen

        def state(self) -> dict[str, Any]:
            return {"seen": self.seen}

        def restore(self, state: dict[str, Any]) -> None:
            self.seen = state["seen"]

    x, y = rows()
    return model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=[Watcher(), *callbacks])


FITS: dict[str, Fit] = {
    fit.__name__: fit for fit in (arrays, with_validation, weighted, steps_per_epoch, dataset, generator, every_batch)
}
OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "adam": lambda: optimizers.Adam(0.01),
    "sgd": lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda: optimizers.RMSprop(0.01, momentum=0.5, centered=True),
}


def begin(optimizer: str) -> Any:
    """What a script does before it calls fit. Two processes never agree on names: the network is not the first of its
    kind."""
    pippin.random.set_random_seed(3)
    return network(OPTIMIZERS[optimizer]())


def leavings(model: Any, history: Any) -> Any:
    return [v.numpy().tobytes() for v in [*model.variables, *model.optimizer.variables]], history.history, history.epoch


def run_with_interruptions(fit: Fit, optimizer: str, folder: Path, stops: list[int]) -> Any:
    """Begin, be interrupted, begin again, ... until a run comes to its end."""
    for stop in stops:
        model = begin(optimizer)
        # The checkpoint hears of a pause before or after the interruption: both happen to real runs.
        callbacks = [Checkpoint(folder, every_seconds=0), StopAt(stop)]
        with pytest.raises(Interrupted):
            fit(model, callbacks[:: 1 if stop % 2 else -1])
    pippin.random.set_random_seed(99)  # a resumed run takes its random numbers from where it was
    model = network(OPTIMIZERS[optimizer]())
    return leavings(model, fit(model, [Checkpoint(folder, every_seconds=0)]))


@pytest.mark.parametrize(
    ("name", "engine"), [*((name, "reference") for name in FITS), ("arrays", "native"), ("with_validation", "native")]
)
def test_a_run_interrupted_again_and_again_ends_as_one_that_was_not(name: str, engine: str, tmp_path: Path) -> None:
    use(engine)
    undisturbed = begin("adam")
    expected = leavings(undisturbed, FITS[name](undisturbed, []))
    assert run_with_interruptions(FITS[name], "adam", tmp_path, [3, 2, 6]) == expected


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_on_with_what_it_remembers(name: str, tmp_path: Path) -> None:
    use("reference")
    undisturbed = begin(name)
    expected = leavings(undisturbed, arrays(undisturbed, []))
    assert run_with_interruptions(arrays, name, tmp_path, [5]) == expected


@pytest.mark.parametrize("stop", [1, 7, 8])
def test_it_goes_on_after_any_step_of_an_epoch(stop: int, tmp_path: Path) -> None:
    use("reference")
    undisturbed = begin("adam")
    expected = leavings(undisturbed, arrays(undisturbed, []))
    assert run_with_interruptions(arrays, "adam", tmp_path, [stop]) == expected


def use(engine: str) -> None:
    try:
        pippin.config.set_engine(engine)
    except pippin.errors.PippinError as reason:
        pytest.skip(str(reason))


KILLS = textwrap.dedent(
    """
    import os, random, signal, sys, time
    import numpy as np
    import pippin
    from pippin import layers, models
    from pippin.callbacks import Callback, EarlyStopping, ReduceLROnPlateau
    from pippin.saving.tree_file import read_tree, write_tree
    from pippin.training import fit as fitting
    from pippin.training.checkpoint import Checkpoint

    folder, engine, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
    fitting.SECONDS_BETWEEN_LOOKS = 0.0

    class Beat(Callback):
        def __init__(self, tell):
            super().__init__()
            self.tell = tell

        def on_pause(self, run):
            os.write(self.tell, b".")

    def train(checkpoint, extra=()):
        pippin.config.set_engine(engine)
        pippin.random.set_random_seed(7)
        numbers = np.random.default_rng(0)
        x = numbers.normal(size=(70, 8)).astype("float32")
        y = (x[:, 0] * x[:, 1] > 0).astype("int32")
        inner = [layers.Dense(16, "tanh"), layers.Dropout(0.2), layers.Dense(2, "softmax")]
        model = models.Sequential([layers.Input((8,)), *inner])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        stop = EarlyStopping("val_loss", patience=int(sys.argv[6]), restore_best_weights=True)
        callbacks = [ReduceLROnPlateau("loss", patience=2), stop, *extra]
        if checkpoint:
            callbacks.append(Checkpoint(folder, every_seconds=0.004))
        settings = dict(batch_size=8, epochs=int(sys.argv[6]), verbose=0, validation_split=0.1)
        fitted = model.fit(x, y, callbacks=callbacks, **settings)
        state = [v.numpy() for v in [*model.variables, *model.optimizer.variables]]
        write_tree(sys.argv[4] if checkpoint else sys.argv[5], {"state": state, "history": fitted.history})

    def child(work):
        number = os.fork()
        if not number:
            work()
            os._exit(0)
        return number

    os.waitpid(child(lambda: train(False)), 0)
    chance, done, killed = random.Random(0), False, 0
    while killed < kills:
        hear, tell = os.pipe()
        number = child(lambda: train(True, [Beat(tell)]))
        os.close(tell)
        os.read(hear, 1)
        time.sleep(chance.uniform(0, 0.04))
        os.kill(number, signal.SIGKILL)
        _, status = os.waitpid(number, 0)
        assert os.WIFSIGNALED(status), "the run came to its end before it was killed often enough"
        os.close(hear)
        killed += 1
    assert not os.path.exists(sys.argv[4])
    position = read_tree(os.path.join(folder, "run.safetensors"))["run"]["position"]
    os.waitpid(child(lambda: train(True)), 0)
    disturbed, undisturbed = read_tree(sys.argv[4]), read_tree(sys.argv[5])
    assert len(os.listdir(folder)) == 1, "unfinished files were not swept"
    same = all(a.tobytes() == b.tobytes() for a, b in zip(disturbed["state"], undisturbed["state"], strict=True))
    print(killed, position != [0, 0], same, disturbed["history"] == undisturbed["history"])
    """
)


@pytest.mark.parametrize(("engine", "kills", "epochs"), [("native", 12, 1000), ("reference", 8, 150)])
def test_a_run_killed_at_random_moments_ends_as_one_that_was_not(
    engine: str, kills: int, epochs: int, tmp_path: Path
) -> None:
    use(engine)
    arguments = [
        str(tmp_path / "checkpoint"),
        engine,
        str(kills),
        str(tmp_path / "killed"),
        str(tmp_path / "whole"),
        str(epochs),
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", KILLS, *arguments], capture_output=True, text=True, env=environment)
    assert ran.stdout == f"{kills} True True True\n", ran.stdout + ran.stderr


# What is refused, and what ends --------------------------------------------------------------------------------------


def interrupted(folder: Path, fit: Fit = arrays) -> None:
    with pytest.raises(Interrupted):
        fit(begin("adam"), [Checkpoint(folder, every_seconds=0), StopAt(4)])


def test_another_model_optimizer_or_other_data_are_refused_by_what_differs(tmp_path: Path) -> None:
    use("reference")
    interrupted(tmp_path)
    x, y = rows()
    checkpoint = Checkpoint(tmp_path)
    smaller = models.Sequential([layers.Input((6,)), layers.Dense(3, "softmax")])
    smaller.compile("adam", "sparse_categorical_crossentropy")
    cases: list[tuple[Any, Any, Any, dict[str, Any], str]] = [
        (smaller, x, y, {"batch_size": BATCH}, "layers was .*weights was"),
        (begin("sgd"), x, y, {"batch_size": BATCH}, "optimizer was .*Adam.* is .*SGD"),
        (begin("adam"), x, y, {"batch_size": 16}, "batch_size was 8, is 16"),
        (begin("adam"), x + 1, y, {"batch_size": BATCH}, "x was .*checksum"),
        (begin("adam"), x[:40], y[:40], {"batch_size": BATCH}, r"x was \['float32\[50, 6\].* is \['float32\[40, 6\]"),
        (begin("adam"), x, y, {"batch_size": BATCH, "shuffle": False}, "shuffle was True, is False"),
    ]
    for model, xs, ys, settings, words in cases:
        before = model.get_weights()
        with pytest.raises(SettingError, match=f"(?s)resume: expected the run that was begun.*{words}"):
            model.fit(xs, ys, epochs=EPOCHS, verbose=0, callbacks=[checkpoint], **settings)
        for old, now in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(old, now)


def test_a_callback_that_left_something_must_be_there_again(tmp_path: Path) -> None:
    use("reference")
    x, y = rows()
    with pytest.raises(Interrupted):
        begin("adam").fit(
            x, y, epochs=9, verbose=0, callbacks=[EarlyStopping("loss"), Checkpoint(tmp_path, 0), StopAt(5)]
        )
    with pytest.raises(SettingError, match="the callback EarlyStopping that the run was begun with"):
        begin("adam").fit(x, y, epochs=9, verbose=0, callbacks=[Checkpoint(tmp_path)])


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    use("reference")
    interrupted(tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[:-10])
    with pytest.raises(FileError, match="no whole state file"):
        arrays(begin("adam"), [Checkpoint(tmp_path)])


def test_a_run_that_came_to_its_end_is_not_trained_again_and_can_be_continued(tmp_path: Path) -> None:
    use("reference")
    x, y = rows()
    first, again, longer, straight = (begin("adam") for _ in range(4))
    history = arrays(first, [Checkpoint(tmp_path)])
    repeated = arrays(again, [Checkpoint(tmp_path)])
    assert leavings(again, repeated) == leavings(first, history)
    continued = longer.fit(x, y, batch_size=BATCH, epochs=EPOCHS + 2, verbose=0, callbacks=[Checkpoint(tmp_path)])
    pippin.random.set_random_seed(3)
    straight = network(OPTIMIZERS["adam"]())
    whole = straight.fit(x, y, batch_size=BATCH, epochs=EPOCHS + 2, verbose=0)
    assert leavings(longer, continued) == leavings(straight, whole)


class Quit(Callback):
    """Somebody presses Ctrl-C: the run is asked to stop after the nth look."""

    def __init__(self, nth: int) -> None:
        super().__init__()
        self.left = nth

    def on_progress(self, steps: int, logs: Any = None) -> None:
        self.left -= 1
        if self.left == 0:
            self.model.stop_training = True


@pytest.mark.parametrize("nth", [1, 5, 7, 8])
def test_a_run_that_was_told_to_stop_goes_on_only_if_that_is_undone(nth: int, tmp_path: Path) -> None:
    use("reference")
    undisturbed = begin("adam")
    expected = leavings(undisturbed, arrays(undisturbed, []))
    arrays(begin("adam"), [Quit(nth), Checkpoint(tmp_path)])
    stopped = begin("adam")
    assert len(arrays(stopped, [Checkpoint(tmp_path)]).epoch) < EPOCHS
    resumed = begin("adam")
    assert leavings(resumed, arrays(resumed, [Checkpoint(tmp_path, undo_stop=True)])) == expected


def test_a_run_can_begin_anew(tmp_path: Path) -> None:
    use("reference")
    interrupted(tmp_path)
    assert Checkpoint.is_in(tmp_path)
    checkpoint = Checkpoint(tmp_path, resume=False)
    model = begin("adam")
    arrays(model, [checkpoint])
    assert checkpoint.resumed_at is None
    undisturbed = begin("adam")
    arrays(undisturbed, [])
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), undisturbed.get_weights(), strict=True))
    checkpoint.delete()
    assert not Checkpoint.is_in(tmp_path) and not tmp_path.exists()


def test_it_saves_by_time_by_epoch_and_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use("reference")
    positions: list[Any] = []
    from pippin.training import checkpoint as module

    monkeypatch.setattr(module, "write_tree", lambda path, tree: positions.append(tuple(tree["run"]["position"])))
    arrays(begin("adam"), [Checkpoint(tmp_path, every_seconds=None, every_epochs=2)])
    assert positions == [(2, 0), (4, 0)]
    positions.clear()
    arrays(begin("adam"), [Checkpoint(tmp_path, every_seconds=1000)])
    assert positions == [(4, 0)]
    with pytest.raises(SettingError, match="every_seconds"):
        Checkpoint(tmp_path, every_seconds=-1)


def test_files_of_the_best_model_are_the_same_after_an_interruption(tmp_path: Path) -> None:
    use("reference")

    def best(folder: Path, extra: list[Any]) -> list[np.ndarray]:
        model = begin("adam")
        x, y = rows()
        keeper = ModelCheckpoint(folder / "best.weights.h5", "loss", save_best_only=True, save_weights_only=True)
        folder.mkdir(exist_ok=True)
        model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=[keeper, *extra])
        return [dataset.read() for dataset in read_weights(folder / "best.weights.h5").datasets.values()]

    expected = best(tmp_path / "a", [])
    with pytest.raises(Interrupted):
        best(tmp_path / "b", [Checkpoint(tmp_path / "c", 0), StopAt(17)])
    found = best(tmp_path / "b", [Checkpoint(tmp_path / "c", 0)])
    assert [array.tobytes() for array in found] == [array.tobytes() for array in expected]


@pytest.mark.parametrize("frequency", ["epoch", 3])
def test_keras_word_for_it_goes_on_too_and_leaves_nothing(frequency: Any, tmp_path: Path) -> None:
    use("reference")
    undisturbed = begin("adam")
    expected = leavings(undisturbed, arrays(undisturbed, []))
    with pytest.raises(Interrupted):
        arrays(begin("adam"), [pippin.callbacks.BackupAndRestore(tmp_path / "backup", frequency), StopAt(17)])
    resumed = begin("adam")
    backup = pippin.callbacks.BackupAndRestore(tmp_path / "backup", frequency)
    assert leavings(resumed, arrays(resumed, [backup])) == expected
    assert backup.resumed_at == ((2, 0) if frequency == "epoch" else (2, 1))
    assert not (tmp_path / "backup").exists()


def test_a_damaged_backup_is_replaced_by_the_one_before(tmp_path: Path) -> None:
    use("reference")
    undisturbed = begin("adam")
    expected = leavings(undisturbed, arrays(undisturbed, []))
    for double in (True, False):
        folder = tmp_path / f"double {double}"
        with pytest.raises(Interrupted):
            arrays(begin("adam"), [pippin.callbacks.BackupAndRestore(folder, 3, double), StopAt(17)])
        (saved,) = folder.glob("*.safetensors")
        saved.write_bytes(saved.read_bytes()[:-40])
        resumed, backup = begin("adam"), pippin.callbacks.BackupAndRestore(folder, 3, double)
        if double:
            with pytest.warns(UserWarning, match="Going on from the state that was saved before"):
                assert leavings(resumed, arrays(resumed, [backup])) == expected
            assert backup.resumed_at == (1, 5) and not folder.exists()
        else:
            with pytest.raises(FileError):
                arrays(resumed, [backup])


@pytest.mark.parametrize(("arguments", "told"), [
    (("",), "Empty `backup_dir`"), ((None,), "Empty `backup_dir`"),
    (("backup", "batch"), "Invalid value for argument `save_freq`"), (("backup", 0.15), "Invalid value"),
])  # fmt: skip
def test_a_backup_without_a_place_or_a_time_is_refused(arguments: tuple[Any, ...], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        pippin.callbacks.BackupAndRestore(*arguments)
