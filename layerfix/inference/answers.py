"""What was settled about the layers of a model: a record that each step of the search returns fuller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from layerfix.containers.records import WeightKey
from layerfix.inference.records import Recovered
from layerfix.inference.structure import Place

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt

Evidence = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answers:
    """What samples and stored statistics settled.

    Attributes:
        arguments: {layer: {argument: value}} that are decided.
        evidence: for each decided or undecided argument (layer, name), JSON-ready.
        recovered: kernels found.
        unrecovered: for the others, why not.
        rebuilt: the graph under the decided arguments.
        lacking: arguments under which the graph could not be judged, since our legacy Keras lacks what the class uses.
        ended: whether the search was ended before it was through.
    """

    arguments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    evidence: Mapping[Place, Evidence] = field(default_factory=dict)
    recovered: Mapping[WeightKey, Recovered] = field(default_factory=dict)
    unrecovered: Mapping[WeightKey, str] = field(default_factory=dict)
    rebuilt: Rebuilt | None = None
    lacking: tuple[Mapping[Place, Any], ...] = ()
    ended: bool = False

    def deciding(self, arguments: Mapping[str, Mapping[str, object]]) -> Answers:
        """With further arguments decided; those of the same layers that were decided before stay."""
        merged = {layer: {**self.arguments.get(layer, {}), **values} for layer, values in arguments.items()}
        return replace(self, arguments={**self.arguments, **merged})

    def hearing(self, arguments: Iterable[LostArgument], told: Evidence) -> Answers:
        """With what the evidence tells of arguments, whether it decides them or not."""
        heard = {(each.layer, each.name): {"default": each.default, "candidates": list(each.candidates), **told} for each in arguments}
        return replace(self, evidence={**self.evidence, **heard})

    def finding(self, found: Recovered) -> Answers:
        """With one kernel more."""
        left = {key: why for key, why in self.unrecovered.items() if key != found.key}
        return replace(self, recovered={**self.recovered, found.key: found}, unrecovered=left)

    def missing(self, keys: Iterable[WeightKey], why: str) -> Answers:
        """With the reason why kernels stay open."""
        return replace(self, unrecovered={**self.unrecovered, **dict.fromkeys(keys, why)})
