"""Claims about diagnosis while a run goes on: what is found is in its folder, once, and shown where findings are."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnosis.samples import BROKEN, recorded
from pippin import glass
from pippin.glass.events import FIELDS
from pippin.studio.answers import Answers


@pytest.mark.parametrize("code", ["unscaled-inputs", "wrong-loss", "class-imbalance", "exploding-gradient"])
def test_a_finding_is_written_while_the_run_goes_on(code: str, tmp_path: Path) -> None:
    recording = glass.read(recorded(BROKEN[code], tmp_path / "run"))
    told = [happened for happened in recording.findings if happened["code"] == code]
    assert len(told) == 1
    assert set(told[0]) == {"event", "time", *FIELDS["finding"]}
    shown = Answers(tmp_path / "run").ask("run")["findings"]
    assert [one["message"] for one in shown if one["code"] == code] == [told[0]["message"]]


def test_dead_units_are_told_of_at_the_second_look_that_finds_them(tmp_path: Path) -> None:
    from pippin.diagnosis.watch import Watch

    model, asked = BROKEN["dead-relu"]()
    watch = Watch(tmp_path / "run")
    watch._can_afford = lambda now: True  # type: ignore[method-assign]
    from pippin.callbacks import LambdaCallback

    returns_every_epoch = LambdaCallback(on_epoch_end=lambda epoch, logs: None)
    model.fit(verbose=0, callbacks=[watch, returns_every_epoch], **asked)
    told = [happened for happened in glass.read(tmp_path / "run").findings if happened["code"] == "dead-relu"]
    assert [happened["where"] for happened in told] == ["hidden"]
    looks = glass.read(tmp_path / "run").steps
    assert told[0]["step"] == looks[2]  # of the looks after the first step


def test_what_is_diagnosed_later_is_written_into_the_run_once(tmp_path: Path) -> None:
    from pippin.diagnosis.record import remember

    folder = recorded(BROKEN["overfit"], tmp_path / "run")
    for _ in range(2):
        remember(glass.diagnose(folder))
    assert [happened["code"] for happened in glass.read(folder).findings] == ["overfit"]
