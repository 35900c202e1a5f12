"""Rebuilding the sample models: predictions as recorded by genuine legacy Keras before the save."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.errors import GraphError, RestoreError
from layerfix.graph.live import load_model
from layerfix.graph.rebuilt import load_values, predict, rebuild

SAMPLES = Path(__file__).parents[2] / "sample_models"


@pytest.mark.slow
def test_a_healthy_file_predicts_as_recorded() -> None:
    rebuilt = rebuild(read(SAMPLES / "healthy-stock.h5"))
    recorded = np.load(SAMPLES / "healthy-stock.npz")
    inputs = [recorded[name] for name in sorted(recorded.files) if name.startswith("x")]
    assert not rebuilt.blueprint.hidden
    assert np.allclose(predict(rebuilt, inputs)[0], recorded["p"], atol=1e-5)
    assert np.allclose(load_model(SAMPLES / "healthy-stock.h5").predict(inputs[0], verbose=0), recorded["p"], atol=1e-5)


def test_hidden_weights_are_named_in_storage_order() -> None:
    rebuilt = rebuild(read(SAMPLES / "resnet-mean.h5"))
    hidden = [spec.role for spec in rebuilt.blueprint.hidden]
    assert hidden[:2] == ["conv1d/kernel", "conv1d/bias"]
    assert all(spec.trainable for spec in rebuilt.blueprint.hidden)
    owners = [spec.owner for spec in rebuilt.blueprint.weights]
    assert owners == sorted(owners, key=owners.index)


def test_arguments_go_by_class_name_and_path_the_more_specific_winning() -> None:
    checkpoint = read(SAMPLES / "resnet-mean.h5")
    layer = rebuild(checkpoint).blueprint.hidden[0].layer
    rebuilt = rebuild(checkpoint, arguments={"Denoising_layer": {"filter_type": "mean"}, layer: {"filter_type": "non_local_mean"}})
    assert rebuilt.leaves[layer].layer.filter_type == "non_local_mean"
    others = [leaf.layer for path, leaf in rebuilt.leaves.items() if leaf.node.class_name == "Denoising_layer" and path != layer]
    assert all(other.filter_type == "mean" for other in others)


def test_values_of_a_wrong_shape_or_name_are_refused() -> None:
    rebuilt = rebuild(read(SAMPLES / "resnet-mean.h5"))
    key = rebuilt.blueprint.hidden[0].key
    with pytest.raises(RestoreError, match="needs shape"):
        load_values(rebuilt, {key: np.zeros((1, 2, 3), np.float32)})
    with pytest.raises(RestoreError, match="no weight"):
        load_values(rebuilt, {("nowhere", "kernel:0"): np.zeros(1, np.float32)})
    with pytest.raises(RestoreError, match="takes inputs"):
        predict(rebuilt, [np.zeros((2, 3), np.float32)])


def test_weights_without_an_architecture_are_refused_with_the_next_step() -> None:
    with pytest.raises(GraphError, match="--architecture"):
        rebuild(read(SAMPLES / "weights-only.h5"))
