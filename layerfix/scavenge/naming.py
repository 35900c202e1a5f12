"""Names for what was found: along links from the root, else by the lists of names that survive, by order, or none."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from layerfix.containers.config import layer_list, layer_name
from layerfix.scavenge import messages
from layerfix.scavenge.attributes import Attributes, Value
from layerfix.scavenge.headers import Header, Message
from layerfix.scavenge.image import Cursor, Image, attempt
from layerfix.scavenge.objects import Group, Objects
from layerfix.scavenge.tree import OPTIMIZER, WEIGHTS, Tree, join, texts

_TOP = {WEIGHTS.encode(), b"layers", b"_layer_checkpoint_dependencies"}
"""Members of a root alone; `vars` is one of every object of Keras 3."""
_SLOTS = re.compile(r"(^|/)(training|iter|iterations|Adam|SGD|RMSprop|Adagrad|Adadelta|Adamax|Nadam|optimizer)", re.I)
_COUNTER = re.compile(r"(^|/)(iter|iterations?|learning_rate)(:0)?$")
_ROOT_NAMES = (b"model_config", b"training_config", b"keras_version", b"backend", b"layer_names", b"weight_names")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]|[\xf8-\xff]")
MAX_DEPTH = 64
FIRST = 2048
"""Bytes in which HDF5 puts what it makes first (H5Pset_meta_block_size)."""


def tree(image: Image, found: Objects) -> tuple[Tree, list[tuple[int, int]]]:
    """Names everything that can be named; also the bytes of the global heaps that were read."""
    reader, named = Attributes(image), Tree()
    namer = _Namer(found, reader, named)
    namer.walk(_root(found), "")
    _orphans(image, found, reader, namer)
    namer.adopt()
    named.expected = tuple(_expected(named))
    return named, reader.spans


@dataclass(slots=True)
class _Namer:
    """Walks groups and gives names."""

    found: Objects
    reader: Attributes
    named: Tree
    loose: dict[str, Value] = field(default_factory=dict)

    def walk(self, address: int | None, path: str, how: str = "") -> None:
        """Names a group and all that it leads to."""
        todo: list[tuple[int, str]] = [] if address is None else [(address, path)]
        if address is None:
            self.named.attributes.setdefault(path, {})
        while todo:
            at, place = todo.pop()
            if at in self.named.paths or place.count("/") > MAX_DEPTH or (place in self.named.paths.values() and not place):
                continue
            self.named.paths[at] = place
            if how:
                self.named.how[at] = how
            group = self.found.groups.get(at)
            if group is None:
                continue
            self._attributes(group, place)
            links = group.links
            names: Sequence[bytes | None] = [link.name for link in links]
            if None in names and not group.torn:
                names = self._sorted_names(place, len(links), names)
                if None not in names:
                    self.named.how.update({link.address: "by the order of names" for link in links})
            for link, name in zip(links, names, strict=True):
                if name is not None:
                    todo.append((link.address, join(place, name.decode("utf-8", "surrogateescape"))))

    def _attributes(self, group: Group, path: str) -> None:
        values, lost = self.reader.of(group.header)
        broken = {name: value for name, value in values.items() if not _sane(name, value)}
        self.named.attributes.setdefault(path, {}).update({name: value for name, value in values.items() if name not in broken})
        self.named.fillers[path] = {**self.reader.fillers(group.header, lost), **broken}
        self.named.lost += [f"{path or '/'}: {name}" for name in sorted({*lost, *broken})]

    def _sorted_names(self, path: str, count: int, known: Sequence[bytes | None]) -> Sequence[bytes | None]:
        """The names of a group whose heap is lost: tables are sorted by name (III.B), so a full list decides."""
        wanted = sorted({name.encode("utf-8", "surrogateescape") for name in self._promised(path)})
        if not wanted and path.endswith("/vars"):  # Keras 3 numbers the variables of an object
            wanted = sorted(str(number).encode() for number in range(count))
        return wanted if len(wanted) == count else known

    def _promised(self, path: str) -> Iterator[str]:
        """Names that a group should have by the lists of those above it."""
        weights = self.named.weights
        if path == weights and weights:
            yield from self.named.names(path, "layer_names")
        parts = path.split("/")
        for depth in range(len(parts), 0, -1):
            above, below = "/".join(parts[:depth]), "/".join(parts[depth:])
            for name in self.named.names(above, "weight_names"):
                if not below or name.startswith(f"{below}/"):
                    yield name[len(below) + 1 if below else 0 :].split("/")[0]

    def adopt(self) -> None:
        """Gives groups that no link leads to the place that their own lists tell."""
        unlinked = [group for at, group in sorted(self.found.groups.items()) if at not in self.named.paths]
        read = [(group, *self.reader.of(group.header)) for group in unlinked]
        for group, values, _ in read:
            if any(name.startswith("layer_names") for name in values) and WEIGHTS not in self.named.attributes:
                self.walk(group.address, WEIGHTS, "by its list of layers")
        layers = self._layers()
        for group, values, lost in read:
            names = texts(values["weight_names"]) if "weight_names" in values else self._below(group) if "weight_names" in lost else ()
            path = self._owner(names, layers)
            if path is not None and path not in self.named.paths.values():
                self.walk(group.address, path, "by its list of weights" if "weight_names" in values else "by the names below it")

    def _below(self, group: Group) -> tuple[str, ...]:
        """Names of the members of a group's members: what its list of weights would say of them."""
        pairs = [(link, inner) for link in group.links if (child := self.found.groups.get(link.address)) for inner in child.links]
        if any(inner.address not in self.found.datasets for _, inner in pairs):
            return ()
        named = [(link.name, inner.name) for link, inner in pairs if link.name and inner.name]
        return tuple(b"/".join(names).decode("utf-8", "surrogateescape") for names in named)

    def _owner(self, names: Sequence[str], layers: Collection[str]) -> str | None:
        """The path of the group that lists these names; None where they do not tell."""
        if not names:
            return None
        if any(_COUNTER.search(name) for name in names) or sum(bool(_SLOTS.search(name)) for name in names) * 2 > len(names):
            return OPTIMIZER
        parts = [name.split("/") for name in names]
        common = [head for head in parts[0][:-1] if all(head in other for other in parts)]
        owners = [head for head in common if head in layers]  # unknown layers name nothing: a nested model lists its layers' names too
        return join(self.named.weights, owners[0]) if len(owners) == 1 else None

    def _layers(self) -> frozenset[str]:
        """The names of the layers, as listed or as the config has them."""
        listed = self.named.names(self.named.weights, "layer_names")
        held = self.named.attributes.get("", {}).get("model_config")
        if listed or held is None or not _sane("model_config", held):
            return frozenset(listed)
        return frozenset(str(layer.get("name") or layer_name(layer)) for layer in layer_list(json.loads(held.items[0])) or [])


def _sane(name: str, value: Value) -> bool:
    """Whether what Keras keeps under a name may look like this: a JSON text, or a list of names."""
    if name in ("model_config", "training_config"):
        try:
            return isinstance(json.loads(value.items[0]), dict)
        except (ValueError, IndexError, RecursionError):
            return False
    if name.startswith(("layer_names", "weight_names")):
        return all(item and not _CONTROL.search(item) for item in value.items)
    return True


def _root(found: Objects) -> int | None:
    """The root group: where the superblock says, where HDF5 puts it, or the one of its B-tree with a checkpoint's members.

    A model inside of another has the same members, but HDF5 makes the root first.
    """
    stated = found.superblock.root if found.superblock else None
    for address in (stated, 96, 48):
        if address is not None and address in found.groups:
            return address
    linked = {link.address for group in found.groups.values() for link in group.links}
    first = [group for address, group in sorted(found.groups.items()) if address < FIRST and group.header is None]
    tops = [group.address for group in first if group.address not in linked and _TOP & {link.name for link in group.links}]
    return tops[0] if len(tops) == 1 else None


def _orphans(image: Image, found: Objects, reader: Attributes, namer: _Namer) -> None:
    """Attributes in pieces of headers whose beginning is lost, by the names that Keras uses."""
    known = {value for values in namer.named.attributes.values() for value in values}
    for name in _ROOT_NAMES[:-1]:
        text = name.decode()
        if text in known:
            continue
        for value in _loose(image, reader, name):
            if not _sane(text, value):
                continue
            full = WEIGHTS in namer.named.paths.values() or "model_config" in namer.named.attributes[""]
            path = WEIGHTS if text == "layer_names" and full else ""
            namer.named.attributes.setdefault(path, {}).setdefault(text, value)


def _loose(image: Image, reader: Attributes, name: bytes) -> Iterator[Value]:
    """Whole attributes of a name anywhere in the file."""
    for at in image.find(name + b"\0"):
        for start in (at - 8, at - 9):
            data = b"" if start < 0 else image.take(start, image.present(start, 1 << 24))
            cursor = Cursor(data)
            if attempt(messages.attribute, cursor) is not None:
                lone = Header(0, (Message(messages.ATTRIBUTE, data[: cursor.at]),), (), False)
                yield from reader.of(lone)[0].values()


def _expected(named: Tree) -> Iterator[str]:
    for owner, _ in named.owners():
        for name in named.names(owner, "weight_names"):
            yield join(owner, name)
