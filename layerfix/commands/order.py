"""What is asked of one migration, by an architecture or by code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.commands.intake import Beside

if TYPE_CHECKING:
    from layerfix.dialects.down.targets import Target


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for; the fields are the arguments of `layerfix.commands.migrate.migrate`."""

    source: Path
    target: Path
    beside: Beside
    arguments: Mapping[str, Mapping[str, Any]]
    read_lambdas: bool
    emit_layers: Path | None
    older: Target | None
    python: Path | None
    force: bool


@dataclass(frozen=True, slots=True)
class CodeOrder:
    """What is asked for where the user's code builds the model.

    Attributes:
        source: a file that holds weights alone.
        target: the file to write.
        spec: "build.py:make_model", the function or class that builds the model.
        layers: the user's other sources.
        shapes: of each input without the batch, where the model is not built by itself.
        samples: inputs and recorded predictions, or None.
        partial: whether layers without stored weights, and stored ones without a place, are left out.
        force: whether an existing output may be replaced.
    """

    source: Path
    target: Path
    spec: str
    layers: tuple[Path, ...]
    shapes: tuple[tuple[int, ...], ...]
    samples: Path | None
    partial: bool
    force: bool
