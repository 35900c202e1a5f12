"""What the objects of a file of Keras 2.12 and later keep: numbered variables, in groups within groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from layerfix.arrays import Array


@dataclass(frozen=True, slots=True)
class Group:
    """What one object keeps.

    Attributes:
        arrays: its own variables, in order.
        parts: the objects that it is made of, by attribute ("cell", "forward_layer").
        layers: those of a model in order, as (class name, identity, group); a shared one has one identity.
        container: what the attribute with these is called.
    """

    arrays: tuple[Array, ...] = ()
    parts: Mapping[str, Group] = field(default_factory=dict)
    layers: tuple[tuple[str, int, Group], ...] = ()
    container: str = "layers"

    @property
    def is_weighted(self) -> bool:
        """Whether there is a variable in it."""
        inside = (*self.parts.values(), *(layer for _, _, layer in self.layers))
        return bool(self.arrays) or any(part.is_weighted for part in inside)
