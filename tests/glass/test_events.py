"""Claims about events: a frozen vocabulary, and lines that any JSON reader takes."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from pippin.glass.events import FIELDS, event, to_line


def test_the_words_and_their_fields_are_these() -> None:
    """Other programs read them: a word or field may be added here, never renamed or removed."""
    assert {word: " ".join(sorted(fields)) for word, fields in FIELDS.items()} == {
        "start": "engine first_epoch folder run seed version",
        "data": "batch channels classes epochs learn learning_rate size skipped test validation weights",
        "epoch": "accuracy best elapsed epoch epochs learning_rate left loss seconds val_accuracy val_loss",
        "warning": "code message",
        "saved": "path what",
        "result": "accuracy balanced_accuracy baseline classes confusion epochs high interrupted kept_epoch "
        "low mistakes of part right seconds",
        "error": "exit_code message",
        "watch": "epochs examples first_step layers model optimizer steps",
        "figures": "epoch figures steps",
        "finding": "because change code evidence fix message step where",
        "progress": "epoch figures step",
        "probe": "file loss seconds step",
        "recording": "beside bytes seconds spent steps",
    }


def test_every_field_is_explained() -> None:
    assert all(words for fields in FIELDS.values() for words in fields.values())


def test_an_event_has_all_its_fields_and_no_other() -> None:
    assert event("saved", what="model", path="x")["event"] == "saved"
    with pytest.raises(AssertionError, match="path"):
        event("saved", what="model")
    with pytest.raises(AssertionError, match="colour"):
        event("saved", what="model", path="x", colour="red")


def test_an_event_is_one_line_that_any_json_reader_takes() -> None:
    happened = event("warning", code="skipped", message="Ä\nb")
    line = to_line(happened | {"message": ["Ä\nb", math.nan, np.float32(0.5), np.int32(3), -math.inf]})
    assert "\n" not in line
    assert json.loads(line, parse_constant=lambda word: pytest.fail(word))["message"] == [
        "Ä\nb",
        None,
        0.5,
        3,
        None,
    ]
