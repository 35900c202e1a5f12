"""What bytes say against themselves, on tensors made for the purpose."""

from __future__ import annotations

import numpy as np
import pytest

from layerfix.scavenge.datasets import Dataset
from layerfix.scavenge.datatypes import Datatype
from layerfix.scavenge.evidence import Piece, doubts
from layerfix.scavenge.image import Image
from layerfix.scavenge.messages import Layout
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.superblock import Superblock
from layerfix.scavenge.witness import _blanks

AROUND = b"\x01" * 128


def weights(count: int = 400) -> np.ndarray:
    return np.random.default_rng(3).normal(size=count).astype("<f4")


def against(tensor: np.ndarray, *, row: int = 1 << 60, before: bytes = AROUND, behind: bytes = AROUND, finished: bool = True) -> list[str]:
    data = before + tensor.tobytes() + behind
    piece = Piece(len(before), len(before) + tensor.nbytes, tensor.dtype, row)
    return [doubt.why for doubt in doubts(Image(data), piece, finished=finished)[0]]


def test_nothing_speaks_against_weights() -> None:
    assert against(weights()) == []


@pytest.mark.parametrize("fill", [b"\xff" * 200, np.random.default_rng(1).bytes(200)], ids=["0xff", "random"])
def test_overwritten_numbers_are_none_that_a_weight_has(fill: bytes) -> None:
    tensor = weights()
    tensor[100:150] = np.frombuffer(fill, "<f4")
    assert "it holds numbers that no weight has" in against(tensor)


def test_text_is_seen() -> None:
    tensor = weights()
    tensor[100:150] = np.frombuffer(b"Lorem ipsum dolor sit amet, consectetur adipiscing" * 4, "<f4")
    assert "it holds text" in against(tensor)


def test_zeros_that_cut_through_a_row_are_seen_and_whole_rows_are_not() -> None:
    tensor = weights().reshape(20, 20)
    tensor[5:8] = 0
    assert against(tensor, row=80) == []
    tensor[8, :10] = 0
    assert [why for why in against(tensor, row=80) if "zeros cut through it" in why]


def test_whole_rows_of_zeros_count_where_the_writer_did_not_finish() -> None:
    tensor = weights().reshape(20, 20)
    tensor[5:8] = 0
    assert against(tensor, row=80, finished=False)


def test_zeros_that_reach_in_from_outside_are_seen_at_one_element() -> None:
    tensor = weights()
    tensor[0] = 0
    assert against(tensor) == []
    assert against(tensor, before=bytes(128)) == ["zeros reach into it from before"]
    tensor = tensor[::-1].copy()
    assert against(tensor, behind=bytes(128)) == ["zeros reach into it from behind"]


@pytest.mark.parametrize(("width", "zeros", "believed"), [(9, 128, True), (9, 700, False), (64, 700, True), (63, 700, False)])
@pytest.mark.parametrize("last", [False, True])
def test_a_row_of_padding_is_believed_where_it_is_no_accident(width: int, zeros: int, believed: bool, last: bool) -> None:
    tensor = weights(20 * width).reshape(20, width)
    tensor[-1 if last else 0] = 0
    beside = AROUND + bytes(zeros)
    sides = {"before": AROUND, "behind": beside[::-1]} if last else {"before": beside, "behind": AROUND}
    assert (against(tensor, row=4 * width, **sides) == []) == believed
    assert against(tensor, row=4 * width, finished=False, **sides) != []


def test_a_tensor_of_zeros_alone_is_told_apart() -> None:
    data = AROUND + bytes(400) + AROUND
    found, blank = doubts(Image(data), Piece(128, 528, np.dtype("<f4"), 400))
    assert (found, blank) == ([], True)


@pytest.mark.parametrize("scale", [1e8, 1e15, 1e25])
def test_a_training_that_diverged_is_large_everywhere_and_believed(scale: float) -> None:
    spread = 10.0 ** np.random.default_rng(5).uniform(-4, 4, 400)
    assert against((scale * spread).astype("<f4")) == []


def test_few_large_numbers_among_small_ones_are_not_a_diverged_training() -> None:
    tensor = weights()
    tensor[7:9] = 1e20
    assert against(tensor) == ["it holds numbers that no weight has"]


def test_a_small_part_of_a_large_tensor_that_was_overwritten_is_seen() -> None:
    tensor = weights(1 << 21)
    tensor[5000:21000] = np.frombuffer(np.random.default_rng(2).bytes(64000), "<f4")
    assert "it holds numbers that no weight has" in against(tensor)


def test_variances_of_inputs_of_many_orders_are_believed() -> None:
    assert against((10.0 ** np.random.default_rng(6).uniform(1, 7.5, 64)).astype("<f4")) == []


def test_large_numbers_with_an_infinite_one_are_doubted() -> None:
    tensor = (1e15 * weights()).astype("<f4")
    tensor[3] = np.inf
    assert against(tensor) == ["it holds numbers that no weight has"]


@pytest.mark.parametrize(("count", "doubted"), [(0, False), (12345, False), (-1, True), (1 << 50, True)])
def test_a_counter_counts_steps(count: int, doubted: bool) -> None:
    assert bool(against(np.array(count, "<i8"))) == doubted


@pytest.mark.parametrize(("zeros", "doubted"), [(200, False), (1000, True)])
def test_a_tensor_of_zeros_is_doubted_in_a_hurt_file_among_as_many_as_a_disk_loses(zeros: int, doubted: bool) -> None:
    layout = Layout("contiguous", 1000, 40)
    known = Dataset(0, (10,), Datatype("number", 4, "<f4"), layout)
    data = bytearray(np.random.default_rng(1).bytes(4000))
    data[1000 : 1000 + zeros] = bytes(zeros)
    found = Objects(Superblock(0, len(data), 0, 0, 96), datasets={0: known})
    reasons = _blanks(Image(bytes(data)), found, {0: known}, [0], [1000], hurt=True)
    assert bool([*reasons]) == doubted
