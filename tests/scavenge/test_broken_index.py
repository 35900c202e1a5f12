"""What a broken index of a TensorFlow checkpoint says of a tensor."""

from __future__ import annotations

from layerfix.scavenge.bundle import _place


def test_a_size_that_is_no_message_counts_for_nothing() -> None:
    whole = b"\x08\x01\x12\x04\x12\x02\x08\x03\x28\x0c"
    place = _place(whole)
    assert place is not None
    assert (place.kind, place.shape, place.size) == (1, (3,), 12)
    broken = _place(whole.replace(b"\x12\x02\x08\x03", b"\x10\x02\x10\x03"))
    assert broken is not None
    assert broken.shape == ()
