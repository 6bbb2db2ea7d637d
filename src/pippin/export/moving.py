"""Emitters for what moves numbers without changing them, for sums and maxima, products and look-ups."""

from __future__ import annotations

from pippin.export.elementwise import NARROW
from pippin.export.writer import Pair, Writer, emits

FAR = 2**63 - 1


@emits("reshape")
def reshape(pair: Pair, write: Writer) -> str:
    return str(write.node("Reshape", pair.inputs[0], write.sizes(pair, *pair.shapes())))


@emits("broadcast_to")
def broadcast_to(pair: Pair, write: Writer) -> str:
    return str(write.node("Expand", pair.inputs[0], write.sizes(pair, *pair.shapes())))


@emits("transpose")
def transpose(pair: Pair, write: Writer) -> str:
    return str(write.node("Transpose", pair.inputs[0], perm=pair.settings["order"]))


@emits("concatenate")
def concatenate(pair: Pair, write: Writer) -> str:
    return str(write.node("Concat", *pair.inputs, axis=pair.settings["axis"]))


@emits("slice")
def slice_(pair: Pair, write: Writer) -> str:
    (start, stop, step), other = (pair.settings[word] for word in ("start", "stop", "step")), pair.other.settings
    whole = pair.shapes(0)
    # Up to the end, however far that is, needs no size that follows the batch.
    ends = [
        FAR if a == size and b == twin else a
        for a, b, size, twin in zip(stop, other["stop"], *whole, strict=True)
    ]
    twins = [FAR if end == FAR else b for end, b in zip(ends, other["stop"], strict=True)]
    starts = write.sizes(pair, start, other["start"])
    axes = write.whole(*range(len(start)))
    return str(write.node("Slice", pair.inputs[0], starts, write.sizes(pair, ends, twins), axes, write.whole(*step)))


@emits("reverse")
def reverse(pair: Pair, write: Writer) -> str:
    axes = pair.settings["axes"]
    if not axes:
        return pair.inputs[0]
    count = len(axes)
    lists = [write.whole(*[number] * count) for number in (-1, -FAR)]
    return str(write.node("Slice", pair.inputs[0], *lists, write.whole(*axes), write.whole(*[-1] * count)))


@emits("pad")
def pad(pair: Pair, write: Writer) -> str:
    """Zeros around the numbers; zeros between them as an axis of their own, whose end is cut off."""
    x, dtype = pair.inputs[0], pair.result.dtype
    shape, other = (list(sizes) for sizes in pair.shapes(0))
    x = write.cast(x, "int32") if dtype in NARROW else x
    zero = write.number(0, "int32" if dtype in NARROW else dtype)
    for axis, inner in enumerate(pair.fixed("inner")):
        if inner:
            x = write.node("Unsqueeze", x, write.whole(axis + 1))
            rank = len(shape) + 1
            x = write.node("Pad", x, write.whole(*[0] * (rank + axis + 1), inner, *[0] * (rank - axis - 2)), zero)
            shape[axis], other[axis] = shape[axis] * (inner + 1), other[axis] * (inner + 1)
            x = write.node("Reshape", x, write.sizes(pair, shape, other))
            shape[axis], other[axis] = max(0, shape[axis] - inner), max(0, other[axis] - inner)
            lists = [write.whole(number) for number in (0, -inner, axis)]
            x = write.node("Slice", x, *lists)
    low, high = (pair.settings[word] for word in ("low", "high"))
    twin = [*pair.other.settings["low"], *pair.other.settings["high"]]
    if any((*low, *high, *twin)):
        x = write.node("Pad", x, write.sizes(pair, [*low, *high], twin), zero)
    return write.cast(x, dtype) if dtype in NARROW else x


@emits("sum")
def sum_(pair: Pair, write: Writer) -> str:
    if not pair.settings["axes"]:
        return pair.inputs[0]
    axes = write.whole(*pair.settings["axes"])
    return str(write.node("ReduceSum", pair.inputs[0], axes, keepdims=int(pair.settings["keepdims"])))


@emits("max")
def max_(pair: Pair, write: Writer) -> str:
    axes, dtype = pair.settings["axes"], pair.result.dtype
    if not axes:
        return pair.inputs[0]
    x = write.cast(pair.inputs[0], "int32") if dtype in NARROW else pair.inputs[0]
    found = write.node("ReduceMax", x, axes=axes, keepdims=int(pair.settings["keepdims"]))
    return write.cast(found, dtype) if dtype in NARROW else str(found)


@emits("argmax")
def argmax(pair: Pair, write: Writer) -> str:
    x = write.cast(pair.inputs[0], "int32") if pair.spec(0).dtype in NARROW else pair.inputs[0]
    return write.cast(write.node("ArgMax", x, axis=pair.settings["axis"], keepdims=0), "int32")


@emits("matmul")
def matmul(pair: Pair, write: Writer) -> str:
    turned = []
    for number, word in enumerate(("transpose_a", "transpose_b")):
        name, rank = pair.inputs[number], pair.spec(number).rank
        if pair.settings[word]:
            name = write.node("Transpose", name, perm=[*range(rank - 2), rank - 1, rank - 2])
        turned.append(name)
    return str(write.node("MatMul", *turned))


@emits("gather")
def gather(pair: Pair, write: Writer) -> str:
    return str(write.node("Gather", *pair.inputs, axis=0))


@emits("scatter_add")
def scatter_add(pair: Pair, write: Writer) -> str:
    indices, rows = pair.inputs
    zero = write.number(0, pair.result.dtype)
    start = write.node("Expand", zero, write.sizes(pair, *pair.shapes()))
    places = write.node("Unsqueeze", write.cast(indices, "int64"), write.whole(pair.spec(0).rank))
    return str(write.node("ScatterND", start, places, rows, reduction="add"))
