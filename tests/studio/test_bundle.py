"""Claims about the built page: it is what the sources build to, it is small, and it fetches nothing from elsewhere."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pippin.studio.page import SCRIPT, STATIC, STYLE

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
LARGEST = 300_000


def sources() -> str:
    """The hash that build.mjs writes into the first line."""
    files = sorted((WEB / "src").rglob("*"), key=lambda path: path.relative_to(WEB / "src").parts)
    digest = hashlib.sha256()
    for path in [*(file for file in files if file.is_file()), WEB / "package-lock.json", WEB / "build.mjs"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def test_the_page_was_built_from_these_sources() -> None:
    """Run `npm --prefix web ci && npm --prefix web run build` when this fails."""
    assert SCRIPT.read_text(encoding="utf-8").startswith(f"/* sources {sources()} */")


def test_the_page_is_small() -> None:
    assert SCRIPT.stat().st_size + STYLE.stat().st_size <= LARGEST


def test_the_page_names_no_address_elsewhere() -> None:
    text = SCRIPT.read_text(encoding="utf-8") + STYLE.read_text(encoding="utf-8")
    found = set(re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}[\w/.-]*", text))
    assert found <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"}


@pytest.mark.skipif(not shutil.which("node"), reason="there is no node here")
@pytest.mark.skipif(not (WEB / "node_modules" / "esbuild").is_dir(), reason="npm --prefix web ci was not run")
def test_building_again_gives_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run(["node", str(WEB / "build.mjs"), str(tmp_path)], check=True, cwd=tmp_path)
    for name in ("page.js", "page.css"):
        assert (tmp_path / name).read_bytes() == (STATIC / name).read_bytes()


def test_a_wheel_without_the_page_is_not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scikit_build_core")
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.chdir(tmp_path)
    sys.modules.pop("build_backend", None)
    import build_backend

    for build in (build_backend.build_wheel, build_backend.build_sdist):
        with pytest.raises(SystemExit, match=r"page\.js, page\.css is missing"):
            build(str(tmp_path / "out"))
