from __future__ import annotations

import os
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Where coverage is measured, it is in the children of commands as well."""
    if config.pluginmanager.hasplugin("_cov"):
        from layerfix.isolation import program

        program._START = str(Path(__file__).with_name("measured_start.py"))


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of sample models."""
    return Path(__file__).parents[1] / "sample_models"


@pytest.fixture(scope="session")
def repaired(tmp_path_factory: pytest.TempPathFactory) -> object:
    """`resnet-mean.h5` repaired with nothing else given: once for all tests (a `genuine.Repaired`)."""
    from genuine import Repaired

    return Repaired(tmp_path_factory.mktemp("repaired") / "resnet-mean.h5")


@pytest.fixture(scope="session")
def legacy_python() -> str:
    """Interpreter of an environment with Keras 2.2.4."""
    python = os.environ.get("LAYERFIX_LEGACY_PYTHON")
    if not python:
        pytest.skip("LAYERFIX_LEGACY_PYTHON names no Python with Keras 2.2.4 (.ci/run makes one where it finds a Python 3.7)")
    return python
