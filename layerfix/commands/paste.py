"""Commands that a user can paste: the run that was made, with what would settle it added."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from pathlib import Path

from layerfix.disk.paths import repaired_name
from layerfix.options import Options
from layerfix.results.emitted import Emitted


def again(source: Path, options: Options, written: Path | None, *more: str) -> str:
    """The repair of `source` under `options` with further words, quoted for a shell; what the run has `written` is replaced by it.

    An option that takes one value and is among `more` stands there alone.
    """
    usual = written is None or written == source.with_name(repaired_name(source))
    output = () if written is None else ("--force",) if usual else ("-o", str(written), "--force")
    return shlex.join(["layerfix", "repair", str(source), *_given(options, more), *more, *output])


def opening(target: Path, options: Options) -> str:
    """How a repaired file is opened: a line of Python, and what other Keras need."""
    if target.suffix not in (".keras", ".h5", ".hdf5") or target.name.endswith(".weights.h5"):
        return f"{target.name} holds weights alone: load them into the model that your code builds."
    if options.emit_layers is not None and (plain := Emitted(options.emit_layers, options.emit_for).opening(target)):
        return plain
    given = f", layers=[{', '.join(repr(str(path)) for path in options.layers)}]" if options.layers else ""
    given += f", architecture={str(options.architecture)!r}" if options.architecture and target.suffix != ".keras" else ""
    line = f"from layerfix import load_model; model = load_model({str(target)!r}{given})"
    if target.suffix == ".keras":
        return f"Plain Keras 3 loads it with the classes that --emit-layers FILE.py writes. Open it here: `{line}`"
    return (
        "Keras 2 loads it with the classes that --emit-layers FILE.py --for keras2 writes; Keras 3's own loader refuses or misreads "
        f"legacy .h5 in places, so write -o NEW.keras for it. Open it here: `{line}`"
    )


def _given(options: Options, more: Collection[str]) -> Iterator[str]:
    for option, paths in (("--layers", options.layers), ("--donor", tuple(donor.path for donor in options.donors))):
        for path in paths:
            yield from (option, str(path))
    for option, value in (
        ("--architecture", options.architecture),
        ("--samples", options.samples.path if options.samples is not None else None),
        ("--numpy-seed", options.numpy_seed),
        ("--graph-seed", options.graph_seed),
    ):
        if value is not None and option not in more:
            yield from (option, str(value))
    for layer, arguments in options.arguments.items():
        for name, value in arguments.items():
            yield from (
                "--set",
                f"{layer}.{name}={value if isinstance(value, str) else repr(value)}",
            )
    for condition in options.assume:
        yield from ("--assume", condition)
    if options.emit_layers is not None:
        yield from ("--emit-layers", str(options.emit_layers), *(("--for", options.emit_for) if options.emit_for != "keras3" else ()))
