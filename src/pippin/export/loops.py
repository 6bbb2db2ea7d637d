"""The emitter for loops over time: an ONNX Scan, whose body is the loop's own program, written the same way."""

from __future__ import annotations

from collections.abc import Sequence

from pippin.export.protobuf import Value
from pippin.export.writer import Pair, Writer, emits
from pippin.program.program import Program
from pippin.program.scan import Parts


@emits("scan")
def scan(pair: Pair, write: Writer) -> Sequence[str]:
    parts, twin = Parts(**pair.settings), Parts(**pair.other.settings)
    carried, moving = parts.carried, parts.carried + parts.sliced
    body = Writer("step", write.batches, write.outermost)
    names = dict(zip(parts.inputs[moving:], pair.inputs[moving:], strict=True))  # constants are seen from inside
    for value in parts.inputs[:moving]:
        names[value] = _enters(body, parts.body, value, body.free("here"))
    stacks = list(pair.inputs[carried:moving])
    if not stacks:  # a Scan counts its steps by what it goes through
        stacks = [write.number([0.0] * pair.fixed("length"))]
        body.graph.inputs.append(Value(body.free("step"), "float32", ()))
    body.lines(parts.body, twin.body, names)
    for value in parts.outputs:
        # Each output once, and never an input itself.
        spec = parts.body.specs[value]
        body.graph.outputs.append(Value(body.node("Identity", names[value]), spec.dtype, _sizes(spec.shape)))
    kept = len(parts.outputs) - carried
    way = int(parts.reverse)
    results = write.node(
        "Scan", *pair.inputs[:carried], *stacks, results=len(parts.outputs), body=body.graph,
        num_scan_inputs=len(stacks), scan_input_directions=[way] * len(stacks),
        scan_output_directions=[way] * kept,
    )  # fmt: skip
    return [results] if isinstance(results, str) else list(results)


def _enters(body: Writer, program: Program, value: int, name: str) -> str:
    spec = program.specs[value]
    body.graph.inputs.append(Value(name, spec.dtype, _sizes(spec.shape)))
    return name


def _sizes(shape: Sequence[int]) -> list[str]:
    """Only the number of axes: their sizes follow from what comes in."""
    return [f"size_{axis}" for axis in range(len(shape))]
