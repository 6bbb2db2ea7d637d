"""The page docs/benchmarks.md: a summary with the chart, and a section for each question."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.answer import Answer, Claim, Table
from benchmarks.timing import Outcome

HEAD = """# Benchmarks

Written by `make bench`. Machine: {machine}.

Contestants ran in turn, A B C A B C, each as a process of its own at its best settings, on the same data in the same
batches with the same optimizer in float32, from the same weights; everybody keeps loss and accuracy, and a contestant
whose losses aren't what the others' are stops the run. Figures are medians with the range of the rounds; ratios are
taken round by round, because what slows a machine for a minute slows everybody. Compiling and the first epoch don't
count, except where whole processes do. Machines differ and are noisy: read the ratios.

![Time of each peer as a multiple of Pippin's](benchmarks.svg)
"""


def page(answers: Mapping[str, Answer], machine: str) -> str:
    """The whole page in Markdown."""
    tables = [table for answer in answers.values() for table in answer.tables]
    parts = [HEAD.format(machine=machine), summary(tables), *map(section, answers.values())]
    return "\n".join(parts)


def summary(tables: list[Table]) -> str:
    lines = ["| work | Pippin | best peer | | asked for | |", "|---|---|---|---|---|---|"]
    for table in tables:
        best = table.fastest_peer
        asked = "; ".join(claim.asked for claim in table.claims)
        found = "; ".join(verdict(claim) for claim in table.claims)
        lines.append(
            f"| {table.title} | {figure(table, table.pippin)} | {best.name}, {figure(table, best)} "
            f"| {best.times(table.pippin):.2g} × | {asked} | {found} |"
        )
    return "\n".join(lines) + "\n"


def section(answer: Answer) -> str:
    """A question's part of the page."""
    parts = [f"## {answer.title}\n", *([f"{answer.measured}\n"] if answer.measured else [])]
    for table in answer.tables:
        if len(answer.tables) > 1:
            parts.append(f"### {table.title}\n")
        parts.append(comparison(table))
        parts += [f"Asked: {claim.asked}. Measured: {verdict(claim)}.\n" for claim in table.claims]
        if table.roof:
            parts.append(
                f"The roof in the same minutes: {table.roof.fma / 1e9:.0f} GFLOP/s in a loop of FMAs on all cores, "
                f"{table.roof.sgemm / 1e9:.0f} in NumPy's product of two 4096 × 4096 matrices.\n"
            )
        parts += [f"{note}\n" for note in table.notes]
    return "\n".join([*parts, *(f"{note}\n" for note in answer.notes)])


def comparison(table: Table) -> str:
    """Median, range and ratio of each; speed, its shares of the roof and losses where there are such."""
    learned = any("loss" in outcome.told for outcome in table.outcomes)
    head = ["who", f"median {table.unit}", "range", "times Pippin's"]
    head += ["GFLOP/s", "of the roof", "of sgemm"] * bool(table.roof) + ["loss, first to last"] * learned
    lines = [row(head), row(["---"] * len(head))]
    for outcome in table.outcomes:
        low, high = min(outcome.seconds) * table.scale, max(outcome.seconds) * table.scale
        cells = [outcome.name, number(outcome.median * table.scale), f"{number(low)} to {number(high)}",
                 times(outcome.times(table.pippin))]  # fmt: skip
        cells += speeds(table, outcome)
        losses = outcome.told.get("loss", [])
        cells += [f"{losses[0]:.3f} to {losses[-1]:.3f}" if losses else ""] * learned
        lines.append(row(cells))
    return "\n".join(lines) + "\n"


def speeds(table: Table, outcome: Outcome) -> list[str]:
    if not table.roof:
        return []
    speed = table.flops / outcome.median
    shares = [f"{speed / whole:.0%}" if whole else "" for whole in (table.roof.fma, table.roof.sgemm)]
    return [number(speed / 1e9), *shares]


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def figure(table: Table, outcome: Outcome) -> str:
    return f"{number(outcome.median * table.scale)} {table.unit}"


def number(value: float) -> str:
    """Three digits, without powers of ten."""
    return f"{value:,.0f}".replace(",", " ") if value >= 1000 else f"{value:.3g}"


def times(ratio: float) -> str:
    return number(ratio) if ratio >= 100 else f"{ratio:.2f}"


def verdict(claim: Claim) -> str:
    return f"{claim.measured}, {'reached' if claim.reached else '**not reached**'}"
