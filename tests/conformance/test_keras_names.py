"""docs/keras-names.md says the truth: what it calls present is there with Keras's signature, what is missing stands on
it."""

from __future__ import annotations

import importlib.util

import pytest
from tools.keras_names import FAMILIES, PAGE, compared, differences, names_of, recorded, signature_of

STALE = "the page is out of date: .venv/bin/python tools/keras_names.py"
TEXT = PAGE.read_text()
DIFFER, MISSING = TEXT.partition("## Present")[2].split("## Missing")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_name_that_differs_or_is_missing_stands_on_the_page(family: str) -> None:
    for word, told in compared()[family].items():
        listed = MISSING.partition(f"- {family}, ")[2] if told is None else DIFFER
        named = f"`{word}`" if told is None else f"`{family}.{word}`: "
        # One that has arrived since the page was written may still be called missing there, and have its own ways.
        arrived = told is not None and f"`{word}`" in MISSING
        assert told == "" or arrived or named in listed, f"{family}.{word}: {told}; {STALE}"


def test_signatures_that_differ_are_told_by_what_a_caller_would_stumble_over() -> None:
    def theirs(x, axis=-1, *, name=None):  # type: ignore[no-untyped-def]
        pass

    def ours(axis, x=0, dtype=None):  # type: ignore[no-untyped-def]
        pass

    told = differences(signature_of(theirs), signature_of(ours))
    assert told == (
        "lacks name; has dtype besides; x=0 where Keras has none; axis=needed where Keras has -1; "
        "order (axis, x), in Keras (x, axis)"
    )
    assert differences(signature_of(theirs), signature_of(theirs)) == ""


@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="needs Keras")
@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_the_record_is_what_the_installed_keras_has(family: str) -> None:
    found = {word: signature_of(thing) for word, thing in names_of("keras", family).items()}
    assert recorded()["names"][family] == found
