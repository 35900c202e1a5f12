"""The words of a difference, common to all formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from layerfix.containers.records import spoken
from layerfix.report import phrases
from layerfix.report.jsons import dumps

if TYPE_CHECKING:
    from layerfix.containers.records import WeightKey
    from layerfix.results.diff import Change, Diff, TensorDiff, TensorStatus

SIGNS = {"added": "+", "removed": "-", "identical": " ", "renamed": ">", "reordered": ">", "changed": "~", "reshaped": "~", "recast": "~"}
LOOKS = {
    "added": "good",
    "removed": "bad",
    "identical": "quiet",
    "renamed": "plain",
    "reordered": "fair",
    "changed": "fair",
    "reshaped": "bad",
    "recast": "fair",
}
ORDER: tuple[TensorStatus, ...] = ("added", "removed", "changed", "reshaped", "recast", "renamed", "reordered", "identical")


def verdict(found: Diff) -> str:
    """The difference in one sentence."""
    if found.same:
        return f"Identical: {phrases.count(len(found.tensors), 'tensor')}, config and optimizer state."
    parts = [f"{phrases.count(number, 'tensor')} {status}" for status, number in tallied(found.tensors)]
    config = len(found.config) + len(found.training_config)
    parts += [phrases.count(config, "change") + " of the config"] if config else []
    parts += ["the optimizer state differs"] if any(tensor.status != "identical" for tensor in found.optimizer) else []
    return f"{', '.join(parts) or 'Facts about the whole file differ'}."


def tallied(tensors: Iterable[TensorDiff]) -> list[tuple[str, int]]:
    """How many tensors have each status, changes first."""
    counts = Counter(tensor.status for tensor in tensors)
    return [(status, counts[status]) for status in ORDER if counts[status]]


def name(key: WeightKey | None) -> str:
    """A tensor's owner and name; where the name starts with the owner, the name alone."""
    return "" if key is None else spoken(key)


def what(tensor: TensorDiff) -> str:
    """What is to be said about a tensor beside its name and status."""
    after = f"{phrases.shape(tensor.shape_after)} {tensor.dtype_after}" if tensor.shape_after is not None else ""
    before = f"{phrases.shape(tensor.shape_before)} {tensor.dtype_before}" if tensor.shape_before is not None else ""
    told = [f"{before} → {after}" if before and after and before != after else after or before]
    if tensor.status == "renamed":
        told.append(f"was {name(tensor.before)}")
    if tensor.moved:
        told.append("its place in the layer changed")
    if tensor.max_difference is not None:
        told.append(f"max |Δ| {tensor.max_difference:.3g}, mean {tensor.mean_difference:.3g}")
    if tensor.cosine is not None:
        told.append(f"cosine {tensor.cosine:.6f}")
    if tensor.nonfinite:
        told.append(f"{phrases.count(tensor.nonfinite, 'element')} not finite")
    return ", ".join(told)


def shown(tensors: Iterable[TensorDiff], everything: bool) -> list[TensorDiff]:
    """The tensors to list."""
    return [tensor for tensor in tensors if everything or tensor.status != "identical"]


def change(found: Change) -> str:
    """What a change of a config did."""
    if found.kind == "added":
        return value(found.after)
    return value(found.before) if found.kind == "removed" else f"{value(found.before)} → {value(found.after)}"


def value(stated: object) -> str:
    """A JSON value on one line, cut where it is long."""
    text = dumps(stated, indent=None)
    return text if len(text) <= 160 else f"{text[:157]}..."


def slots(found: Diff) -> str:
    """The optimizer state in one clause; "" where neither file has one."""
    if not found.optimizer:
        return ""
    return ", ".join(f"{phrases.count(number, 'tensor')} {status}" for status, number in tallied(found.optimizer))
