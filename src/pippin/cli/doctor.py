"""pippin doctor: what is installed, which engine runs and why, where caches lie. It changes nothing."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import pippin

HELP = "say what is installed, and which engine runs and why"

_PACKAGES = ("numpy", "pillow", "h5py", "safetensors")
_EXTRAS = ("jax",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.description = "Say what is installed, which engine runs and why, and where caches lie."
    parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")


def run(arguments: argparse.Namespace) -> int:
    """Tell; 1 if a package that Pippin needs is missing."""
    import json

    found = findings()
    print(json.dumps(found) if arguments.json else as_text(found))
    return 0 if all(found["packages"].values()) else 1


def findings() -> dict[str, Any]:
    """All that is told, as plain data."""
    import platform

    return {
        "pippin": pippin.__version__,
        "folder": str(Path(pippin.__file__).parent),
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": f"{platform.system()} {platform.machine()}",
        "processors": _processors(),
        "engine": _used(),
        "engines": {name: _state(name) for name in ("native", "reference", "jax")},
        "packages": {name: _version(name) for name in _PACKAGES},
        "extras": {name: _version(name) for name in _EXTRAS},
        "caches": {name: _folder(path) for name, path in _caches().items()},
    }


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _state(name: str) -> str:
    """ "works", or why the engine doesn't. jax is only looked for: importing it takes a second."""
    from pippin.engines import get_engine
    from pippin.errors import PippinError

    if name == "jax":
        return 'not installed: pip install "pippin[jax]"' if _version("jax") is None else "installed"
    try:
        get_engine(name)
    except PippinError as reason:
        return str(reason)
    return "works"


def _used() -> dict[str, Any]:
    """The engine that runs where nobody chose one, why, and with what."""
    if _state("native") != "works":
        return {"name": "reference", "why": "the native engine can't run here", "threads": 1}
    from pippin import _native
    from pippin.engines import get_engine

    engine: Any = get_engine("native")
    return {
        "name": "native",
        "why": "it is the fastest, and was built when Pippin was installed",
        "instruction_set": engine.isa,
        "instruction_sets": list(_native.instruction_sets()),
        "threads": _native.threads(),
    }


def _version(package: str) -> str | None:
    """The version of an installed package, without importing it."""
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _caches() -> dict[str, Path | None]:
    from pippin.data.cache import cache_folder
    from pippin.datasets.files import datasets_folder

    return {"pictures": cache_folder(), "data sets": datasets_folder()}


def _folder(path: Path | None) -> dict[str, Any]:
    """A folder, how many files are in it, and how many bytes they take."""
    files = [file for file in path.rglob("*") if file.is_file()] if path is not None and path.is_dir() else []
    sizes = [file.stat().st_size for file in files]
    return {"path": None if path is None else str(path), "files": len(files), "bytes": sum(sizes)}


def as_text(found: dict[str, Any]) -> str:
    """The findings for a person."""
    engine = found["engine"]
    sets = f" · {engine['instruction_set']}" if "instruction_set" in engine else ""
    lines = [
        f"pippin {found['pippin']}  {found['folder']}",
        f"Python {found['python']}  {found['executable']}",
        f"{found['system']}  {found['processors']} processors",
        "",
        f"Engine in use: {engine['name']}{sets} · {engine['threads']} threads: {engine['why']}.",
        *(f"  {name:<10} {state}" for name, state in found["engines"].items()),
        "",
        "Packages",
        *(f"  {name:<12} {version or 'missing'}" for name, version in found["packages"].items()),
        *(f"  {name:<12} {version or 'not installed (optional)'}" for name, version in found["extras"].items()),
        "",
        "Caches",
        *(f"  {name:<10} {_contents(folder)}" for name, folder in found["caches"].items()),
    ]
    return "\n".join(lines)


def _contents(folder: dict[str, Any]) -> str:
    from pippin.models.summary import readable_size

    return f"{folder['path'] or 'none'}  ({folder['files']} files, {readable_size(folder['bytes'])})"
