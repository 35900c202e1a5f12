"""What a graph may take of one sample: tensors, their number of dimensions, steps of loops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from pathlib import Path

import keras
import pytest

from layerfix.containers.reader import read
from layerfix.errors import HostileError
from layerfix.graph.budget import bounded, bounded_sample, sample_bytes

SAMPLE = read(Path(__file__).parents[2] / "sample_models" / "healthy-stock.h5")


def model(shape: tuple[int, ...], *layers: keras.layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *layers])


def test_bytes_of_a_sample_are_those_of_all_its_tensors() -> None:
    assert sample_bytes(model((10,), keras.layers.RepeatVector(5), keras.layers.Flatten())) >= 4 * (10 + 50 + 50)


def test_layers_of_a_sequential_count_once_however_it_was_put_together() -> None:
    grown = keras.Sequential([keras.Input((10,))])
    for _ in range(8):
        grown.add(keras.layers.Dense(10))
    outer = keras.Sequential([keras.Input((10,)), grown])
    assert sample_bytes(grown) <= 4 * 10 * 10
    assert sample_bytes(outer) <= 4 * 10 * 13


@pytest.mark.parametrize(
    "build",
    [
        lambda: model((1,), keras.layers.RepeatVector(80_000_000)),
        lambda: model((200_000_000,), keras.layers.Flatten()),
        lambda: model((4, 4, 4), keras.layers.ZeroPadding2D(4000)),
        lambda: model((2,) * 20, keras.layers.Flatten()),
        lambda: model((4,), keras.layers.Dense(500_000_000)),
    ],
)
def test_large_tensors_are_refused_before_they_are_made(build: object) -> None:
    with pytest.raises(HostileError, match=r"LAYERFIX_BUDGET"), bounded(SAMPLE):
        build()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("shape", "layers", "told"),
    [
        ((1,), [keras.layers.RepeatVector(20_000_000), *(keras.layers.Activation("relu") for _ in range(6))], "tensors of each sample"),
        ((25_000, 1), [keras.layers.LSTM(1)], "multiplications"),
        ((2048, 2048, 4), [keras.layers.Conv2D(4, 21, padding="same")], "multiplications"),
    ],
)
def test_many_tensors_steps_and_multiplications_are_refused_before_anything_is_computed(
    shape: tuple[int, ...], layers: list[keras.layers.Layer], told: str
) -> None:
    with bounded(SAMPLE):
        made = model(shape, *layers)
    with pytest.raises(HostileError, match=told):
        bounded_sample(made, SAMPLE)


def mobile(shape: tuple[int, int, int]) -> keras.Model:
    return keras.applications.MobileNetV2(shape, alpha=0.35, weights=None, include_top=False, pooling="avg")


@pytest.mark.parametrize(
    ("shape", "layers"),
    [
        (
            (224, 224, 3),
            lambda: [keras.layers.Conv2D(64, 3, padding="same"), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)],
        ),
        ((5000, 1), lambda: [keras.layers.LSTM(32)]),
        ((224, 224, 3), lambda: [keras.Sequential([mobile((224, 224, 3))]), keras.Sequential([keras.layers.Dense(3)])]),
        ((8, 224, 224, 3), lambda: [keras.layers.TimeDistributed(mobile((224, 224, 3))), keras.layers.LSTM(8)]),
    ],
    ids=["convolution", "long sequence", "Teachable Machine: models inside a Sequential", "video: a model in TimeDistributed"],
)
def test_genuine_models_pass(shape: tuple[int, ...], layers: Callable[[], list[keras.layers.Layer]]) -> None:
    with bounded(SAMPLE):
        made = model(shape, *layers())
    bounded_sample(made, SAMPLE)
    assert sample_bytes(made) > 4 * prod(shape)


def test_a_small_network_that_keeps_the_size_of_its_image_passes() -> None:
    """As super-resolution and style transfer do: 16 convolutions of 64 filters, 2.3 MB of weights, on 384 by 384 pixels."""
    image = replace(SAMPLE, size=2_300_000)
    with bounded(image):
        made = model(
            (384, 384, 3), *(each for _ in range(16) for each in (keras.layers.Conv2D(64, 3, padding="same"), keras.layers.ReLU()))
        )
    assert sample_bytes(made) == pytest.approx(4 * 384 * 384 * 64 * 32, rel=0.01)
    bounded_sample(made, image)
    with pytest.raises(HostileError, match="tensors of each sample"):
        bounded_sample(made, SAMPLE)


def test_a_model_called_on_more_than_it_was_made_for_counts_by_its_calls() -> None:
    inner = keras.Sequential([keras.Input((None, None, 4)), keras.layers.Conv2D(4, 21, padding="same")])
    made = keras.Sequential([keras.Input((2048, 2048, 4)), inner])
    with pytest.raises(HostileError, match="multiplications"):
        bounded_sample(made, SAMPLE)


def test_keras_is_as_before_once_the_bound_ends() -> None:
    before = keras.layers.Layer.add_weight, keras.KerasTensor.__init__
    with bounded(SAMPLE):
        assert (keras.layers.Layer.add_weight, keras.KerasTensor.__init__) != before
    with pytest.raises(ZeroDivisionError), bounded(SAMPLE):
        raise ZeroDivisionError
    assert (keras.layers.Layer.add_weight, keras.KerasTensor.__init__) == before
