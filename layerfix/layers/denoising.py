"""DenoisingLayer: the corrected form of the legacy `Denoising_layer`, for Keras 3. This file needs nothing but Keras."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

FILTERS = ("non_local_mean", "mean")


@keras.saving.register_keras_serializable(package="layerfix")
class DenoisingLayer(layers.Layer):
    """Residual denoising block on sequences: inputs + conv1x1(filtered inputs).

    The legacy class held an untracked Conv1D, so `model.save` of Keras 2.0 to 2.2.5 lost its kernel and bias, and wrote no `filter_type`.
    Here the sublayer is tracked and built in `build`, and the config is whole. The filters keep the legacy meaning to the letter:
    "mean" averages each step with the next one (pool size 2, the default of Keras 2's AveragePooling1D; the last step alone, since padding
    is "same"); "non_local_mean" weighs all steps with their inner products, unnormalised: einsum("bts,btc->bsc", x x^T, x).

    Args:
        filter_type: "non_local_mean" (the legacy default) or "mean".

    Shapes: (batch, steps, channels) to the same.
    """

    def __init__(self, filter_type: str = "non_local_mean", **kwargs: Any) -> None:
        if filter_type not in FILTERS:
            raise ValueError(f"filter_type must be one of {FILTERS}, not {filter_type!r}")
        super().__init__(**kwargs)
        self.filter_type = filter_type

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.average_pooling = layers.AveragePooling1D(pool_size=2, strides=1, padding="same", name="average_pooling")
        self.conv1d = layers.Conv1D(filters=input_shape[-1], kernel_size=1, padding="same", name="conv1d")
        self.conv1d.build(input_shape)
        self.built = True

    def call(self, inputs: object) -> Any:
        if self.filter_type == "mean":
            delta = self.average_pooling(inputs)
        else:
            affinity = ops.matmul(inputs, ops.transpose(inputs, (0, 2, 1)))
            delta = ops.matmul(ops.transpose(affinity, (0, 2, 1)), inputs)
        return inputs + self.conv1d(delta)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filter_type": self.filter_type}


keras.saving.get_custom_objects()["Denoising_layer"] = DenoisingLayer
