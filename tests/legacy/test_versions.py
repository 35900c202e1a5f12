"""One answer to "which Keras wrote this", whoever asks."""

from __future__ import annotations

import pytest

from layerfix.dialects.records import Source
from layerfix.legacy.versions import Numbers, keras2_numbers, release, tracking


@pytest.mark.parametrize(
    ("version", "family", "numbers", "tracked"),
    [
        ("1.2.2", "keras1", (1, 2, 2), "none"),
        ("2.0", "keras2", (2, 0, 0), "none"),
        ("2.0.9", "keras2", (2, 0, 9), "none"),
        ("2.2.4rc1", "keras2", (2, 2, 4), "none"),
        ("2.2.5", "keras2", (2, 2, 5), "none"),
        ("2.3.1", "keras2", (2, 3, 1), "attributes"),
        ("2.1.6-tf", "tf_keras", (2, 1, 6), "none"),
        ("2.2.4-tf", "tf_keras", (2, 2, 4), "attributes"),
        ("2.3.0-tf", "tf_keras", (2, 3, 0), "attributes"),
        ("2.6.0", "tf_keras", (2, 6, 0), "attributes"),
        ("3.15.1", "keras3", (3, 15, 1), "attributes"),
    ],
)
def test_a_stated_version_has_one_family_one_release_and_one_tracking(version: str, family: str, numbers: Numbers, tracked: str) -> None:
    stated = release(version)
    assert stated is not None
    assert (stated.family, stated.numbers, tracking(version)) == (family, numbers, tracked)
    assert keras2_numbers(version) == numbers
    source = Source(version, "tensorflow")
    assert (source.is_keras1, source.release) == (family == "keras1", numbers)
    assert source.is_tf_keras == (family in ("tf_keras", "keras3"))


@pytest.mark.parametrize("version", [None, "", "nightly", "v2"])
def test_a_file_that_states_no_version_is_not_guessed_at(version: str | None) -> None:
    assert release(version) is None
    assert tracking(version) == "unknown"
