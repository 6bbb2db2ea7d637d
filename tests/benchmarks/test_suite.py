"""The benchmarks can be run at any time: Pippin's own scripts at tiny sizes, and the page and the chart of made-up
outcomes. Peers aren't needed here, and no time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from benchmarks.answer import Answer, Claim, Table
from benchmarks.chart import chart
from benchmarks.machine import Roof
from benchmarks.questions import names, question
from benchmarks.report import page
from benchmarks.timing import Contestant, Outcome, in_turn, pippin, run
from benchmarks.training import LearnsLess, check_losses, where_time_goes
from benchmarks.workloads import WORKLOADS

from benchmarks import answer

TINY = {
    "step": {"epochs": 5, "again": 10},
    "article": {"epochs": 5},
    "mlp32": {"rows": 80, "epochs": 3},
    "lenet32": {"rows": 40, "epochs": 2},
    "wide": {"rows": 64, "batch": 16, "epochs": 4},
    "gru": {"rows": 64, "epochs": 3},
    "texts": {"rows": 64, "epochs": 3},
    "transformer": {"rows": 64, "epochs": 3},
    "separable": {"rows": 32, "epochs": 3},
}


@pytest.mark.parametrize("name", TINY)
def test_pippins_training_script_tells_seconds_losses_and_memory(name: str) -> None:
    _, told = run(pippin("Pippin", "train_pippin", name, json.dumps(TINY[name])))
    assert len(told["loss"]) == len(told["accuracy"]) == TINY[name]["epochs"]
    assert told["loss"][-1] < told["loss"][0]
    assert told["seconds"] > 0 and 0 < told["engine"] <= 1
    assert told["peak"] > 1e6


def test_a_call_of_the_model_and_predict_tell_seconds_and_the_same_scores() -> None:
    _, called = run(pippin("Pippin", "one_pippin", "step"))
    _, predicted = run(pippin("Pippin", "predict_keras", "step"))
    assert called["seconds"] > 0 and predicted["seconds"] > 0
    assert called["scores"] == predicted["scores"]


@pytest.mark.parametrize(
    "name,parameters,flops",
    [
        # Multiply-adds twice, three times over, the gradient of the data left out: counted by hand.
        ("step", 1106, 2 * (3 * (16 * 32 + 32 * 16 + 16 * 2) - 16 * 32)),
        ("mlp32", 101_770, 2 * (3 * (784 * 128 + 128 * 10) - 784 * 128)),
        ("lenet32", 44_426, 1_517_040),
        ("texts", 1_284_290, 3 * 2 * (64 * 64 + 64 * 2)),
    ],
)  # fmt: skip
def test_a_workload_counts_its_parameters_and_operations(name: str, parameters: int, flops: int) -> None:
    assert sum(weight.size for weight in WORKLOADS[name].weights()) == parameters
    assert WORKLOADS[name].flops == flops


@pytest.mark.parametrize("name", ["step", "photo", "wide"])
def test_data_are_the_same_in_every_process_and_of_every_class(name: str) -> None:
    (x, y), (again, _) = WORKLOADS[name].data(), WORKLOADS[name].data()
    assert x.dtype == np.float32 and x.shape == (WORKLOADS[name].rows, *WORKLOADS[name].shape)
    assert np.array_equal(x, again)
    assert set(y) == set(range(WORKLOADS[name].classes))


def test_every_question_says_what_it_measures_and_can_be_asked() -> None:
    for name in names():
        assert question(name).__doc__ and callable(question(name).ask)


def test_contestants_take_part_in_turn() -> None:
    code = "import json; print(json.dumps({{'seconds': {}}}))"
    outcomes = in_turn([Contestant(who, [sys.executable, "-c", code.format(who)]) for who in ("1", "2")], 3)
    assert [outcome.seconds for outcome in outcomes] == [[1, 1, 1], [2, 2, 2]]
    assert outcomes[1].times(outcomes[0]) == 2


def test_a_contestant_that_fails_is_named_with_its_error() -> None:
    with pytest.raises(RuntimeError, match="(?s)Broken failed:.*no such thing"):
        run(Contestant("Broken", [sys.executable, "-c", "raise SystemExit('no such thing')"]))


def learned(name: str, *losses: float) -> Outcome:
    return Outcome(name, [1.0], {"loss": list(losses)})


def test_a_contestant_that_learns_less_than_the_others_stops_the_suite() -> None:
    others = [learned("Pippin", 0.6, 0.100), learned("JAX", 0.6, 0.101)]
    check_losses("mlp32", [*others, learned("PyTorch", 0.6, 0.099)])
    with pytest.raises(LearnsLess, match=r"mlp32: PyTorch ends with loss 0\.3.*Does its script do the same work"):
        check_losses("mlp32", [*others, learned("PyTorch", 0.6, 0.3)])
    with pytest.raises(LearnsLess, match="PyTorch doesn't learn"):
        check_losses("mlp32", [*others, learned("PyTorch", 0.6, 0.6)])
    with pytest.raises(LearnsLess):
        check_losses("mlp32", [*others, learned("PyTorch", 0.6, float("nan"))])


def made_up(**told: Any) -> dict[str, Answer]:
    outcomes = [Outcome("Pippin", [1.0, 1.2, 1.1], {"loss": [2.0, 0.5], "engine": 0.9}),
                Outcome("JAX", [2.0, 2.4, 2.2], {"loss": [2.0, 0.5]}),
                Outcome("Quick & <small>", [0.5, 0.6, 0.55], {"loss": [2.0, 0.5]})]  # fmt: skip
    table = Table("784-128-10", "s an epoch", outcomes, flops=110e9, roof=Roof(200e9, 0.0), **told)
    table.claim(1.3)
    table.claim(2, "JAX")
    return {"mlp32": Answer("Digits", [table], "Measured today.", ["A note."])}


def test_the_page_tells_medians_ratios_speeds_and_what_was_reached() -> None:
    text = page(made_up(), "a machine")
    assert "| JAX | 2.2 | 2 to 2.4 | 2.00 | 50 | 25% |  | 2.000 to 0.500 |" in text
    assert "Asked: 1.3 × as fast as the fastest peer (Quick & <small>). Measured: 0.5 ×, **not reached**." in text
    assert "Asked: 2 × as fast as JAX. Measured: 2 ×, reached." in text
    assert "a machine" in text and "Measured today." in text and "A note." in text


@pytest.mark.parametrize("one_thread,told", [(1.0, "0% kernels"), (1.5, "45% kernels"), (2.5, "90% kernels")])
def test_what_one_thread_takes_tells_how_much_is_shared(one_thread: float, told: str) -> None:
    together, alone = Outcome("Pippin", [1.0], {"engine": 0.9}), Outcome("one thread", [one_thread])
    text = where_time_goes(together, alone, cores=2)
    assert text.startswith(f"Where Pippin's time goes: 10.0% Python; {told} that 2 threads share")


def test_the_chart_is_sound_svg_with_a_bar_for_each_peer_on_the_side_that_is_meant() -> None:
    tables = [table for one in made_up().values() for table in one.tables]
    root = ElementTree.fromstring(chart(tables))
    space = {"svg": "http://www.w3.org/2000/svg"}
    bars, line = root.findall("svg:rect[@fill]", space), root.find("svg:line[@class='pippin']", space)
    assert line is not None and len(bars) == 2
    middle = float(line.attrib["x1"])
    slower, faster = bars
    assert float(slower.attrib["x"]) == pytest.approx(middle, abs=0.1)
    assert float(faster.attrib["x"]) + float(faster.attrib["width"]) == pytest.approx(middle, abs=0.2)
    assert float(slower.attrib["width"]) == pytest.approx(float(faster.attrib["width"]), abs=0.2)


def test_answers_are_kept_until_the_page_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "KEPT", tmp_path)
    before = made_up(notes=["Where it goes."])
    before["mlp32"].tables[0].claims.append(Claim("75 % of the roof", "50 %", False))
    answer.keep("mlp32", before["mlp32"])
    assert answer.kept(["step", "mlp32"]) == before


def test_an_unknown_question_is_refused_with_the_known_ones() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks", "mlp33"], capture_output=True, text=True)
    assert done.returncode == 2 and "mlp32" in done.stderr and "mlp33" in done.stderr
