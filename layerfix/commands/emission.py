"""The corrected layer classes of a written model as source that stands alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from layerfix.containers.records import Checkpoint
from layerfix.disk.publish import Destination
from layerfix.results.emitted import Emitted


@dataclass(frozen=True, slots=True)
class Emission:
    """What `--emit-layers` asks for, found possible before anything is written.

    Attributes:
        path: where the classes go.
        layers: the user's own files; none where the classes that ship are meant.
        flavour: "keras3" or "keras2", the Keras that is to run them.
        text: the classes over a runtime that tracks, which serves any class.
    """

    path: Path
    layers: tuple[Path, ...]
    flavour: str
    text: str

    @classmethod
    def of(cls, source: Checkpoint, path: Path, layers: tuple[Path, ...], flavour: str) -> Emission:
        """The classes of a checkpoint.

        Raises:
            UsageError: where it needs none, none are given or ship for it, or the source uses what that Keras has no equal for.
        """
        from layerfix.emit.emit import corrected_source  # it reads source with a parser that few repairs need

        return cls(path, layers, flavour, corrected_source(source, layers, flavour))

    def published(self, written: Path | None, destination: Destination) -> Emitted:
        """Write the classes: ported where they are simple and the `written` file proves it, else as they are over the runtime.

        They go to `path`, with the inputs and the permission of the `destination` of the model.
        """
        ported, because = self._ported(written)
        with replace(destination, path=self.path).publish() as temp:
            temp.write_text(ported or self.text, encoding="utf-8")
        return Emitted(self.path, self.flavour, because)

    def _ported(self, written: Path | None) -> tuple[str, str]:
        """The source as a person would port it, or "" and why there is none."""
        if not self.layers or self.flavour != "keras3":
            return "", ""
        from layerfix.emit.port import ported
        from layerfix.emit.portable import NotPortableError

        if written is None or written.suffix != ".keras":
            return "", "only a .keras file can show that ported ones serve"
        try:
            text = ported(self.layers)
        except NotPortableError as error:
            return "", str(error)
        from layerfix.graph.serving import serves

        return (text, "") if serves(text, written, self.layers) else ("", "ported, they did not load the written file as these do")
