"""A legacy Lambda whose function makes layers or draws numbers: traced as a custom layer is.

Copied behaviour: keras 2.2.4, layers/core.py, `Lambda`: without an `output_shape` the function ran twice at each connection, once on the
inputs and once on placeholders, so that it made its layers and drew its numbers twice.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import keras

from layerfix.graph.shim.base import LegacyLayer

_DRAWS = ("random_", "truncated_normal", "dropout")


class FunctionLayer(LegacyLayer):
    """Stands for a Lambda; what its function makes is remembered, as in any `call`."""

    legacy_class = "Lambda"

    def __init__(
        self,
        function: Callable[..., Any],
        twice: bool,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.function, self.twice, self.given = function, twice, dict(arguments or {})

    def call(self, inputs: object) -> Any:
        outputs = self.function(inputs, **self.given)
        if self.twice and not self.traced:
            self.function(inputs, **self.given)
        return outputs


def makes_or_draws(function: object) -> bool:
    """Whether a function of the user's names a layer class or a random tensor, so that it must be traced."""
    code = getattr(function, "__code__", None)
    scope = getattr(function, "__globals__", {})
    names = set(_names(code)) if code is not None else set()
    known = (scope.get(name) for name in names)
    return (
        any(isinstance(value, type) and issubclass(value, keras.layers.Layer) for value in known)
        or any(isinstance(getattr(keras.layers, name, None), type) for name in names)
        or any(name.startswith(_DRAWS) for name in names)
    )


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
