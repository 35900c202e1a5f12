"""What a user can ask of a repair, as one record, and which layers a setting means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from layerfix.errors import PlanError, UsageError

if TYPE_CHECKING:
    from layerfix.containers.config import LayerNode
    from layerfix.containers.donor_records import Donor
    from layerfix.containers.samples import Samples

StrategyChoice = Literal["auto", "recover", "transplant", "fit", "reinitialize"]
Init = Literal["initializer", "zeros"]
Assumption = Literal["one-session"]


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that steers a repair; the fields mean what the options of the same name mean (design: commands).

    Attributes:
        layers: the user's own source files.
        architecture: the JSON file of a weights-only checkpoint.
        arguments: {layer name, path, class or "*": {argument: value}} as the user gave them.
        donors: where weights may be transplanted from, as read.
        samples: inputs, perhaps with labels or recorded predictions, as read.
        strategy: for all lost weights; `layer_strategies` wins for the layers it names.
        numpy_seed: what the user remembers of `np.random.seed`.
        graph_seed: what the user remembers of `tf.set_random_seed`.
        exhaustive: search all 2^32 numpy seeds even where it is not promising.
        time_budget: seconds after which searches end with what they found; None for no end.
        init: for reinitialize: the layer's own initializer, or zeros.
        seed: for reinitialize and fit.
        assume: conditions that the user vouches for: "one-session", the model was built and trained in one run of the script, with the
            class as given.
        emit_layers: where the corrected classes are written too; `emit_for` is the Keras that runs them.
    """

    layers: tuple[Path, ...] = ()
    architecture: Path | None = None
    arguments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    donors: tuple[Donor, ...] = ()
    samples: Samples | None = None
    strategy: StrategyChoice = "auto"
    layer_strategies: Mapping[str, StrategyChoice] = field(default_factory=dict)
    numpy_seed: int | None = None
    graph_seed: int | None = None
    exhaustive: bool = False
    time_budget: float | None = None
    init: Init = "initializer"
    seed: int = 0
    assume: tuple[Assumption, ...] = ()
    emit_layers: Path | None = None
    emit_for: str = "keras3"


def given_arguments(patterns: Mapping[str, Mapping[str, object]], nodes: Sequence[LayerNode]) -> dict[str, dict[str, Any]]:
    """The settings resolved to layer paths; a layer's own name or path wins over its class, the class over "*".

    Raises:
        UsageError: where a pattern fits no layer.
    """
    resolved: dict[str, dict[str, Any]] = {}
    unused = set(patterns) - {"*"}
    for node in nodes:
        for pattern in ("*", node.class_name, node.name, node.path):
            if pattern in patterns and not (pattern == "*" and not _takes_star(node)):
                resolved.setdefault(node.path, {}).update(patterns[pattern])
                unused.discard(pattern)
    if unused:
        names = ", ".join(sorted({node.class_name for node in nodes}))
        raise UsageError(f"--set names {sorted(unused)[0]!r}, which is no layer and no class of this model (its classes: {names}).")
    return resolved


def refuse_unknown_layers(options: Options, nodes: Sequence[LayerNode]) -> None:
    """Holds the layers that `layer_strategies` names against the model, before any work.

    Raises:
        PlanError: for one that the model does not have.
    """
    known = {name for node in nodes for name in (node.name, node.path)}
    for layer in sorted(set(options.layer_strategies) - known):
        close = get_close_matches(layer, known, n=1)
        own = [node.path for node in nodes if _takes_star(node)]
        hint = f"Did you mean {close[0]!r}?" if close else f"Its layers of custom classes: {', '.join(own) or 'none'}."
        raise PlanError(f"--strategy names {layer!r}, which is no layer of this model.", hint=hint)


def _takes_star(node: LayerNode) -> bool:
    from layerfix.legacy.stock import is_stock

    return not node.is_model and (node.is_foreign or not is_stock(node.class_name))
