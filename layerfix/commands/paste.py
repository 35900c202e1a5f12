"""Commands that a user can paste: the run that was made, with what would settle it added."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from layerfix.options import Options


def again(source: Path, options: Options, *more: str) -> str:
    """The repair of `source` under `options`, with further words at its end, quoted for a shell."""
    return shlex.join(["layerfix", "repair", str(source), *_given(options), *more])


def _given(options: Options) -> Iterator[str]:
    for option, paths in (("--layers", options.layers), ("--donor", options.donors)):
        for path in paths:
            yield from (option, str(path))
    for option, value in (
        ("--architecture", options.architecture),
        ("--samples", options.samples),
        ("--numpy-seed", options.numpy_seed),
        ("--graph-seed", options.graph_seed),
    ):
        if value is not None:
            yield from (option, str(value))
    for layer, arguments in options.arguments.items():
        for name, value in arguments.items():
            yield from (
                "--set",
                f"{layer}.{name}={value if isinstance(value, str) else repr(value)}",
            )
    for condition in options.assume:
        yield from ("--assume", condition)
