"""What is said of one number of a weight: its gradient, who pushed it, how it moves, whether nudging it agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pippin.glass.figures import figure, place, signed
from pippin.glass.telling import Part, Telling
from pippin.glass.words import CODE, FORMULAS, SHOWN, count, depth_of

if TYPE_CHECKING:
    from pippin.glass.check import GradientCheck
    from pippin.glass.pushes import Pushes
    from pippin.glass.weight import WeightView


def of_weight(weight: WeightView, depth: int, spot: tuple[int, ...]) -> Telling:
    """One number of a weight: its gradient, who pushed it, the optimizer's arithmetic."""
    depth_of(depth)
    title = f"{weight.name}{place(spot)}, one of {count(weight.old.size, 'number')}"
    parts = [Part("", _weight_sentences(weight, spot))]
    if weight.gradient is not None:
        pushes = weight.pushes(spot)
        parts.append(Part("WHO PUSHED IT", pushes_sentences(pushes), _pushes_table(pushes)))
    if depth >= FORMULAS:
        parts.append(Part("UPDATE", (), (), weight.equations(spot), weight.lines if depth == CODE else ()))
    return Telling(title, parts)


def _weight_sentences(weight: WeightView, spot: tuple[int, ...]) -> list[str]:
    old, new = float(weight.old[spot]), float(weight.new[spot])
    moved = f"from {figure(old)} to {figure(new)} ({signed(float(weight.change[spot]))})"
    optimizer = type(weight.step.model.optimizer).__name__
    if weight.gradient is None:
        return [f"It doesn't learn from the loss. The step takes it {moved}." if new != old else "It stays as it is."]
    slope = float(weight.gradient[spot])
    if slope == 0:
        found = ["Its gradient is 0: no example's loss changes with it now."]
    else:
        way = "falls" if slope < 0 else "grows"
        found = [f"Its gradient is {figure(slope)}: the loss {way} when this weight grows."]
    if new == old:
        return [*found, f"{optimizer} leaves it where it is, {figure(old)}."]
    against = slope != 0 and (new - old > 0) == (slope > 0)
    why = ", carried by earlier steps or by its decay" if against or slope == 0 else ""
    return [*found, f"{optimizer} moves it {'up' if new > old else 'down'}{why}: {moved}."]


def pushes_sentences(pushes: Pushes) -> list[str]:
    """Who pushed, and which way. An optimizer goes against the gradient, so a positive share pushes down."""
    if pushes.place is None:
        told = [f"example {example} ({figure(size)})" for example, size in pushes.strongest()]
        return [f"Pushed hardest, by the length of their shares: {', '.join(told)}."]
    shares = pushes.shares
    if not shares.any():
        return ["No example pushed it."]
    example, share = pushes.strongest(1)[0]
    up, down = int((shares < 0).sum()), int((shares > 0).sum())
    found = [
        f"{count(up, 'example')} pushed it up, {down} down. Example {example} pushed hardest, {direction(share)}: its "
        f"share of the gradient is {figure(share)}."
    ]
    if float(pushes.rest):
        found.append(f"What is not about any example (a regularizer) adds {figure(float(pushes.rest))}.")
    return found


def _pushes_table(pushes: Pushes) -> list[list[str]]:
    rows = [[str(example), signed(share), direction(share)] for example, share in pushes.strongest(SHOWN) if share]
    return [["example", "share of the gradient", "pushes"], *rows] if rows else []


def direction(share: float) -> str:
    return "up" if share < 0 else "down" if share > 0 else "nowhere"


def check_sentences(check: GradientCheck) -> list[str]:
    """Whether nudging agrees with the gradient."""
    first = (
        f"{check.weight}{place(check.place)} was nudged up and down by {check.nudge:.0e}. By that the loss has a "
        f"slope of {check.numeric:.8g}; the gradient says {check.analytic:.8g}."
    )
    if check.agrees:
        return [first, f"They agree: they differ by {check.difference:.1e} of it."]
    if check.is_at_kink:
        return [
            first, f"They differ by {check.difference:.1e}, and may: the loss has a bend just here (slopes "
            f"{figure(check.left)} and {figure(check.right)} on its two sides), as where a ReLU opens.",
        ]  # fmt: skip
    return [
        first,
        f"They do NOT agree: they differ by {check.difference:.1e} of it. The derivative of some line is wrong.",
    ]
