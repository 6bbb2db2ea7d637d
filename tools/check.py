"""Everything CI runs, in order of speed.

Lint, import directions, types, tests. `python tools/check.py [name ...]`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "lint": ("ruff", "check", "."),
    "imports": ("lint-imports",),
    "types": ("mypy",),
    "tests": ("pytest", "-q", "-n", "auto", "--maxprocesses", "8", "--dist", "loadfile"),
}


def run(name: str) -> bool:
    """Run one check from the environment this Python lives in; say how it went."""
    program, *arguments = CHECKS[name]
    started = monotonic()
    paths = [str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [str(Path(sys.executable).parent / program), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        check=False,
    )
    print(
        f"{name}: {'passed' if done.returncode == 0 else 'FAILED'} in {monotonic() - started:.0f} s",
        flush=True,
    )
    return done.returncode == 0


def main(names: list[str]) -> int:
    """Run the named checks, or all of them; 0 if all passed."""
    unknown = sorted(set(names) - CHECKS.keys())
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. Known: {', '.join(CHECKS)}.", file=sys.stderr)
        return 2
    failed = [name for name in names or CHECKS if not run(name)]
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
