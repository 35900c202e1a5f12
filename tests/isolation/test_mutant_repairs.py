"""Repairs of mutants: each ends in exactly one outcome, and what is published was verified."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray
from test_mutants import mutant

from layerfix.commands.repair import repair
from layerfix.containers.reader import read
from layerfix.containers.records import WeightKey
from layerfix.errors import LayerfixError, ReadError
from layerfix.isolation.child import Child
from layerfix.isolation.limits import Limits
from layerfix.write.verify import verify_file

SAMPLE = Path(__file__).parents[2] / "sample_models" / "sequential-mean.h5"
COUNT = 8
Array = NDArray[Any]


def repaired(path: Path) -> str:
    """How the repair of a mutant ended: "refused", "damaged or unusable", "nothing lost", "unplanned", "salvaged" or "verified".

    Raises:
        AssertionError: where the input changed, something unverified was published, or anything else was left.
    """
    before, output = path.read_bytes(), path.with_name("out.h5")
    try:
        result = repair(path, output=output, strategy="reinitialize")
    except LayerfixError as error:
        outcome = "refused" if error.exit_code == 4 else "damaged or unusable"
        assert not output.exists()
    else:
        assert (result.output is not None) == output.exists()
        outcome = "nothing lost" if result.plan is None else "unplanned"
        if result.output is not None:
            outcome = "verified" if _holds_all(path, output, result.values or {}) else "salvaged"
    assert path.read_bytes() == before
    assert {entry.name for entry in path.parent.iterdir()} <= {path.name, output.name}
    return outcome


def _holds_all(path: Path, output: Path, values: Mapping[WeightKey, Array]) -> bool:
    """Whether all that the mutant holds is in what was published; a file that cannot be read is salvaged, and published whole."""
    try:
        source = read(path)
    except ReadError:
        assert read(output).weights
        return False
    assert verify_file(source, output, values).ok
    return True


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0])
def test_repair_of_a_mutant_publishes_only_what_it_verified(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Child.__init__, "__defaults__", (Limits(seconds=2.5), None))
    source, data = random.Random(seed), SAMPLE.read_bytes()
    outcomes: Counter[str] = Counter()
    for number in range(COUNT):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "mutant.h5").write_bytes(mutant(data, source))
        outcomes[repaired(folder / "mutant.h5")] += 1
    assert sum(outcomes.values()) == COUNT
    assert outcomes["verified"] > 0
    assert outcomes["damaged or unusable"] > 0
