"""A pytest plugin: with `--layerfix-guard`, a test that saves a model whose save would lose weights fails, and says which."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest

SAVES = ("save", "save_weights")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option; nothing of Keras is imported without it."""
    told = "fail tests that save a Keras model whose save would lose weights (layerfix)"
    parser.getgroup("layerfix").addoption("--layerfix-guard", action="store_true", help=told)


@pytest.fixture(autouse=True)
def layerfix_guard(request: pytest.FixtureRequest) -> Iterator[None]:
    """Guards every save of the test where the option asks for it."""
    if not request.config.getoption("--layerfix-guard"):
        yield
        return
    with guarded_saves():
        yield


@contextmanager
def guarded_saves() -> Iterator[None]:
    """While it lasts, `Model.save` and `Model.save_weights` of Keras look for untracked weights first.

    A model whose forward pass cannot be traced is saved all the same, with a warning.

    Raises:
        UntrackedWeightsError: from within such a save; nothing is written then.
    """
    import keras

    originals = {name: getattr(keras.Model, name) for name in SAVES}
    for name, original in originals.items():
        setattr(keras.Model, name, _checked(original))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(keras.Model, name, original)


def _checked(original: Callable[..., Any]) -> Callable[..., Any]:
    from layerfix.saving_guard import UntraceableError, guard

    @wraps(original)
    def save(model: object, *arguments: Any, **settings: Any) -> Any:
        try:
            guard(model)
        except UntraceableError as error:
            warnings.warn(str(error), stacklevel=2)
        return original(model, *arguments, **settings)

    return save
