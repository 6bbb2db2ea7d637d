"""The instructions a program is written in. One record each, in family files; this file only lists them."""

from pippin.primitives import (
    arithmetic,
    bits,
    comparison,
    control,
    conv,
    depthwise,
    exponential,
    gather,
    matmul,
    pool,
    random,
    reduce,
    scan,
    shape,
    sort,
)
from pippin.primitives.primitive import BOOL, BYTE, FLOAT, INT, UINT, Primitive, Settings, Spec, spec_of

FAMILIES = (
    arithmetic, exponential, comparison, reduce, shape, matmul, conv, depthwise, pool, gather, random, control, scan,
    sort, bits,
)  # fmt: skip

TABLE: dict[str, Primitive] = {
    value.name: value for family in FAMILIES for value in vars(family).values() if isinstance(value, Primitive)
}

__all__ = ["BOOL", "BYTE", "FAMILIES", "FLOAT", "INT", "TABLE", "UINT", "Primitive", "Settings", "Spec", "spec_of"]
