"""The sentences of the glass box, written once: terminal, page, notebook and report all say these.

Depth 1 is plain words with the numbers; 2 adds the formulas, first with names, then with numbers; 3 adds the lines of
the program.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.errors import SettingError
from pippin.glass.figures import FEW, figure, place, shape, signed, summary
from pippin.glass.telling import Part, Telling

if TYPE_CHECKING:
    from pippin.glass.check import GradientCheck
    from pippin.glass.layer import LayerView
    from pippin.glass.neuron import NeuronView
    from pippin.glass.one_step import Step
    from pippin.glass.pushes import Pushes
    from pippin.glass.weight import WeightView

PLAIN, FORMULAS, CODE = 1, 2, 3
SHOWN = 6
"""Rows of a table of inputs, weights or examples: the ones that count most."""
NOT_ASKED = "not computed"
"""What nobody needed is not 0: it is not there."""


def depth_of(depth: int) -> int:
    """`depth` if it is one of the three."""
    if depth not in (PLAIN, FORMULAS, CODE):
        raise SettingError(f"depth: expected 1 (plain), 2 (with formulas) or 3 (with the program), received {depth!r}.")
    return depth


# The whole step ------------------------------------------------------------------------------------------------------


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
    sentences = ["Signals run from the data through the layers to the answer. Each layer works on what the one before gives."]
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
        "The error runs back from the loss to the first layer that learns: every number learns how the loss would change "
        "with it. That is its gradient, its share of the blame.",
    ]
    table = [["mean size of the blame", "arriving", "passed on", "of its weights"]]
    for view in reversed(step.layers):
        gradients = [g for g in view.gradients.values() if g is not None]
        own = figure(size_of(np.concatenate([g.reshape(-1) for g in gradients]))) if gradients else "-"
        table.append([view.name, _size(view.output_gradient), _size(view.input_gradient), own])
    return Part("3 BACKWARD", sentences, table, lines=step.backward if depth == CODE else ())


def _update(step: Step, depth: int) -> Part:
    optimizer = type(step.model.optimizer).__name__
    sentences = [f"{optimizer} moves every weight that learns, so that the loss becomes smaller."]
    if not step.is_finite:
        sentences = ["The loss or a gradient is not a finite number: training would stop here and leave the weights alone."]
    table = [["weight", "numbers", "mean size", "mean change", "largest"]]
    following = []
    for name in step.weights:
        view = step.weight(name)
        if view.gradient is None:
            following += [name] if view.new_value != view.value and view.old.dtype.kind == "f" else []
            continue
        change = np.abs(view.change)
        table.append([name, f"{view.old.size:,}", figure(size_of(view.old)), figure(change.mean()), figure(change.max())])
    if following:
        sentences.append(f"Running figures follow the batch: {', '.join(following)}.")
    return Part("4 UPDATE", sentences, table, lines=step.update if depth == CODE else ())


# A layer -------------------------------------------------------------------------------------------------------------


def of_layer(view: LayerView, depth: int, example: int = 0) -> Telling:
    """A layer: what it does, what came in and went out, the blame, the update."""
    depth_of(depth)
    title = f"{view.name}: a {view.kind} layer, {each(view.input)} in, {each(view.output)} out"
    first = Part("", _what_it_does(view))
    spot = _telling_place(view, example)
    forward = Part(
        "FORWARD", _forward_sentences(view), _arrays(view),
        view.equations(spot) if depth >= FORMULAS and spot is not None else (),
        view.lines[:MOST_OWN] if depth == CODE or view.is_own else (),
    )  # fmt: skip
    backward = Part("BACKWARD", _backward_sentences(view), _gradients(view), lines=view.backward_lines if depth == CODE else ())
    return Telling(title, [first, forward, backward, *([_layer_update(view, depth)] if view.updates else [])])


MOST_OWN = 40


def _what_it_does(view: LayerView) -> list[str]:
    if view.is_own:
        return [
            f"{view.kind} is a layer of your own. Pippin has no formula for it: what it does stands in its "
            f"{count(len(view.own_lines), 'line')}, with their numbers.",
        ]
    told = re.split(r"(?<=[.])\s", " ".join((inspect.getdoc(type(view.layer)) or "").split()))
    return told[:1] if told[0] else []


def _telling_place(view: LayerView, example: int) -> Any:
    """The strongest number that went out for an example: one to show formulas with."""
    out = view.output
    if not out.size or out.ndim < 1 or not 0 <= example < len(out):
        return None
    spot = np.unravel_index(int(out[example].argmax()), out.shape[1:])
    return (example, *map(int, spot))


def _forward_sentences(view: LayerView) -> list[str]:
    found = []
    if view.has_activation and view.pre_activation is not None:
        stopped = float((view.output == 0).mean())
        if stopped > 0:
            found.append(
                f"{its('gate', view)} stopped {100 * stopped:.0f} % of the signals at 0 and let the others through."
            )
        else:
            found.append(f"{its('activation', view)} lies between the weighted sums and what goes out.")
    if view.number_of_calls > 1:
        found.append(f"The layer is used {view.number_of_calls} times in this step; this is use {view.call_number + 1}.")
    return found


def _arrays(view: LayerView) -> list[list[str]]:
    table = [["", "numbers"]]
    several = len(view.inputs) > 1
    table += [[f"input {n + 1}" if several else "input", summary(array)] for n, array in enumerate(view.inputs)]
    table += [[short, summary(array)] for short, array in view.weights.items()]
    if view.has_activation and view.pre_activation is not None:
        table.append(["sum, before the activation", summary(view.pre_activation)])
    return [*table, *(["output", summary(array)] for array in view.outputs)]


def _backward_sentences(view: LayerView) -> list[str]:
    arrives, leaves = view.output_gradient, view.input_gradient
    if arrives is None:
        return ["No blame arrives: no weight that learns lies here or before, so nobody asked."]
    found = [f"Blame of mean size {figure(size_of(arrives))} arrives from what comes after."]
    if leaves is None:
        return [*found, "None is passed on: nothing before it learns."]
    return [*found, f"Blame of mean size {figure(size_of(leaves))} is passed on to what comes before."]


def _gradients(view: LayerView) -> list[list[str]]:
    table = [["gradient of", "numbers"]]
    told = [("output", view.output_gradient)]
    if view.has_activation:
        told.append(("sum, before the activation", view.pre_activation_gradient))
    told += [*view.gradients.items(), ("input", view.input_gradient)]
    return [*table, *([name, NOT_ASKED if array is None else summary(array)] for name, array in told)]


def _layer_update(view: LayerView, depth: int) -> Part:
    optimizer = type(view.step.model.optimizer).__name__
    table = [["weight", "mean change", "largest change", "where", "was", "becomes"]]
    equations: list[Any] = []
    for short, weight in view.updates.items():
        spot = weight.place()
        largest = np.abs(weight.change).max(initial=0.0)
        table.append([
            short, figure(np.abs(weight.change).mean()), figure(largest), place(spot), figure(weight.old[spot]),
            figure(weight.new[spot]),
        ])  # fmt: skip
        equations += weight.equations(spot) if depth >= FORMULAS else []
    learns = any(weight.gradient is not None for weight in view.updates.values())
    sentence = f"{optimizer} moves the weights; where: the number with the largest gradient." if learns else ""
    lines = [line for weight in view.updates.values() for line in weight.lines] if depth == CODE else []
    return Part("UPDATE", [sentence] if sentence else [], table, _once(equations), lines)


def _once(equations: list[Any]) -> list[Any]:
    """Without those that were told already: what all weights share."""
    return list({str(equation): equation for equation in equations}.values())


# A neuron ------------------------------------------------------------------------------------------------------------


def of_neuron(neuron: NeuronView, depth: int) -> Telling:
    """A neuron on one example: forward, backward, update."""
    depth_of(depth)
    view = neuron.view
    kind, spot = ("Filter", f" at {where(neuron.position)}") if neuron.position else ("Neuron", "")
    title = f"{kind} {neuron.unit} of {view.name}{spot}, on example {neuron.example}"
    forward = Part(
        "FORWARD", _neuron_forward(neuron), _products(neuron), neuron.equations if depth >= FORMULAS else (),
        view.lines[:MOST_OWN] if depth == CODE else (),
    )  # fmt: skip
    parts = [forward, Part("BACKWARD", _neuron_backward(neuron), lines=view.backward_lines if depth == CODE else ())]
    return Telling(title, [*parts, *_neuron_update(neuron, depth)])


def _neuron_forward(neuron: NeuronView) -> list[str]:
    view = neuron.view
    if not neuron.products or neuron.sum is None or neuron.pre_activation is None:
        return [*_what_it_does(view), f"Here it sends on {figure(neuron.output)}."]
    first = (
        f"It looks at {count(len(neuron.products), 'number')}. Each is multiplied by the neuron's own weight for it, and the "
        f"products are added up: {figure(neuron.sum)}."
    )
    found = [first]
    if neuron.bias is not None:
        found.append(f"Its bias, {figure(neuron.bias)}, is added: {figure(neuron.pre_activation)}.")
    if not view.has_activation:
        return [*found, "That is what it sends on."]
    before, after = neuron.pre_activation, neuron.output
    if after == before:
        return [*found, f"{its('gate', view)} is open: it sends on {figure(after)}."]
    if after == 0:
        return [*found, f"{its('gate', view)} is closed: the neuron stays silent and sends on 0."]
    return [*found, f"{its('activation', view)} turns {figure(before)} into {figure(after)}: that is what it sends on."]


def _products(neuron: NeuronView) -> list[list[str]]:
    """The products that count most, and the others together."""
    if not neuron.products:
        return []
    order = sorted(neuron.products, key=lambda product: -abs(product.product))
    table = [["input", "number", "weight", "product"]]
    for product in order[:SHOWN]:
        spot = place(product.input_place[1:])
        table.append([f"input{spot}", figure(product.input), figure(product.weight), signed(product.product)])
    rest = order[SHOWN:]
    if rest:
        table.append([f"{len(rest)} others", "", "", signed(sum(product.product for product in rest))])
    return table


def _neuron_backward(neuron: NeuronView) -> list[str]:
    arrives, through = neuron.output_gradient, neuron.pre_activation_gradient
    if arrives is None:
        return ["No blame arrives here: nobody asked."]
    if arrives == 0:
        return ["For this example the loss doesn't change with what the neuron sends on: no blame arrives."]
    way, cure = ("grows", "less") if arrives > 0 else ("falls", "more")
    found = [
        f"Blame of {figure(arrives)} arrives: the loss {way} by {figure(abs(arrives))} for each 1 more that the neuron sends "
        f"on. On this example it should send on {cure}."
    ]
    if not neuron.view.has_activation or through is None:
        return found
    if through == 0:
        return [*found, "The closed gate lets no blame through: from this example the neuron's weights learn nothing."]
    return [*found, f"Through {gate(neuron.view) or 'the activation'} comes {figure(through)}: each weight's blame is that times its input."]


def _neuron_update(neuron: NeuronView, depth: int) -> list[Part]:
    """How the weights of the strongest inputs, and the bias, move: by the errors of all examples."""
    view = neuron.view
    kernel = neuron.kernel
    if kernel is None or not neuron.products or kernel.gradient is None:
        return []
    gradient, order = kernel.gradient, sorted(neuron.products, key=lambda product: -abs(product.product))
    table = [["weight for", "gradient", "was", "change", "becomes"]]
    for product in order[:SHOWN]:
        spot = product.weight_place
        table.append([
            f"input{place(product.input_place[1:])}", figure(gradient[spot]), figure(kernel.old[spot]),
            signed(float(kernel.change[spot])), figure(kernel.new[spot]),
        ])  # fmt: skip
    spot = order[0].weight_place
    return [Part(
        "UPDATE", [f"The errors of all {count(view.step.batch, 'example')} move its weights together."], table,
        kernel.equations(spot) if depth >= FORMULAS else (), kernel.lines if depth == CODE else (),
    )]  # fmt: skip


# A weight ------------------------------------------------------------------------------------------------------------


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
        f"{count(up, 'example')} pushed it up, {down} down. Example {example} pushed hardest, {direction(share)}: its share "
        f"of the gradient is {figure(share)}."
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
        f"{check.weight}{place(check.place)} was nudged up and down by {check.nudge:.0e}. By that the loss has a slope of "
        f"{check.numeric:.8g}; the gradient says {check.analytic:.8g}."
    )
    if check.agrees:
        return [first, f"They agree: they differ by {check.difference:.1e} of it."]
    if check.is_at_kink:
        return [
            first, f"They differ by {check.difference:.1e}, and may: the loss has a bend just here (slopes "
            f"{figure(check.left)} and {figure(check.right)} on its two sides), as where a ReLU opens.",
        ]  # fmt: skip
    return [first, f"They do NOT agree: they differ by {check.difference:.1e} of it. The derivative of some line is wrong."]


# Words for things ----------------------------------------------------------------------------------------------------


def count(number: int, thing: str) -> str:
    """ "1 example", "5 examples"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def each(array: np.ndarray) -> str:
    """The shape of one example: "28 × 28 × 1"; "1" for a single number."""
    return shape(array[0]) if array.ndim > 1 else "1"


def where(position: tuple[int, ...]) -> str:
    """ "row 3, column 4" of a picture; "position 3" of a row."""
    if len(position) == 2:
        return f"row {position[0]}, column {position[1]}"
    return f"position {', '.join(map(str, position))}"


def answer(numbers: np.ndarray) -> str:
    """An answer of few numbers as they are, one of many by its largest."""
    if numbers.size <= FEW - 2:
        return ", ".join(map(figure, numbers.reshape(-1)))
    return f"largest: {int(numbers.argmax())} ({figure(numbers.max())})"


def gate(view: LayerView) -> str:
    """What the activation is called; nothing if it has no name."""
    found = getattr(view.layer, "activation", None)
    return str(getattr(found, "__name__", None) or getattr(found, "name", None) or "")


def its(word: str, view: LayerView) -> str:
    """ "Its gate, relu," or, without a name, "Its gate"."""
    return f"Its {word}, {gate(view)}," if gate(view) else f"Its {word}"


def size_of(array: np.ndarray) -> float:
    """The mean size of many numbers, whatever their signs."""
    return float(np.abs(array.astype(np.float64)).mean()) if array.size else 0.0


def _size(array: np.ndarray | None) -> str:
    return NOT_ASKED if array is None else figure(size_of(array))
