"""How pip builds Pippin: scikit-build-core, with a compiler from PyPI where the machine has none.

And without the native part where even that fails: the package then runs on the reference engine and says so.
Build settings stand in pyproject.toml and CMakeLists.txt, not here.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scikit_build_core import build as scikit

Settings = Mapping[str, Any] | None

get_requires_for_build_sdist = scikit.get_requires_for_build_sdist
prepare_metadata_for_build_wheel = scikit.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = scikit.prepare_metadata_for_build_editable

# zig's C++ compiler is Clang; its wheel (100 MB) lives in pip's build environment and goes with it.
_ZIG = "ziglang>=0.14"
_WITHOUT_NATIVE = {"wheel.cmake": "false", "wheel.py-api": "py3"}
_ZIG_FOLDER = Path("build/zig")
_ZIG_WRAPPER = """\
#!/bin/sh
# zig spells the names of processors with underscores.
for word do
    shift
    case "$word" in
        -march=x86-64-v*) word="-march=x86_64_v${{word##*-v}}" ;;
    esac
    set -- "$@" "$word"
done
exec "{zig}" c++ -target {target} "$@" -fno-sanitize=all -idirafter /usr/include
"""
_ZIG_TOOL = """\
#!/bin/sh
exec "{zig}" {tool} "$@"
"""


_PAGE = ("page.js", "page.css")


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """The source archive's file name."""
    _need_page()
    return scikit.build_sdist(sdist_directory, config_settings)


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """What pip installs before `build_wheel`."""
    return [*scikit.get_requires_for_build_wheel(config_settings), *_compiler_requirement(config_settings)]


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    """What pip installs before `build_editable`."""
    return [*scikit.get_requires_for_build_editable(config_settings), *_compiler_requirement(config_settings)]


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """The wheel's file name."""
    _need_page()
    return _with_native_if_possible(scikit.build_wheel, wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """The file name of a wheel that points back to this folder."""
    return _with_native_if_possible(scikit.build_editable, wheel_directory, config_settings, metadata_directory)


def _need_page() -> None:
    """Refuse to pack a Pippin without its page, which nobody would notice before opening it."""
    folder = Path("src/pippin/studio/static")
    missing = [name for name in _PAGE if not (folder / name).is_file()]
    if missing:
        raise SystemExit(
            f"pippin: {', '.join(missing)} is missing in {folder}. It is kept in git; npm --prefix web ci && "
            "npm --prefix web run build makes it again."
        )


def _with_native_if_possible(build: Callable[..., str], folder: str, settings: Settings, metadata: str | None) -> str:
    if _native_is_unwanted(settings):
        return build(folder, {**(settings or {}), **_WITHOUT_NATIVE}, metadata)
    try:
        with _compiler() as found:
            return build(folder, {**(settings or {}), **found}, metadata)
    except (Exception, SystemExit) as failure:
        print(
            f"pippin: the native engine could not be built ({failure!r}); installing without it. Everything "
            "works, many times slower. Cure: install a C++20 compiler and Python's headers (on Debian, "
            "apt install g++ python3-dev), then install again.",
            file=sys.stderr,
        )
        # The metadata that was prepared is that of a wheel with a native part.
        return build(folder, {**(settings or {}), **_WITHOUT_NATIVE}, None)


def _native_is_unwanted(settings: Settings) -> bool:
    return str((settings or {}).get("wheel.cmake", "true")).lower() in ("false", "0", "off")


def _has_compiler() -> bool:
    named = os.environ.get("CXX", "").split()
    return any(shutil.which(name) for name in (*named[:1], "c++", "g++", "clang++"))


def _compiler_requirement(settings: Settings) -> list[str]:
    return [] if _has_compiler() or sys.platform != "linux" or _native_is_unwanted(settings) else [_ZIG]


@contextmanager
def _compiler() -> Iterator[dict[str, str]]:
    """Have a C++ compiler inside; yields the settings that the build needs for it."""
    if _has_compiler():
        yield {}
        return
    import ziglang

    before = dict(os.environ)
    shutil.rmtree(_ZIG_FOLDER, ignore_errors=True)
    try:
        os.environ |= _zig_tools(Path(ziglang.__file__).parent / "zig", _ZIG_FOLDER.absolute())
        yield {"build-dir": str(_ZIG_FOLDER / "objects")}
    finally:
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(_ZIG_FOLDER, ignore_errors=True)


def _zig_tools(zig: Path, folder: Path) -> dict[str, str]:
    """Write an executable for each tool that CMake asks for; returns the environment that names them."""
    libc = "musl" if "musl" in str(sysconfig.get_config_var("SOABI")) else "gnu.2.28"
    scripts = {
        "c++": _ZIG_WRAPPER.format(zig=zig, target=f"{platform.machine()}-linux-{libc}"),
        "ar": _ZIG_TOOL.format(zig=zig, tool="ar"),
        "ranlib": _ZIG_TOOL.format(zig=zig, tool="ranlib"),
    }
    folder.mkdir(parents=True)
    for name, script in scripts.items():
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    return {
        "CXX": str(folder / "c++"),
        "CMAKE_ARGS": f"-DCMAKE_AR={folder}/ar -DCMAKE_RANLIB={folder}/ranlib",
        "ZIG_GLOBAL_CACHE_DIR": str(folder / "cache"),
        "ZIG_LOCAL_CACHE_DIR": str(folder / "cache"),
    }
