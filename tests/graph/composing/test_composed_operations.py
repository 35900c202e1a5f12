"""Each operation of `keras.ops`, said in layers of Keras 2.2, gives what numpy gives; what cannot be said stays an operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from compositions import KERAS_2_2_LAYERS, brought, kinds, numbers, one, outputs
from keras import layers, ops

from layerfix.arrays import Array


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


SAID: dict[str, tuple[Callable[..., Any], Callable[..., Array], list[tuple[int, ...]]]] = {
    "add a number": (lambda x: x + 1.5, lambda x: x + 1.5, [(4,)]),
    "add two": (ops.add, np.add, [(4,), (4,)]),
    "add to a wider one": (ops.add, np.add, [(5, 1), (5, 4)]),
    "subtract a number": (lambda x: x - 1.5, lambda x: x - 1.5, [(4,)]),
    "subtract from a number": (lambda x: 1.5 - x, lambda x: 1.5 - x, [(4,)]),
    "subtract from a number by name": (lambda x: ops.subtract(x1=1.5, x2=x), lambda x: 1.5 - x, [(4,)]),
    "subtract two": (ops.subtract, np.subtract, [(4,), (4,)]),
    "multiply by a number": (lambda x: x * -2.0, lambda x: x * -2.0, [(4,)]),
    "multiply two": (ops.multiply, np.multiply, [(5, 4), (5, 4)]),
    "divide by a number": (lambda x: x / 4.0, lambda x: x / 4.0, [(4,)]),
    "the larger": (ops.maximum, np.maximum, [(4,), (4,)]),
    "the larger of a number": (lambda x: ops.maximum(x, 0.5), lambda x: np.maximum(x, 0.5), [(4,)]),
    "the smaller": (ops.minimum, np.minimum, [(4,), (4,)]),
    "the smaller of a number": (lambda x: ops.minimum(x, -0.5), lambda x: np.minimum(x, -0.5), [(5, 4)]),
    "clip": (lambda x: ops.clip(x, -0.5, 1.0), lambda x: np.clip(x, -0.5, 1.0), [(4,)]),
    "square": (ops.square, np.square, [(4,)]),
    "second power": (lambda x: x**2, lambda x: x**2, [(4,)]),
    "third power": (lambda x: x**3, lambda x: x**3, [(4,)]),
    "fourth power": (lambda x: x**4, lambda x: x**4, [(4,)]),
    "negative": (ops.negative, np.negative, [(4,)]),
    "absolute": (ops.absolute, np.absolute, [(4,)]),
    "softmax": (ops.softmax, softmax, [(5, 4)]),
    "silu": (ops.silu, lambda x: x * sigmoid(x), [(4,)]),
    "relu6": (ops.relu6, lambda x: np.clip(x, 0, 6), [(4,)]),
    "hard sigmoid": (ops.hard_sigmoid, lambda x: np.clip(x + 3, 0, 6) / 6, [(4,)]),
    "transpose": (lambda x: ops.transpose(x, (0, 2, 1)), lambda x: x.transpose(0, 2, 1), [(5, 4)]),
    "transpose counted from the end": (lambda x: ops.transpose(x, (0, -1, 1)), lambda x: x.transpose(0, 2, 1), [(5, 4)]),
    "transpose of pictures": (lambda x: ops.transpose(x, (0, 3, 1, 2)), lambda x: x.transpose(0, 3, 1, 2), [(5, 4, 3)]),
    "reshape": (lambda x: ops.reshape(x, (-1, 2, 10)), lambda x: x.reshape(-1, 2, 10), [(5, 4)]),
    "a new axis": (lambda x: ops.expand_dims(x, 1), lambda x: x[:, None], [(4,)]),
    "an axis less": (lambda x: ops.squeeze(x, 2), lambda x: x[:, :, 0], [(5, 1, 4)]),
    "stack": (lambda x, y: ops.stack([x, y], axis=1), lambda x, y: np.stack([x, y], 1), [(4,), (4,)]),
    "stack at the end": (lambda x, y: ops.stack([x, y], axis=-1), lambda x, y: np.stack([x, y], -1), [(4,), (4,)]),
    "mean over places": (lambda x: ops.mean(x, axis=1), lambda x: x.mean(1), [(5, 4)]),
    "mean over both axes of pictures": (lambda x: ops.mean(x, axis=(1, 2)), lambda x: x.mean((1, 2)), [(5, 4, 3)]),
    "mean over places that stay": (lambda x: ops.mean(x, 1, keepdims=True), lambda x: x.mean(1, keepdims=True), [(5, 4)]),
    "mean over numbers": (lambda x: ops.mean(x, axis=-1), lambda x: x.mean(-1), [(5, 4)]),
    "mean over numbers of vectors": (lambda x: ops.mean(x, -1, keepdims=True), lambda x: x.mean(-1, keepdims=True), [(4,)]),
    "sum over places": (lambda x: ops.sum(x, axis=1), lambda x: x.sum(1), [(5, 4)]),
    "sum over numbers": (lambda x: ops.sum(x, axis=2), lambda x: x.sum(2), [(5, 4)]),
    "largest of places": (lambda x: ops.max(x, axis=1), lambda x: x.max(1), [(5, 4)]),
    "smallest of places": (lambda x: ops.min(x, axis=[1, 2]), lambda x: x.min((1, 2)), [(5, 4, 3)]),
    "matmul": (ops.matmul, np.matmul, [(5, 4), (4, 3)]),
    "einsum": (lambda x, y: ops.einsum("xpq,xqr->xpr", x, y), np.matmul, [(5, 4), (4, 3)]),
    "einsum, second turned": (lambda x, y: ops.einsum("bid,bjd->bij", x, y), lambda x, y: x @ y.swapaxes(1, 2), [(5, 4), (3, 4)]),
    "einsum, first turned": (lambda x, y: ops.einsum("bts,btc->bsc", x, y), lambda x, y: x.swapaxes(1, 2) @ y, [(5, 4), (5, 3)]),
    "columns": (lambda x: x[:, 1:3], lambda x: x[:, 1:3], [(4,)]),
    "last columns": (lambda x: x[:, -2:], lambda x: x[:, -2:], [(4,)]),
    "one step": (lambda x: x[:, -1], lambda x: x[:, -1], [(5, 4)]),
    "one number of each step": (lambda x: x[:, :, 2], lambda x: x[:, :, 2], [(5, 4)]),
    "a part of pictures": (lambda x: x[:, 1:4, :2, 1:], lambda x: x[:, 1:4, :2, 1:], [(5, 4, 3)]),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_layers_of_keras_2_2_give_what_numpy_gives(name: str) -> None:
    function, truth, shapes = SAID[name]
    arrays = numbers(*shapes)
    found = brought(one(function, *shapes))
    assert kinds(found.model) <= KERAS_2_2_LAYERS
    given, wanted = outputs(found.model, arrays), truth(*arrays)
    assert given.shape == wanted.shape
    assert np.abs(given - wanted).max() <= 1e-5 * max(1.0, np.abs(wanted).max())


UNSAID: dict[str, tuple[Callable[..., Any], list[tuple[int | None, ...]]]] = {
    "divide by zero": (lambda x: x / 0.0, [(4,)]),
    "divide two": (ops.divide, [(4,), (4,)]),
    "divide a number by a tensor": (lambda x: 1.0 / x, [(4,)]),
    "another power": (lambda x: x**5, [(4,)]),
    "a root": (lambda x: x**0.5, [(4,)]),
    "add an array": (lambda x: x + np.ones(4, "float32"), [(4,)]),
    "add another rank": (ops.add, [(4,), (5, 4)]),
    "clip between arrays": (lambda x: ops.clip(x, np.zeros(4, "float32"), np.ones(4, "float32")), [(4,)]),
    "softmax over places": (lambda x: ops.softmax(x, axis=1), [(5, 4)]),
    "transpose that moves the batch": (lambda x: ops.transpose(x, (1, 0, 2)), [(5, 4)]),
    "transpose without axes": (ops.transpose, [(5, 4)]),
    "reshape that joins samples": (lambda x: ops.reshape(x, (-1, 4)), [(5, 4)]),
    "a new axis before the batch": (lambda x: ops.expand_dims(x, 0), [(4,)]),
    "stack before the batch": (lambda x, y: ops.stack([x, y]), [(4,), (4,)]),
    "mean of everything": (ops.mean, [(5, 4)]),
    "mean over the batch": (lambda x: ops.mean(x, axis=0), [(5, 4)]),
    "sum of an open number of places": (lambda x: ops.sum(x, axis=1), [(None, 4)]),
    "largest of numbers": (lambda x: ops.max(x, axis=-1), [(5, 4)]),
    "sum of vectors": (lambda x: ops.sum(x, axis=-1), [(4,)]),
    "matmul of more dimensions": (ops.matmul, [(2, 5, 4), (2, 4, 3)]),
    "einsum of another kind": (lambda x, y: ops.einsum("bij,bij->bij", x, y), [(5, 4), (5, 4)]),
    "einsum of one": (lambda x: ops.einsum("bij->bji", x), [(5, 4)]),
    "every other column": (lambda x: x[:, ::2], [(4,)]),
    "nothing": (lambda x: x[:, :, 2:2], [(5, 4)]),
    "some samples": (lambda x: x[1:, :2], [(4,)]),
    "a part of an open length": (lambda x: x[:, 1:], [(None, 4)]),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSAID)
def test_what_no_layer_says_stays_an_operation(name: str) -> None:
    function, shapes = UNSAID[name]
    model = one(function, *shapes)
    found = brought(model)
    assert found.rules == ()
    assert kinds(found.model) == kinds(model)


def test_a_tf_keras_has_operations_and_keeps_them() -> None:
    model = one(lambda x: x * 2.0 + 1.0, (4,))
    assert brought(model, "tf2.4").model is model


def test_whole_numbers_are_not_composed() -> None:
    start = keras.Input((4,), dtype="int32")
    assert brought(keras.Model(start, start * 2)).rules == ()


def test_an_operation_of_a_model_inside_is_told_with_its_path() -> None:
    inner = keras.Model(start := keras.Input((4,)), ops.square(start), name="inner")
    (rule,) = brought(keras.Sequential([keras.Input((4,)), inner, layers.Dense(2)])).rules
    assert rule.layer.startswith("inner/")
    assert rule.name == "composed"
    assert "not meant for training" in rule.detail
