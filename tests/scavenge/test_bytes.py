"""The grammar of HDF5, structure by structure, on bytes written by hand from the specification."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from layerfix.scavenge import messages
from layerfix.scavenge.chunks import index
from layerfix.scavenge.groups import Heap, collection, heap, node, symbols
from layerfix.scavenge.image import UNDEFINED, Cursor, Image, Torn, attempt
from layerfix.scavenge.messages import Index
from layerfix.scavenge.pipeline import DEFLATE, SHUFFLE, inflated, unfiltered
from layerfix.scavenge.superblock import SIGNATURE, lead, superblock


def number(*values: int, size: int = 8) -> bytes:
    return b"".join(value.to_bytes(size, "little") for value in values)


def test_an_image_gives_no_byte_that_is_not_there() -> None:
    image = Image(b"garbage" + b"0123456789", base=7)
    assert (image.size, image.take(2, 3), image.present(8, 10)) == (10, b"234", 2)
    for address, size in ((8, 3), (-1, 2), (3, -1), (11, 1)):
        with pytest.raises(Torn):
            image.take(address, size)


def test_a_pattern_is_found_behind_the_base_alone() -> None:
    assert list(Image(b"xxABxxABAB", base=4).find(b"AB")) == [2, 4]


def test_a_cursor_ends_where_its_bytes_do() -> None:
    cursor = Cursor(b"\x01\x02\x00rest")
    assert (cursor.number(1), cursor.number(2), cursor.left) == (1, 2, 4)
    cursor.expect(b"re")
    with pytest.raises(Torn):
        cursor.take(3)
    assert attempt(Cursor(b"a").expect, b"b") is None


def version_0(end: int, root: int) -> bytes:
    return (
        SIGNATURE + bytes(5) + b"\x08\x08\x00" + struct.pack("<HHI", 4, 16, 0) + number(0, UNDEFINED, end, UNDEFINED, 0, root) + bytes(24)
    )


def test_a_superblock_states_the_length_and_the_root() -> None:
    found = superblock(Image(version_0(4096, 96)))
    assert (found.version, found.end, found.root, found.flags, found.size) == (0, 4096, 96, 0, 96)
    with pytest.raises(Torn):
        superblock(Image(version_0(4096, 96)[:60]))


def test_address_zero_is_at_the_first_signature() -> None:
    assert lead(b"HTTP/1.1" + SIGNATURE) == 8
    assert lead(b"nothing") == 0


NAMES = bytes(8) + b"alpha\0\0\0beta\0\0\0\0"


def local_heap() -> bytes:
    return b"HEAP\0\0\0\0" + number(len(NAMES), 1, 32) + NAMES


def test_names_in_a_heap_begin_at_multiples_of_eight() -> None:
    found = heap(Image(local_heap()), 0)
    assert (found.name(8), found.name(16)) == (b"alpha", b"beta")
    for at in (0, 9, 10, 400):
        with pytest.raises(Torn):
            found.name(at)


def test_names_that_do_not_lie_one_behind_the_other_are_not_sure() -> None:
    names = b"".join(name.ljust(length, b"\0") for name, length in ((b"", 8), (b"kernel", 8), (b"recurrent", 16), (b"bias", 8), (b"a", 8)))
    held = Heap(0, names, ((0, 0), (0, 0)))
    assert held.chained([8, 16, 32, 40]) == {8: b"kernel", 16: b"recurrent", 32: b"bias", 40: b"a"}
    assert held.chained([8, 32]) == {8: b"kernel", 32: b"bias"}, "the table that has the name between them is lost"
    assert held.chained([]) == {}
    moved = Heap(0, names[:8] + names[16:] + bytes(8), ((0, 0), (0, 0)))
    assert moved.chained([8, 16, 32, 40]) == {}


def test_a_heap_is_in_place_where_its_empty_name_and_its_free_bytes_are() -> None:
    block = bytes(8) + b"kernel\0\0" + number(1) + number(24) + bytes(8)
    assert Heap(0, block, ((0, 0), (0, 0)), 16).in_place
    assert Heap(0, block[:16], ((0, 0), (0, 0)), 1).in_place
    assert not Heap(0, block[8:] + bytes(8), ((0, 0), (0, 0)), 16).in_place
    assert not Heap(0, block[:8] + block[16:] + bytes(8), ((0, 0), (0, 0)), 16).in_place


def test_a_heap_whose_block_is_cut_off_is_torn() -> None:
    with pytest.raises(Torn):
        heap(Image(local_heap()[:-1]), 0)


def table(*entries: tuple[int, int]) -> bytes:
    rows = b"".join(number(name, address) + struct.pack("<II", 0, 0) + bytes(16) for name, address in entries)
    return b"SNOD\x01\x00" + struct.pack("<H", len(entries)) + rows


def test_a_symbol_table_lists_names_and_addresses() -> None:
    found = symbols(Image(table((8, 800), (16, 1600))), 0)
    assert [(entry.name, entry.address) for entry in found.entries] == [(8, 800), (16, 1600)]
    with pytest.raises(Torn):
        symbols(Image(table((8, 800))[:-1]), 0)


def test_a_b_tree_node_has_a_key_before_each_child() -> None:
    data = b"TREE\x00\x00" + struct.pack("<H", 2) + number(UNDEFINED, UNDEFINED, 0, 111, 8, 222, 16)
    found = node(Image(data), 0)
    assert (found.type, found.level, found.children) == (0, 0, (111, 222))
    with pytest.raises(Torn):
        node(Image(b"TREE\x07\x00" + data[6:]), 0)


def test_a_global_heap_is_read_as_far_as_it_is_there() -> None:
    item = struct.pack("<HHI", 1, 1, 0) + number(5) + b"hello\0\0\0"
    data = b"GCOL\x01\0\0\0" + number(4096) + item
    assert collection(Image(data), 0) == {1: b"hello"}
    with pytest.raises(Torn):
        collection(Image(b"GCOL\x01\0\0\0" + number(8)), 0)


def test_a_contiguous_layout_says_where_and_how_much() -> None:
    found = messages.layout(Cursor(b"\x03\x01" + number(4096, 96)))
    assert (found.form, found.address, found.size) == ("contiguous", 4096, 96)


def test_a_chunked_layout_says_the_chunk_and_the_element() -> None:
    found = messages.layout(Cursor(b"\x03\x02\x03" + number(4096) + number(10, 20, 4, size=4)))
    assert (found.form, found.chunk, found.itemsize, found.index) == ("chunked", (10, 20), 4, "tree")


@pytest.mark.parametrize("data", [b"\x09\x01" + bytes(16), b"\x03\x07" + bytes(16), b"\x03\x01" + bytes(3), b"\x03\x02\x02" + bytes(16)])
def test_what_is_no_layout_is_torn(data: bytes) -> None:
    with pytest.raises(Torn):
        messages.layout(Cursor(data))


@pytest.mark.parametrize("data", [b"\3\2\0" + bytes(12), b"\4\2\0\0\1" + bytes(12)], ids=["version 3", "version 4"])
def test_chunks_of_no_dimension_are_no_layout(data: bytes) -> None:
    with pytest.raises(Torn, match="no dimension"):
        messages.layout(Cursor(data))


def test_a_hard_link_names_an_object_and_a_soft_one_is_not_followed() -> None:
    assert messages.link(Cursor(b"\x01\x00\x05dense" + number(640))) == (b"dense", 640)
    with pytest.raises(Torn):
        messages.link(Cursor(b"\x01\x08\x01\x05dense" + number(640)))


def test_filters_are_undone_in_the_order_of_reading() -> None:
    values = np.arange(100, dtype="<f4")
    shuffled = np.ascontiguousarray(values.view(np.uint8).reshape(100, 4).T).tobytes()
    stored = zlib.compress(shuffled)
    assert unfiltered(stored, (SHUFFLE, DEFLATE), 0, 400, 4) == (values.tobytes(), True)
    assert unfiltered(shuffled, (SHUFFLE, DEFLATE), 0b10, 400, 4) == (values.tobytes(), False)


@pytest.mark.parametrize("damage", [lambda data: data[:-3], lambda data: data[:40] + b"\xff" + data[41:], lambda data: data[:-1] + b"\x00"])
def test_a_compressed_chunk_that_was_changed_is_torn(damage: object) -> None:
    stored = zlib.compress(np.random.default_rng(1).bytes(400))
    with pytest.raises(Torn):
        inflated(damage(stored), 400)  # type: ignore[operator]


def test_a_stream_that_gives_more_than_its_chunk_is_not_unpacked_further() -> None:
    with pytest.raises(Torn):
        inflated(zlib.compress(bytes(1 << 20)), 400)


def test_an_attribute_without_a_name_is_none() -> None:
    kind, space = b"\x10\x08\0\0" + number(4, size=4) + b"\0\0\x20\0", b"\x01\0\0\0" + bytes(4)

    def message(name: bytes) -> Cursor:
        parts = (name, kind, space)
        sizes = (number(len(part), size=2) for part in parts)
        padded = (part.ljust(-(-len(part) // 8) * 8, b"\0") for part in parts)
        return Cursor(b"".join([b"\x01\0", *sizes, *padded, number(7, size=4)]))

    assert messages.attribute(message(b"step\0")).name == b"step"
    assert attempt(messages.attribute, message(b"\0")) is None


@pytest.mark.parametrize("kind", ["single", "implicit", "fixed"])
def test_a_dataset_without_elements_has_no_chunks_however_large_its_other_sides_are_said_to_be(kind: Index) -> None:
    layout = messages.Layout("chunked", 0, 0, b"", (8, 8), 4, kind)
    assert index(Image(bytes(64)), layout, (0, 1 << 62), filtered=False).chunks == ()
