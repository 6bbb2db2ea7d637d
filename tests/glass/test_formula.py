"""Claims about formulas: brackets where the order of the lines asks for them, and nowhere else."""

from __future__ import annotations

import pytest

from pippin.glass.formula import Formula, atom, combined, operands, with_names
from pippin.primitives import TABLE

A, B, C = atom("a1"), atom("b1"), atom("c1")


def put(name: str, *parts: Formula) -> Formula:
    return combined(TABLE[name], parts)


@pytest.mark.parametrize(
    "formula,text",
    [
        (put("subtract", A, put("add", B, C)), "a1 - (b1 + c1)"),
        (put("subtract", put("subtract", A, B), C), "a1 - b1 - c1"),
        (put("add", A, put("add", B, C)), "a1 + (b1 + c1)"),
        (put("add", A, put("multiply", B, C)), "a1 + b1 * c1"),
        (put("multiply", put("add", A, B), C), "(a1 + b1) * c1"),
        (put("multiply", A, put("divide", B, C)), "a1 * (b1 / c1)"),
        (put("divide", put("multiply", A, B), C), "a1 * b1 / c1"),
        (put("sqrt", put("add", A, B)), "√(a1 + b1)"),
        (put("add", put("sqrt", A), B), "√a1 + b1"),
        (put("power", put("sqrt", A), B), "(√a1) ^ b1"),
        (put("negative", put("multiply", A, B)), "-(a1 * b1)"),
        (put("negative", put("negative", A)), "-(-a1)"),
        (put("subtract", A, atom("-0.5")), "a1 - (-0.5)"),
        (put("subtract", atom("-0.5"), A), "-0.5 - a1"),
        (put("maximum", put("add", A, B), atom("-1")), "max(a1 + b1, -1)"),
        (put("absolute", put("subtract", A, B)), "|a1 - b1|"),
        (put("square", put("subtract", A, B)), "(a1 - b1) * (a1 - b1)"),
        (put("exp", put("subtract", A, B)), "e^(a1 - b1)"),
        (put("multiply", put("exp", A), B), "e^a1 * b1"),
        (put("sigmoid", put("add", A, B)), "1 / (1 + e^-(a1 + b1))"),
        (put("where", put("less", A, B), put("add", A, B), C), "a1 + b1 if (a1 < b1) else c1"),
        (put("erf", put("add", A, B)), "erf(a1 + b1)"),
    ],
)
def test_brackets_stand_where_they_are_needed(formula: Formula, text: str) -> None:
    assert formula.text == text


@pytest.mark.parametrize("name", sorted(name for name, p in TABLE.items() if p.elementwise))
def test_the_notation_of_every_elementwise_primitive_can_be_filled_in(name: str) -> None:
    """Every operand appears in the text; `erf`, whose notation is an integral, is written as a function."""
    given = [atom(f"operand{number}") for number, _ in enumerate(operands(TABLE[name]))]
    text = combined(TABLE[name], given).text
    assert all(part.text in text for part in given)
    assert (f"{name}(" in text) == (name == "erf" or f"{name}(" in TABLE[name].math)


def test_sums_of_products_are_written_with_names() -> None:
    assert with_names(TABLE["matmul"], ["input", "kernel"]) == "Σ_k input[i,k] · kernel[k,j]"
    assert with_names(TABLE["sum"], ["losses"]) == "Σ losses"
    assert "· kernel[" in with_names(TABLE["conv2d"], ["input", "kernel"])
