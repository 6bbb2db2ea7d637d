"""The article's output as it stays on the screen, without what chance and the clock decide."""

from __future__ import annotations

import re


def on_screen(text: str) -> str:
    """Only the last state of each line; figures of chance and times are masked."""
    lines = [line.replace("\b", "").split("\r")[-1] for line in text.split("\n")]
    lines = [
        re.sub(r"(Final Training Accuracy: |Class |with probability )[\d.]+", r"\1…", line) for line in lines
    ]
    return "\n".join(re.sub(r"\d+(us|ms|s)\b", "TIME", line) for line in lines)
