"""What is said of a neuron on an example: what it saw, whether its gate was open, the blame it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pippin.glass.figures import figure, place, signed
from pippin.glass.telling import Part, Telling
from pippin.glass.words import CODE, FORMULAS, MOST_OWN, SHOWN, count, depth_of, gate, its, what_it_does, where

if TYPE_CHECKING:
    from pippin.glass.neuron import NeuronView


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
        return [*what_it_does(view), f"Here it sends on {figure(neuron.output)}."]
    first = (
        f"It looks at {count(len(neuron.products), 'number')}. Each is multiplied by the neuron's own weight for it, "
        f"and the products are added up: {figure(neuron.sum)}."
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
        f"Blame of {figure(arrives)} arrives: the loss {way} by {figure(abs(arrives))} for each 1 more that the "
        f"neuron sends on. On this example it should send on {cure}."
    ]
    if not neuron.view.has_activation or through is None:
        return found
    if through == 0:
        return [*found, "The closed gate lets no blame through: from this example the neuron's weights learn nothing."]
    return [
        *found,
        f"Through {gate(neuron.view) or 'the activation'} comes {figure(through)}: each weight's blame is that times "
        "its input.",
    ]


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
        "UPDATE", [_who_moves(view.step.batch)], table,
        kernel.equations(spot) if depth >= FORMULAS else (), kernel.lines if depth == CODE else (),
    )]  # fmt: skip


def _who_moves(examples: int) -> str:
    if examples == 1:
        return "The error of the one example moves its weights."
    return f"The errors of all {examples:,} examples move its weights together."
