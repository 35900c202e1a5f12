"""What one model's way down collects: rules that fired, everything that the target cannot say, and weights that change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from layerfix.dialects.down.targets import Target
from layerfix.dialects.records import FiredRule
from layerfix.errors import GraphError

Config = dict[str, Any]


def words(value: object) -> Iterator[str]:
    """Every string in a structure of lists and mappings: the layers that ends name, the losses of outputs."""
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from words(item)


@dataclass(frozen=True, slots=True)
class Said:
    """A model in an older Keras' words.

    Attributes:
        config: the architecture as that Keras writes it.
        rules: what fired, in order.
        scaled: by layer path, which blocks of the columns of its weights are multiplied by 5/6, and how many blocks there are.
    """

    config: Mapping[str, Any]
    rules: tuple[FiredRule, ...]
    scaled: Mapping[str, tuple[tuple[int, ...], int]]


@dataclass(slots=True)
class Saying:
    """The work on one model: nothing is raised before all of it was seen, so that one answer names every refusal.

    `model` says a model inside a layer.
    """

    target: Target
    model: Callable[[Saying, Config, str], Config]
    rules: list[FiredRule] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    scaled: dict[str, tuple[tuple[int, ...], int]] = field(default_factory=dict)

    @property
    def multi(self) -> bool:
        """Whether multi-backend Keras 2 is meant, or TensorFlow.js, which has layers only as well."""
        return self.target.dialect in ("keras2", "tfjs")

    def fire(self, rule: str, layer: str, detail: str) -> None:
        """Notes a rule."""
        self.rules.append(FiredRule(rule, layer, detail))

    def refuse(self, layer: str, what: str) -> None:
        """Notes that something has no equal."""
        told = f"{layer}: {what}"
        if told not in self.refusals:
            self.refusals.append(told)

    def model_name(self, name: str) -> str:
        """A model's name as TensorFlow takes it for a scope (tensorflow 2.10, framework/ops.py, `_VALID_SCOPE_NAME_REGEX`)."""
        valid = re.sub(r"[^A-Za-z0-9_.\\/>-]", "_", name).lstrip("_\\/>-") or "model"
        if valid != name:
            self.fire("model_name", "model", f"{name!r} is called {valid!r}")
        return valid

    def said(self, config: Config) -> Said:
        """The finished model.

        Raises:
            GraphError: where anything was refused; it names all of it.
        """
        if self.refusals:
            hint = "Replace these in the model, or choose a newer target with --for."
            raise GraphError(f"{self.target.name} has no equal for {'; '.join(self.refusals)}.", hint=hint)
        return Said(config, tuple(self.rules), dict(self.scaled))
