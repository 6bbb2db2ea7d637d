"""Hot kernels don't become slower unseen: instructions are counted, because times can't be asserted."""

from __future__ import annotations

import json

import pytest

from engines.instructions import COUNTS, compiler, count, why_not

# Counts of one build vary by less than 0.1 %; what Python's memory does inside the engine's call is all that moves.
ALLOWED = 1.05


def test_a_step_takes_no_more_instructions_than_were_counted_before() -> None:
    if reason := why_not():
        pytest.skip(f"needs callgrind and the native engine: {reason}")
    known = json.loads(COUNTS.read_text())
    if compiler() != known["compiler"]:
        pytest.skip(f"counts were made by {known['compiler']}, the engine here by {compiler()}")
    found = count()
    assert set(found) == set(known["instructions"])
    grown = {
        name: f"{instructions:,} instead of {known['instructions'][name]:,}"
        for name, instructions in found.items()
        if instructions > ALLOWED * known["instructions"][name]
    }
    assert not grown, (
        f"a step takes more instructions than before: {grown}. If that is meant, "
        "`python tests/engines/instructions.py --refresh` writes the new counts down."
    )
