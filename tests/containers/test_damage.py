"""The advice on a damaged file is a command that works as pasted."""

from __future__ import annotations

import pytest

from layerfix.containers.damage import salvage_hint


@pytest.mark.parametrize(
    ("place", "command"),
    [
        ("models/old.h5", "layerfix salvage models/old.h5 -o salvaged.h5"),
        ("my model.keras: config.json", "layerfix salvage 'my model.keras' -o salvaged.keras"),
        ("run/cp.ckpt.index", "layerfix salvage run/cp.ckpt.index -o salvaged.npz"),
    ],
)
def test_it_names_the_file_itself_and_an_output_of_its_kind(place: str, command: str) -> None:
    assert salvage_hint(place).endswith(f": {command}")
