"""A little of the fuzzing in every run of the tests; `fuzz.py MINUTES` does it for long."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from genuine import sampled

sys.path.insert(0, str(Path(__file__).parent))
from fuzz import fuzz, targets

EXECUTIONS = 300


@pytest.mark.parametrize(
    "name",
    sampled(sorted(targets().keys() - {"hdf5"}), 3),
    # A mutant may crash the library of HDF5, which is fuzzed in children.
)
def test_mutants_end_in_our_own_errors(name: str, tmp_path: Path) -> None:
    target, suffix = targets()[name]
    assert target.seeds
    fuzz(target, tmp_path / f"input{suffix}", random.Random(1), until=lambda one: one.executions >= EXECUTIONS, fresh=lambda: False)
    assert target.executions == EXECUTIONS
    assert not target.findings
