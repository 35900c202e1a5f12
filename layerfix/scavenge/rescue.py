"""One damaged file of any kind -> one healthy file. Runs in the child: nothing else parses the bytes."""

from __future__ import annotations

import io
import mmap
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.containers.archive import MEMBERS, WEIGHTS
from layerfix.containers.bundle import bundle_prefix
from layerfix.errors import ReadError, UsageError, WriteError
from layerfix.scavenge import archive, arrays, bundle, healthy, newlines
from layerfix.scavenge.attributes import Value
from layerfix.scavenge.fill import Twins, filled
from layerfix.scavenge.given import architecture_of, mapped, older, translated
from layerfix.scavenge.hdf5 import Scavenged, Tensor, scavenge
from layerfix.scavenge.image import Image, Torn
from layerfix.scavenge.layers import whole_layers
from layerfix.scavenge.superblock import SIGNATURE

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "hdf5": (".h5", ".hdf5"),
    "keras": (".keras",),
    "npz": (".npz",),
    "tf-checkpoint": (".npz",),
}
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to rescue.

    Attributes:
        suffix: of the output's name, which must be one that the file's kind is written to.
        like: older files of the same script; of what several have, the first gives it.
        architecture: the JSON text of `model.to_json()`, for a config that is lost.
        fill: whether tensors that are lost are taken from the older file.
    """

    suffix: str
    like: tuple[Path, ...] = ()
    architecture: Path | None = None
    fill: bool = False


@dataclass(frozen=True, slots=True)
class Rescued:
    """What was found and written; `filled` says of what came from an older file from which, by its place among them.

    `complete` is whether the damaged file can have held nothing else.
    """

    kind: str
    tensors: tuple[Tensor, ...]
    notes: tuple[str, ...]
    filled: Mapping[str, int] = field(default_factory=dict)
    complete: bool = True


def rescue(path: Path, target: Path, wishes: Wishes) -> Rescued:
    """Writes what is whole in `path` to `target`.

    Raises:
        ReadError: where nothing is whole.
        UsageError: where the suffix is another kind's.
        WriteError: where there is no room for the output.
    """
    try:
        found = _rescue(path, target, wishes)
    except Torn as torn:
        raise _nothing(path, str(torn)) from torn
    except OSError as error:
        raise WriteError(f"what was found in it cannot be written ({error.strerror or error}).", where=str(path)) from error
    if not any(tensor.state == "whole" for tensor in found.tensors):
        raise _nothing(path, "no tensor in it is whole")
    nameless = sum(tensor.state == "whole" and not tensor.path for tensor in found.tensors)
    told = f"{nameless} whole tensors have no name: they are in the group {healthy.UNNAMED!r}, by their addresses in the damaged file"
    return replace(found, notes=(*found.notes, told)) if nameless else found


def _nothing(path: Path, why: str) -> ReadError:
    hint = "Take another copy, or give an older file of the same script with --like."
    return ReadError(f"holds nothing that can be saved: {why}.", where=str(path), hint=hint)


def _rescue(path: Path, target: Path, wishes: Wishes) -> Rescued:
    prefix = bundle_prefix(path)
    if prefix is not None:
        _fits(path, "tf-checkpoint", wishes.suffix)
        tensors, values, notes = bundle.rescue(prefix)
        _savez(target, values)
        return Rescued("tf-checkpoint", tuple(tensors), tuple(notes), complete=not notes)
    with mapped(path) as data:
        undone = newlines.repaired(data) if data[:2] == newlines.ARCHIVE else None
        if undone is not None:
            found = _zip(path, undone[0], target, wishes)
            return replace(found, notes=(undone[1], *found.notes))
        if _is_archive(path, data):
            return _zip(path, data, target, wishes)
        _fits(path, "hdf5", wishes.suffix)
        with older(wishes.like) as (twins, notes):
            return _hdf5(data, target, twins, notes, wishes)


def _is_archive(path: Path, data: mmap.mmap) -> bool:
    """Whether a file is an archive, or was one before its beginning was overwritten."""
    return data[:4] == archive.LOCAL or (data[:8] != SIGNATURE and path.suffix in (".keras", ".npz"))


def _fits(path: Path, kind: str, suffix: str) -> None:
    if suffix not in SUFFIXES[kind]:
        wanted = " or ".join(SUFFIXES[kind])
        raise UsageError(f"is written to a {wanted} file, not to {suffix or 'one without suffix'!r}.", where=str(path), hint="Change -o.")


def _hdf5(data: mmap.mmap, target: Path, twins: Twins, notes: list[str], wishes: Wishes) -> Rescued:
    image, undone = translated(data)
    found = scavenge(image, [*twins.values()], architecture_of(wishes.architecture.read_bytes()) if wishes.architecture else None)
    fill = filled(found, twins) if wishes.fill else {}
    notes = [*undone, *notes, *found.notes, *_architecture(found, wishes.architecture)]
    notes += healthy.write(target, image, found, {path: source for path, (_, source) in fill.items()})
    return Rescued("hdf5", found.tensors, tuple(notes), {path: number for path, (number, _) in fill.items()}, found.sound)


def _architecture(found: Scavenged, architecture: Path | None) -> list[str]:
    """Gives a file whose config is lost the one that the user has."""
    root = found.attributes.setdefault("", {})
    if architecture is None or "model_config" in root:
        return []
    if any(path.startswith(("layers", "_layer_checkpoint_dependencies")) for path in found.groups):
        return ["the architecture given told names and shapes"]
    root["model_config"] = Value("text", (), texts=(architecture.read_bytes(),), utf8=True)
    return ["the architecture is the one given"]


def _zip(path: Path, data: mmap.mmap | bytes, target: Path, wishes: Wishes) -> Rescued:
    held = archive.members(data)
    if archive.is_complete(data, held):
        return _members(path, data, held, target, wishes)
    found = _members(path, data, held, target, wishes)
    told = () if any(not member.whole for member in held) else ("its directory is broken: whether it had other members is not known",)
    return replace(found, notes=(*told, *found.notes), complete=False)


def _members(path: Path, data: mmap.mmap | bytes, held: Sequence[archive.Member], target: Path, wishes: Wishes) -> Rescued:
    if path.suffix == ".keras" or {member.name for member in held} & MEMBERS:
        _fits(path, "keras", wishes.suffix)
        with older(wishes.like) as (twins, notes):
            return _keras(_with_weights(held, data), target, twins, notes, wishes)
    _fits(path, "npz", wishes.suffix)
    read = [arrays.array(member) for member in held if member.name.endswith(".npy")]
    _savez(target, {tensor.path: value for tensor, value in read if value is not None})
    return Rescued("npz", tuple(tensor for tensor, _ in read), ())


def _with_weights(held: Sequence[archive.Member], data: mmap.mmap | bytes) -> Sequence[archive.Member]:
    """The members, with the weights from their own signature on where nothing of the archive leads to them."""
    at = data.find(SIGNATURE)
    if at < 0 or any(member.name == WEIGHTS for member in held):
        return held
    return [*held, archive.Member(WEIGHTS, data[at:], False, "its header is lost: it is read from its own signature on")]


def _keras(held: Sequence[archive.Member], target: Path, twins: Twins, notes: list[str], wishes: Wishes) -> Rescued:
    notes = [*notes, *(f"{member.name}: {member.why}" for member in held if not member.whole)]
    texts = {member.name: member.data for member in held if member.whole and member.name != WEIGHTS}
    weights = next((member for member in held if member.name == WEIGHTS), None)
    if weights is None:
        raise Torn(f"{WEIGHTS} is not in it")
    image = Image(weights.data, inner=True)
    config = wishes.architecture.read_bytes() if wishes.architecture and "config.json" not in texts else texts.get("config.json", b"")
    found = scavenge(image, [*twins.values()], architecture_of(config), asserted="config.json" not in texts)
    if weights.whole:
        found = replace(found, tensors=tuple(map(_proven, found.tensors)))
    if "config.json" not in texts:
        notes += _config(held, texts, wishes.architecture)
    fill = filled(found, twins) if wishes.fill else {}
    inner = io.BytesIO()
    notes += [*found.notes, *healthy.write(inner, image, found, {path: source for path, (_, source) in fill.items()})]
    with zipfile.ZipFile(target, "w") as whole:
        for name, member in texts.items():
            whole.writestr(zipfile.ZipInfo(name, _EPOCH), member)
        whole.writestr(zipfile.ZipInfo(WEIGHTS, _EPOCH), inner.getbuffer())  # a copy would be the fourth of the weights in memory
    complete = found.sound and "config.json" in texts
    return Rescued("keras", found.tensors, tuple(notes), {path: number for path, (number, _) in fill.items()}, complete)


def _proven(tensor: Tensor) -> Tensor:
    """A tensor of a member whose CRC-32 is right."""
    there = tensor.state in ("whole", "doubtful")
    return replace(tensor, state="whole", proven=True, why="") if there else tensor


def _config(held: Sequence[archive.Member], texts: dict[str, bytes], architecture: Path | None) -> list[str]:
    if architecture is not None:
        texts["config.json"] = architecture.read_bytes()
        return ["the architecture is the one given"]
    cut = next((member.data for member in held if member.name == "config.json"), b"")
    names = whole_layers(cut.decode("utf-8", "replace"))
    told = f"; layers that are whole in it: {', '.join(names[:20])}" if names else ""
    return [f"config.json is lost{told}. Give the architecture with --architecture MODEL.json"]


def _savez(target: Path, values: Mapping[str, NDArray[Any]]) -> None:
    with zipfile.ZipFile(target, "w") as whole:
        for name, value in values.items():
            stream = io.BytesIO()
            np.lib.format.write_array(stream, value, allow_pickle=False)
            whole.writestr(zipfile.ZipInfo(f"{name}.npy", _EPOCH), stream.getvalue())
