"""Claims about the source of the readers: nothing in it could run what a file says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pippin

SOURCE = Path(pippin.__file__).parent
READERS = [*(SOURCE / "saving").glob("*.py"), SOURCE / "training" / "checkpoint.py", SOURCE / "training" / "state.py"]
MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "importlib", "runpy", "ctypes", "subprocess", "yaml"}
CALLS = {"eval", "exec", "compile", "__import__", "globals"}
METHODS = {"import_module", "system", "popen", "extract", "extractall"}


def words(path: Path) -> tuple[set[str], set[str]]:
    """The modules a file imports, and the names of what it calls: functions plainly, methods with a dot."""
    modules: set[str] = set()
    calls: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Call):
            function = node.func
            calls.add(function.id if isinstance(function, ast.Name) else f".{getattr(function, 'attr', '')}")
    return modules, calls


@pytest.mark.parametrize("path", READERS, ids=lambda path: path.stem)
def test_readers_import_and_call_nothing_that_runs_code(path: Path) -> None:
    modules, calls = words(path)
    assert not modules & MODULES
    assert not calls & (CALLS | {f".{name}" for name in METHODS})


def test_no_array_is_ever_read_from_a_pickle() -> None:
    for path in SOURCE.rglob("*.py"):
        assert "allow_pickle=True" not in path.read_text(), path
