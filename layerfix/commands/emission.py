"""The corrected layer classes of a written model as source that stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from layerfix.containers.records import Checkpoint
from layerfix.disk.publish import Seen, publish


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which classes, and for what.

    Attributes:
        source: the checkpoint that they are custom classes of.
        layers: the user's own files; none where the classes that ship are meant.
        flavour: "keras3" or "keras2", the Keras that is to run them.
        written: the repaired or migrated file that they serve; None where none was written.
    """

    source: Checkpoint
    layers: tuple[Path, ...]
    flavour: str
    written: Path | None


def emit_corrected(wanted: Wanted, target: Path, *, inputs: Seen, force: bool) -> None:
    """Write the classes: ported where they are simple and the written file proves it, else as they are over a runtime that tracks."""
    from layerfix.emit.emit import corrected_source

    text = _ported(wanted) or corrected_source(wanted.source, wanted.layers, wanted.flavour)
    with publish(target, force=force, inputs=inputs) as temp:
        temp.write_text(text, encoding="utf-8")


def _ported(wanted: Wanted) -> str | None:
    from layerfix.emit.port import ported
    from layerfix.graph.serving import serves

    if not wanted.layers or wanted.flavour != "keras3" or wanted.written is None:
        return None
    text = ported(wanted.layers)
    return text if text is not None and serves(text, wanted.written, wanted.layers) else None
