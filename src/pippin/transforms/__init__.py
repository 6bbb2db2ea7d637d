"""Program → program: differentiate, simplify, fuse, plan memory. Each may be left out; the meaning stays."""

from pippin.transforms.differentiate import gradients
from pippin.transforms.simplify import simplify, without_unused_lines

__all__ = ["gradients", "simplify", "without_unused_lines"]
