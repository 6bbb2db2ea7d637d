"""The command `pippin` finds its words quickly, and says clearly what it doesn't know."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import pippin
from pippin.cli import main
from pippin.errors import SettingError


def test_every_command_has_a_line_of_help_and_its_arguments() -> None:
    for word, name in main.COMMANDS.items():
        module = import_module(name)
        assert module.HELP and callable(module.add_arguments) and callable(module.run), word
        assert f"\n  {word} " in main.overview()


def test_help_is_given_where_it_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--help"]) == 0
    assert "usage: pippin COMMAND" in capsys.readouterr().out
    assert main.main([]) == 2
    assert "usage: pippin COMMAND" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out == f"pippin {pippin.__version__}\n"


def test_a_misspelt_command_is_named_with_its_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["trian"]) == 2
    assert 'Did you mean "train"?' in capsys.readouterr().err


def test_a_wrong_option_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(["doctor", "--nonsense"])
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [(SettingError("too much"), 1, "pippin doctor: too much\n"), (KeyboardInterrupt(), 130, "")],
)
def test_what_goes_wrong_in_a_command_becomes_its_exit_code(
    error: BaseException,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(arguments: object) -> int:
        raise error

    monkeypatch.setattr("pippin.cli.doctor.run", fail)
    assert main.main(["doctor"]) == code
    assert capsys.readouterr().err == told


def test_help_imports_nothing_heavy() -> None:
    program = "import sys; from pippin.cli.main import overview; overview(); print('numpy' in sys.modules)"
    source = str(Path(pippin.__file__).parents[1])
    ran = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": source}, capture_output=True, text=True)
    assert ran.stdout == "False\n", ran.stderr


def test_a_reader_who_leaves_early_gets_no_traceback() -> None:
    environment = {"PYTHONPATH": str(Path(pippin.__file__).parents[1])}
    command = [sys.executable, "-m", "pippin", "doctor"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as told:
        assert told.stdout is not None and told.stderr is not None
        told.stdout.close()
        assert told.stderr.read() == b""
    assert told.returncode == main.UNHEARD
