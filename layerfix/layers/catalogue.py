"""The corrected layer classes at hand: a listing that imports no TensorFlow, and their source as standalone files."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from layerfix.errors import UsageError

Flavour = Literal["keras3", "keras2"]


@dataclass(frozen=True, slots=True)
class CorrectedClass:
    """A layer class that ships.

    Attributes:
        name: its name for today's Keras.
        legacy_name: the class in legacy files that it stands for.
        module: where it lives; importing it imports Keras.
        summary: one sentence.
        arguments: constructor arguments that legacy files lose, with their possible values, the legacy default first.
    """

    name: str
    legacy_name: str
    module: str
    summary: str
    arguments: dict[str, tuple[Any, ...]]

    def load(self) -> type:
        """The class itself (imports Keras)."""
        found: type = getattr(importlib.import_module(self.module), self.name)
        return found


_CLASSES = (
    CorrectedClass(
        name="DenoisingLayer",
        legacy_name="Denoising_layer",
        module="layerfix.layers.denoising",
        summary="residual denoising block: inputs + conv1x1(mean or non-local mean of the inputs)",
        arguments={"filter_type": ("non_local_mean", "mean")},
    ),
)


def corrected() -> dict[str, CorrectedClass]:
    """Corrected classes by the names under which files know them, legacy and today's."""
    return {name: entry for entry in _CLASSES for name in (entry.legacy_name, entry.name)}


def standalone_source(class_name: str, flavour: Flavour = "keras3") -> str:
    """A corrected class as a file of its own, so that nobody needs layerfix to load a repaired model.

    Raises:
        UsageError: for a class that does not ship.
    """
    entry = corrected().get(class_name)
    if entry is None:
        raise UsageError(f"no corrected class {class_name!r} ships.", hint=f"At hand: {', '.join(sorted(corrected()))}.")
    if flavour == "keras2":
        return str(importlib.import_module(f"{entry.module}_keras2").SOURCE)
    spec = importlib.util.find_spec(entry.module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8")
