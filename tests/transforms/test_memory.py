"""The memory plan: no two living values in one place, states written over only when that is safe, and not more than
needed."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings

from conformance.writing import Written, programs
from pippin.primitives import TABLE, Spec
from pippin.program import GUARD, UPDATE, Program, Symbol, Trace, trace_function
from pippin.transforms import simplify
from pippin.transforms.fuse import fuse
from pippin.transforms.memory import ALIGNMENT, Memory, plan_memory

MANY = settings(max_examples=80, suppress_health_check=list(HealthCheck), deadline=None)


def lives(program: Program) -> dict[int, tuple[int, int]]:
    """From which line to which each value is needed, reshapes included in what they are reshapes of. By the book, not
    the plan."""
    root = {value: value for value in range(len(program.specs))}
    for line in program.lines:
        if line.primitive.alias:
            root[line.output] = root[line.inputs[0]]
    found: dict[int, tuple[int, int]] = {}
    for number, line in enumerate(program.lines):
        for value in (*line.inputs, *line.outputs):
            first, last = found.get(root[value], (number, number))
            found[root[value]] = (first, max(last, number))
    for value in program.results():
        first, _ = found.get(root[value], (0, 0))
        found[root[value]] = (first, len(program.lines))
    made_early = {value for line in program.lines if not line.inputs for value in line.outputs}
    return {value: (-1, len(program.lines)) if value in made_early else span for value, span in found.items()}


def assert_sound(program: Program, memory: Memory) -> None:
    spans = lives(program)
    arena = [(v, memory.places[v].where) for v in spans if memory.places[v].kind == "arena" and program.specs[v].bytes]
    for value, start in arena:
        assert start % ALIGNMENT == 0 and start + program.specs[value].bytes <= memory.size
    for one, start in arena:
        for other, begin in arena:
            if one >= other or start + program.specs[one].bytes <= begin or begin + program.specs[other].bytes <= start:
                continue
            (_, last), (from_, _) = sorted((spans[one], spans[other]))
            assert last <= from_, f"%{one} and %{other} live at the same time in one place"
            # At the line where one takes over from the other, both are there: it must be the same place, number for
            # number.
            assert last < from_ or start == begin, f"%{one} and %{other} overlap askew"


@given(programs(most_moves=14))
@MANY
def test_no_two_living_values_share_a_place(written: Written) -> None:
    for program in (written.program, fuse(written.program), fuse(simplify(written.program))):
        assert_sound(program, plan_memory(program))


@given(programs(most_moves=14))
@MANY
def test_every_update_has_its_state_or_a_copy(written: Written) -> None:
    program = fuse(written.program)
    memory = plan_memory(program)
    for name, value in program.updates.items():
        in_place = memory.places[value] == memory.places[program.states[name]]
        assert in_place != (name in memory.copies)


def test_a_chain_of_any_length_needs_two_places() -> None:
    def chain(x: Symbol) -> Symbol:
        for _ in range(20):
            x = x.transpose((1, 0))
        return x

    assert plan_memory(trace_function(chain, Spec((16, 16)))).size == 2 * 16 * 16 * 4


def test_a_loops_result_takes_the_place_of_an_operand_that_dies() -> None:
    program = trace_function(lambda x: (x.transpose((1, 0)) * 2.0).exp(), Spec((16, 16)))
    assert plan_memory(program).size == 16 * 16 * 4 + ALIGNMENT  # and the constant


def test_a_result_does_not_take_the_place_of_an_operand_that_is_spread() -> None:
    """Its one number is read again for each result."""
    program = trace_function(lambda x: x.sum() + x, Spec((1, 16)))
    places = plan_memory(program).places
    assert places[program.lines[0].output] != places[program.lines[-1].output]


def test_constants_keep_their_place_for_ever() -> None:
    def function(x: Symbol) -> Symbol:
        early = x + np.arange(64, dtype=np.float32)
        return early.sum() * x + np.arange(64, 128, dtype=np.float32)

    program = trace_function(function, Spec((64,)))
    memory = plan_memory(program)
    constants = [line.output for line in program.lines if not line.inputs]
    others = [line.output for line in program.lines if line.inputs]
    assert not {memory.places[v] for v in constants} & {memory.places[v] for v in others}


# States ---------------------------------------------------------------------------------------------------------------


def updated(
    *, guard: bool = False, early: bool = False, read_later: bool = False, turned: bool = False
) -> tuple[Program, Memory]:
    """A program that updates a state, and its plan."""
    trace = Trace("updated")
    x, state = trace.input("x", Spec((8, 8))), trace.state("state", Spec((8, 8)))
    with trace.at(phase=UPDATE):
        new = state.transpose((1, 0)) if turned else state - x
    if guard:
        with trace.at(phase=GUARD):
            trace.guard = TABLE["all_finite"](x).value
        if not early:
            with trace.at(phase=UPDATE):
                new = state * x
    trace.updates["state"] = new.value
    if read_later:
        trace.output("old", state @ x)
    program = trace.program()
    return program, plan_memory(program)


def test_a_new_state_is_written_over_the_old_one() -> None:
    program, memory = updated()
    assert memory.places[program.updates["state"]].kind == "state" and not memory.copies


def test_after_the_guard_too() -> None:
    assert not updated(guard=True)[1].copies


def test_before_the_guard_is_known_a_new_state_is_copied() -> None:
    assert updated(guard=True, early=True)[1].copies


def test_an_old_state_that_is_read_later_is_kept() -> None:
    assert updated(read_later=True)[1].copies


def test_a_line_that_reads_out_of_order_does_not_write_over_what_it_reads() -> None:
    assert updated(turned=True)[1].copies


def test_a_state_that_is_set_to_a_constant_gets_a_copy_in_every_run() -> None:
    trace = Trace("reset")
    state = trace.state("state", Spec((4,)))
    trace.updates["state"] = trace.symbol(np.zeros(4, np.float32)).value
    trace.output("before", state * 1.0)
    assert plan_memory(trace.program()).copies


def test_an_output_that_comes_after_the_guard_moves_the_guard_to_the_end() -> None:
    """Outputs are made in any case, so no state may have been touched when the guard is asked."""
    trace = Trace("late")
    x, state = trace.input("x", Spec((4,))), trace.state("state", Spec((4,)))
    with trace.at(phase=GUARD):
        trace.guard = TABLE["all_finite"](x).value
    with trace.at(phase=UPDATE):
        new = state + x
    trace.updates["state"] = new.value
    trace.output("new", new)
    memory = plan_memory(trace.program())
    assert memory.guarded_lines == 2 and memory.copies
