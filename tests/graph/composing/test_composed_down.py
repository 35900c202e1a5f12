"""What an older Keras lacks is composed of what it has: the same predictions, and nothing left that it would refuse."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import Input, Model, Sequential, layers, ops

from layerfix.dialects.down.models import say_down
from layerfix.dialects.down.targets import target_of
from layerfix.graph.composing.replaced import composed
from layerfix.graph.today import stated


def through(shape, layer):
    return Model(start := Input(shape), layer(start))


def attending(layer, lists=False):
    one, two = Input((4, 3)), Input((5, 3))
    return Model([one, two], layer([one, two]) if lists else layer(one, two))


def computed(function, *shapes):
    starts = [Input(shape) for shape in shapes]
    return Model(starts, function(*starts))


MODELS = {
    "layer_normalization": lambda: through((5, 6), layers.LayerNormalization(epsilon=1e-5)),
    "layer_normalization_of_vectors": lambda: through((6,), layers.LayerNormalization(scale=False)),
    "layer_normalization_of_any_length": lambda: through((None, 6), layers.LayerNormalization()),
    "rms_normalization": lambda: through((5, 6), layers.RMSNormalization()),
    "unit_normalization": lambda: through((5, 6), layers.UnitNormalization()),
    "wide": lambda: computed(lambda x: ops.clip(ops.maximum(x * 0.5 + 3.0, 2.0), 0.0, 3.5), (100,)),
    "group_normalization": lambda: through((4, 3, 6), layers.GroupNormalization(3)),
    "rescaling": lambda: through((4, 4, 3), layers.Rescaling(1 / 127.5, offset=-1.0)),
    "normalization": lambda: through((3,), layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 1.0, 9.0])),
    "silu": lambda: Sequential([Input((4,)), layers.Dense(3, "silu"), layers.Activation("mish")]),
    "hard": lambda: Sequential([Input((4,)), layers.Dense(3, "hard_silu"), layers.Dense(3, "hard_tanh")]),
    "clipped": lambda: Sequential(
        [Input((4,)), layers.Dense(3, "relu6"), layers.Dense(3, "leaky_relu"), layers.Activation("hard_sigmoid")]
    ),
    "einsum": lambda: through((5, 6), layers.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="e")),
    "grouped": lambda: through((6, 6, 4), layers.Conv2D(6, 3, groups=2)),
    "depthwise1d": lambda: through((9, 3), layers.DepthwiseConv1D(3, depth_multiplier=2, padding="same")),
    "transposed1d": lambda: through((5, 3), layers.Conv1DTranspose(4, 3, strides=2)),
    "pooled": lambda: through((4, 5, 3), layers.GlobalAveragePooling2D(keepdims=True)),
    "multi_head": lambda: attending(layers.MultiHeadAttention(2, 3, value_dim=2)),
    "attention": lambda: attending(layers.Attention(use_scale=True), lists=True),
    "additive": lambda: attending(layers.AdditiveAttention(), lists=True),
    "arithmetic": lambda: computed(lambda x: 1.0 - ops.maximum(ops.square(x * 2.0 + 1.0) / 3.0, 0.5) ** 2, (4,)),
    "two": lambda: computed(lambda x, y: [x + y, x - y, ops.maximum(x, y), ops.abs(x) * y], (4,), (4,)),
    "reduced": lambda: computed(lambda x: [ops.mean(x, 1), ops.sum(x, -1), ops.min(x, 1), ops.max(x, 1)], (5, 4)),
    "slices": lambda: computed(lambda x: [x[:, 1:4], x[:, :, 2:], x[:, -1], x[:, 0, 1:3]], (5, 4)),
    "shapes": lambda: computed(lambda x: ops.stack([ops.transpose(x, (0, 2, 1)), ops.reshape(x, (-1, 4, 5))], axis=1), (5, 4)),
    "products": lambda: computed(lambda x, y: ops.einsum("bij,bjk->bik", ops.softmax(ops.matmul(x, y) * 0.5), x[:, :4, :]), (4, 4), (4, 4)),
    "nested": lambda: Sequential([Input((6,)), Sequential([Input((6,)), layers.Dense(4, "silu")], name="inner"), layers.Dense(2)]),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_composition_predicts_the_same_and_is_known_to_keras_2_2(name):
    keras.utils.set_random_seed(4)
    rng = np.random.default_rng(4)
    model = MODELS[name]()
    for weight in model.weights:
        if "float" in weight.dtype and "normalization/mean" not in weight.path and "normalization/variance" not in weight.path:
            weight.assign(rng.uniform(0.2, 1.0, weight.shape))
    target = target_of("keras2.2.4")
    made = composed(model, target)
    say_down(stated(made.model), target)
    x = [rng.normal(0, 2, (3, *(size or 7 for size in tensor.shape[1:]))).astype("float32") for tensor in model.inputs]
    pairs = zip(keras.tree.flatten(model(x)), keras.tree.flatten(made.model(x)), strict=True)
    for one, two in ((np.asarray(a), np.asarray(b)) for a, b in pairs):
        assert one.shape == two.shape
        assert np.abs(one - two).max() <= 2e-6 * max(1.0, np.abs(one).max())
    assert made.rules


def test_a_model_that_the_target_knows_stays_what_it_is():
    model = Sequential([Input((4,)), layers.Dense(3, "relu"), layers.BatchNormalization()])
    assert composed(model, target_of("keras2.2.4")).model is model


def test_what_is_masked_is_refused_by_its_own_name():
    ids = Input((5,), dtype="int32")
    x = layers.Embedding(9, 4, mask_zero=True)(ids)
    model = Model(ids, layers.MultiHeadAttention(2, 3, name="heads")(x, x))
    assert composed(model, target_of("keras2.2.4")).rules == ()


def test_a_kernel_that_would_be_too_large_is_not_made():
    model = Sequential([Input((5000,)), layers.LayerNormalization()])
    assert composed(model, target_of("keras2.2.4")).rules == ()


def test_a_shared_layer_is_composed_for_each_call():
    one, two = Input((4,)), Input((4,))
    layer = layers.Dense(3, "silu", name="shared")
    made = composed(Model([one, two], layers.concatenate([layer(one), layer(two)])), target_of("keras2.2.4"))
    x = np.ones((2, 4), "float32")
    assert np.allclose(made.model([x, 2 * x])[:, :3], layer(x))
    assert np.allclose(made.model([x, 2 * x])[:, 3:], layer(2 * x))


def test_what_acts_in_training_alone_is_left_out_and_said():
    model = Sequential([Input((6, 6, 3)), layers.RandomFlip(name="flip"), layers.Conv2D(2, 3)])
    made = composed(model, target_of("keras2.2.4"))
    assert [(rule.layer, "left out" in rule.detail) for rule in made.rules] == [("flip", True)]
