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


def test_epochs_train_as_on_the_reference(engine: JaxEngine) -> None:
    results: list[Any] = []
    for one in (engine, ReferenceEngine()):
        work = Work(
            one.compile(step_program(4)),
            one.compile(step_program(2)),
            data(),
            states(),
            10,
            4,
            5,
            ("loss",),
            ("loss",),
        )
        report = one.run_epochs(work, Position(), until_epoch=20, seconds=60)
        assert report.position == Position(20, 0)
        results.append((report.ended[0], work.states["w"]))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-4)
    assert results[0][0][-1] < 0.01 * results[0][0][0]


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
