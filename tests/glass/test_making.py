"""Claims about how one number came about: the terms that a line's own derivative names are those it was made of."""

from __future__ import annotations

import numpy as np
import pytest

from conformance.running import samples_of
from pippin.glass.making import Making
from pippin.glass.ran import Ran
from pippin.primitives import TABLE, spec_of
from pippin.primitives.primitive import FLOAT
from pippin.program import Trace

SUMS = ("matmul", "conv2d", "conv2d_kernel_gradient", "sum", "average_pool", "average_pool_spread")
PICKS = ("max_pool", "reshape", "transpose", "slice", "reverse", "concatenate", "max")


def ran(name: str, arguments: tuple[np.ndarray, ...], settings: dict[str, object]) -> Ran:
    """One line, run."""
    trace = Trace(name)
    with trace.active():
        inputs = [trace.input(f"x{n}", spec_of(array)) for n, array in enumerate(arguments)]
        y = trace.write(TABLE[name], inputs, dict(settings))
    result = np.asarray(TABLE[name].reference(*arguments, **settings), np.float32)
    return Ran(trace.program(), {**dict(enumerate(arguments)), y.value: result})


@pytest.mark.parametrize("name", SUMS)
def test_the_terms_of_a_sum_add_up_to_it(name: str) -> None:
    for arguments, settings in samples_of(TABLE[name]):
        found = ran(name, arguments, settings)
        line = found.program.lines[0]
        result = found.values[line.output]
        for spot in list(np.ndindex(result.shape))[:: max(1, result.size // 3)]:
            terms = found.terms(line, spot)
            assert len({len(part) for part in terms}) == 1, "each number is paired with one of the other operand"
            # float32 sums of up to some hundred numbers.
            assert sum(term.product for term in terms[0]) == pytest.approx(float(result[spot]), rel=1e-4, abs=1e-5)
            for term in terms[0]:
                assert term.number == float(arguments[0][term.place])
            if len(terms) == 2:
                assert [t.slope for t in terms[0]] == [t.number for t in terms[1]]


@pytest.mark.parametrize("name", PICKS)
def test_what_only_picks_a_number_reads_that_one(name: str) -> None:
    for arguments, settings in samples_of(TABLE[name]):
        found = ran(name, arguments, settings)
        line = found.program.lines[0]
        result = found.values[line.output]
        if not result.size or (name == "max" and settings["axes"] == ()):
            continue
        spot = tuple(size - 1 for size in result.shape)
        read = [term for terms in found.terms(line, spot) for term in terms]
        assert [term.number for term in read] == [float(result[spot])]


def test_a_number_that_is_read_twice_is_written_once() -> None:
    trace = Trace("twice")
    with trace.active():
        x = trace.input("x", spec_of(np.ones(2, np.float32)))
        middle = x * 2.0 + 1.0
        y = middle.exp() - middle
    program = trace.program()
    values = {x.value: np.array([0.5, 1.0], np.float32)}
    from pippin.engines.reference import run_lines

    run_lines(program, values)
    making = Making(Ran(program, values), set(), set(), lambda value, place: f"v{value}")
    told = [str(equation) for equation in making.of(y.value, (1,))]
    assert told == [
        f"v{middle.value} = v{x.value} * 2 + 1\n   = 1 * 2 + 1\n   = 3",
        f"v{y.value} = e^v{middle.value} - v{middle.value}\n   = e^3 - 3\n   = 17.09",
    ]
    assert program.specs[y.value].dtype == FLOAT
