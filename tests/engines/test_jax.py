"""The JAX engine keeps the contract.

States, guard, types, epochs. Numbers are compared in tests/conformance.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest

from pippin.engines import Position, Work
from pippin.engines.jax import JaxEngine
from pippin.engines.reference import ReferenceEngine
from pippin.errors import PippinError
from pippin.primitives import TABLE, Spec
from pippin.program import Program, Trace, check
from pippin.transforms import gradients


def step_program(batch: int) -> Program:
    """A step of least squares by gradient descent, guarded, with a shuffled feed in mind."""
    trace = Trace("step")
    x, y = trace.input("x", Spec((batch, 3))), trace.input("y", Spec((batch, 1)))
    w, loss_sum = trace.state("w", Spec((3, 1))), trace.state("loss", Spec(()))
    error = x @ w - y
    loss = (error * error).mean()
    (gradient,) = gradients(loss, [w])
    trace.updates |= {"w": (w - gradient * 0.1).value, "loss": (loss_sum + loss).value}
    trace.guard = TABLE["all_finite"](loss).value
    trace.output("loss", loss)
    return check(trace.program())


@pytest.fixture(scope="module")
def engine() -> JaxEngine:
    pytest.importorskip("jax")
    return JaxEngine()


def data() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(10, 3)).astype(np.float32)
    return {"x": x, "y": x @ np.array([[1.0], [-2.0], [0.5]], np.float32)}


def states() -> dict[str, np.ndarray]:
    return {"w": np.zeros((3, 1), np.float32), "loss": np.zeros((), np.float32)}


def work_of(one: Any, arrays: dict[str, np.ndarray]) -> Work:
    return Work(
        one.compile(step_program(4)), one.compile(step_program(2)), arrays, states(), 10, 4, 5, ("loss",), ("loss",)
    )  # fmt: skip


@pytest.fixture(params=["handed over step by step", "a loop on the device", "fed from the host"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ways an epoch runs; CPUs take the first one by themselves."""
    jax = pytest.importorskip("jax")
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu" if request.param == "a loop on the device" else "cpu")
    monkeypatch.setattr("pippin.engines.jax.MOST_ON_DEVICE", 0 if request.param == "fed from the host" else 1 << 30)


@pytest.mark.usefixtures("way")
def test_epochs_train_as_on_the_reference(engine: JaxEngine) -> None:
    results: list[Any] = []
    for one in (engine, ReferenceEngine()):
        work = work_of(one, data())
        report = one.run_epochs(work, Position(), until_epoch=20, seconds=60)
        assert report.position == Position(20, 0) and not report.stopped_by_guard
        results.append((report.ended[0], work.states["w"]))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-4)
    assert results[0][0][-1] < 0.01 * results[0][0][0]


@pytest.mark.usefixtures("way")
def test_a_false_guard_stops_at_its_step(engine: JaxEngine) -> None:
    broken = data()
    broken["x"][2] = np.inf
    results: list[Any] = []
    for one in (engine, ReferenceEngine()):
        work = work_of(one, broken)
        report = one.run_epochs(work, Position(), until_epoch=2, seconds=60)
        assert report.stopped_by_guard and report.position.epoch == 0
        results.append((report.position, work.states["w"].copy(), work.states["loss"].copy()))
    assert results[0][0] == results[1][0] == Position(0, int(np.argwhere(work.order(0) == 2)[0, 0]) // 4)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-5)
    np.testing.assert_allclose(results[0][2], results[1][2], rtol=1e-5)


@pytest.mark.usefixtures("way")
def test_a_call_without_time_does_one_step_and_takes_what_the_caller_changed(engine: JaxEngine) -> None:
    found: list[Any] = []
    for one in (engine, ReferenceEngine()):
        work, position = work_of(one, data()), Position()
        for _ in range(5):
            work.states["w"][...] *= 0.5
            before, position = position, one.run_epochs(work, position, until_epoch=2, seconds=0).position
            assert (position.epoch * 3 + position.step) - (before.epoch * 3 + before.step) == 1
        found.append(work.states["w"])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)


@pytest.mark.usefixtures("way")
def test_outputs_of_all_rows_are_filled_in(engine: JaxEngine) -> None:
    def double(batch: int) -> Program:
        trace = Trace("double")
        trace.output("twice", trace.input("x", Spec((batch, 3))) * 2.0)
        return check(trace.program())

    x, twice = data()["x"], np.zeros((10, 3), np.float32)
    work = Work(engine.compile(double(4)), engine.compile(double(2)), {"x": x}, {}, 10, 4, None, ())
    work.outputs = {"twice": twice}
    assert engine.run_epochs(work, Position(), until_epoch=1, seconds=60).position == Position(1, 0)
    np.testing.assert_array_equal(twice, 2 * x)


def test_a_false_guard_keeps_every_state(engine: JaxEngine) -> None:
    kept, inputs = states(), {name: array[:4] for name, array in data().items()}
    inputs["x"] = np.full_like(inputs["x"], np.inf)
    outputs = engine.compile(step_program(4))(inputs, kept)
    assert not outputs["guard"] and not kept["w"].any() and kept["loss"] == 0


def test_states_are_replaced_in_place_and_outputs_are_numpys_own(engine: JaxEngine) -> None:
    kept = states()
    memory = kept["w"]
    outputs = engine.compile(step_program(4))({name: array[:4] for name, array in data().items()}, kept)
    assert memory is kept["w"] and memory.any()
    outputs["loss"][...] = 0


def test_without_jax_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_jax(name: str, *rest: Any) -> Any:
        if name == "jax":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_jax)
    with pytest.raises(PippinError, match=r"not installed: pip install \"pippin\[jax\]\""):
        JaxEngine().compile(step_program(4))
