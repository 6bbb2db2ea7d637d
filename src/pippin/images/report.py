"""The words of a score: a sentence, the table of what was taken for what, the worst mistakes. Prints nothing."""

from __future__ import annotations

from pippin.data import printable
from pippin.images.score import Score

MOST_CLASSES_IN_A_TABLE = 12
"""A table with more columns is wider than a terminal and is read by nobody: the pairs taken for each other
are listed."""


def percent(share: float) -> str:
    """ "92 %"; only all is 100 %, and only none is 0 %."""
    rounded = round(share * 100)
    if rounded == 100 and share < 1:
        return f"{int(share * 1000) / 10:.1f} %"
    if rounded == 0 and share > 0:
        return "under 1 %"
    return f"{rounded} %"


def tell_score(score: Score, part: str = "") -> str:
    """Return two sentences: how many were right with the likely range, and what saying always the same would reach."""
    what = f"{part} photos" if part else "photos"
    low, high = round(score.low * 100), round(score.high * 100)
    return (
        f"{score.right:,} of {score.of:,} {what} right: {percent(score.accuracy)} (likely {low} to {high} "
        "%). "
        f'Always saying "{printable(score.baseline_label)}": {percent(score.baseline)}. '
        f"Balanced over the classes: {percent(score.balanced_accuracy)}."
    )


def confusion_table(score: Score) -> str:
    """Return the table of what photos are and what they were called; for many classes, the pairs confused
    most often."""
    if len(score.class_names) > MOST_CLASSES_IN_A_TABLE:
        return _confused_pairs(score)
    names = [_short(name) for name in score.class_names]
    first = max(len("really"), *map(len, names))
    widths = [max(len(name), len(str(column.max()))) for name, column in zip(names, score.confusion.T, strict=True)]
    lines = [
        " " * first + "   called",
        f"{'really':<{first}}   " + "  ".join(f"{n:>{w}}" for n, w in zip(names, widths, strict=True)),
    ]
    for name, row in zip(names, score.confusion, strict=True):
        lines.append(
            f"{name:<{first}}   " + "  ".join(f"{count:>{width}}" for count, width in zip(row, widths, strict=True))
        )
    return "\n".join(lines)


def _short(name: str, length: int = 16) -> str:
    clean = printable(name)
    return clean if len(clean) <= length else clean[: length - 1] + "…"


def _confused_pairs(score: Score, most: int = 10) -> str:
    pairs = [
        (int(count), score.class_names[row], score.class_names[column])
        for row, counts in enumerate(score.confusion)
        for column, count in enumerate(counts)
        if row != column and count
    ]
    pairs.sort(key=lambda pair: -pair[0])
    lines = [f"{count:>5} × {printable(really)}, called {printable(said)}" for count, really, said in pairs[:most]]
    if len(pairs) > most:
        lines.append(f"      and {len(pairs) - most:,} other pairs")
    return (
        "\n".join(["Taken for each other most often:", *lines]) if lines else "No photo was taken for something else."
    )


def tell_mistakes(score: Score, most: int = 5) -> str:
    """Return a line for each of the mistakes that the classifier was surest of; nothing when there is none."""
    if not score.mistakes:
        return ""
    shown = score.mistakes[:most]
    heading = "Worst mistakes, the surest first:" if len(score.mistakes) > 1 else "The only mistake:"
    lines = [
        f"  {printable(mistake.photo)}  is {printable(mistake.label)}, called {printable(mistake.said)} "
        f"({percent(mistake.probability)})"
        for mistake in shown
    ]
    rest = [f"  and {len(score.mistakes) - most:,} more"] if len(score.mistakes) > most else []
    return "\n".join([heading, *lines, *rest])
