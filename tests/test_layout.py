"""The repository keeps its own rules.

Where things stand, what may name what, and that two lists which must be equal are.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pippin.primitives import FAMILIES, TABLE

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "pippin"
TEXT_FILES = {".py", ".md", ".toml", ".cpp", ".h", ".txt", ".sh", ""}
MODULES = sorted(PACKAGE.rglob("*.py"))
# Tests of what is true of everything, or of the repository itself; all others stand where their module
# stands.
TESTS_OF_NO_MODULE = {"benchmarks", "conformance", "goldens"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported_by(path: Path) -> Iterator[str]:
    """The full names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def test_the_architecture_names_every_folder_of_the_package() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    folders = [folder.name for folder in PACKAGE.iterdir() if folder.is_dir() and any(folder.glob("*.py"))]
    assert [name for name in folders if f"{name}/" not in text] == []


def test_every_file_says_in_one_sentence_what_it_is_for() -> None:
    silent = [name_of(path) for path in MODULES if path.read_text(encoding="utf-8").strip() and not docstring(path)]
    assert silent == []


def docstring(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_only_the_jax_engine_imports_jax() -> None:
    importers = {
        name_of(path) for path in MODULES for name in imported_by(path) if name.split(".")[0] in ("jax", "jaxlib")
    }
    assert importers == {"src/pippin/engines/jax.py"}


def test_nothing_in_the_package_imports_its_peers() -> None:
    peers = {"tensorflow", "keras", "torch", "sklearn", "scipy"}
    guilty = {name_of(path) for path in MODULES for name in imported_by(path) if name.split(".")[0] in peers}
    assert guilty == {"src/pippin/wrappers.py"}  # scikit-learn's estimators, imported where they are asked for


def compares_a_primitives_name(node: ast.AST) -> bool:
    """`line.primitive.name == "add"`, `... in ("add", "sum")`, or a match on it."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        return any(is_primitives_name(side) for side in sides) and any(holds_a_word(side) for side in sides)
    return isinstance(node, ast.Match) and is_primitives_name(node.subject)


def is_primitives_name(node: ast.AST) -> bool:
    owner = node.value if isinstance(node, ast.Attribute) and node.attr == "name" else None
    return (isinstance(owner, ast.Attribute) and owner.attr == "primitive") or (
        isinstance(owner, ast.Name) and owner.id == "primitive"
    )


def holds_a_word(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Constant) and part.value in TABLE for part in ast.walk(node))


def test_no_code_outside_the_records_branches_on_a_primitives_name() -> None:
    guilty = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES if PACKAGE / "primitives" not in path.parents
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Compare, ast.Match)) and compares_a_primitives_name(node)
    ]  # fmt: skip
    assert guilty == []


@pytest.mark.parametrize(
    "code,found",
    [
        ("line.primitive.name == 'add'", True), ("primitive.name in ('add', 'sum')", True),
        ("'max' != line.primitive.name", True), ("line.primitive.name == other.primitive.name", False),
        ("layer.name == 'add'", False),
    ],
)  # fmt: skip
def test_the_search_for_such_branches_finds_them(code: str, found: bool) -> None:
    assert any(compares_a_primitives_name(node) for node in ast.walk(ast.parse(code))) is found


def test_a_record_stands_in_the_family_that_makes_it() -> None:
    """No record is written elsewhere and smuggled into the table."""
    for family in FAMILIES:
        assert Path(str(family.__file__)).parent == PACKAGE / "primitives"
    # Fusing makes records of whole groups of lines while a program is compiled; they are never in the table.
    makers = {path.parent.name for path in MODULES if re.search(r"\bPrimitive\(", path.read_text(encoding="utf-8"))}
    assert makers <= {"primitives", "transforms"}


def test_every_primitive_has_a_kernel_and_every_kernel_a_primitive() -> None:
    native = pytest.importorskip("pippin._native", reason="the native engine is not built here")
    moves_nothing = {name for name, primitive in TABLE.items() if primitive.alias}
    kernels = set(native.kernel_names())
    assert set(TABLE) - moves_nothing - kernels == set(), "records without a kernel"
    # The loops run groups of elementwise lines, made while a program is compiled.
    assert kernels - set(TABLE) == {"loop", "loop_rows"}, "kernels without a record"


def test_the_native_engine_is_built_where_a_compiler_is() -> None:
    """The native part may be missing for want of a compiler, never because a kernel has an error."""
    if not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
        pytest.skip("no C++ compiler here")
    import pippin._native  # noqa: F401


def test_tests_stand_where_what_they_test_stands() -> None:
    """In the folder of the package that they are about; and a test named after a module, in that module's folder."""
    modules = {path.stem for path in MODULES}
    lost = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        place = path.relative_to(ROOT / "tests")
        if place.parts[0] in TESTS_OF_NO_MODULE or len(place.parts) == 1:
            continue
        folder, tested = PACKAGE / place.parent, place.stem.removeprefix("test_")
        beside = (folder / f"{tested}.py").exists() or (folder / tested).is_dir() or tested == folder.name
        if not folder.is_dir() or (tested in modules and not beside):
            lost.append(name_of(path))
    assert lost == []


def test_no_path_of_a_machine_stands_in_the_project() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    if not listed:
        pytest.skip("not a git checkout")
    machine = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/")
    guilty = [
        name for name in listed
        if Path(name).suffix in TEXT_FILES and (ROOT / name).is_file()
        and machine.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))
    ]  # fmt: skip
    assert guilty == []


def test_importing_the_package_brings_nothing_heavy() -> None:
    heavy = ("jax", "h5py", "PIL", "rich", "safetensors", "hypothesis", "scipy")
    code = f"import sys, pippin; print([name for name in {heavy!r} if name in sys.modules])"
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "[]"
