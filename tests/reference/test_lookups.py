"""Lookup layers of the reference count words as Keras does."""

import numpy as np
import pytest

from layerfix.reference.preprocessing import PREPROCESSING


@pytest.mark.parametrize("words", [["green", "red"], ["[UNK]", "green", "red"]])
def test_the_word_for_unknown_ones_at_the_head_of_a_vocabulary_is_not_counted_twice(words):
    config = {"vocabulary": words, "num_oov_indices": 1, "oov_token": "[UNK]", "mask_token": None, "output_mode": "int"}
    found = PREPROCESSING["StringLookup"](config, [np.array([["red"], ["green"], ["pink"]])], [])
    assert found.tolist() == [[2], [1], [0]]
