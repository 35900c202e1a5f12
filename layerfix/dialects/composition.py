"""A layer of a library written out as layers and operations, one call after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layerfix.dialects.keras2.composed import become_functional, layer, operation
from layerfix.dialects.records import Source
from layerfix.dialects.rules import Entry


def _reference(entry: Entry) -> list[Any]:
    return [entry["name"], 0, 0]


class Composition:
    """The layers of a composed one, each under a name of its own, in the order in which they are called.

    Attributes:
        start: its input.
        mask: the input that is the mask, where it is composed for one.
    """

    def __init__(self, own: str, *, masked: bool = False) -> None:
        self.own = own
        self.start = layer("InputLayer", f"{own}_input")
        self.mask = layer("InputLayer", f"{own}_mask") if masked else None
        self.parts = [self.start, *([] if self.mask is None else [self.mask])]

    def called(self, entry: Entry, on: Entry, arguments: Mapping[str, Any] | None = None) -> Entry:
        """A step that calls an entry on another, with further arguments."""
        entry["inbound_nodes"] = [[[on["name"], 0, 0, dict(arguments or {})]]]
        self.parts.append(entry)
        return entry

    def op(self, function: str, part: str, on: Entry, constants: dict[str, Any] | None = None, **tensors: Entry | list[Entry]) -> Entry:
        """A step that is one of `keras.ops`."""
        more = {key: [_reference(one) for one in value] if isinstance(value, list) else _reference(value) for key, value in tensors.items()}
        return self.called(operation(function, f"{self.own}_{part}"), on, {**(constants or {}), **more})

    def layer(self, class_name: str, part: str, on: Entry, **config: Any) -> Entry:
        """A step that is a layer."""
        return self.called(layer(class_name, f"{self.own}_{part}", **config), on)

    def cut(self, part: str, on: Entry, axis: int, start: int | None, stop: int | None) -> Entry:
        """A step that takes a range of one axis."""
        whole = {"start": None, "stop": None, "step": None}
        return self.op("getitem", part, on, {"slice_spec": [*[whole] * axis, {**whole, "start": start, "stop": stop}]})

    def end(self, entry: Entry, *outputs: Entry) -> None:
        """Puts the composition in the place of the entry; one for a mask beside it, as what stands for it where a mask reaches it."""
        named = [_reference(output) for output in outputs]
        if self.mask is None:
            become_functional(entry, self.parts, outputs[0]["name"])
            entry["config"]["output_layers"] = named
            return
        made: Entry = {"name": entry["name"]}
        become_functional(made, self.parts, outputs[0]["name"], inputs=2)
        made["config"]["output_layers"] = named
        entry["masked"] = made


def compositions(source: Source, entry: Entry) -> list[Composition]:
    """Compositions of a layer for inputs with a mask, where the model has any, and without, which ends in the layer's place."""
    return [Composition(entry["name"], masked=masked) for masked in ((True, False) if source.masks else (False,))]
