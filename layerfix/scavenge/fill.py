"""What older files have of the tensors that a damaged one lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from layerfix.scavenge.clashes import above
from layerfix.scavenge.hdf5 import Scavenged
from layerfix.scavenge.healthy import Source
from layerfix.scavenge.twin import Twin

Twins = Mapping[int, Twin]
"""Older files by their place among those given."""


def filled(found: Scavenged, twins: Twins) -> dict[str, tuple[int, Source]]:
    """What the older files have of what is lost, from those of which no tensor differs in shape or type."""
    whole = {tensor.path: tensor for tensor in found.tensors if tensor.state == "whole" and tensor.path}
    fill: dict[str, tuple[int, Source]] = {}
    for number, twin in twins.items():
        both = [(tensor, twin.tensors[path]) for path, tensor in whole.items() if path in twin.tensors]
        if len(both) < len(whole) or any((t.shape, t.dtype) != (d.shape, d.type.numpy) for t, d in both):
            continue
        tensors = whole.keys() | fill.keys()
        groups = {path: values for path, values in twin.attributes.items() if path not in found.attributes}
        found.attributes.update({path: values for path, values in groups.items() if _fits(path, tensors, ())})
        taken = {*found.attributes, *above([*tensors, *found.attributes])}
        lost = {path: dataset for path, dataset in twin.tensors.items() if path not in tensors and _fits(path, tensors, taken)}
        fill |= {path: (number, (twin.image, dataset)) for path, dataset in lost.items()}
    return fill


def _fits(path: str, tensors: Collection[str], groups: Collection[str]) -> bool:
    """Whether a file can have a path beside these: none of them is in its place, and no tensor leads to it."""
    return path not in tensors and path not in groups and not any(parent in tensors for parent in above([path]))
