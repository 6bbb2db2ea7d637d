"""The JAX engine: the same program, line by line, handed to XLA through jit. The only file that imports jax.

In whole epochs the data and the states stay on JAX's device, and Python looks at the clock between stretches of steps.
A stretch is one loop on the device; on a CPU, where XLA computes convolutions inside loops on one thread, its steps are
handed over one by one, without waiting for their results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

import numpy as np

from pippin.engines.engine import Arrays, Errand, Position, Report, Work, run_epochs_step_by_step, run_one_by_one
from pippin.errors import PippinError
from pippin.program import Program

Carry = tuple[Any, Any, dict[str, Any], dict[str, Any]]
"""How many steps are done, whether no guard has stopped them, the states, and the outputs of all rows."""

MOST_ON_DEVICE = 4 << 30
"""Bytes of data that are kept on the device; more is fed from the host, batch by batch."""


def _jax() -> Any:
    try:
        import jax
    except ImportError:
        raise PippinError(
            'The jax engine needs the package jax, which is not installed: pip install "pippin[jax]".'
        ) from None
    return jax


def lower(jax: Any, program: Program, values: dict[int, Any]) -> None:
    """Fill `values` (inputs and states) with every line's traced result."""
    for line in program.lines:
        results = line.primitive.jax(jax, *[values[value] for value in line.inputs], **line.settings)
        values.update(zip(line.outputs, results if len(line.outputs) > 1 else (results,), strict=True))


class JaxRunner:
    """A program under jit: (inputs, states) → (outputs, new states)."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._jax = _jax()
        self._run = self._jax.jit(self._traced)
        self._one_step = self._jax.jit(self._step, static_argnames="batch")
        self._all_steps = self._jax.jit(self._steps, static_argnames="batch")

    def _traced(
        self, inputs: dict[str, Any], states: dict[str, Any], goes_on: Any = True
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        program, numpy = self.program, self._jax.numpy
        values = {value: inputs[name] for name, value in program.inputs.items()}
        values |= {value: states[name] for name, value in program.states.items()}
        lower(self._jax, program, values)
        outputs = {name: values[value] for name, value in program.outputs.items()}
        new = {name: values[value] for name, value in program.updates.items()}
        if program.guard is not None:
            outputs["guard"] = values[program.guard] & goes_on
            new = {name: numpy.where(outputs["guard"], value, states[name]) for name, value in new.items()}
        return outputs, new

    def _step(self, data: Any, order: Any, first: Any, carry: Carry, batch: int) -> Carry:
        """The next step on `batch` rows; row number `first` of the order was the first one's first. One that comes
        after a false guard changes nothing."""
        jax, program = self._jax, self.program
        done, goes_on, states, outputs = carry
        at = first + done * batch
        rows = jax.lax.dynamic_slice_in_dim(order, at, batch)
        inputs = {name: data[name][rows].astype(program.spec(name).dtype) for name in program.inputs}
        found, new = self._traced(inputs, states, goes_on)
        goes_on = found.pop("guard", goes_on)
        new = {name: value.astype(states[name].dtype) for name, value in new.items()}
        filled = {
            name: jax.lax.dynamic_update_slice_in_dim(whole, found[name].astype(whole.dtype), at, 0)
            for name, whole in outputs.items()
        }
        return done + goes_on, goes_on, {**states, **new}, filled

    def _steps(self, data: Any, order: Any, first: Any, carry: Carry, most: Any, batch: int) -> Carry:
        def is_due(carry: Carry) -> Any:
            return carry[1] & (carry[0] < most)

        def step(carry: Carry) -> Carry:
            return self._step(data, order, first, carry, batch)

        return self._jax.lax.while_loop(is_due, step, carry)  # type: ignore[no-any-return]

    def run_steps(self, data: Any, order: Any, first: int, carry: Carry, most: int, batch: int) -> Carry:
        """`most` steps, or as many as come before one whose guard is false."""
        if self._jax.default_backend() != "cpu":
            return self._all_steps(data, order, first, carry, most, batch=batch)  # type: ignore[no-any-return]
        for _ in range(most):
            carry = self._one_step(data, order, first, carry, batch=batch)
        return carry

    def __call__(self, inputs: Arrays, states: Arrays) -> dict[str, np.ndarray]:
        program = self.program
        given = {name: np.asarray(inputs[name], program.spec(name).dtype) for name in program.inputs}
        outputs, new = self._run(given, {name: states[name] for name in program.states})
        for name, value in new.items():
            states[name][...] = value
        return {name: np.array(value) for name, value in outputs.items()}

    def again(self, program: Program) -> JaxRunner:
        return JaxRunner(program)

    def remember(self, shortcut: Any, then: object, keywords: Mapping[str, Any], states: Arrays) -> Any:
        return shortcut


class JaxEngine:
    """Runs any program on whatever device JAX finds."""

    name = "jax"

    def compile(self, program: Program) -> JaxRunner:
        return JaxRunner(program)

    def run_epochs(self, work: Work, position: Position, until_epoch: int, seconds: float) -> Report:
        if sum(array.nbytes for array in work.data.values()) > MOST_ON_DEVICE:
            return run_epochs_step_by_step(work, position, until_epoch, seconds)
        if work.walk is None:
            work.walk = _Walk(work)
        return work.walk.run(position, until_epoch, seconds)  # type: ignore[no-any-return]

    def run_many(self, errands: Sequence[Errand], seconds: float) -> list[Report]:
        return run_one_by_one(self, errands, seconds)


class _Walk:
    """A work whose data lies on JAX's device. States are there during a call, and in the caller's arrays after it."""

    def __init__(self, work: Work) -> None:
        self.work = work
        numpy = _jax().numpy
        self._array, self._zeros_like = numpy.array, numpy.zeros_like
        self._zero, self._true = numpy.int32(0), numpy.bool_(True)
        self._data = {name: self._array(array) for name, array in work.data.items()}
        self._order, self._order_epoch = self._array(work.order(0)), 0
        self._seconds_a_step = float("inf")  # until the first one has shown it

    def run(self, position: Position, until_epoch: int, seconds: float) -> Report:
        work, deadline = self.work, monotonic() + seconds
        report = Report(position, [[] for _ in work.records])
        states = {name: self._array(array) for name, array in work.states.items()}
        outputs = {name: self._array(array) for name, array in work.outputs.items()}
        epoch, step = position.epoch, position.step
        while epoch < until_epoch:
            done, report.stopped_by_guard, states, outputs = self._stretch(
                epoch, step, states, outputs, deadline - monotonic()
            )
            step += done
            if report.stopped_by_guard:
                break
            if step == work.steps:
                for name, numbers in zip(work.records, report.ended, strict=True):
                    numbers.append(float(states[name]))
                states |= {name: self._zeros_like(states[name]) for name in work.resets}
                epoch, step = epoch + 1, 0
            if monotonic() >= deadline:
                break
        for there, here in ((states, work.states), (outputs, work.outputs)):
            for name, value in there.items():
                here[name][...] = value
        report.position = Position(epoch, step)
        return report

    def _stretch(self, epoch: int, step: int, states: Any, outputs: Any, seconds: float) -> tuple[int, bool, Any, Any]:
        """As many steps of one size as fit into the seconds, at least one: how many were done, whether a guard stopped
        them, and the states and outputs after them."""
        work = self.work
        if epoch != self._order_epoch:
            self._order, self._order_epoch = self._array(work.order(epoch)), epoch
        whole = work.rows // work.batch
        runner: Any = work.step if step < whole else work.last
        batch, left = (work.batch, whole - step) if step < whole else (work.rows % work.batch, 1)
        most = max(1, min(left, int(seconds / self._seconds_a_step)))
        began = monotonic()
        done, all_done, states, outputs = runner.run_steps(
            self._data, self._order, step * work.batch, (self._zero, self._true, states, outputs), most, batch
        )
        count = int(done)  # waits for the device
        self._seconds_a_step = max((monotonic() - began) / most, 1e-6)
        return count, not bool(all_done), states, outputs
