"""The engines: reference (the meaning), native (the speed), jax (other machines). All run the same program."""

from pippin.engines.choose import current_engine, engine, engine_names, get_engine, set_engine
from pippin.engines.engine import Engine, Errand, Position, Report, Runner, Work, shuffled

__all__ = [
    "Engine", "Errand", "Position", "Report", "Runner", "Work", "current_engine", "engine", "engine_names",
    "get_engine", "set_engine", "shuffled",
]  # fmt: skip
