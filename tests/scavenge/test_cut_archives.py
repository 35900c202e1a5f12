"""Members of damaged zip archives, and arrays in them."""

from __future__ import annotations

import io
import zipfile

import numpy as np

from layerfix.scavenge.archive import Member, entries, is_complete, members
from layerfix.scavenge.arrays import array
from layerfix.scavenge.checksum import crc32c, fletcher32, lookup3
from layerfix.scavenge.layers import whole_layers


def npz(compressed: bool) -> bytes:
    stream = io.BytesIO()
    rng = np.random.default_rng(2)
    save = np.savez_compressed if compressed else np.savez
    save(stream, a=rng.normal(size=(40, 30)).astype("f4"), b=np.arange(50), c=rng.normal(size=300))
    return stream.getvalue()


def test_members_are_found_without_the_directory() -> None:
    for compressed in (False, True):
        data = npz(compressed)
        cut = data[: data.find(b"PK\x01\x02")]
        assert [(member.name, member.whole) for member in members(cut)] == [("a.npy", True), ("b.npy", True), ("c.npy", True)]


def test_a_member_cut_inside_is_partly_there() -> None:
    data = npz(False)
    cut = data[: data.find(b"c.npy") + 500]
    states = {tensor.path: (tensor.state, round(tensor.share, 1)) for tensor, _ in map(array, members(cut))}
    assert states == {"a": ("whole", 1.0), "b": ("whole", 1.0), "c": ("partial", 0.1)}


def test_a_wrong_crc_makes_an_array_doubtful() -> None:
    data = bytearray(npz(False))
    data[data.find(b"a.npy") + 600] ^= 1
    read = {tensor.path: (tensor.state, value) for tensor, value in map(array, members(bytes(data)))}
    assert read["a"] == ("doubtful", None)
    assert read["b"][0] == "whole"


def test_values_are_those_saved() -> None:
    with np.load(io.BytesIO(npz(True))) as truth:
        found = [*map(array, members(npz(True)))]
        assert len(found) == len(truth.files)
        for tensor, value in found:
            assert value is not None
            assert value.tobytes() == truth[tensor.path].tobytes()


def test_a_member_with_sizes_behind_it_is_read() -> None:
    class Pipe(io.RawIOBase):
        """A stream that cannot seek, so that sizes are written behind the members."""

        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += bytes(data)  # type: ignore[call-overload]
            return len(bytes(data))  # type: ignore[call-overload]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("config.json", "{}" * 100)
    assert [(m.name, m.whole, m.data) for m in members(pipe.data)] == [("config.json", True, b"{}" * 100)]


def test_what_is_no_archive_has_no_members() -> None:
    assert members(b"") == members(b"PK\x03\x04") == members(bytes(1000)) == ()


def test_whole_layers_of_a_cut_config_are_named() -> None:
    text = '{"class_name": "Model", "config": {"layers": [{"name": "a", "config": {}}, {"name": "b", "config": {}}, {"name": "c'
    assert whole_layers(text) == ("a", "b")
    assert whole_layers('{"class_name": "Mo') == ()


def test_checksums_are_the_published_ones() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert lookup3(b"Four score and seven years ago") == 0x17770551
    assert fletcher32(b"") == 0


def test_crc32c_of_long_data_is_that_of_its_bytes() -> None:
    data = np.random.default_rng(4).bytes((1 << 18) + 77)
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (0x82F63B78 if state & 1 else 0)
    assert crc32c(data) == state ^ 0xFFFFFFFF


def test_a_member_whose_header_is_overwritten_is_found_by_the_directory() -> None:
    data = npz(False)
    second = data.find(b"PK\x03\x04", 4)
    broken = data[:second] + b"\xff" * 30 + data[second + 30 :]
    assert {member.name: member.whole for member in members(broken)} == {"a.npy": True, "b.npy": True, "c.npy": True}


def test_an_archive_is_complete_where_its_directory_is_and_each_member_is_whole() -> None:
    data = npz(True)
    assert is_complete(data, members(data))
    for bad in (data[:-14], data[: data.find(b"PK\x01\x02")], data.replace(b"PK\x05\x06", b"pk\x05\x06"), data[:80] + b"\xff" + data[81:]):
        assert not is_complete(bad, members(bad))


def test_a_signature_inside_of_a_member_is_not_taken_for_the_directory() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as whole:
        whole.writestr("a", b"PK\x01\x02" * 20)
        whole.writestr("b", b"x" * 100)
    data = stream.getvalue()
    assert [entry.name for entry in entries(data)] == ["a", "b"]
    assert is_complete(data, members(data))


def test_an_array_whose_header_is_no_python_is_gone() -> None:
    for header in (b"{'descr': (((", b"{'descr': '<f4'\0\0", b"{\x01: 1}"):
        text = header.ljust(118)
        tensor, value = array(Member("a.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text, True))
        assert (tensor.state, value) == ("gone", None)


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as whole:
        for name, data in members.items():
            whole.writestr(name, data)
    return stream.getvalue()


def test_of_two_archives_in_one_file_the_last_directory_says_what_is_held() -> None:
    older, newer = zipped(weights=b"older", config=b"one", stale=b"old"), zipped(weights=b"newer", config=b"two")
    found = members(older + newer)
    assert {member.name: member.data for member in found} == {"weights": b"newer", "config": b"two"}
    assert not is_complete(older + newer, found), "another archive stands before it"
    assert is_complete(newer, members(newer))


def test_an_archive_that_is_cut_behind_another_is_not_mixed_with_it() -> None:
    older, newer = zipped(config=b"one", weights=b"older"), zipped(config=b"two", weights=b"newer")
    cut = older + newer[: newer.find(b"weights") - 30]
    assert {member.name: member.data for member in members(cut)} == {"config": b"two"}
    assert not is_complete(cut, members(cut))


def test_a_name_that_a_header_and_the_directory_tell_differently_is_the_directorys() -> None:
    data = zipped(alpha=b"first", beta=b"second")
    bad = data.replace(b"alpha", b"gamma", 1)
    assert {member.name: member.data for member in members(bad)} == {"alpha": b"first", "beta": b"second"}
