"""How well the rules of diagnosis judge: writes docs/diagnosis.md.

python tools/diagnosis_page.py --seeds 5

Every model that was broken on purpose, and every run that is well (tests/diagnosis/samples.py), is trained with several
seeds and diagnosed.
"""

from __future__ import annotations

import argparse
import inspect
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "diagnosis.md"
HEAD = """# Diagnosis

`pippin diagnose RUN`, or `glass.diagnose(model, x, y)`, asks {rules} rules what is wrong. Each must catch a model that
was broken on purpose for it, and all must stay silent about {healthy} runs that are well: classes, quantities,
pictures, texts and series, with normalization, dropout, gates and shortcuts (`tests/diagnosis/samples.py`). Written by
`tools/diagnosis_page.py`, which trains each of them with {seeds} seeds: {runs} runs.

| rule | caught | false alarms |
|---|---:|---:|
"""


def judged(seeds: int) -> tuple[dict[str, Any], Counter[str], Counter[str], int]:
    """An example of each finding, how often each rule caught its model, its false alarms, and how many healthy runs."""
    sys.path.insert(0, str(ROOT / "tests"))
    from diagnosis.samples import BROKEN, HEALTHY, recorded
    from pippin import glass

    examples: dict[str, Any] = {}
    hits: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, seeds + 1):
            for code, make in BROKEN.items():
                found = glass.diagnose(recorded(make, Path(folder) / f"{code}-{seed}", seed)).findings
                hits[code] += any(finding.code == code for finding in found)
                examples |= {finding.code: finding for finding in found if finding.code == code}
            for name, make in HEALTHY.items():
                found = glass.diagnose(recorded(make, Path(folder) / f"{name}-{seed}", seed)).findings
                alarms.update({finding.code for finding in found})
                for finding in found:
                    print(f"false alarm: {name}, seed {seed}: {finding.code}: {finding.message}")
            print(f"seed {seed}: caught {sum(hits.values())}, false alarms {sum(alarms.values())}", flush=True)
    return examples, hits, alarms, len(HEALTHY)


def page(seeds: int) -> str:
    """The whole page."""
    from pippin.diagnosis import RULES

    examples, hits, alarms, healthy = judged(seeds)
    text = HEAD.format(rules=len(RULES), healthy=healthy, seeds=seeds, runs=seeds * (healthy + len(RULES)))
    for code in RULES:
        text += f"| [{code}](#{code}) | {hits[code]} of {seeds} | {alarms[code]} of {seeds * healthy} |\n"
    for code, rule in RULES.items():
        text += f"\n## {code}\n\n{inspect.cleandoc(rule.__doc__ or '')}\n"
        if code in examples:
            found = examples[code]
            text += f"\n> {found.message}\n> {found.because}\n> **Fix:** {found.fix.text}\n"
    return text


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    PAGE.write_text(page(parser.parse_args().seeds), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
