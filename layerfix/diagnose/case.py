"""What the rules look at: a checkpoint with its layers sorted into stock, models and custom, and the stored weights of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from layerfix.containers.config import MODEL_CLASSES, LayerNode, tree, walk
from layerfix.containers.wrapped import expanded
from layerfix.diagnose.places import known_groups, stored_weights
from layerfix.legacy.stock import KERAS1, NEEDED, TF_ONLY, WRAPPERS, inner_layers, is_stock
from layerfix.legacy.versions import Family, Tracking, release, tracking
from layerfix.legacy.weights import StockWeight
from layerfix.legacy.weights import weights as stock_weights

if TYPE_CHECKING:
    from layerfix.blueprint import Blueprint
    from layerfix.containers.records import Checkpoint, WeightEntry

KNOWN_BROKEN = frozenset({"Denoising_layer"})
"""Classes known by name to hold hidden layers. Their weights are lost wherever the library tracked nothing."""


@dataclass(frozen=True)
class Case:
    """One checkpoint under diagnosis; the blueprint is None without `--layers`."""

    checkpoint: Checkpoint
    blueprint: Blueprint | None = None

    @cached_property
    def top(self) -> tuple[LayerNode, ...]:
        """Top-level layers of the config, wrappers of models as models themselves; () where the file has no config."""
        return expanded(tree(self.checkpoint.config)) if self.checkpoint.config else ()

    @cached_property
    def layers(self) -> tuple[LayerNode, ...]:
        """Every layer, depth first."""
        return tuple(walk(self.top))

    @cached_property
    def family(self) -> Family:
        """Whose classes the file speaks of; a file that does not say is taken for multi-backend Keras 2."""
        stated = release(self.checkpoint.keras_version)
        return stated.family if stated is not None else "keras2"

    @cached_property
    def tracking(self) -> Tracking:
        """What the library that saved the file tracked inside custom layers."""
        return tracking(self.checkpoint.keras_version)

    @cached_property
    def custom(self) -> tuple[LayerNode, ...]:
        """Layers of classes that the library does not ship, and stock wrappers around such."""
        return tuple(node for node in self.layers if not node.is_model and not self._ships(node))

    def _ships(self, node: LayerNode) -> bool:
        if node.is_foreign:
            return False
        if node.class_name not in WRAPPERS and (node.module or "").split(".")[0] == "keras":
            return True
        return self.is_stock(node.class_name, node.config)

    def is_stock(self, class_name: str, config: Mapping[str, object]) -> bool:
        """Whether the library that saved the file ships that class; a class that only bears a stock name lacks its arguments."""
        if self.family == "keras1" and (class_name in KERAS1 or is_stock(class_name)):
            return True
        if class_name in MODEL_CLASSES and not inner_layers(class_name, config):
            return not config or "layers" in config
        if self.family == "keras2" and class_name in TF_ONLY:
            return False
        inner = inner_layers(class_name, config) if class_name in WRAPPERS or class_name in MODEL_CLASSES else ()
        return is_stock(class_name) and NEEDED.get(class_name, frozenset()) <= config.keys() and all(self.is_stock(*one) for one in inner)

    def expected(self, node: LayerNode) -> tuple[StockWeight, ...] | None:
        """The weights that a stock layer must have stored, or None where no table says."""
        if self.family == "keras1" or node.is_model or node.path in self._custom_paths:
            return None
        try:
            return stock_weights(node.class_name, node.config)
        except (KeyError, TypeError):
            return None

    def stored(self, node: LayerNode) -> tuple[WeightEntry, ...]:
        """The stored weights of a layer; inside a nested model those that carry its name."""
        return self._stored[node.path]

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """For each layer's path the group of its top-level layer, where the file lists it."""
        return known_groups(self.checkpoint, self.top)

    @cached_property
    def _custom_paths(self) -> frozenset[str]:
        return frozenset(node.path for node in self.custom)

    @cached_property
    def _stored(self) -> Mapping[str, tuple[WeightEntry, ...]]:
        return stored_weights(self.checkpoint, self.top)


def label(node: LayerNode) -> str:
    """The class for people, with the one that a stock wrapper holds: "TimeDistributed(Smooth)"."""
    inner = inner_layers(node.class_name, node.config) if node.class_name in WRAPPERS else ()
    return f"{node.class_name}({', '.join(name for name, _ in inner)})" if inner else node.class_name
