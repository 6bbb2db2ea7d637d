"""What is said of a whole step: forward, loss, backward, update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.glass.figures import figure
from pippin.glass.telling import Part, Telling
from pippin.glass.words import CODE, FORMULAS, SHOWN, answer, count, depth_of, each, mean_size, size_of

if TYPE_CHECKING:
    from pippin.glass.one_step import Step


def of_step(step: Step, depth: int) -> Telling:
    """The step, part by part."""
    depth_of(depth)
    title = f'One training step of "{step.model.name}" on {count(step.batch, "example")}'
    return Telling(title, [
        Part("", ["Nothing in the model was changed: this is what training would do now."]),
        _forward(step, depth), _loss(step, depth), _backward(step, depth), _update(step, depth),
    ])  # fmt: skip


def _forward(step: Step, depth: int) -> Part:
    table = [["layer", "gives", "smallest", "mean", "largest", "zeros"]]
    for view in step.layers:
        out = view.output
        ends = [figure(out.min()), figure(out.mean()), figure(out.max())] if out.size else ["", "", ""]
        zeros = f"{100 * float((out == 0).mean()):.0f} %" if out.size else ""
        table.append([view.name, each(out), *ends, zeros])
    sentences = [
        "Signals run from the data through the layers to the answer. Each layer works on what the one before gives."
    ]
    return Part("1 FORWARD", sentences, table, lines=step.forward if depth == CODE else ())


def _loss(step: Step, depth: int) -> Part:
    from pippin.glass.making import chain
    from pippin.glass.names import of_step as full_names
    from pippin.glass.names import spoken

    sentences = [f"The marked exam: the loss, {figure(step.loss_value)}, says in one number how wrong the answers are."]
    losses = step.example_losses
    if len(losses) == 1 and losses[0].ndim == 1 and losses[0].size > 1:
        worst, best = int(losses[0].argmax()), int(losses[0].argmin())
        sentences.append(
            f"Example {worst} was furthest off ({figure(losses[0][worst])}), example {best} closest "
            f"({figure(losses[0][best])})."
        )
    table = _examples(step)
    equations: Any = ()
    if depth >= FORMULAS:
        notes = step.opened.notes
        names = full_names(step)
        for number, value in enumerate(notes.losses):
            names[value] = "loss of examples" if len(notes.losses) == 1 else f"loss of examples, output {number + 1}"
        stop = {*notes.losses, *notes.predictions}
        assert notes.loss is not None
        equations = chain(step.ran, notes.loss, (), stop, set(), spoken(names, ()))
    return Part("2 LOSS", sentences, table, equations, step.loss if depth == CODE else ())


def _examples(step: Step) -> list[list[str]]:
    """The examples that were furthest off: answer, truth and loss of each."""
    losses = step.example_losses
    if len(losses) != 1 or losses[0].ndim != 1 or len(step.predictions) != 1:
        return []
    truth = step.inputs.get("y")
    table = [["example", "answer", "truth", "loss"]]
    for example in np.argsort(-losses[0], kind="stable")[:SHOWN]:
        told = "" if truth is None else answer(truth[example])
        table.append([str(example), answer(step.predictions[0][example]), told, figure(losses[0][example])])
    return table


def _backward(step: Step, depth: int) -> Part:
    sentences = [
        "The error runs back from the loss to the first layer that learns: every number learns how the loss would "
        "change with it. That is its gradient, its share of the blame.",
    ]
    table = [["mean size of the blame", "arriving", "passed on", "of its weights"]]
    for view in reversed(step.layers):
        gradients = [g for g in view.gradients.values() if g is not None]
        own = figure(size_of(np.concatenate([g.reshape(-1) for g in gradients]))) if gradients else "-"
        table.append([view.name, mean_size(view.output_gradient), mean_size(view.input_gradient), own])
    return Part("3 BACKWARD", sentences, table, lines=step.backward if depth == CODE else ())


def _update(step: Step, depth: int) -> Part:
    optimizer = type(step.model.optimizer).__name__
    sentences = [f"{optimizer} moves every weight that learns, so that the loss becomes smaller."]
    if not step.is_finite:
        sentences = [
            "The loss or a gradient is not a finite number: training would stop here and leave the weights alone."
        ]
    table = [["weight", "numbers", "mean size", "mean change", "largest"]]
    following = []
    for name in step.weights:
        view = step.weight(name)
        if view.gradient is None:
            following += [name] if view.new_value != view.value and view.old.dtype.kind == "f" else []
            continue
        change = np.abs(view.change)
        table.append(
            [name, f"{view.old.size:,}", figure(size_of(view.old)), figure(change.mean()), figure(change.max())]
        )
    if following:
        sentences.append(f"Running figures follow the batch: {', '.join(following)}.")
    return Part("4 UPDATE", sentences, table, lines=step.update if depth == CODE else ())
