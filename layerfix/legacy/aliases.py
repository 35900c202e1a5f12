"""Names that one class of layers has had: what older releases, and Keras itself for short, called it."""

from __future__ import annotations

from collections.abc import Mapping

KERAS1_ALIASES: Mapping[str, str] = {
    "TimeDistributedDense": "Dense",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "AtrousConv1D": "Conv1D",
    "AtrousConv2D": "Conv2D",
}
"""Classes of Keras 1 that another class does today, with arguments in other words (keras 1.2.2, layers/core.py, convolutional.py)."""

ALIASES: Mapping[str, str] = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose",
    "Deconv2D": "Conv2DTranspose",
    "Deconv3D": "Conv3DTranspose",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
    **{f"{short}Pool{rank}D": f"{long}Pooling{rank}D" for short, long in (("Max", "Max"), ("Avg", "Average")) for rank in (1, 2, 3)},
    **{
        f"Global{short}Pool{rank}D": f"Global{long}Pooling{rank}D"
        for short, long in (("Max", "Max"), ("Avg", "Average"))
        for rank in (1, 2, 3)
    },
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "UnifiedLSTM": "LSTM",
    "UnifiedGRU": "GRU",
    "LSTMV2": "LSTM",
    "GRUV2": "GRU",
    "LSTMCellV2": "LSTMCell",
    "GRUCellV2": "GRUCell",
    "DropoutV1": "Dropout",
    "NormalizationV1": "Normalization",
}
"""Classes under another name that take the same arguments."""
