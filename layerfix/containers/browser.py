"""TensorFlow.js layers models: `model.json` with the architecture, and the weights in shards of raw bytes.

The tensors lie one behind the other, little-endian, in the order of the manifest, cut into files without regard to where one ends
(tfjs-core, io/types.ts, WeightsManifestConfig; tfjs-converter, write_weights.py). A quantised one is stored as whole numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from layerfix.containers.browser_config import settled
from layerfix.containers.config import layer_list, layer_name
from layerfix.containers.jsons import MAX_BYTES, decode
from layerfix.containers.records import Checkpoint, LayerEntry, OptimizerEntry, Place, WeightEntry
from layerfix.disk.files import open_regular
from layerfix.errors import HostileError, NoCheckpointError, ReadError
from layerfix.legacy.packages import plain_class

_DTYPES = frozenset({"float32", "float16", "int32", "uint8", "uint16", "int8", "int16", "bool"})
_MAX_WEIGHTS = 1_000_000
_STATISTICS = frozenset({"mean", "variance", "count"})


_Belongs = Callable[[str, frozenset[str]], bool]
_COUNTED = re.compile(r"_\d+$")


@dataclass(frozen=True, slots=True)
class _Stored:
    """One entry of the manifest: its name without ":0", and where its bytes are."""

    name: str
    place: Place


_Shares = dict[str, list[_Stored]]


def read_browser_model(path: Path) -> Checkpoint:
    """The records of a TensorFlow.js layers model.

    Raises:
        ReadError: where `model.json` or a shard is damaged or missing.
        HostileError: where it names files outside of its folder.
        NoCheckpointError: where it is a graph model, whose architecture is TensorFlow's and not Keras'.
    """
    stated = _stated(path)
    topology = stated.get("modelTopology")
    if stated.get("format") == "graph-model" or (isinstance(topology, Mapping) and "node" in topology):
        raise NoCheckpointError("is a TensorFlow.js graph model: it holds a frozen graph and no Keras architecture.", where=str(path))
    if not isinstance(topology, Mapping):
        raise ReadError("is a TensorFlow.js model without a topology.", where=str(path))
    config = topology.get("model_config") or topology
    config = decode(config, str(path)) if isinstance(config, str) else config
    if not isinstance(config, Mapping) or layer_list(config) is None:
        raise ReadError("has a topology that lists no layers.", where=str(path))
    training = topology.get("training_config")
    stored = _without_root(config, _manifest(path, stated.get("weightsManifest")))
    version = str(topology["keras_version"]) if topology.get("keras_version") else None
    config = settled(config, version, {one.name: one.place.shape for one in stored})
    layers = tuple(_layers(path, config, stored))
    return Checkpoint(
        path=path,
        format="tfjs-layers",
        keras_version=version,
        backend="tensorflow",
        config={"class_name": config["class_name"], "config": config["config"]},
        training_config=training if isinstance(training, Mapping) else None,
        layers=tuple(layer for layer, _ in layers),
        optimizer=_optimizer(training),
        size=sum(file.stat().st_size for file in {path, *(piece[0] for one in stored for piece in one.place.pieces)}),
        places={key: place for _, places in layers for key, place in places.items()},
        files=(path, *dict.fromkeys(piece[0] for one in stored for piece in one.place.pieces)),
    )


def _stated(path: Path) -> Mapping[str, Any]:
    try:
        with open_regular(path) as stream:
            stated = decode(stream.read(MAX_BYTES + 1), str(path))
    except OSError as error:
        raise ReadError(f"cannot be opened ({error.strerror}).", where=str(path)) from error
    if not isinstance(stated, Mapping):
        raise ReadError("is no JSON object.", where=str(path))
    return stated


def _optimizer(training: object) -> OptimizerEntry | None:
    """A model in this form keeps no state of its optimizer."""
    stated = training.get("optimizer_config") if isinstance(training, Mapping) else None
    if not isinstance(stated, Mapping) or "class_name" not in stated:
        return None
    config = stated.get("config")
    return OptimizerEntry(str(stated["class_name"]), config if isinstance(config, Mapping) else {}, ())


def _without_root(config: Mapping[str, Any], stored: Sequence[_Stored]) -> list[_Stored]:
    """The weights by names without the whole model's, which a Sequential of Keras 3 puts before those that it builds itself."""
    inner = config["config"]
    root = str(inner.get("name")) if isinstance(inner, Mapping) else ""
    if not root or root in map(layer_name, layer_list(config) or ()):
        return list(stored)
    return [replace(one, name=one.name.removeprefix(f"{root}/")) for one in stored]


def _manifest(path: Path, manifest: Any) -> list[_Stored]:
    """Every weight with its place. Raises ReadError where the manifest is none, or the shards are too short."""
    found: list[_Stored] = []
    try:
        for group in manifest or ():
            shards = [_shard(path, str(name)) for name in group["paths"]]
            at = 0
            for weight in group["weights"]:
                dtype, scale, minimum = _form(path, weight)
                shape = tuple(int(size) for size in weight["shape"])
                size = prod(shape) * np.dtype(dtype).itemsize
                if min(shape, default=0) < 0 or len(found) >= _MAX_WEIGHTS:
                    raise HostileError(f"refused: its weight {weight['name']!r} has the shape {shape}.", where=str(path))
                pieces = tuple(_pieces(path, shards, at, size))
                found.append(_Stored(str(weight["name"]).removesuffix(":0"), Place(pieces, shape, dtype, scale, minimum)))
                at += size
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReadError(f"has no usable manifest of weights ({type(error).__name__}: {error}).", where=str(path)) from error
    return found


def _form(path: Path, weight: Mapping[str, Any]) -> tuple[str, float | None, float]:
    """(dtype as stored, scale, minimum) of a weight (tfjs-converter, quantization.py)."""
    quantised = weight.get("quantization")
    dtype = str(quantised["dtype"] if quantised else weight["dtype"])
    if dtype not in _DTYPES:
        raise ReadError(f"its weight {weight['name']!r} is stored as {dtype}, which no Keras weight is.", where=str(path))
    if not quantised:
        return dtype, None, 0.0
    return dtype, float(quantised.get("scale", 1.0)), float(quantised.get("min", 0.0))


def _shard(path: Path, name: str) -> tuple[Path, int]:
    """A file of weights beside the model, and its size."""
    steps = PurePosixPath(name).parts
    if not steps or name.startswith("/") or ".." in steps or ":" in name or "\\" in name:
        raise HostileError(f"refused: it names the file {name!r}, which is not beside it.", where=str(path))
    file = path.parent.joinpath(*steps)
    try:
        with open_regular(file) as stream:
            return file, stream.seek(0, 2)
    except OSError as error:
        raise ReadError(f"is named by {path.name} and cannot be opened ({error.strerror}).", where=str(file)) from error


def _pieces(path: Path, shards: Sequence[tuple[Path, int]], start: int, size: int) -> Iterator[tuple[Path, int, int]]:
    """The parts of shards, taken as one long file, that hold `size` bytes from `start` on."""
    at, end = 0, start + size
    for file, length in shards:
        first, last = max(start, at), min(end, at + length)
        if first < last:
            yield file, first - at, last - first
        at += length
    if end > at:
        raise ReadError(f"is cut off: its weights take {end} bytes or more, and its shards hold {at}.", where=str(path))


def _layers(
    path: Path, config: Mapping[str, object], stored: Sequence[_Stored]
) -> Iterator[tuple[LayerEntry, dict[tuple[str, str], Place]]]:
    """The layers with their weights. The converter sorts layers by name, a browser writes them in the model's order."""
    names = {layer_name(entry): _inner_names(entry) for entry in layer_list(config) or ()}
    shares = _in_order(names, stored, _belongs) or _by_owner(names, stored) or _in_order(names, stored, _belongs_renamed)
    if shares is None:
        raise ReadError(_unowned(names, stored), where=str(path))
    for name in names:
        places = {(name, f"{one.name}:0"): one.place for one in shares.get(name, ())}
        weights = tuple(WeightEntry(*key, place.shape, place.read_as) for key, place in places.items())
        yield LayerEntry(name, weights), places


def _inner_names(entry: Mapping[str, object]) -> frozenset[str]:
    """What the names of a layer's weights begin with: its own name, and those of all layers in it.

    Those of a Normalization stand alone (tensorflow 2.10, normalization.py, `build`).
    """
    inner = entry.get("config")
    wrapped = inner.get("layer") if isinstance(inner, Mapping) else None
    parts = [*(layer_list(entry) or ()), *([wrapped] if isinstance(wrapped, Mapping) and "class_name" in wrapped else ())]
    own = _STATISTICS if plain_class(entry["class_name"]) == "Normalization" else frozenset[str]()
    return frozenset({layer_name(entry)}).union(own, *map(_inner_names, parts))


def _in_order(names: Mapping[str, frozenset[str]], stored: Sequence[_Stored], belongs: _Belongs) -> _Shares | None:
    """The weights cut into one run for each layer, sorted or in the model's order; None where neither uses up all, or both differ."""
    found = [shares for order in (sorted(names), list(names)) if (shares := _shared(names, order, stored, belongs)) is not None]
    return found[0] if found and (belongs is _belongs or all(shares == found[0] for shares in found)) else None


def _shared(names: Mapping[str, frozenset[str]], order: Sequence[str], stored: Sequence[_Stored], belongs: _Belongs) -> _Shares | None:
    found: _Shares = {}
    at = 0
    for name in order:
        taken: set[str] = set()
        while at < len(stored) and belongs(stored[at].name, names[name]) and stored[at].name not in taken:
            found.setdefault(name, []).append(stored[at])
            taken.add(stored[at].name)
            at += 1
    return found if at == len(stored) else None


def _by_owner(names: Mapping[str, frozenset[str]], stored: Sequence[_Stored]) -> _Shares | None:
    """Each weight with the one layer whose name it bears; None where that is no layer or several, or two weights have one name."""
    found: _Shares = {}
    for one in stored:
        owners = [name for name, inner in names.items() if _belongs(one.name, inner)]
        if len(owners) != 1 or any(other.name == one.name for other in found.get(owners[0], ())):
            return None
        found.setdefault(owners[0], []).append(one)
    return found


def _unowned(names: Mapping[str, frozenset[str]], stored: Sequence[_Stored]) -> str:
    for one in stored:
        owners = [name for name, inner in names.items() if _belongs(one.name, inner)]
        if len(owners) != 1:
            return f"its weight {one.name!r} could be that of {', '.join(owners) or 'no layer'}."
    return "it lists two weights of one name, layer by layer in no order."


def _belongs(weight: str, layers: frozenset[str]) -> bool:
    """Whether a weight's name begins with a layer's; names of layers may hold "/" themselves."""
    parts = weight.split("/")
    return any("/".join(parts[:end]) in layers for end in range(1, len(parts) + 1))


def _belongs_renamed(weight: str, layers: frozenset[str]) -> bool:
    """The same where the name was taken when the weight was made, as in a session that loaded the model twice: "dense_4_1/kernel"."""
    owner, slash, role = weight.partition("/")
    return _belongs(weight, layers) or _belongs(_COUNTED.sub("", owner) + slash + role, layers)
