"""What somebody can do who holds a damaged file."""

from __future__ import annotations

import shlex
from pathlib import Path


def salvage_hint(place: Path | str) -> str:
    """Advice with a command that can be pasted; `place` may name a part behind the file ("m.keras: config.json")."""
    name = str(place).partition(": ")[0]
    suffix = next((one for one in (".keras", ".h5") if name.endswith(one)), ".npz")
    return f"Take another copy, or bring back what is whole: layerfix salvage {shlex.quote(name)} -o salvaged{suffix}"
