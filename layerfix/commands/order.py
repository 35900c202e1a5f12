"""What is asked of one migration."""

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
