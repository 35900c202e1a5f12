"""What a broken index or object graph of a TensorFlow checkpoint says of a tensor.

`files/pair_tf24` is what `benchmarks/salvage_models.py FOLDER tiny pair` writes with TensorFlow 2.4.
"""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from layerfix.scavenge.bundle import _place, rescue

GENUINE = Path(__file__).parent / "files" / "pair_tf24"
DATA = "data-00000-of-00001"


def checkpoint(folder: Path, index: bytes | None = None, data: bytes | None = None) -> Path:
    """A copy of the genuine checkpoint with another index or another shard."""
    (folder / "bad.index").write_bytes(index or GENUINE.with_suffix(".index").read_bytes())
    (folder / f"bad.{DATA}").write_bytes(data or GENUINE.with_suffix(f".{DATA}").read_bytes())
    return folder / "bad"


def test_a_size_that_is_no_message_counts_for_nothing() -> None:
    whole = b"\x08\x01\x12\x04\x12\x02\x08\x03\x28\x0c"
    place = _place(whole)
    assert place is not None
    assert (place.kind, place.shape, place.size) == (1, (3,), 12)
    broken = _place(whole.replace(b"\x12\x02\x08\x03", b"\x10\x02\x10\x03"))
    assert broken is not None
    assert broken.shape == ()


def test_every_tensor_of_a_healthy_checkpoint_is_proven_and_named() -> None:
    tensors, values, notes = rescue(GENUINE)
    assert not notes
    assert len(tensors) == len(values) == 12
    assert {(tensor.state, tensor.proven, tensor.why) for tensor in tensors} == {("whole", True, "")}
    assert values["dense/kernel"].shape == (2, 3)


def test_no_more_is_asked_for_than_an_index_is_long() -> None:
    tracemalloc.start()
    try:
        rescue(GENUINE)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_name_whose_checksum_is_wrong_is_believed_where_the_object_graph_has_it(tmp_path: Path) -> None:
    index = GENUINE.with_suffix(".index").read_bytes()
    assert index.count(b"layer_with_weights-0/b") == 1
    tensors, values, notes = rescue(checkpoint(tmp_path, index.replace(b"layer_with_weights-0/b", b"layer_with_weights-7/b")))
    assert notes == ["a part of the index does not agree with its checksum"]
    assert not [name for name in values if "-7" in name or "-0" in name]
    _, truth, _ = rescue(GENUINE)
    assert len(values) >= 4
    assert all(np.array_equal(value, truth[name]) for name, value in values.items())
    assert all(tensor.why for tensor in tensors)


def test_a_damaged_object_graph_names_nothing(tmp_path: Path) -> None:
    data = GENUINE.with_suffix(f".{DATA}").read_bytes()
    assert b"dense_1/kernel" in data
    _, values, notes = rescue(checkpoint(tmp_path, data=data.replace(b"dense_1/kernel", b"dense_9/kernel")))
    assert any("the names of variables are lost" in note for note in notes)
    assert not [name for name in values if "dense" in name]
    assert "layer_with_weights-1/kernel" in values


@pytest.mark.parametrize("percent", range(20, 100, 10))
def test_a_cut_index_names_no_tensor_wrongly(tmp_path: Path, percent: int) -> None:
    index = GENUINE.with_suffix(".index").read_bytes()
    tensors, values, notes = rescue(checkpoint(tmp_path, index[: len(index) * percent // 100]))
    _, truth, _ = rescue(GENUINE)
    assert notes
    assert values
    assert {value.tobytes() for value in values.values()} <= {value.tobytes() for value in truth.values()}
    assert all("named by" in tensor.why for tensor in tensors if tensor.state == "whole")
