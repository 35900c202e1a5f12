"""Small tensors of an older epoch: they are believed together, and only as far as one behind them stands where it was."""

from __future__ import annotations

import io

import numpy as np
import pytest
from damaged import is_true, values
from test_composed import genuine

from layerfix.scavenge.aligned import in_line
from layerfix.scavenge.asserted import confirmed, stretches
from layerfix.scavenge.hdf5 import scavenge, twin_of
from layerfix.scavenge.image import Image
from layerfix.scavenge.layout import places
from layerfix.scavenge.objects import objects

NAME = "composed_keras315.weights.h5"


def changed(share: float) -> bytes:
    """The file with other numbers in every tensor: `share` of chance, the rest of its own."""
    data, rng = bytearray(genuine(NAME)[0]), np.random.default_rng(5)
    for tensor in scavenge(Image(bytes(data))).tensors:
        for start, end in tensor.dataset.extents if tensor.dataset is not None and tensor.dtype == "<f4" else ():
            own = np.frombuffer(bytes(data[start:end]), "<f4")
            noise = rng.normal(size=own.shape) * max(float(own.std()), 1e-3)
            data[start:end] = ((1 - share) * own + share * noise).astype("<f4").tobytes()
    return bytes(data)


def counted(older: bytes) -> int:
    """How many tensors of the first half are right with an older file; none may be wrong."""
    data = genuine(NAME)[0]
    bad, twin = data[: len(data) // 2], twin_of(older)
    assert twin is not None
    return is_true(bad, values(io.BytesIO(data)), scavenge(Image(bad), [twin]))


def test_an_older_epoch_places_small_tensors_and_one_of_chance_does_not() -> None:
    assert counted(changed(0.05)) > counted(changed(1.0))


@pytest.mark.parametrize(("share", "close"), [(0.05, True), (1.0, False)])
def test_tensors_are_close_together_or_not_at_all(share: float, close: bool) -> None:
    image = Image(genuine(NAME)[0])
    tensors = {t.dataset.address: t.dataset for t in scavenge(image).tensors if t.dataset is not None}
    number, sure = in_line(image, Image(changed(share)), tensors)
    assert (number >= 3, bool(sure)) == (close, close)


def test_the_last_tensor_that_vouches_is_not_vouched_for_itself() -> None:
    image = Image(genuine(NAME)[0])
    tensors = {t.dataset.address: t.dataset for t in scavenge(image).tensors if t.dataset is not None}
    _, sure = in_line(image, Image(changed(0.05)), tensors)
    assert not any(stretch[-1][2] in sure for stretch in stretches(tensors))


def test_numbers_behind_the_end_of_a_block_are_another_models() -> None:
    image = Image(genuine(NAME)[0])
    found = objects(image)
    tensors, begun = dict(found.datasets), {start for start, _ in places(image, found)}
    found.datasets.clear()
    whole = confirmed(image, found, tensors, begun)
    assert 0 < len(whole) < len(tensors)
    last = max(stretches(tensors), key=len)[-1][2]
    assert not confirmed(image, found, {at: known for at, known in tensors.items() if at != last}, begun)


def test_a_tensor_that_the_file_describes_vouches_for_those_before_it_in_its_block() -> None:
    image = Image(genuine(NAME)[0])
    found = objects(image)
    tensors = dict(found.datasets)
    block = max(stretches(tensors), key=len)
    found.datasets.clear()
    found.datasets[block[4][2]] = tensors[block[4][2]]
    cut = Image(image.take(0, block[5][0]))
    assert confirmed(cut, found, tensors, ()) >= {at for _, _, at in block[:5]}
    assert block[5][2] not in confirmed(cut, found, tensors, ())
