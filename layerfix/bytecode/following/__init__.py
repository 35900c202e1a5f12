"""What each instruction does to a frame, for every version of Python at once."""

from layerfix.bytecode.following import collections, flow, functions, names, operators, stack

__all__ = ["collections", "flow", "functions", "names", "operators", "stack"]
