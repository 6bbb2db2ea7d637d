"""The program: what a trace writes, transforms rewrite and engines run."""

from pippin.program.check import check
from pippin.program.program import BACKWARD, FORWARD, GUARD, LOSS, METRICS, PHASES, UPDATE, Line, Program, line_flops
from pippin.program.symbol import Symbol
from pippin.program.text import explain, read, write
from pippin.program.trace import Trace, current_trace, now, reopen, trace_function
from pippin.program.variable import Variable

__all__ = [
    "BACKWARD", "FORWARD", "GUARD", "LOSS", "METRICS", "PHASES", "UPDATE", "Line", "Program", "Symbol", "Trace",
    "Variable", "check", "current_trace", "explain", "line_flops", "now", "read", "reopen", "trace_function", "write",
]  # fmt: skip
