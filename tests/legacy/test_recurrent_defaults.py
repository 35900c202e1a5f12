"""Defaults of recurrent layers by release, measured in Keras 2.2.4, TensorFlow 2.4 to 2.15 and Keras 3.15; 2.3 by its notes."""

from __future__ import annotations

import pytest

from layerfix.legacy.recurrent import recurrent_defaults


@pytest.mark.parametrize(
    ("version", "tensorflow1", "lstm", "convolutional", "reset_after"),
    [
        ("1.2.2", None, "hard_sigmoid", "hard_sigmoid", False),
        ("2.0.9", None, "hard_sigmoid", "hard_sigmoid", False),
        ("2.2.5", None, "hard_sigmoid", "hard_sigmoid", False),
        (None, None, "hard_sigmoid", "hard_sigmoid", False),
        ("2.3.1", None, "sigmoid", "hard_sigmoid", False),
        ("2.1.6-tf", None, "hard_sigmoid", "hard_sigmoid", False),
        ("2.2.4-tf", True, "hard_sigmoid", "hard_sigmoid", False),
        ("2.2.4-tf", None, "hard_sigmoid", "hard_sigmoid", False),
        ("2.2.4-tf", False, "sigmoid", "hard_sigmoid", True),
        ("2.3.0-tf", None, "sigmoid", "hard_sigmoid", True),
        ("2.15.0", None, "sigmoid", "hard_sigmoid", True),
        ("3.0.5", None, "sigmoid", "sigmoid", True),
    ],
)
def test_a_release_has_its_own_defaults(
    version: str | None, tensorflow1: bool | None, lstm: str, convolutional: str, reset_after: bool
) -> None:
    found = recurrent_defaults(version, tensorflow1)
    assert found.of("LSTMCell") == {"recurrent_activation": lstm}
    assert found.of("GRU") == {"recurrent_activation": lstm, "reset_after": reset_after}
    assert found.of("ConvLSTM2D") == {"recurrent_activation": convolutional}


@pytest.mark.parametrize("name", ["SimpleRNN", "Dense", "Bidirectional"])
def test_other_layers_have_none(name: str) -> None:
    assert recurrent_defaults("2.2.4", None).of(name) == {}
