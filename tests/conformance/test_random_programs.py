"""Programs that nobody would write, through every engine and transform.

All must give the reference's numbers.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings

from conformance.running import best_native_engine, judge, native_engines
from conformance.writing import Written, programs
from pippin.engines import get_engine
from pippin.engines.engine import Engine, Runner
from pippin.engines.reference import ReferenceEngine
from pippin.primitives import TABLE
from pippin.program import Program, check, read, write
from pippin.transforms import simplify, without_unused_lines
from pippin.transforms.fuse import fuse

Results = dict[str, np.ndarray]
MANY = settings(max_examples=60, suppress_health_check=list(HealthCheck))
FEW = settings(max_examples=12, suppress_health_check=list(HealthCheck))

# An engine may round each of a value's terms differently: a few hundred roundings of the largest number in
# the array, and where float32 itself loses digits (the distance of the two references shows it), a multiple
# of that loss.
ROUNDINGS = 3e-5
LOSS_OF_DIGITS = 30.0


def results(engine: Engine, written: Written, program: Program | None = None) -> Results:
    """Outputs and new states of one run."""
    return run_once(engine.compile(program or written.program), written)


def run_once(runner: Runner, written: Written) -> Results:
    states = {name: array.copy() for name, array in written.states.items()}
    outputs = runner(written.inputs, states)
    return {**outputs, **{f"new {name}": array for name, array in states.items()}}


def exact_results(written: Written) -> Results:
    wide = Written(
        written.program,
        written.inputs,
        {n: a.astype(np.float64) if a.dtype.kind == "f" else a for n, a in written.states.items()},
    )
    return results(judge(), wide)


def assert_same_numbers(received: Results, written: Written) -> None:
    expected, exact = results(ReferenceEngine(), written), exact_results(written)
    assert received.keys() == expected.keys()
    for name in expected:
        assert (
            received[name].shape == expected[name].shape and received[name].dtype == expected[name].dtype
        ), name
        if expected[name].dtype.kind != "f":
            np.testing.assert_array_equal(received[name], expected[name], name)
        elif expected[name].size:
            size, loss = np.abs(exact[name]).max(), np.abs(expected[name] - exact[name]).max()
            allowed = ROUNDINGS * max(size, 1e-3) + LOSS_OF_DIGITS * loss
            np.testing.assert_allclose(received[name], exact[name], rtol=0, atol=allowed, err_msg=name)


@given(programs(most_moves=12))
@MANY
def test_programs_are_legal_and_the_references_agree(written: Written) -> None:
    note(write(check(written.program)))
    assert_same_numbers(results(ReferenceEngine(), written), written)
    for name, array in exact_results(written).items():
        assert np.isfinite(array).all(), name


@given(programs(most_moves=12))
@MANY
def test_simplifying_keeps_every_number(written: Written) -> None:
    note(write(written.program))
    simple = check(simplify(written.program))
    note(write(simple))
    assert len(simple.lines) <= len(written.program.lines)
    assert_same_numbers(results(ReferenceEngine(), written, simple), written)


@given(programs(most_moves=12))
@MANY
def test_simplifying_comes_to_rest(written: Written) -> None:
    """Rules must not undo each other.

    A few passes, each no longer than the last, and nothing is left to do.
    """
    passes = [simplify(written.program)]
    while len(passes) < 6 and (len(passes) < 2 or write(passes[-1]) != write(passes[-2])):
        passes.append(simplify(passes[-1]))
        assert len(passes[-1].lines) <= len(passes[-2].lines)
    assert len(passes) < 6


@given(programs(most_moves=12))
@MANY
def test_unused_lines_can_be_left_out(written: Written) -> None:
    note(write(written.program))
    shorter = check(without_unused_lines(written.program))
    assert write(without_unused_lines(shorter)) == write(shorter)
    for name, array in results(ReferenceEngine(), written, shorter).items():
        np.testing.assert_array_equal(array, results(ReferenceEngine(), written)[name])


@given(programs(most_moves=12))
@MANY
def test_a_program_is_read_back_as_it_was_written(written: Written) -> None:
    text = write(written.program)
    again = check(read(text))
    assert write(again) == text
    expected = results(ReferenceEngine(), written)
    for name, array in results(ReferenceEngine(), written, again).items():
        np.testing.assert_array_equal(array, expected[name])


@given(programs(most_moves=12))
@MANY
def test_fusing_changes_no_bit_on_the_reference(written: Written) -> None:
    note(write(written.program))
    expected = results(ReferenceEngine(), written)
    for program in (written.program, simplify(written.program)):
        fused = check(fuse(program))
        assert len(fused.lines) <= len(program.lines)
        unfused = results(ReferenceEngine(), written, program)
        for name, array in results(ReferenceEngine(), written, fused).items():
            np.testing.assert_array_equal(array, unfused[name], name)
            assert array.shape == expected[name].shape


@given(programs(most_moves=12))
@MANY
def test_native_computes_random_programs_on_every_instruction_set(written: Written) -> None:
    note(write(written.program))
    simple = simplify(written.program)
    assert_same_numbers(run_once(best_native_engine().compile_unfused(simple), written), written)
    for engine in native_engines():
        assert_same_numbers(results(engine, written), written)
        assert_same_numbers(results(engine, written, simple), written)


@given(programs())
@FEW
def test_jax_computes_random_programs(written: Written) -> None:
    pytest.importorskip("jax")
    note(write(written.program))
    assert_same_numbers(results(get_engine("jax"), written), written)


def test_random_programs_reach_every_primitive() -> None:
    """What the writer never writes, it does not test.

    Only these few are left to the samples of their records.
    """
    written: set[str] = set()

    @given(programs(most_moves=12))
    @settings(max_examples=400, derandomize=True, suppress_health_check=list(HealthCheck))
    def collect(one: Written) -> None:
        written.update(line.primitive.name for line in one.program.lines)

    collect()
    depthwise = {"depthwise_conv2d", "depthwise_conv2d_input_gradient", "depthwise_conv2d_kernel_gradient"}
    elsewhere = {"look_through", "look_through_spread", "max_pool_pick", "scan"} | depthwise
    assert set(TABLE) - written == elsewhere
