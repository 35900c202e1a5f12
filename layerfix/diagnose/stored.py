"""Rules for what the file lists and stock layers need (LF2xx, LF4xx, LF5xx)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from layerfix.containers.config import LayerNode
from layerfix.diagnose.places import leaf
from layerfix.diagnose.records import Finding
from layerfix.legacy.optimizers import OPTIMIZERS, Slots
from layerfix.legacy.packages import plain_class

if TYPE_CHECKING:
    from layerfix.containers.records import Checkpoint, WeightEntry
    from layerfix.diagnose.case import Case
    from layerfix.legacy.weights import StockWeight


def cut_off(case: Case) -> Iterator[Finding]:
    """Groups and datasets that the file lists and does not hold."""
    stateless = {node.name for node in case.top if case.expected(node) == ()}
    for layer in case.checkpoint.layers:
        if not layer.present and layer.name not in stateless:
            yield Finding("LF202", "lost", layer.name, f"Layer {layer.name!r} is listed, and its group is missing.")
        if layer.absent:
            message = f"Layer {layer.name!r} lists weights that are missing."
            yield Finding("LF203", "lost", layer.name, message, tuple(f"{name} has no data" for name in layer.absent))
    optimizer = case.checkpoint.optimizer
    if optimizer and optimizer.absent:
        names = tuple(f"{name} has no data" for name in optimizer.absent[:8])
        yield Finding("LF402", "lost", None, f"{len(optimizer.absent)} listed optimizer tensors are missing.", names)


def stock_layers(case: Case) -> Iterator[Finding]:
    """Stock layers whose stored weights are not those that their config needs."""
    broken = {layer.name for layer in case.checkpoint.layers if layer.absent or not layer.present}
    held = {layer.name: len(layer.weights) for layer in case.checkpoint.layers}
    judged = [(node, group) for node in case.layers if (group := case.groups.get(node.path)) and group not in broken]
    expected = [(node, group, weights) for node, group in judged if (weights := case.expected(node))]
    needed = Counter[str]()
    for _, group, weights in expected:
        needed[group] += len(weights)
    for node, group, weights in expected:
        stored = case.stored(node)
        # Inside a nested model names may be odd: there the group as a whole must be short of weights.
        if len(stored) < len(weights) and (node.path == node.owner or held.get(group, 0) < needed[group]):
            yield _missing(node, weights, stored)
        elif node.path == node.owner and len(stored) == len(weights) and not case.checkpoint.is_v3:
            yield from _misfits(node, weights, stored)


def optimizer_state(case: Case) -> Iterator[Finding]:
    """Optimizer state of more weights than the file holds: weights that were trained are gone."""
    optimizer = case.checkpoint.optimizer
    known = OPTIMIZERS.get(plain_class(optimizer.class_name)) if optimizer else None
    if not optimizer or known is None:
        return
    slots = len(known.roles)
    if case.checkpoint.is_v3:
        yield from _trained_and_gone(case.checkpoint, slots - _unused(optimizer.config, known))
        return
    if case.checkpoint.format != "keras-hdf5":
        return
    most = len(case.checkpoint.weights)
    trained = (len(optimizer.weights) - 2) // slots  # iterations, and Nadam's schedule
    if trained > most:
        evidence = (f"{len(optimizer.weights)} optimizer tensors belong to at least {trained} weights", f"the file holds {most} weights")
        yield Finding("LF401", "suspect", None, "The optimizer keeps state for more weights than the file holds.", evidence)


def _unused(config: Mapping[str, object], known: Slots) -> int:
    """How many of an optimizer's slots its config leaves out; `use_ema` adds one."""
    stated = [key for key in known.switched if key in config]
    return sum(not config[key] for key in stated) - bool(config.get("use_ema"))


def _trained_and_gone(checkpoint: Checkpoint, slots: int) -> Iterator[Finding]:
    """Keras 3 lays a slot out in the shape of its weight: slots of a shape that too few stored weights have were of weights not stored.

    LoRA and quantisation store weights in other shapes than they are trained in.
    """
    config = repr(checkpoint.config)
    if checkpoint.optimizer is None or "'lora_rank'" in config or "'quantization_mode': '" in config:
        return
    kept = Counter(weight.shape for weight in checkpoint.weights)
    found = Counter(weight.shape for weight in checkpoint.optimizer.slots if weight.shape)
    gone = {shape: -(-count // slots) - kept[shape] for shape, count in sorted(found.items()) if count > slots * kept[shape]}
    if gone:
        evidence = tuple(
            f"its state holds {found[shape]} tensors of shape {list(shape)}, and the file {kept[shape]} weights of it" for shape in gone
        )
        message = f"The optimizer has trained at least {sum(gone.values())} weights that the file does not hold."
        yield Finding("LF403", "lost", None, message, evidence)


def surroundings(case: Case) -> Iterator[Finding]:
    """What limits the answer: a file without architecture."""
    own = case.checkpoint.own_class
    if case.checkpoint.config is None and own is not None:
        message = f"The file holds a subclassed model (class {own}), whose layers no config tells, so only telling names could be checked."
        yield Finding("LF502", "note", None, message)
    elif case.checkpoint.config is None:
        yield Finding("LF502", "note", None, "The file holds weights without an architecture, so only telling names could be checked.")


def backend(case: Case) -> Finding | None:
    """The note for backends from which no seed brings weights back."""
    name = case.checkpoint.backend
    if name in (None, "tensorflow", "jax", "torch", "numpy"):
        return None
    return Finding("LF501", "note", None, f"The file was written with the {name} backend, from which exact recovery is not available.")


def _missing(node: LayerNode, expected: tuple[StockWeight, ...], stored: tuple[WeightEntry, ...]) -> Finding:
    held = [leaf(weight) for weight in stored]
    lost = []
    for weight in expected:
        role = weight.role.rsplit("/", 1)[-1]
        if role in held:
            held.remove(role)
        else:
            lost.append(f"its {weight.role} is not in the file")
    message = f"{node.class_name} {node.path!r} needs {len(expected)} weights, and the file holds {len(stored)}."
    return Finding("LF201", "lost", node.path, message, tuple(lost))


def _misfits(node: LayerNode, expected: tuple[StockWeight, ...], stored: tuple[WeightEntry, ...]) -> Iterator[Finding]:
    wrong = [
        f"{weight.name} has the shape {list(weight.shape)}, and a {need.role} has {need.ndim} dimensions"
        for need, weight in zip(expected, stored, strict=True)
        if need.ndim is not None and need.ndim != len(weight.shape)
    ]
    if wrong:
        yield Finding("LF204", "suspect", node.path, f"The stored weights do not fit {node.class_name} {node.path!r}.", tuple(wrong))
