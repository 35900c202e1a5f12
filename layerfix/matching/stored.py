"""Layers of a file with weights, from the names of its tensors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from layerfix.containers.donor_records import Donor, DonorEntry, name_parts
from layerfix.matching.records import Leaf, outside_cells

_NOT_LAYERS = re.compile(
    r"(^|/)(optimizer|optimizer_weights|\.OPTIMIZER_SLOT|keras_api|save_counter|metrics|Adam|SGD|RMSprop|training)(/|$)"
)
_IN_ORDER = re.compile(r"(^|/)(layers|_layer_checkpoint_dependencies)/[a-z0-9_]+(/vars)?$")
"""Groups that Keras numbers in the order of `model.layers` (keras 3, saving_lib.py, `_save_container_state`)."""
_SEEDS = re.compile(r"(^|/)seed_generator(_\d+)?(/|$)")
_ROLES_TEXT = """
kernel bias gamma beta moving_mean moving_variance embeddings alpha recurrent_kernel
depthwise_kernel pointwise_kernel mean variance count
"""
_ROLES = frozenset(_ROLES_TEXT.split())


def stored_leaves(donor: Donor) -> list[Leaf]:
    """The layers of any file that `read_donor` reads, optimizer and metrics aside, in the file's order."""
    v3 = donor.kind in ("keras-v3", "weights-v3")
    groups: dict[tuple[tuple[str, ...], str], list[tuple[str, DonorEntry]]] = {}
    for entry in donor.entries:
        attribute = _attribute(entry, v3)
        if _NOT_LAYERS.search(attribute or entry.name) or _SEEDS.search(entry.name) or not _numeric(entry):
            continue
        *path, role = _named(entry, donor)
        groups.setdefault((tuple(path), attribute.rpartition("/")[0]), []).append((role, entry))
    ordered = groups.items() if donor.checkpoint is not None and not v3 else sorted(groups.items(), key=lambda item: _natural(item[0]))
    legacy = donor.checkpoint is not None and not v3
    return [
        _leaf(place if legacy or _IN_ORDER.search(attribute) else -1, path, attribute, found)
        for place, ((path, attribute), found) in enumerate(ordered)
    ]


def by_position(donor: Donor, live: Sequence[Leaf]) -> list[Leaf] | None:
    """What `np.savez(file, *model.get_weights())` wrote, cut into the model's layers; None for anything else.

    `get_weights` goes layer by layer in every Keras, trained weights before others.
    """
    numbers = [re.fullmatch(r"arr_(\d+)", entry.name) for entry in donor.entries]
    if donor.kind != "npz" or not all(numbers):
        return None
    entries = sorted(donor.entries, key=lambda entry: int(entry.name[4:]))
    shapes = [shape for leaf in live for shape in leaf.shapes]
    if [entry.shape for entry in entries] != shapes:
        return None
    rest = iter(entries)
    taken = [(leaf, [next(rest).name for _ in leaf.shapes]) for leaf in live]
    return [replace(leaf, keys=tuple(names), attributes=frozenset({f"position {leaf.order}"})) for leaf, names in taken]


def _leaf(place: int, path: tuple[str, ...], attribute: str, found: Sequence[tuple[str, DonorEntry]]) -> Leaf:
    roles, entries = zip(*found, strict=True)
    attributes = frozenset({attribute.removesuffix("/vars")}) if attribute else frozenset()
    return Leaf(
        outside_cells(path), roles, tuple(entry.shape for entry in entries), attributes, place, tuple(entry.name for entry in entries)
    )


def _numeric(entry: DonorEntry) -> bool:
    return entry.dtype not in ("object", "str", "string")


def _attribute(entry: DonorEntry, v3: bool) -> str:
    """The attribute path that a Keras 3 file or an object-based checkpoint states; "" in others."""
    return "/".join(entry.key) if v3 and entry.key is not None else entry.attribute


def _named(entry: DonorEntry, donor: Donor) -> tuple[str, ...]:
    """Names down to the role. In a legacy HDF5 file the owner stands before the name, which begins with the model's own name."""
    if donor.kind in ("keras-v3", "weights-v3") and entry.key is not None:
        return (*_without_numbers(name_parts(entry.name)[:-1]), entry.key[1].rpartition("/")[2])
    if entry.key is not None:
        return name_parts(entry.key[1]) if "/" in entry.key[1] else _flat(entry.key)
    parts = name_parts(entry.name)
    return parts if len(parts) > 1 else ("", *parts)


def _flat(key: tuple[str, str]) -> tuple[str, ...]:
    """Keras 1 names "dense_1_W" or "dense_1_kernel" inside the group "dense_1"."""
    owner, name = key
    return (owner, name_parts(name.removeprefix(f"{owner}_"))[0])


def _without_numbers(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(part for part in parts if part != "vars")


def _natural(key: tuple[tuple[str, ...], str]) -> list[tuple[int, str]]:
    """Sorts "dense_10" behind "dense_9"."""
    return [(int(part) if part.isdigit() else -1, part) for part in re.split(r"(\d+)", "/".join(key[0]) or key[1])]
