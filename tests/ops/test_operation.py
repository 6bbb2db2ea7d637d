"""A function of symbols works on arrays at once: what is compiled is kept, and only equal calls share it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest

from pippin import ops
from pippin.ops.operation import operation
from pippin.program import Variable

SHADOWED = {"abs", "all", "any", "max", "min", "round", "sum"}


def test_settings_that_are_arrays_are_told_apart_by_all_their_numbers() -> None:
    x, statistics = np.ones((2000,), np.float32), np.zeros(2000, np.float32)
    first, second = np.zeros(2000, np.float32), np.zeros(2000, np.float32)
    second[1000] = 5.0  # where printed arrays are cut short
    for offset in (first, second):
        found = ops.batch_normalization(x.reshape(1, -1), statistics, statistics + 1, -1, offset=offset, epsilon=0.0)
        np.testing.assert_allclose(found[0], x + offset)


def test_variables_among_the_settings_are_read_anew() -> None:
    x, zero, one = np.ones((1, 3), np.float32), np.zeros(3, np.float32), np.ones(3, np.float32)
    scale = Variable(np.array([1.0, 2.0, 3.0]), name="scale")
    np.testing.assert_allclose(ops.batch_normalization(x, zero, one, -1, scale=scale, epsilon=0.0)[0], [1, 2, 3])
    scale.assign([4.0, 5.0, 6.0])
    np.testing.assert_allclose(ops.batch_normalization(x, zero, one, -1, scale=scale, epsilon=0.0)[0], [4, 5, 6])


def test_whole_numbers_meet_fractions_as_floats() -> None:
    np.testing.assert_array_equal(ops.add(np.array([1, 2]), 0.5), [1.5, 2.5])
    np.testing.assert_array_equal(ops.maximum(0.5, np.array([0, 2])), [0.5, 2.0])
    assert ops.add(np.array([1, 2]), 1).dtype == np.int32
    np.testing.assert_array_equal(ops.multiply(np.array([True, False]), 2.5), [2.5, 0.0])


def test_lists_of_numbers_are_arrays() -> None:
    np.testing.assert_array_equal(ops.sum([[1.0, 2.0], [3.0, 4.0]], axis=0), [4.0, 6.0])
    np.testing.assert_array_equal(ops.concatenate([[1, 2], np.array([3])]), [1, 2, 3])


def test_first_arguments_may_be_named() -> None:
    np.testing.assert_array_equal(ops.add(x2=np.ones(2), x1=np.zeros(2)), [1, 1])
    np.testing.assert_array_equal(ops.relu(x=np.array([-1.0, 2.0])), [0, 2])


def test_missing_operands_stay_missing() -> None:
    @operation(2)
    def either(x, y):  # type: ignore[no-untyped-def]
        return x if y is None else y

    np.testing.assert_array_equal(either(np.ones(2), None), [1, 1])
    np.testing.assert_array_equal(either(np.ones(2), np.zeros(2)), [0, 0])


def test_operations_return_copies() -> None:
    x = np.ones(3, np.float32)
    ops.copy(x)[0] = 5.0
    np.testing.assert_array_equal(x, [1, 1, 1])


@pytest.mark.parametrize("path", sorted(Path(inspect.getfile(ops)).parent.glob("*.py")), ids=lambda path: path.name)
def test_words_of_python_that_keras_reuses_are_never_meant_by_accident(path: Path) -> None:
    """A file that defines `sum` must not call it as if it were Python's."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    defined |= {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert called & defined & SHADOWED == set()
