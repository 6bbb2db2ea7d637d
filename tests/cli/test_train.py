"""Claims about pippin train: results on stdout, talk on stderr, exit codes that mean something, nothing lost
on Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from images.coloured import draw
from pippin.glass.events import FIELDS

QUICK = ("--epochs", 4, "--lr", 0.01, "--no-augment")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw(tmp_path / "colours" / "train", 20)
    return draw(tmp_path / "colours" / "test", 8, seed=5).parent


def test_the_result_is_on_stdout_and_the_talk_on_stderr(command: Any, folder: Path) -> None:
    done = command("train", folder, *QUICK)
    assert done.code == 0
    assert "of 16 test photos right" in done.out and "likely" in done.out
    assert 'Always saying "green": 50 %' in done.out
    assert "really   green  red" in done.out
    assert "best by its validation loss" in done.out
    assert "epoch  " not in done.out
    assert sum("loss" in line for line in done.err.splitlines()) == 4  # one line an epoch: it is no terminal
    assert "pippin predict runs/" in done.err


def test_the_run_folder_that_is_named_can_be_predicted_with(command: Any, folder: Path) -> None:
    done = command("train", folder, *QUICK, "--out", "mine", "--quiet")
    assert "Saved in mine" in done.out and done.err == ""
    assert command("predict", "mine", folder / "test" / "red" / "000.png").code == 0


def test_json_is_one_event_a_line_and_nothing_else(command: Any, folder: Path) -> None:
    done = command("train", folder, *QUICK, "--json")
    told = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0 and done.err == ""
    assert [happened["event"] for happened in told][:2] == ["start", "data"]
    assert told[-1]["event"] == "result" and told[-1]["of"] == 16
    assert all(set(happened) == {"event", "time", *FIELDS[happened["event"]]} for happened in told)


def test_the_flags_are_what_is_done(command: Any, folder: Path) -> None:
    flags = (
        "--size",
        12,
        "--epochs",
        2,
        "--batch",
        5,
        "--lr",
        0.02,
        "--val",
        0.5,
        "--seed",
        7,
        "--grayscale",
    )
    command("train", folder, *flags, "--out", "mine", "--no-augment", "--quiet")
    settings = json.loads(Path("mine/settings.json").read_text())
    chosen = {"size": 12, "channels": 1, "epochs": 2, "batch": 5, "learning_rate": 0.02, "alter": 0.0, "filters": 16}
    assert settings["chosen"] == chosen
    assert (settings["asked"]["validation"], settings["asked"]["seed"]) == (0.5, 7)


def test_the_engine_that_is_asked_for_is_used_and_a_slow_one_is_a_warning(command: Any, folder: Path) -> None:
    done = command("train", folder, "--epochs", 1, "--no-augment", "--engine", "reference", "--out", "mine")
    assert json.loads(Path("mine/settings.json").read_text())["engine"] == "reference"
    assert "! slow: " in done.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("a", "--resume", "b"),
        ("a", "--epochs", "0"),
        ("a", "--val", "2"),
        ("a", "--json", "--quiet"),
        ("a", "--epoch", "3"),
    ],
)
def test_asking_wrongly_exits_with_2(command: Any, words: tuple[str, ...]) -> None:
    done = command("train", *words)
    assert done.code == 2
    assert done.out == "" and "pippin train: " in done.err


def test_what_cannot_be_done_exits_with_1_and_says_what_to_do(command: Any, tmp_path: Path) -> None:
    done = command("train", tmp_path / "nowhere")
    assert done.code == 1
    assert "There is no folder" in done.err and "Traceback" not in done.err
    (tmp_path / "photos" / "apple").mkdir(parents=True)
    assert "one class only" in command("train", tmp_path / "photos").err
    assert not Path("runs").exists()


def test_an_error_is_an_event_too(command: Any, tmp_path: Path) -> None:
    done = command("train", tmp_path / "nowhere", "--json")
    happened = json.loads(done.out)
    assert done.code == 1
    assert happened["event"] == "error" and happened["exit_code"] == 1 and "There is no folder" in happened["message"]


def test_a_run_folder_that_is_taken_is_not_overwritten(command: Any, folder: Path) -> None:
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("years of work")
    done = command("train", folder, *QUICK, "--out", "mine")
    assert done.code == 1 and "not empty" in done.err
    assert [path.name for path in Path("mine").iterdir()] == ["thesis.txt"]


def test_unreadable_photos_are_named_and_the_rest_trains(command: Any, folder: Path) -> None:
    (folder / "train" / "red" / "notes.jpg").write_text("not a picture")
    done = command("train", folder, *QUICK)
    assert done.code == 0
    assert "1 file was left out" in done.err and "notes.jpg" in done.err


def test_without_a_test_folder_the_score_says_that_it_is_a_little_too_good(command: Any, folder: Path) -> None:
    done = command("train", folder / "train", *QUICK)
    assert "of 8 validation photos right" in done.out
    assert "These photos also chose the epoch" in done.out


def test_one_batch_is_learned_by_heart_or_the_exit_code_says_no(command: Any, folder: Path, tmp_path: Path) -> None:
    done = command("train", folder, "--overfit-one-batch")
    assert done.code == 0 and "32 of 32 photos learned by heart" in done.out
    told = [json.loads(line) for line in command("train", folder, "--overfit-one-batch", "--json").out.splitlines()]
    assert [h["event"] for h in told if h["event"] != "warning"] == ["start", "data", "result"]
    assert (told[-1]["part"], told[-1]["right"], told[-1]["of"]) == ("learning", 32, 32)
    draw(tmp_path / "same" / "a", 10, ("red",))
    draw(tmp_path / "same" / "b", 10, ("red",))
    done = command("train", tmp_path / "same", "--overfit-one-batch")
    assert done.code == 1 and "the same photo in two classes" in done.out
    assert not Path("runs").exists()


def test_help_is_quick_and_imports_no_network(folder: Path) -> None:
    script = "import sys; from pippin.cli.main import main\n"
    script += "try: main(['train', '--help'])\nexcept SystemExit: pass\n"
    script += "print('numpy' in sys.modules, 'pippin.layers' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=_environment()
    )
    assert "--overfit-one-batch" in done.stdout
    assert done.stdout.splitlines()[-1] == "False False"


def test_ctrl_c_keeps_the_best_epoch_and_the_run_can_go_on(command: Any, folder: Path) -> None:
    process = _start("train", folder, "--epochs", 100_000, "--no-augment", "--out", "mine")
    assert process.stderr is not None
    while not Path("mine/history.json").exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Stopped." in out and "test photos right" in out
    assert "pippin train --resume mine" in err and "Traceback" not in err
    settings = json.loads(Path("mine/settings.json").read_text())
    before = len(json.loads(Path("mine/history.json").read_text())["epoch"])
    settings["chosen"]["epochs"] = before + 2
    Path("mine/settings.json").write_text(json.dumps(settings))
    done = command("train", "--resume", "mine")
    assert done.code == 0 and f"Going on with epoch {before + 1}" in done.err
    assert json.loads(Path("mine/history.json").read_text())["epoch"] == list(range(1, before + 3))


def _start(*words: object) -> subprocess.Popen[str]:
    script = "import sys; from pippin.cli.main import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(),
    )


def _environment() -> dict[str, str]:
    import pippin

    return os.environ | {"PYTHONPATH": str(Path(pippin.__file__).parents[1])}
