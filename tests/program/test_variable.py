"""Outside a trace a variable is its array: it keeps its memory, its type and its shape."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.errors import ShapeError
from pippin.program import Variable


@pytest.mark.parametrize(
    "given,expected",
    [(np.zeros(2), "float32"), (3, "int32"), (np.zeros(2, np.uint8), "uint8"), (True, "bool")],
)
def test_numbers_are_kept_in_the_types_of_programs(given: object, expected: str) -> None:
    assert Variable(given).dtype == expected


def test_assigning_keeps_the_memory_that_engines_write_into() -> None:
    variable = Variable(np.zeros((2, 3)))
    memory = variable.value
    variable.assign(np.ones((2, 3)))
    variable.assign_sub(np.full((2, 3), 0.5))
    assert variable.value is memory
    np.testing.assert_array_equal(memory, np.full((2, 3), 0.5))


def test_the_initial_array_is_copied() -> None:
    array = np.zeros(3, np.float32)
    variable = Variable(array)
    array[0] = 7
    assert variable.value[0] == 0


def test_another_shape_is_refused_even_if_it_could_be_broadcast() -> None:
    with pytest.raises(ShapeError, match=r'"w": expected an array of shape \(2, 3\), received \(3,\)'):
        variable = Variable(np.zeros((2, 3)))
        variable.path = "w"
        variable.assign(np.zeros(3))


def test_moving_to_a_slice_of_a_buffer_keeps_the_numbers() -> None:
    variable, buffer = Variable(np.arange(6.0).reshape(2, 3)), np.zeros(10, np.float32)
    variable.move_to(buffer[2:8].reshape(2, 3))
    np.testing.assert_array_equal(buffer[2:8], np.arange(6))
    variable.assign(np.zeros((2, 3)))
    assert not buffer.any()


def test_a_copy_does_not_change_with_training() -> None:
    variable = Variable(np.zeros(2))
    copy = variable.numpy()
    variable.assign([1.0, 2.0])
    np.testing.assert_array_equal(copy, [0, 0])


def test_variables_calculate_with_each_other_and_with_arrays() -> None:
    a, b = Variable(np.array([1.0, 2.0])), Variable(np.array([4.0, 8.0]))
    for received, expected in [
        (a + b, [5, 10]),
        (b / a, [4, 4]),
        (1 - a, [0, -1]),
        (np.ones(2) * a, [1, 2]),
        (a**2, [1, 4]),
        (-a, [-1, -2]),
    ]:
        np.testing.assert_array_equal(received, expected)
    assert a[1] == 2 and float(Variable(3.5)) == 3.5 and int(Variable(3)) == 3


@pytest.mark.parametrize("shape", [(), (0,), (3,), (784, 128)])
def test_its_memory_starts_at_a_cache_line(shape: tuple[int, ...]) -> None:
    variable = Variable(np.ones(shape, np.float32))
    assert variable.value.__array_interface__["data"][0] % 64 == 0 or not variable.value.size
    assert variable.shape == shape and (variable.value == 1).all()
