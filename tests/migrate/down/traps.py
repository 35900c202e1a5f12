"""Writes models that a way back could get wrong in silence, as zoo.py does: `python traps.py FOLDER [NAME ...]`.

Held out: no rule was written against them before they were judged first (docs/going-back.md).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import keras
from keras import Input, Model, Sequential, layers, ops
from zoo import functional, ids, write

MODELS: dict[str, Callable[[], keras.Model]] = {}


def trap(make: Callable[[], keras.Model]) -> Callable[[], keras.Model]:
    MODELS[make.__name__] = make
    return make


RECURRENT: dict[str, Callable[[], keras.Layer]] = {
    "lstm_relu": lambda: layers.LSTM(3, activation="relu", recurrent_activation="hard_sigmoid", use_bias=False),
    "lstm_backwards": lambda: layers.LSTM(3, go_backwards=True, return_sequences=True, unroll=True),
    "gru_before": lambda: layers.GRU(3, reset_after=False, recurrent_activation="hard_sigmoid", go_backwards=True),
    "gru_unbiased": lambda: layers.GRU(3, use_bias=False, return_sequences=True),
    "both_sum": lambda: layers.Bidirectional(layers.GRU(3, reset_after=False), merge_mode="sum"),
    "both_mul": lambda: layers.Bidirectional(layers.LSTM(3, return_sequences=True), merge_mode="mul"),
    "both_ave": lambda: layers.Bidirectional(layers.SimpleRNN(3, "relu", return_sequences=True), merge_mode="ave"),
    "both_hard": lambda: layers.Bidirectional(layers.LSTM(3, recurrent_activation="hard_sigmoid", return_sequences=True)),
    "both_unlike": lambda: layers.Bidirectional(layers.LSTM(3), backward_layer=layers.LSTM(3, activation="relu", go_backwards=True)),
    "cells": lambda: layers.RNN([layers.GRUCell(3, reset_after=False), layers.LSTMCell(2)], return_sequences=True),
    "cells_hard": lambda: layers.RNN(layers.LSTMCell(3, recurrent_activation="hard_sigmoid"), go_backwards=True),
    "each_both": lambda: layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode="concat"),
}
for name, make in RECURRENT.items():
    MODELS[name] = lambda make=make: functional((5, 3), make(), layers.Dense(2))


@trap
def both_apart():
    start = Input((5, 3))
    one, two = layers.Bidirectional(layers.LSTM(3, return_sequences=True), merge_mode=None)(start)
    return Model(start, [layers.subtract([one, two]), two])


@trap
def both_states():
    one, two = Input((5, 3)), Input((4, 2))
    _, *states = layers.Bidirectional(layers.LSTM(3, return_state=True))(one)
    return Model([one, two], layers.Bidirectional(layers.LSTM(3, return_sequences=True))(two, initial_state=states))


@trap
def kept_states():
    start = Input(batch_shape=(4, 5, 3))
    return Model(start, layers.GRU(3, stateful=True)(layers.LSTM(4, stateful=True, return_sequences=True)(start)))


@trap
def convolved_states():
    return functional((4, 6, 6, 2), layers.ConvLSTM2D(3, (3, 2), strides=2, dilation_rate=1, recurrent_activation="hard_sigmoid"))


MASKED: dict[str, tuple[Callable[[], keras.Layer], ...]] = {
    "mask_value": (lambda: layers.Masking(-1.0), lambda: layers.LSTM(3)),
    "mask_through": (layers.Masking, lambda: layers.Dense(4, "tanh"), layers.BatchNormalization, lambda: layers.GRU(3)),
    "mask_each": (layers.Masking, lambda: layers.TimeDistributed(layers.Dense(4)), lambda: layers.LSTM(3, return_sequences=True)),
    "mask_both": (layers.Masking, lambda: layers.Bidirectional(layers.LSTM(3, return_sequences=True)), lambda: layers.GRU(2)),
    "mask_both_last": (layers.Masking, lambda: layers.Bidirectional(layers.GRU(3), merge_mode="mul")),
    "mask_zeros": (layers.Masking, lambda: layers.LSTM(3, return_sequences=True, zero_output_for_mask=True)),
    "mask_mean": (layers.Masking, lambda: layers.Dense(4), layers.GlobalAveragePooling1D),
    "mask_conv": (layers.Masking, lambda: layers.Conv1D(4, 2), lambda: layers.LSTM(3)),
    "mask_padding": (layers.Masking, lambda: layers.ZeroPadding1D(1), lambda: layers.GRU(3)),
    "mask_reshape": (layers.Masking, lambda: layers.Reshape((5, 3)), lambda: layers.LSTM(3)),
    "mask_normal": (layers.Masking, layers.LayerNormalization, lambda: layers.SimpleRNN(3, return_sequences=True)),
    "mask_permuted": (layers.Masking, lambda: layers.Permute((1, 2)), lambda: layers.LSTM(3)),
    "mask_flat": (layers.Masking, lambda: layers.LSTM(3, return_sequences=True), layers.Flatten, lambda: layers.Dense(2)),
    "mask_pooled": (layers.Masking, lambda: layers.MaxPooling1D(2, padding="same"), lambda: layers.LSTM(3)),
    "mask_dropped": (layers.Masking, lambda: layers.SpatialDropout1D(0.2), lambda: layers.LeakyReLU(0.3), lambda: layers.GRU(3)),
}
for name, steps in MASKED.items():
    MODELS[name] = lambda steps=steps: functional((5, 3), *(step() for step in steps))
    MODELS[f"{name}_sequential"] = lambda steps=steps: Sequential([Input((5, 3)), *(step() for step in steps)])


@trap
def mask_inside():
    inner = functional((5,), layers.Embedding(9, 3, mask_zero=True), layers.Dense(3), dtype="int32")
    start = ids()
    return Model(start, layers.LSTM(2)(inner(start)))


@trap
def mask_into():
    inner = functional((5, 3), layers.Dense(4, "tanh"), layers.LSTM(3, return_sequences=True))
    return functional((5, 3), layers.Masking(), inner, layers.GRU(2))


@trap
def mask_shared():
    table = layers.Embedding(9, 3, mask_zero=True)
    one, two = ids(5, 9), ids(5, 8)
    encoder = layers.LSTM(3)
    return Model([one, two], layers.Dot(1, normalize=True)([encoder(table(one)), encoder(table(two))]))


@trap
def mask_merged():
    one, two = Input((5, 3)), Input((5, 3))
    return Model([one, two], layers.LSTM(2)(layers.concatenate([layers.Masking()(one), layers.Masking()(two)])))


@trap
def mask_states():
    one, two = Input((5, 3)), Input((5, 3))
    _, *states = layers.LSTM(3, return_state=True)(layers.Masking()(one))
    return Model([one, two], layers.LSTM(3, return_sequences=True)(two, initial_state=states))


@trap
def mask_attention():
    start = ids()
    x = layers.Embedding(9, 4, mask_zero=True)(start)
    return Model(start, layers.GlobalAveragePooling1D()(layers.Attention()([x, x])))


CONVOLUTIONS: dict[str, Callable[[], keras.Layer]] = {
    "separable_dilated": lambda: layers.SeparableConv2D(4, (3, 2), dilation_rate=(2, 1), depth_multiplier=2, activation="relu"),
    "separable_strided": lambda: layers.SeparableConv2D(4, 3, strides=2, padding="same", depth_multiplier=2, use_bias=False),
    "depthwise_dilated": lambda: layers.DepthwiseConv2D(2, dilation_rate=2, depth_multiplier=3, padding="same", activation="silu"),
    "even_same": lambda: layers.Conv2D(4, (4, 2), strides=(2, 3), padding="same", activation="hard_sigmoid"),
    "back_padded": lambda: layers.Conv2DTranspose(4, (4, 3), strides=(3, 2), padding="same", output_padding=(2, 1)),
    "grouped_dilated": lambda: layers.Conv2D(6, 3, groups=3, dilation_rate=2),
    "pool_same": lambda: layers.AveragePooling2D((3, 2), strides=(2, 1), padding="same"),
    "pool_max": lambda: layers.MaxPooling2D(3, strides=1, padding="same"),
    "up_cubic": lambda: layers.UpSampling2D((2, 3), interpolation="bicubic"),
    "up_linear": lambda: layers.UpSampling2D((3, 2), interpolation="bilinear"),
    "padded_unevenly": lambda: layers.ZeroPadding2D(((1, 2), (0, 3))),
    "cropped_unevenly": lambda: layers.Cropping2D(((1, 2), (0, 3))),
    "kept_places": lambda: layers.GlobalMaxPooling2D(keepdims=True),
    "crop_random": lambda: layers.RandomCrop(3, 5),
    "resized": lambda: layers.Resizing(3, 9, interpolation="nearest"),
    "resized_whole": lambda: layers.Resizing(5, 5, crop_to_aspect_ratio=True),
    "scaled_by_channel": lambda: layers.Rescaling([0.5, 2.0, -1.0], [0.0, 1.0, 3.0]),
    "batch_axis1": lambda: layers.BatchNormalization(axis=1, scale=False, epsilon=0.1),
    "batch_uncentred": lambda: layers.BatchNormalization(center=False, momentum=0.5, trainable=False),
    "layer_axes": lambda: layers.LayerNormalization(axis=[1, 2], epsilon=0.1, center=False),
    "group_each": lambda: layers.GroupNormalization(-1, epsilon=0.1),
    "spectral": lambda: layers.SpectralNormalization(layers.Conv2D(4, 2)),
    "dense_4d": lambda: layers.Dense(4, "softmax"),
    "softmax_axis1": lambda: layers.Softmax(axis=1),
    "softmax_axes": lambda: layers.Softmax(axis=(1, 2)),
    "relu_bounded": lambda: layers.ReLU(2.0, negative_slope=0.1, threshold=0.2),
    "prelu_shared": lambda: layers.PReLU(shared_axes=[1, 2]),
    "elu_half": lambda: layers.ELU(0.5),
    "flatten_first": lambda: layers.Flatten(data_format="channels_first"),
    "einsum_dense": lambda: layers.EinsumDense("abcd,de->abce", (None, 8, 5), activation="tanh", bias_axes="e"),
    "identity": layers.Identity,
    "unit_axes": lambda: layers.UnitNormalization(axis=(1, 2)),
    "dense_leaky": lambda: layers.Dense(4, layers.LeakyReLU(0.2)),
    "activation_glu": lambda: layers.Dense(4, "glu"),
    "activation_log_softmax": lambda: layers.Activation("log_softmax"),
    "activation_selu": lambda: layers.Conv2D(4, 2, activation="selu"),
    "activation_swish": lambda: layers.Activation("swish"),
    "activation_gelu": lambda: layers.Activation(lambda x: keras.activations.gelu(x, approximate=True)),
    "activation_hard": lambda: layers.Activation("hard_sigmoid"),
}
for name, make in CONVOLUTIONS.items():
    MODELS[name] = lambda make=make: functional((6, 8, 3), make())
MODELS["causal_dilated"] = lambda: functional((12, 3), layers.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="elu"))
MODELS["separable_1d"] = lambda: functional((12, 3), layers.SeparableConv1D(4, 3, padding="same", strides=2, depth_multiplier=2))
MODELS["crop_1d"] = lambda: functional((12, 3), layers.Cropping1D((2, 3)), layers.ZeroPadding1D((1, 4)), layers.UpSampling1D(3))
MODELS["open_length"] = lambda: functional((None, 3), layers.Conv1D(4, 2), layers.GlobalMaxPooling1D())
MODELS["each_conv"] = lambda: functional((3, 6, 6, 2), layers.TimeDistributed(layers.Conv2D(3, 2, activation="relu")), layers.Flatten())
MODELS["each_lstm"] = lambda: functional((3, 5, 2), layers.TimeDistributed(layers.Bidirectional(layers.LSTM(2))))
MODELS["bytes_in"] = lambda: functional((6, 6, 3), layers.Rescaling(1 / 255), layers.Conv2D(2, 3), dtype="uint8")
MODELS["double"] = lambda: functional((4,), layers.Dense(3, dtype="float64"), dtype="float64")
MODELS["half_layers"] = lambda: functional((4,), layers.Dense(3, "tanh", dtype="float16"), layers.Dense(2))
MODELS["brain_float_mixed"] = lambda: functional((4,), layers.Dense(3, dtype="mixed_bfloat16"), layers.Dense(2, dtype="float32"))


@trap
def each_model():
    inner = functional((6, 6, 2), layers.Conv2D(3, 3), layers.BatchNormalization(), layers.GlobalMaxPooling2D())
    return functional((3, 6, 6, 2), layers.TimeDistributed(inner), layers.GRU(2))


@trap
def inside_and_outside():
    dense = layers.Dense(4, name="twice")
    inner = functional((4,), dense, layers.Dense(4, "tanh"))
    start = Input((4,))
    return Model(start, [dense(inner(start)), layers.Dense(2)(start)])


@trap
def equal_names():
    inner = functional((4,), layers.Dense(3, name="dense"), layers.Dense(4, name="out"))
    start = Input((4,))
    return Model(start, layers.Dense(2, name="out")(layers.Dense(4, name="dense")(inner(start))))


@trap
def frozen_deep():
    innermost = functional((4,), layers.Dense(4, trainable=False), layers.BatchNormalization(), layers.Dense(4))
    inner = functional((4,), innermost, layers.BatchNormalization(trainable=False), layers.Dense(4))
    return functional((4,), layers.Dense(4, trainable=False), inner, layers.BatchNormalization(), layers.Dense(2))


@trap
def frozen_model():
    inner = Sequential([Input((4,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(3)])
    inner.trainable = False
    return Sequential([Input((4,)), layers.Dense(4), inner, layers.BatchNormalization(), layers.Dense(2)])


@trap
def twice_with_others():
    inner = functional((4,), layers.Dense(3), layers.BatchNormalization())
    one, two = Input((4,)), Input((4,))
    return Model([two, one], [inner(one), layers.subtract([inner(two), inner(one)])])


@trap
def two_out_of_one():
    start = Input((4,))
    inner = Model(start, [layers.Dense(3, name="b")(start), layers.Dense(2, name="a")(start)])
    one, two = Input((4,)), Input((4,))
    (p, q), (r, s) = inner(one), inner(two)
    return Model([one, two], [layers.add([p, r]), layers.concatenate([s, q])])


@trap
def dict_inputs():
    given = {"width": Input((3,), name="width"), "age": Input((2,), name="age")}
    return Model(given, layers.Dense(2)(layers.concatenate([given["width"], given["age"]])))


@trap
def inputs_in_other_order():
    z, a = Input((3,), name="z"), Input((3,), name="a")
    return Model([z, a], [layers.subtract([z, a]), a])


@trap
def repeated_output():
    start = Input((3,))
    x = layers.Dense(2)(start)
    return Model(start, [x, layers.concatenate([x, start, x]), x])


@trap
def broadcast_merges():
    one, two = Input((3, 4)), Input((1, 4))
    return Model([one, two], [layers.add([one, two]), layers.maximum([one, two]), layers.multiply([one, two]), layers.average([one, two])])


@trap
def dots():
    one, two = Input((3, 4)), Input((5, 4))
    return Model([one, two], [layers.Dot((2, 2), normalize=True)([one, two]), layers.Dot((-1, -1))([one, two])])


@trap
def attention_scaled():
    one, two, three = Input((4, 3)), Input((5, 3)), Input((5, 3))
    return Model([one, two, three], layers.Attention(use_scale=True, score_mode="concat")([one, two, three]))


@trap
def attention_causal():
    start = Input((5, 4))
    return Model(start, layers.MultiHeadAttention(2, 3, value_dim=2, use_bias=False)(start, start, use_causal_mask=True))


@trap
def attention_key():
    one, two, three = Input((5, 4)), Input((3, 4)), Input((3, 6))
    return Model([one, two, three], layers.MultiHeadAttention(2, 3, output_shape=5)(one, two, key=three))


@trap
def attention_axes():
    start = Input((3, 5, 4))
    return Model(start, layers.MultiHeadAttention(2, 3, attention_axes=(2,))(start, start))


@trap
def low_rank():
    model = functional((4,), layers.Dense(3, name="low"), layers.Dense(2))
    model.get_layer("low").enable_lora(2)
    return model


OPERATIONS: dict[str, Callable[[keras.KerasTensor], object]] = {
    "op_numbers": lambda x: 2.0 / (ops.abs(x) + 1.0) - x / 4 + 2**x - x % 2.0,
    "op_floor": lambda x: [x // 0.3, ops.floor_divide(x, 0.7), ops.mod(x, -0.6)],
    "op_slices": lambda x: [x[:, ::-1], x[..., 0], x[:, -1], x[:, 1:3, None, :2], x[:, :, -3::2]],
    "op_split": lambda x: ops.split(x, 2, axis=2),
    "op_where": lambda x: ops.where(x > 0, x, 0.1 * x),
    "op_logic": lambda x: ops.cast(ops.logical_and(x > 0, x < 1), "float32"),
    "op_stack": lambda x: ops.stack([x, -x, ops.square(x)], axis=2),
    "op_pad": lambda x: ops.pad(x, [[0, 0], [1, 2], [0, 1]], constant_values=0.5),
    "op_roll": lambda x: ops.roll(x, 2, axis=1),
    "op_flip": lambda x: ops.flip(x, axis=1),
    "op_take": lambda x: ops.take(x, [2, 0, 0], axis=1),
    "op_spread": lambda x: [ops.var(x, axis=1), ops.std(x, axis=(1, 2)), ops.prod(x, axis=2, keepdims=True), ops.logsumexp(x, axis=1)],
    "op_highest": lambda x: [ops.argmax(x, axis=1), ops.max(x, axis=(1, 2), initial=0.5), ops.top_k(x, 2)[0]],
    "op_softmax": lambda x: [ops.softmax(x, axis=(1, 2)), ops.softmax(x, axis=1), ops.log_softmax(x, axis=1)],
    "op_norm": lambda x: [ops.normalize(x, axis=1), ops.norm(x, axis=2)],
    "op_gelu": lambda x: [ops.gelu(x, approximate=True), ops.gelu(x, approximate=False), ops.elu(x, 0.5), ops.celu(x, 0.5)],
    "op_hard": lambda x: [ops.hard_sigmoid(x), ops.hard_silu(x), ops.leaky_relu(x, 0.3), ops.relu6(3 * x), ops.selu(x)],
    "op_matmul": lambda x: [x @ ops.transpose(x, (0, 2, 1)), ops.dot(x, ops.ones((4, 2))), ops.tensordot(x, ops.ones((4, 3)), axes=1)],
    "op_einsum": lambda x: ops.einsum("bij,bkj->bik", x, x),
    "op_reshape": lambda x: [ops.reshape(x, (-1, 5, 2, 2)), ops.expand_dims(x, 1), ops.squeeze(x[:, :1], 1), ops.swapaxes(x, 1, 2)],
    "op_repeat": lambda x: [ops.repeat(x, 2, axis=1), ops.tile(x, (1, 2, 1))],
    "op_sorted": lambda x: ops.sort(x, axis=1),
    "op_cumulated": lambda x: [ops.cumsum(x, axis=1), ops.cumprod(x, axis=2)],
    "op_rounded": lambda x: [ops.round(x), ops.floor(x), ops.ceil(x), ops.sign(x), ops.clip(x, -0.5, 0.25)],
    "op_powers": lambda x: [x**2, x**3, ops.sqrt(ops.abs(x)), ops.abs(x) ** 0.5, ops.reciprocal(x + 10.0), ops.log1p(ops.abs(x))],
    "op_compared": lambda x: [ops.minimum(x, 0.3), ops.maximum(0.2, x), 1.0 - x, 0.5 - ops.tanh(x)],
    "op_tri": lambda x: [ops.tril(x), ops.triu(x, 1)],
    "op_integers": lambda x: ops.cast(x * 3, "int32") // 2,
}
for name, operate in OPERATIONS.items():
    MODELS[name] = lambda operate=operate: Model(start := Input((5, 4)), operate(start))


if __name__ == "__main__":
    write({name: MODELS[name] for name in sys.argv[2:]} or MODELS, Path(sys.argv[1]))
