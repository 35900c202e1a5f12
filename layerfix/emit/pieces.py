"""The pieces that an emitted file is put together from: the runtime's files, each from its mark on."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

MARK = "# ---- emitted from here on ----\n"

HEAD = """\
# ---- Added by layerfix, from here to the end mark: whatever layers and variables a class below makes, wherever it keeps them,
# ---- are tracked, trained, saved and loaded with it, and its config holds all its arguments. Keras {keras}.
"""

END = "# ---- End of what layerfix added; below is the source as it was, but for its imports.\n"


@cache
def emitted(name: str) -> str:
    """What a file of the runtime hands on: all below its mark, and two empty lines."""
    return _text(name).partition(MARK)[2].strip("\n") + "\n\n\n"


def imports(*names: str) -> str:
    """The imports that files of the runtime need where they are emitted: those above their marks that are not layerfix' own."""
    above = [line for name in names for line in _text(name).partition(MARK)[0].rpartition('"""')[2].splitlines()]
    return "".join(f"{line}\n" for line in dict.fromkeys(above) if line and "layerfix" not in line) + "\n"


def _text(name: str) -> str:
    return files("layerfix.emit").joinpath("runtime", f"{name}.py").read_text(encoding="utf-8")
