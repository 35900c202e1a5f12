"""Pieces that judge candidates, against plain evaluation of the same model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from genuine import lost_tensors, recorded

from layerfix.containers.reader import read
from layerfix.containers.samples import Samples
from layerfix.graph.forward import forward
from layerfix.graph.rebuilt import Rebuilt, load_values, rebuild
from layerfix.probe.batched import Batched, supports
from layerfix.probe.moments import Moments, remembered_squares
from layerfix.probe.observe import Observer
from layerfix.probe.program import program

RNG = np.random.default_rng(5)


def restored(models: Path, name: str, filter_type: str) -> Rebuilt:
    """A sample model with its lost weights in place."""
    rebuilt = rebuild(read(models / f"{name}.h5"), arguments={"Denoising_layer": {"filter_type": filter_type}})
    lost = lost_tensors(name)
    load_values(rebuilt, {spec.key: lost[spec.name] for spec in rebuilt.blueprint.hidden})
    return rebuilt


@pytest.fixture(scope="module")
def main(models: Path) -> Rebuilt:
    return restored(models, "unseeded-batchnorm", "mean")


@pytest.mark.parametrize(("name", "filter_type"), [("nested-mean", "mean"), ("shared-nonlocal", "non_local_mean")])
def test_an_unfolded_model_computes_what_the_model_computes(models: Path, name: str, filter_type: str) -> None:
    rebuilt = restored(models, name, filter_type)
    unfolded = program(rebuilt.model)
    assert not any(isinstance(step.layer, keras.Model) for step in unfolded.steps)
    x = [keras.ops.convert_to_tensor(array[:8]) for array in recorded(name)[0]]
    found = unfolded.run(dict(zip(unfolded.inputs, x, strict=True)), unfolded.outputs)
    expected = forward(rebuilt.model, [np.asarray(array) for array in x])
    assert np.allclose(np.asarray(found[0]), expected[0], atol=1e-6)


def test_a_part_of_a_program_runs_from_its_boundary_alone(models: Path) -> None:
    rebuilt = restored(models, "nested-mean", "mean")
    unfolded = program(rebuilt.model)
    layer = next(leaf.layer for path, leaf in rebuilt.leaves.items() if path.endswith("denoising_layer_1"))
    moving = unfolded.dependent(slot for step in unfolded.steps if step.layer is layer for slot in step.writes)
    boundary = unfolded.boundary(unfolded.outputs, moving)
    given = {unfolded.inputs[0]: keras.ops.convert_to_tensor(recorded("nested-mean")[0][0][:4])}
    known = dict(zip(boundary, unfolded.run(given, boundary), strict=True))
    assert not set(unfolded.inputs) & set(boundary)
    assert np.allclose(unfolded.run(known, unfolded.outputs)[0], unfolded.run(given, unfolded.outputs)[0], atol=1e-6)


@pytest.mark.parametrize(
    ("sublayer", "shape"),
    [
        (lambda: keras.layers.Conv1D(5, 3, padding="same", activation="relu"), (9, 4)),
        (lambda: keras.layers.Conv1D(5, 3, strides=2, use_bias=False), (9, 4)),
        (lambda: keras.layers.Dense(6, activation="tanh"), (9, 4)),
        (lambda: keras.layers.Conv2D(5, (3, 2), padding="same", dilation_rate=2), (7, 6, 3)),
    ],
    ids=["Conv1D", "Conv1D with strides", "Dense", "Conv2D with dilation"],
)
def test_a_batch_of_kernels_gives_what_each_gives_alone(sublayer: Any, shape: tuple[int, ...]) -> None:
    layer = sublayer()
    inputs = keras.Input(shape)
    model = keras.Model(inputs, keras.layers.Flatten()(keras.layers.Activation("tanh")(layer(inputs))))
    if layer.use_bias:
        layer.bias.assign(RNG.normal(size=layer.bias.shape))
    assert supports(layer, tuple(layer.kernel.shape))
    unfolded = program(model)
    x = RNG.normal(size=(6, *shape)).astype(np.float32)
    known = {unfolded.inputs[0]: keras.ops.convert_to_tensor(x)}
    batched = Batched(unfolded, known, unfolded.outputs, layer, tuple(layer.kernel.shape))
    kernels = RNG.normal(size=(3, int(np.prod(layer.kernel.shape)))).astype(np.float32)
    together = batched(kernels, [4, 0, 5])[0]
    for kernel, found in zip(kernels, together, strict=True):
        layer.kernel.assign(kernel.reshape(layer.kernel.shape))
        assert np.allclose(found, forward(model, [x[[4, 0, 5]]])[0], atol=1e-5)


def test_what_is_no_matrix_product_is_not_batched() -> None:
    assert not supports(keras.layers.Conv1D(4, 3, padding="causal"), (3, 4, 4))
    assert not supports(keras.layers.Conv2D(4, 3, groups=2), (3, 3, 2, 4))
    assert not supports(keras.layers.LSTM(4), (4, 16))


def observer(main: Rebuilt) -> Observer:
    return Observer(main, "denoising_layer_1", (), recorded("unseeded-batchnorm")[0])


def in_training(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """What a training pass gives without dropout, which moves no mean."""
    rates = {layer: layer.rate for layer in model.layers if hasattr(layer, "rate")}
    try:
        for layer in rates:
            layer.rate = 0.0
        return np.asarray(model(x, training=True))
    finally:
        for layer, rate in rates.items():
            layer.rate = rate


def test_observed_statistics_are_those_of_the_tensor_in_training(main: Rebuilt) -> None:
    seen = observer(main)
    assert seen.normalization is not None
    layer = seen.normalization.layer
    inside = keras.Model(main.model.inputs, layer.input)
    before = inside.get_weights()
    value = in_training(inside, recorded("unseeded-batchnorm")[0][0])[3:20]  # upstream, all samples are one batch
    inside.set_weights(before)
    mean, variance = seen.statistics(range(3, 20))
    axes = tuple(range(value.ndim - 1))
    assert np.allclose(mean, value.mean(axes), atol=1e-5)
    assert np.allclose(variance, value.var(axes), atol=1e-5)
    assert seen.moving_statistics[0].shape == layer.moving_mean.shape


def test_observed_outputs_are_the_model_s(main: Rebuilt) -> None:
    seen = observer(main)
    assert seen.sees_outputs
    x = recorded("unseeded-batchnorm")[0][0]
    assert np.allclose(seen.outputs([1, 5], "predictions")[0], forward(main.model, [x[[1, 5]]])[0], atol=1e-6)


def test_nothing_is_observed_behind_an_undecided_layer(models: Path) -> None:
    rebuilt = restored(models, "resnet-mean", "mean")
    seen = Observer(rebuilt, "denoising_layer_1", {"denoising_layer_2"}, recorded("resnet-mean")[0])
    assert not seen.sees_outputs
    assert seen.normalization is not None
    assert Observer(rebuilt, "denoising_layer_2", set(), recorded("resnet-mean")[0]).sees_outputs


def test_means_are_affine_in_a_kernel_that_nothing_bends(main: Rebuilt) -> None:
    spec = next(spec for spec in main.blueprint.hidden if spec.role.endswith("kernel"))
    variable = main.variables[spec.key]
    truth = np.asarray(variable)
    seen = observer(main)
    offset, slope, deviation = seen.mean_response(variable, range(16), 0.2)
    assert deviation < 1e-3
    assert not np.asarray(variable).any()
    variable.assign(truth)
    assert np.allclose(offset + slope @ truth.ravel(), seen.statistics(range(16))[0], atol=1e-4)


@pytest.mark.slow
def test_the_optimizer_s_memory_agrees_best_with_the_true_kernel(models: Path) -> None:
    name = "unseeded-batchnorm"
    rebuilt = restored(models, name, "mean")
    remembered = remembered_squares(rebuilt.checkpoint, rebuilt)
    assert remembered
    with np.load(models / f"{name}.npz") as truth:
        samples = Samples((truth["x"],), truth["y"])
    moments = Moments(rebuilt, remembered, samples)
    spec = next(spec for spec in rebuilt.blueprint.hidden if spec.role.endswith("kernel"))
    variable = rebuilt.variables[spec.key]
    true = moments.agreements()[0]
    wrong = []
    for _ in range(3):
        variable.assign(RNG.uniform(-0.4, 0.4, spec.shape))
        wrong.append(moments.agreements()[0])
    assert true > max(wrong)


def test_an_optimizer_without_squared_gradients_remembers_nothing(models: Path) -> None:
    rebuilt = restored(models, "sequential-mean", "mean")
    assert remembered_squares(rebuilt.checkpoint, rebuilt) == {}
