"""Writes the `.keras` archive, or the weights alone, of Keras 2.13 to 2.15: numbered variables in groups named by class.

Sources: tensorflow 2.13 to 2.15, keras/src/saving/saving_lib.py (`_save_state`, `_save_container_state`).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import h5py

from layerfix.arrays import Array
from layerfix.containers.archive import WEIGHTS
from layerfix.containers.numbered import Group

_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_weights(path: Path | io.BytesIO, model: Group, optimizer: Sequence[Array], *, compiled: bool, counts_twice: bool) -> None:
    """Writes the variables.

    Args:
        path: where to write.
        model: the whole model.
        optimizer: its variables, steps first.
        compiled: whether there are training settings, of which the loss' mean is a variable.
        counts_twice: whether each layer with weights takes two numbers (Keras 2.13).
    """
    with h5py.File(path, "w", track_order=False) as file:
        seen: set[int] = set()
        for place, arrays in _placed(model, "", seen, counts_twice=counts_twice):
            _put(file, place, arrays)
        if compiled:
            _put(file, "optimizer/", optimizer)
            _put(file, "metrics/mean/", (0.0, 0.0))


def _put(file: h5py.File, place: str, arrays: Sequence[object]) -> None:
    group = file.require_group(f"{place}vars")
    for number, array in enumerate(arrays):
        group.create_dataset(str(number), data=array, track_times=False)


def _placed(group: Group, place: str, seen: set[int], *, counts_twice: bool) -> Iterator[tuple[str, tuple[Array, ...]]]:
    """(path with a slash behind it, variables) of a group and of all in it, a shared one once."""
    yield place, group.arrays
    for name, part in group.parts.items():
        yield from _placed(part, f"{place}{name}/", seen, counts_twice=counts_twice)
    numbers: Counter[str] = Counter()
    for class_name, identity, layer in group.layers:
        again = identity in seen
        if again and not counts_twice:
            continue
        number = numbers[class_name]
        numbers[class_name] += 2 if counts_twice and layer.is_weighted else 1
        if not again:
            seen.add(identity)
            name = f"{class_name}_{number}" if number else class_name
            yield from _placed(layer, f"{place}{group.container}/{name}/", seen, counts_twice=counts_twice)


def write_archive(
    path: Path, config: Mapping[str, object], keras_version: str, model: Group, optimizer: Sequence[Array], *, counts_twice: bool
) -> None:
    """Writes a whole model; `config` has a `compile_config` where it is compiled. The rest is as in `write_weights`."""
    weights = io.BytesIO()
    write_weights(weights, model, optimizer, compiled="compile_config" in config, counts_twice=counts_twice)
    members = {
        "metadata.json": json.dumps({"keras_version": keras_version}).encode(),
        "config.json": json.dumps(config).encode(),
        WEIGHTS: weights.getvalue(),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
