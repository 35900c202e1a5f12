from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of sample models."""
    return Path(__file__).parents[1] / "sample_models"


@pytest.fixture(scope="session")
def repaired(tmp_path_factory: pytest.TempPathFactory) -> object:
    """`resnet-mean.h5` repaired with nothing else given: once for all tests (a `genuine.Repaired`)."""
    from genuine import Repaired

    return Repaired(tmp_path_factory.mktemp("repaired") / "resnet-mean.h5")
