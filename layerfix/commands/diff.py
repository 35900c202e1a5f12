"""`diff`: two checkpoints -> `Diff`, streaming, so that memory stays at a few chunks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from layerfix.arrays import Array
from layerfix.comparison.configs import config_changes
from layerfix.comparison.numbers import distance
from layerfix.containers.digests import digest_chunks
from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint, WeightEntry, WeightKey
from layerfix.containers.tensors import open_tensors
from layerfix.isolation.child import Child
from layerfix.isolation.vet import vet
from layerfix.report.diff.graphs import Pair, pairs
from layerfix.results.diff import AttributeChange, Diff, TensorDiff

Chunks = Callable[[WeightEntry], Iterator[Array]]


def diff(a: Path | str | Checkpoint, b: Path | str | Checkpoint) -> Diff:
    """The difference of two checkpoints of any format.

    Args:
        a, b: paths, or records of `read`.

    Raises:
        ReadError, HostileError: where one of them cannot be read.
    """
    with Child() as child:
        for path in (a, b):
            if not isinstance(path, Checkpoint):
                vet(path, child)
    before = a if isinstance(a, Checkpoint) else read(a)
    after = b if isinstance(b, Checkpoint) else read(b)
    with open_tensors(before) as old, open_tensors(after) as new:

        def old_chunks(entry: WeightEntry) -> Iterator[Array]:
            return old.chunks(entry.key)

        def new_chunks(entry: WeightEntry) -> Iterator[Array]:
            return new.chunks(entry.key)

        tensors = tuple(_tensors(before.weights, after.weights, old_chunks, new_chunks))
        optimizer = tuple(_slots(_slot_entries(before), _slot_entries(after), old_chunks, new_chunks))
    return Diff(
        a=before.path,
        b=after.path,
        tensors=tensors,
        optimizer=optimizer,
        config=tuple(config_changes(before.config or {}, after.config or {})),
        training_config=tuple(config_changes(before.training_config or {}, after.training_config or {})),
        attributes=tuple(_attributes(before, after)),
    )


def compared(found: Diff) -> tuple[Pair, ...]:
    """The graphs of both files side by side, with what changed; empty where one has no architecture."""
    return pairs(read(found.a), read(found.b), found)


def _slot_entries(checkpoint: Checkpoint) -> tuple[WeightEntry, ...]:
    return checkpoint.optimizer.weights if checkpoint.optimizer else ()


def _tensors(before: Sequence[WeightEntry], after: Sequence[WeightEntry], old: Chunks, new: Chunks) -> Iterator[TensorDiff]:
    """Matched by key; what is left over, by equal bits."""
    earlier, later = {entry.key: entry for entry in before}, {entry.key: entry for entry in after}
    moved = _moved(before, after)
    gone = [entry for entry in before if entry.key not in later]
    come = [entry for entry in after if entry.key not in earlier]
    renamed = _same_bits(gone, come, old, new)
    for entry in after:
        if entry.key in earlier:
            yield _matched(earlier[entry.key], entry, entry.key in moved, old, new)
        elif entry.key in renamed:
            yield _record("renamed", renamed[entry.key], entry)
        else:
            yield _record("added", None, entry)
    used = {entry.key for entry in renamed.values()}
    yield from (_record("removed", entry, None) for entry in gone if entry.key not in used)


def _slots(before: Sequence[WeightEntry], after: Sequence[WeightEntry], old: Chunks, new: Chunks) -> Iterator[TensorDiff]:
    """Optimizer tensors: by key where nothing was inserted, else by equal bits in the same order."""
    if [(entry.key, entry.shape) for entry in before] == [(entry.key, entry.shape) for entry in after]:
        yield from (_matched(one, two, False, old, new) for one, two in zip(before, after, strict=True))
        return
    pending = [(entry, digest_chunks(old(entry))) for entry in before]
    for entry in after:
        if pending and pending[0][1] == digest_chunks(new(entry)) and pending[0][0].shape == entry.shape:
            earlier = pending.pop(0)[0]
            yield _record("identical" if earlier.key == entry.key else "renamed", earlier, entry)
        else:
            yield _record("added", None, entry)
    yield from (_record("removed", entry, None) for entry, _ in pending)


def _matched(before: WeightEntry, after: WeightEntry, moved: bool, old: Chunks, new: Chunks) -> TensorDiff:
    if before.shape != after.shape:
        return _record("reshaped", before, after, moved=moved)
    found = distance(old(before), new(after))
    if found.equal and before.dtype == after.dtype:
        return _record("reordered" if moved else "identical", before, after, moved=moved)
    return _record(
        "changed" if before.dtype == after.dtype else "recast",
        before,
        after,
        moved=moved,
        max_difference=found.largest,
        mean_difference=found.mean,
        cosine=found.cosine,
        nonfinite=found.nonfinite,
    )


def _record(status: Any, before: WeightEntry | None, after: WeightEntry | None, **figures: Any) -> TensorDiff:
    return TensorDiff(
        status=status,
        before=before.key if before else None,
        after=after.key if after else None,
        shape_before=before.shape if before else None,
        shape_after=after.shape if after else None,
        dtype_before=before.dtype if before else None,
        dtype_after=after.dtype if after else None,
        **figures,
    )


def _moved(before: Iterable[WeightEntry], after: Iterable[WeightEntry]) -> frozenset[WeightKey]:
    """Keys whose rank among the tensors that a layer has in both files differs."""
    ranks = [_ranks(before), _ranks(after)]
    moved = set()
    for owner in ranks[0].keys() & ranks[1].keys():
        common = set(ranks[0][owner]) & set(ranks[1][owner])
        pair = [[name for name in rank[owner] if name in common] for rank in ranks]
        moved |= {(owner, two) for one, two in zip(*pair, strict=True) if one != two}
    return frozenset(moved)


def _ranks(entries: Iterable[WeightEntry]) -> dict[str, list[str]]:
    ranks: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        ranks[entry.owner].append(entry.name)
    return ranks


def _same_bits(gone: Sequence[WeightEntry], come: Sequence[WeightEntry], old: Chunks, new: Chunks) -> dict[WeightKey, WeightEntry]:
    """New key -> old entry with the same shape, dtype and bits; several equal ones pair up in file order."""
    wanted = {(entry.shape, entry.dtype) for entry in come}
    pool: dict[tuple[Any, ...], list[WeightEntry]] = defaultdict(list)
    for entry in gone:
        if (entry.shape, entry.dtype) in wanted:
            pool[entry.shape, entry.dtype, digest_chunks(old(entry))].append(entry)
    offered = {key[:2] for key in pool}
    found: dict[WeightKey, WeightEntry] = {}
    for entry in come:
        if (entry.shape, entry.dtype) in offered and (same := pool.get((entry.shape, entry.dtype, digest_chunks(new(entry))))):
            found[entry.key] = same.pop(0)
    return found


def _attributes(before: Checkpoint, after: Checkpoint) -> Iterator[AttributeChange]:
    for name in ("format", "keras_version", "backend"):
        if getattr(before, name) != getattr(after, name):
            yield AttributeChange(name, getattr(before, name), getattr(after, name))
    layers = [tuple(layer.name for layer in checkpoint.layers) for checkpoint in (before, after)]
    if layers[0] != layers[1]:
        yield AttributeChange("layers", *layers)
    classes = [checkpoint.optimizer.class_name if checkpoint.optimizer else None for checkpoint in (before, after)]
    if classes[0] != classes[1]:
        yield AttributeChange("optimizer", *classes)
