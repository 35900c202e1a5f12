from __future__ import annotations

import pytest

from layerfix.legacy.names import auto_name, numbered


@pytest.mark.parametrize(
    ("class_name", "name"),
    [
        ("Conv1D", "conv1d"),
        ("LSTM", "lstm"),
        ("PReLU", "p_re_lu"),
        ("CuDNNLSTM", "cu_dnnlstm"),
        ("BatchNormalization", "batch_normalization"),
        ("Conv2DTranspose", "conv2d_transpose"),
        ("GlobalAveragePooling1D", "global_average_pooling1d"),
        ("Denoising_layer", "denoising_layer"),
        ("_Hidden", "private__hidden"),
    ],
)
def test_automatic_name_is_that_of_keras(class_name: str, name: str) -> None:
    assert auto_name(class_name) == name


def test_number_of_an_automatic_name() -> None:
    assert numbered("conv1d_12", "Conv1D") == 12
    assert numbered("conv1d", "Conv1D") == 0
    assert numbered("conv1d_b", "Conv1D") is None
    assert numbered("trunk_2", "Conv1D") is None
