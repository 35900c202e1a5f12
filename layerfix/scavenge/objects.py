"""Everything that can be found in an HDF5 image by signature or grammar, whether or not a path leads to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from layerfix.scavenge import messages
from layerfix.scavenge.datasets import Dataset, dataset
from layerfix.scavenge.dense import entries
from layerfix.scavenge.groups import Entry, Heap, Node, Symbols, fits, heap, in_order, node, symbols
from layerfix.scavenge.headers import Header, Span, header, search
from layerfix.scavenge.image import UNDEFINED, Cursor, Image, Torn, attempt
from layerfix.scavenge.superblock import Superblock, superblock

MAX_OBJECTS = 400_000
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Link:
    """A name in a group and the object it leads to; the name is None where the heap is lost. `made` counts up with the time of making."""

    name: bytes | None
    address: int
    made: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """A group.

    Attributes:
        address: of its header; of its B-tree where no header is known.
        header: None where it is lost.
        links: its members, sorted by name as symbol tables are.
        torn: whether some of its members may be missing.
        spans: the bytes of its tables.
    """

    address: int
    header: Header | None
    links: tuple[Link, ...]
    torn: bool
    spans: tuple[Span, ...] = ()


@dataclass(slots=True)
class Objects:
    """What an image holds, by address.

    Attributes:
        dangling: addresses that something refers to and where nothing can be read.
        spans: bytes that belong to structures that were read.
    """

    superblock: Superblock | None = None
    headers: dict[int, Header] = field(default_factory=dict)
    datasets: dict[int, Dataset] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    dangling: set[int] = field(default_factory=set)
    spans: list[Span] = field(default_factory=list)


def objects(image: Image) -> Objects:
    """Finds headers, datasets and groups, from the front to the end and along every reference."""
    found = Objects()
    found.superblock = attempt(superblock, image)
    if found.superblock is None:
        found.dangling.add(0)
    else:
        found.spans.append((0, found.superblock.size))
    nodes = _all(image, b"SNOD\x01\x00", symbols)
    trees = {at: tree for at, tree in _all(image, b"TREE\x00", node).items() if tree.type == 0}
    heaps = _all(image, b"HEAP\0\0\0\0", heap)
    _headers(image, found, nodes)
    _datasets(image, found)
    _Groups(image, found, nodes, trees, heaps).collect()
    _claims(found, nodes, trees, heaps)
    return found


def _all(image: Image, pattern: bytes, parse: Callable[[Image, int], Found]) -> dict[int, Found]:
    """Whatever of a kind can be read anywhere."""
    parsed: dict[int, Found] = {}
    for address in image.find(pattern):
        known = attempt(parse, image, address)
        if known is not None:
            parsed[address] = known
        if len(parsed) >= MAX_OBJECTS:
            break
    return parsed


def _headers(image: Image, found: Objects, nodes: dict[int, Symbols]) -> None:
    referred = {entry.address for table in nodes.values() for entry in table.entries}
    if found.superblock is not None:
        referred.add(found.superblock.root)
    for address in (*search(image), *sorted(referred - found.headers.keys())):
        if len(found.headers) >= MAX_OBJECTS:
            return
        known = attempt(header, image, address)
        if known is not None and (not known.torn or address in referred or _telling(known)):
            found.headers[address] = known
        if address in referred and (known is None or known.broken):
            found.dangling.add(address)


def _telling(known: Header) -> bool:
    """Whether a torn header that nothing refers to holds what bytes hold by no accident."""
    described = any(attempt(messages.layout, cursor) for cursor in known.of(messages.LAYOUT))
    return described or any(len(m.data) == 16 for m in known.messages if m.type == messages.SYMBOL_TABLE)


def _datasets(image: Image, found: Objects) -> None:
    for address, known in found.headers.items():
        described = attempt(dataset, image, known)
        if described is not None:
            found.datasets[address] = described


@dataclass(slots=True)
class _Groups:
    """Puts groups together from the parts of which they consist."""

    image: Image
    found: Objects
    nodes: dict[int, Symbols]
    trees: dict[int, Node]
    heaps: dict[int, Heap]
    used: set[int] = field(default_factory=set)
    owned: frozenset[int] = frozenset()
    """Heaps of groups that are described."""

    def collect(self) -> None:
        """Groups with a header, then those that a parent's entry describes, then B-trees of neither."""
        described = [cursor for known in self.found.headers.values() for cursor in known.of(messages.SYMBOL_TABLE) if cursor.left >= 16]
        pairs = {(cursor.number(8), cursor.number(8)) for cursor in described}
        pairs |= {(entry.tree, entry.heap) for table in self.nodes.values() for entry in table.entries if entry.tree != UNDEFINED}
        self.owned = frozenset(at for _, at in pairs)
        for address, known in self.found.headers.items():
            if address not in self.found.datasets:
                self._from_header(address, known)
        for table in self.nodes.values():
            for entry in table.entries:
                if entry.tree != UNDEFINED and entry.address not in self.found.groups:
                    self._add(entry.address, None, entry.tree, entry.heap)
        inner = {child for tree in self.trees.values() if tree.level for child in tree.children}
        for address in sorted(self.trees.keys() - self.used - inner):
            self._add(address, None, address, self._heap_of(address))

    def _from_header(self, address: int, known: Header) -> None:
        try:
            cursor = known.one(messages.SYMBOL_TABLE)
            self._add(address, known, cursor.number(8), cursor.number(8))
        except Torn:
            if any(m.type in (messages.LINK, messages.LINK_INFO) for m in known.messages):
                self.found.groups[address] = self._modern(known)

    def _modern(self, known: Header) -> Group:
        """A group of link messages, in its header or in a fractal heap."""
        found = [*known.of(messages.LINK)]
        for cursor in known.of(messages.LINK_INFO):
            found += [Cursor(data) for data in entries(self.image, cursor, links=True)]
        read = [attempt(messages.link, cursor) for cursor in found]
        links = [Link(*known) for known in read if known is not None]
        ordered = tuple(sorted(links, key=lambda link: link.name or b""))
        return Group(known.address, known, ordered, known.torn)

    def _add(self, address: int, known: Header | None, tree: int, heap_at: int) -> None:
        self.used.add(tree)
        names = self.heaps.get(heap_at)
        tables, torn = self._tables(tree)
        if names is not None and not (names.in_place and in_order(names, tables)):
            self.found.dangling.add(heap_at)
            names = None
        held = [entry for table in tables for entry in table.entries]
        sure = names.chained([entry.name for entry in held]) if names is not None else {}
        links = tuple(Link(sure.get(entry.name), entry.address, entry.name) for entry in held)
        self._missing(tree, b"TREE", tree in self.trees)
        self._missing(heap_at, b"HEAP", names is not None)
        self.found.groups[address] = Group(address, known, links, torn or (known is not None and known.torn))

    def _tables(self, address: int) -> tuple[list[Symbols], bool]:
        """The symbol table nodes below a B-tree node, in order, and whether some are lost."""
        tables, torn = [], False
        todo, seen = [address], {address}
        while todo:
            at = todo.pop(0)
            tree = self.trees.get(at)
            if tree is None:
                torn = True
                continue
            fresh = [child for child in tree.children if child not in seen]
            seen.update(fresh)
            if tree.level:
                todo = fresh + todo
                self.used.update(fresh)
                continue
            for child in fresh:
                table = self.nodes.get(child)
                torn |= table is None
                self._missing(child, b"SNOD", table is not None)
                tables += [] if table is None else [table]
        return tables, torn

    def _heaps_for(self, found: tuple[Entry, ...]) -> list[int]:
        """The heaps in which all of these names are names, in order."""
        return [at for at, names in self.heaps.items() if fits(names, found)]

    def _missing(self, address: int, signature: bytes, known: bool) -> None:
        """Notes a place where a structure should be and other bytes are."""
        if not known and self.image.present(address, 4) == 4 and self.image.take(address, 4) != signature:
            self.found.dangling.add(address)

    def _heap_of(self, address: int) -> int:
        """The one heap in which all names of a headless B-tree are names, in order."""
        tables, _ = self._tables(address)
        held = tuple(entry for table in tables for entry in table.entries)
        fitting = [at for at in self._heaps_for(held) if at not in self.owned] if held else []
        return fitting[0] if len(fitting) == 1 else UNDEFINED


def _claims(found: Objects, nodes: dict[int, Symbols], trees: dict[int, Node], heaps: dict[int, Heap]) -> None:
    found.spans += [span for known in found.headers.values() if not known.broken for span in known.spans]
    found.spans += [table.span for table in nodes.values()]
    found.spans += [tree.span for tree in trees.values()]
    found.spans += [span for names in heaps.values() for span in names.spans]
    found.spans += [span for known in found.datasets.values() for span in known.chunks.spans]
