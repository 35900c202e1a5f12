"""Exported graphs as donors: frozen GraphDef, ONNX, TFLite, genuine and damaged."""

import struct
from pathlib import Path

import numpy as np
import pytest

from layerfix.containers.donor import open_donor, read_donor
from layerfix.containers.exported import variable_name
from layerfix.errors import HostileError, LayerfixError, ReadError

SESSION = Path(__file__).parent / "exports" / "denoise" / "session"
LOST = Path(__file__).parent / "exports" / "denoise" / "lost.npz"
FILES = ["frozen.pb", "model.onnx", "model.tflite"]


@pytest.mark.parametrize(("name", "kind"), [("frozen.pb", "tf-graph"), ("model.onnx", "onnx"), ("model.tflite", "tflite")])
def test_kernels_come_in_keras_layout_under_the_variable_s_name(name, kind):
    donor = read_donor(SESSION / name)
    assert donor.kind == kind
    (found,) = donor.find("denoising_layer_1/conv1d_2/kernel:0")
    with np.load(LOST) as lost:
        assert donor.read(found).tobytes() == lost["denoising_layer_1/conv1d_2/kernel"].tobytes()
    (dense,) = donor.find("dense_1/kernel:0")
    assert dense.shape == (6, 3)


@pytest.mark.parametrize("name", FILES)
def test_a_graph_cut_at_any_place_is_an_error_of_ours(name, tmp_path):
    whole = (SESSION / name).read_bytes()
    refused = 0
    for size in range(0, len(whole), max(1, len(whole) // 60)):
        (tmp_path / name).write_bytes(whole[:size])
        try:
            donor = open_donor(tmp_path / name)
            for entry in donor.entries:
                donor.read(entry)
        except LayerfixError:
            refused += 1
    assert refused > 10


@pytest.mark.parametrize("name", FILES)
def test_a_smashed_graph_never_raises_anything_else(name, tmp_path):
    whole, random = (SESSION / name).read_bytes(), np.random.default_rng(0)
    survived = 0
    for _ in range(200):
        smashed = bytearray(whole)
        for at in random.integers(len(whole), size=3):
            smashed[at] = random.integers(256)
        (tmp_path / name).write_bytes(smashed)
        try:
            donor = open_donor(tmp_path / name)
            for entry in donor.entries:
                if np.prod(entry.shape, dtype=float) < 1e6:
                    donor.read(entry)
            survived += 1
        except LayerfixError:
            pass
    assert survived > 0


def message(number: int, content: bytes) -> bytes:
    """A field of a protocol buffer with bytes in it."""
    length, out = len(content), b""
    while length > 127:
        out += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + out + bytes([length]) + content


def constant(name: bytes, shape: tuple[int, ...], **stored: bytes) -> bytes:
    """A node of a GraphDef; `content` or `floats` hold its values."""
    dims = b"".join(message(2, b"\x08" + varint(size)) for size in shape)
    tensor = b"\x08\x01" + message(2, dims) + (message(4, stored["content"]) if "content" in stored else message(5, stored["floats"]))
    attribute = message(1, b"value") + message(2, message(8, tensor))
    return message(1, message(1, name) + message(2, b"Const") + message(5, attribute))


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def test_a_value_stored_once_for_a_whole_tensor_is_repeated(tmp_path):
    (tmp_path / "g.pb").write_bytes(constant(b"bias", (7,), floats=struct.pack("<2f", 1.5, 0.25)))
    assert read_donor(tmp_path / "g.pb").read("bias").tolist() == [1.5] + [0.25] * 6


def test_a_shape_far_beyond_what_is_stored_takes_no_memory_until_it_is_asked_for(tmp_path):
    (tmp_path / "g.pb").write_bytes(constant(b"bomb", (1 << 20, 1 << 20), floats=struct.pack("<f", 0)))
    assert read_donor(tmp_path / "g.pb").entries[0].shape == (1 << 20, 1 << 20)


def test_a_shape_that_its_bytes_do_not_fill_is_refused(tmp_path):
    (tmp_path / "g.pb").write_bytes(constant(b"w", (4,), content=b"\0" * 12))
    with pytest.raises(ReadError, match="3 values"):
        read_donor(tmp_path / "g.pb")


def test_a_name_given_twice_is_refused(tmp_path):
    node = constant(b"w", (1,), floats=b"\0" * 4)
    (tmp_path / "g.pb").write_bytes(node + node)
    with pytest.raises(HostileError, match="twice"):
        read_donor(tmp_path / "g.pb")


def test_a_saved_model_that_was_frozen_gives_the_constants_of_its_graph(tmp_path):
    graph = (SESSION / "frozen.pb").read_bytes()
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01" + message(2, message(2, graph)))
    for path in (tmp_path, tmp_path / "saved_model.pb"):
        assert read_donor(path).find("denoising_layer_1/conv1d_2/kernel")


def test_a_graph_without_weights_says_so(tmp_path):
    (tmp_path / "g.pb").write_bytes(message(1, message(1, b"x") + message(2, b"Placeholder")))
    with pytest.raises(ReadError, match="without constants"):
        read_donor(tmp_path / "g.pb")


def test_graphs_nested_without_end_are_refused(tmp_path):
    graph = b""
    for _ in range(40):
        graph = message(1, message(5, message(6, graph)))
    (tmp_path / "m.onnx").write_bytes(b"\x08\x06" + message(2, b"x") + message(7, graph))
    with pytest.raises(HostileError, match="nested"):
        read_donor(tmp_path / "m.onnx")


def test_tensors_in_other_files_are_not_followed(tmp_path):
    outside = message(13, message(1, b"location") + message(2, b"/etc/passwd")) + b"\x70\x01"
    graph = message(5, b"\x08\x04\x10\x01" + message(8, b"w") + outside)
    (tmp_path / "m.onnx").write_bytes(b"\x08\x06" + message(2, b"x") + message(7, graph))
    with pytest.raises(ReadError, match="other files"):
        read_donor(tmp_path / "m.onnx")


@pytest.mark.parametrize(
    ("name", "kernel", "expected"),
    [
        ("conv1d_2/convolution/ExpandDims_1:0", True, "conv1d_2/kernel"),
        ("conv2d_1/kernel/read:0", True, "conv2d_1/kernel"),
        ("dense_1/kernel/transpose", True, "dense_1/kernel"),
        ("batch_normalization_1/gamma/read__97", False, "batch_normalization_1/gamma"),
        ("model/conv1d/conv1d/ExpandDims_1", True, "model/conv1d/kernel"),
        ("kernel", False, "kernel"),
        ("const_fold_opt__12", False, "const_fold_opt"),
    ],
)
def test_names_lose_what_exporters_add(name, kernel, expected):
    assert variable_name(name, kernel=kernel) == expected
