"""Genuine files of one release of Keras in every container that it writes: `python make_everywhere.py OUT [NAME...]`.

For each model a folder: `m.h5`, `m.keras`, `sm/` (SavedModel), `cp.ckpt.*` and `w.weights.h5` with `model.json`, as the release has them,
and `expected.npz` (x0, x1, ... and p0, p1, ...), recorded before anything is saved. `FAILED` says what the release itself could not write.
"""

import os
import sys
import traceback

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
import numpy as np
import tensorflow as tf

if not hasattr(np, "bool"):
    np.bool = bool  # which LocallyConnected of TF 2.10 asks a numpy for that has it no more
if tuple(int(part) for part in tf.__version__.split(".")[:2]) >= (2, 16):
    import keras as K

    VERSION = tuple(int(part) for part in K.__version__.split(".")[:2])
else:
    K = tf.keras
    VERSION = tuple(int(part) for part in tf.__version__.split(".")[:2])
NEW = VERSION[0] == 3
ops = K.ops if NEW else tf
L = K.layers
P = getattr(getattr(L, "experimental", None), "preprocessing", None)
FIRST_ON_CPU = {"fused": False} if VERSION < (2, 1) else {}  # its fused kernel takes no channels first on a CPU
ANY = 0 if VERSION == (2, 0) else -1  # whose Reshape does not tell the layers behind it what it comes to
RNG = np.random.RandomState(2024)
ZOO = {}


def model(function):
    ZOO[function.__name__] = function
    return function


def pre(name):
    return getattr(L, name, None) or getattr(P, name)


def x(*shape):
    return RNG.normal(size=shape).astype("float32")


def ints(high, *shape):
    return RNG.randint(0, high, size=shape).astype("int32")


def trained(net, optimizer, data, loss="mse", **rest):
    net.compile(optimizer, loss, **rest)
    outputs = net.predict(data, verbose=0)
    targets = [x(*one.shape) for one in outputs] if isinstance(outputs, list) else x(*outputs.shape)
    count = len(data[0]) if isinstance(data, list) else len(data)
    net.fit(data, targets, epochs=2, batch_size=count, verbose=0)
    return net


@model
def masked_attention():
    a = K.Input((7,), dtype="int32")
    e = L.Embedding(9, 6, mask_zero=True)(a)
    h = L.LSTM(5, return_sequences=True)(e)
    padded = ints(9, 6, 7)
    padded[:, 5:] = 0
    q = L.Dense(5, activation="tanh")(h)
    if VERSION in {(2, 0), (3, 0), (3, 3), (3, 9)}:  # 2.0 cannot save Attention, the others cannot call it with a mask
        return trained(K.Model(a, L.Dense(3)(L.GlobalAveragePooling1D()(L.Multiply()([q, h])))), "adam", padded), padded
    c = L.Attention(use_scale=True)([q, h])
    d = L.AdditiveAttention()([q, h])
    net = K.Model(a, L.Dense(3)(L.Concatenate()([L.GlobalAveragePooling1D()(c), L.GlobalAveragePooling1D()(h), L.GlobalMaxPooling1D()(d)])))
    return trained(net, K.optimizers.Adam(0.01), padded), padded


@model
def masked_products():
    a = K.Input((5,), dtype="int32")
    h = L.LSTM(3, return_sequences=True)(L.Embedding(6, 3, mask_zero=True)(a))
    h = L.Multiply()([h, L.Dense(3, activation="tanh")(h)])
    data = ints(6, 4, 5)
    data[:, 3:] = 0
    return K.Model(a, [L.Dense(2)(L.Flatten()(h)), L.GlobalAveragePooling1D()(h)]), data


@model
def masked_extremes():
    a = K.Input((5,), dtype="int32")
    e = L.Embedding(6, 3, mask_zero=True)(a)
    h = L.LSTM(3, return_sequences=True)(e)
    data = ints(6, 4, 5)
    data[:, 3:] = 0
    return K.Model(a, [L.Flatten()(L.Maximum()([e, h])), L.Flatten()(L.Minimum()([h, e])), L.Flatten()(L.Average()([e, h]))]), data


@model
def bidirectional_masked():
    a = K.Input((6, 3))
    h = L.Masking(0.0)(a)
    h = L.Bidirectional(L.LSTM(4, return_sequences=True), merge_mode="sum")(h)
    h = L.Bidirectional(L.GRU(3, return_sequences=True, reset_after=False))(h)
    h = L.TimeDistributed(L.Dense(4, activation="relu"))(h)
    h = L.Bidirectional(L.SimpleRNN(3), merge_mode="ave")(h)
    data = x(5, 6, 3)
    data[0, 4:] = data[1, 2:] = 0
    return trained(K.Model(a, L.Dense(2)(h)), "rmsprop", data), data


@model
def time_distributed_nested():
    inner = K.Sequential(
        [K.Input((8, 8, 2)), L.Conv2D(3, 3, activation="relu"), L.BatchNormalization(), L.MaxPooling2D(), L.Flatten()], name="frame"
    )
    a = K.Input((4, 8, 8, 2))
    h = L.TimeDistributed(inner)(a)
    h = L.TimeDistributed(L.LayerNormalization())(h)
    return trained(K.Model(a, L.Dense(2)(L.GRU(5)(h))), "adam", x(3, 4, 8, 8, 2)), x(3, 4, 8, 8, 2)


@model
def shared_encoder():
    inner_in = K.Input((6,), name="leaf")
    h = L.Dense(5, activation="selu", name="one")(inner_in)
    encoder = K.Model(inner_in, L.LayerNormalization(name="two")(h), name="encoder")
    a, b = K.Input((6,), name="left"), K.Input((6,), name="right")
    u, v = encoder(a), encoder(b)
    both = L.Concatenate()([L.Subtract()([u, v]), L.Multiply()([u, v]), L.Dot(1, normalize=True)([u, v])])
    data = [x(6, 6), x(6, 6)]
    return trained(K.Model([a, b], L.Dense(1, activation="sigmoid")(both)), K.optimizers.SGD(0.05, momentum=0.9, nesterov=True), data), data


@model
def many_ends():
    a, b = K.Input((5,), name="numbers"), K.Input((4, 3), name="series")
    h = L.Concatenate()([L.Dense(4, activation="relu", name="d")(a), L.LSTM(3, name="l")(b)])
    net = K.Model([a, b], [L.Dense(1, name="price")(h), L.Dense(3, activation="softmax", name="kind")(h)])
    net.compile("adam", {"price": "mse", "kind": "categorical_crossentropy"}, loss_weights={"price": 0.2, "kind": 1.0})
    data = [x(6, 5), x(6, 4, 3)]
    net.fit(data, [x(6, 1), np.eye(3, dtype="float32")[[0, 1, 2, 0, 1, 2]]], verbose=0)
    return net, data


@model
def convolutions():
    a = K.Input((9, 9, 4))
    h = L.SeparableConv2D(6, 3, depth_multiplier=2, padding="same", activation="relu")(a)
    h = L.DepthwiseConv2D(3, strides=2, depth_multiplier=2, padding="same")(h)
    h = L.Conv2DTranspose(5, 3, strides=2, padding="same", output_padding=1)(h)
    h = L.Conv2D(4, (3, 2), dilation_rate=(2, 1), use_bias=False)(h)
    h = L.Conv2DTranspose(3, 2, strides=(2, 1), padding="valid", activation="elu")(h)
    return K.Model(a, L.GlobalMaxPooling2D()(h)), x(3, 9, 9, 4)


@model
def convolutions_1d_3d():
    a, b = K.Input((12, 3)), K.Input((5, 6, 4, 2))
    h = L.Conv1D(4, 3, dilation_rate=2, padding="causal", activation="relu")(a)
    h = L.SeparableConv1D(5, 3, padding="same")(h)
    h = L.Conv1D(3, 2, strides=2)(h)
    g = L.Conv3D(3, 2, padding="same")(b)
    g = L.Conv3DTranspose(2, 2, strides=2)(g)
    g = L.AveragePooling3D(2, padding="same")(g)
    return K.Model([a, b], [L.GlobalAveragePooling1D()(h), L.GlobalAveragePooling3D()(g)]), [x(3, 12, 3), x(3, 5, 6, 4, 2)]


@model
def normalizations():
    a = K.Input((6, 4, 5))
    h = L.BatchNormalization(axis=1, momentum=0.5, **FIRST_ON_CPU)(a)
    h = L.BatchNormalization(center=False, epsilon=0.01)(h)
    h = L.BatchNormalization(scale=False)(h)
    h = L.LayerNormalization(axis=[1, 2])(h)
    h = L.LayerNormalization(axis=-1, center=False, epsilon=0.1)(h)
    frozen = L.BatchNormalization(name="frozen")
    frozen.trainable = False
    data = 3 * x(8, 6, 4, 5) + 1
    return trained(K.Model(a, L.Dense(2)(L.Flatten()(frozen(h)))), K.optimizers.SGD(0.01), data), data


@model
def resizing():
    a = K.Input((6, 5, 3))
    h = L.UpSampling2D((2, 3), interpolation="bilinear")(a)
    h = L.ZeroPadding2D(((1, 2), (0, 3)))(h)
    h = L.Conv2D(2, 3)(h)
    h = L.UpSampling2D(2)(L.Cropping2D(((1, 0), (2, 1)))(h))
    g = L.UpSampling1D(2)(L.Cropping1D((1, 2))(L.ZeroPadding1D((2, 1))(L.Reshape((6, 15))(a))))
    return K.Model(a, [h, g]), x(2, 6, 5, 3)


@model
def activations():
    a = K.Input((8,))
    h = a
    for name in [
        "selu" if VERSION < (2, 2) else "swish",
        "selu",
        "elu",
        "exponential",
        "softplus",
        "softsign",
        "hard_sigmoid",
        "tanh",
        "linear",
        "relu",
    ]:
        h = L.BatchNormalization()(L.Dense(6, activation=name)(h))
    h = L.Reshape((3, 2))(h)
    h = L.PReLU(alpha_initializer="random_normal", shared_axes=[1])(h)
    h = L.LeakyReLU(0.15)(h)
    h = L.ELU(0.7)(h)
    h = L.ReLU(3.0, negative_slope=0.1, threshold=0.2)(h)
    return K.Model(a, L.Softmax(axis=1)(L.Activation("softsign")(h))), x(5, 8)


@model
def later_activations():
    a = K.Input((8,))
    return K.Model(a, L.Dense(4, activation="gelu")(L.Activation(K.activations.relu)(L.Dense(7, activation=K.activations.swish)(a)))), x(
        5, 8
    )


@model
def mixed_precision():
    policies = K.mixed_precision if VERSION >= (2, 4) else K.mixed_precision.experimental
    change = getattr(policies, "set_global_policy", None) or getattr(policies, "set_policy", None) or K.config.set_dtype_policy
    change("mixed_float16")
    try:
        a = K.Input((8, 8, 2))
        h = L.Conv2D(4, 3, activation="relu")(a)
        h = L.BatchNormalization()(h)
        net = K.Model(a, L.Dense(2, dtype="float32")(L.GlobalAveragePooling2D()(h)))
        return net, x(3, 8, 8, 2)
    finally:
        change("float32")


@model
def numbers_prepared():
    a = K.Input((4,))
    norm = pre("Normalization")()
    norm.adapt(5 * x(50, 4) + 2)
    edges = pre("Discretization")([-1.0, 0.0, 2.0]) if VERSION < (2, 5) else pre("Discretization")(bin_boundaries=[-1.0, 0.0, 2.0])
    return K.Model(a, [L.Dense(3)(norm(a)), edges(a)]), 4 * x(6, 4)


@model
def pictures_prepared():
    a = K.Input((9, 9, 3))
    h = pre("Rescaling")(1 / 127.5, offset=-1.0)(a)
    h = pre("CenterCrop")(6, 7)(h)
    h = pre("Resizing")(4, 5)(h)
    h = pre("RandomFlip")("horizontal")(h)
    return K.Model(a, L.Conv2D(2, 3)(h)), 255 * RNG.random_sample((3, 9, 9, 3)).astype("float32")


@model
def words_looked_up():
    a = K.Input((3,), dtype="string")
    h = pre("StringLookup")(vocabulary=["red", "green", "blue"])(a)
    return K.Model(a, L.Dense(2)(L.Flatten()(L.Embedding(6, 3)(h)))), np.array([["red", "blue", "no"], ["green", "red", "red"]])


@model
def numbers_looked_up():
    a = K.Input((2,), dtype="int64")
    h = pre("IntegerLookup")(vocabulary=[12, 36, 1138, 42])(a)
    return K.Model(a, L.Dense(2)(L.Flatten()(L.Embedding(8, 3)(h)))), np.array([[12, 42], [7, 36], [1138, 12]])


@model
def text_learned():
    text = pre("TextVectorization")(max_tokens=12, output_mode="int", output_sequence_length=5)
    text.adapt(np.array(["the cat sat", "on the mat", "the dog, the cat!"]))
    a = K.Input((1,), dtype="string")
    h = L.Embedding(12, 4, mask_zero=True)(text(a))
    return K.Model(a, L.Dense(2)(L.GRU(3)(h))), np.array([["the cat"], ["dog on a MAT"], ["no word known at all here"]])


@model
def lambdas():
    a = K.Input((5,))
    h = L.Lambda(lambda t: t * 2.0 + 1.0)(a)
    h = L.Lambda(lambda t: ops.square(t)[:, 1:4], name="cut")(h) if NEW else L.Lambda(lambda t: K.backend.square(t)[:, 1:4], name="cut")(h)
    return K.Model(a, L.Dense(2)(h)), x(4, 5)


@model
def functions_as_layers():
    a, b = K.Input((4, 3)), K.Input((4, 3))
    h = a * 2.0 + b
    h = ops.mean(h, axis=1) if NEW else tf.reduce_mean(h, axis=1)
    g = ops.concatenate([a, b], -1) if NEW else tf.concat([a, b], -1)
    g = (ops.relu(g) if NEW else tf.nn.relu(g))[:, 1:, ::2]
    g = ops.expand_dims(g, 1) if NEW else tf.expand_dims(g, 1)
    return K.Model([a, b], [L.Dense(2)(h), L.Conv2D(2, 1)(g)]), [x(3, 4, 3), x(3, 4, 3)]


@model
def cells():
    a = K.Input((5, 3))
    h = L.RNN([L.LSTMCell(4), L.GRUCell(3, reset_after=False), L.SimpleRNNCell(2)], return_sequences=True)(a)
    h = L.SimpleRNN(3, go_backwards=True, return_sequences=True, activation="relu")(h)
    return K.Model(a, L.LSTM(2, go_backwards=True)(h)), x(4, 5, 3)


@model
def recurrent_variants():
    a = K.Input((5, 3))
    first = {} if NEW else {"implementation": 1}
    parts = [
        L.LSTM(3, unroll=True, use_bias=False, **first)(a),
        L.LSTM(3, activation="relu", recurrent_activation="hard_sigmoid", unit_forget_bias=False)(a),
        L.GRU(3, reset_after=True, dropout=0.3, recurrent_dropout=0.2)(a),
        L.GRU(3, reset_after=False, recurrent_activation="hard_sigmoid", **first)(a),
        L.SimpleRNN(3, bias_initializer="random_normal")(a),
    ]
    return K.Model(a, L.Concatenate()(parts)), x(4, 5, 3)


@model
def stateful():
    a = K.Input(batch_shape=(3, 5, 2))
    h = L.LSTM(4, stateful=True, return_sequences=True)(a)
    return K.Model(a, L.Dense(1)(L.GRU(3, stateful=True)(h))), x(3, 5, 2)


@model
def convolutional_lstm():
    a = K.Input((3, 6, 6, 2))
    h = L.ConvLSTM2D(3, 3, padding="same", return_sequences=True)(a)
    h = L.ConvLSTM2D(2, 2, recurrent_activation="sigmoid", dropout=0.1)(h)
    return K.Model(a, L.Flatten()(h)), x(2, 3, 6, 6, 2)


@model
def equal_names():
    def part(name, units, activation):
        start = K.Input((6,), name="in")
        return K.Model(start, L.Dense(6, name="out")(L.Dense(units, activation, name="hidden")(start)), name=name)

    inner = part("a", 6, "relu")
    start = K.Input((6,), name="in")
    outer = K.Model(start, L.Dense(6, name="out")(inner(L.Dense(6, name="hidden")(start))), name="b")
    a = K.Input((6,), name="in")
    h = L.Dense(6, activation="tanh", name="hidden")(a)
    h = outer(part("c", 6, "elu")(h))
    return trained(K.Model(a, L.Dense(6, name="out")(h)), "adam", x(5, 6)), x(5, 6)


@model
def multi_head():
    a, b = K.Input((5, 6)), K.Input((4, 6))
    h = L.MultiHeadAttention(2, 3, value_dim=4, dropout=0.1)(a, b)
    h = L.LayerNormalization()(h + a)
    g = L.MultiHeadAttention(3, 2, output_shape=(5,) if NEW else 5, use_bias=False)(h, h, attention_mask=None)
    return trained(K.Model([a, b], L.GlobalAveragePooling1D()(g)), "adam", [x(3, 5, 6), x(3, 4, 6)]), [x(3, 5, 6), x(3, 4, 6)]


@model
def nested_frozen():
    base = K.Sequential([K.Input((8, 8, 3)), L.Conv2D(4, 3), L.BatchNormalization(), L.ReLU()], name="base")
    mid_in = K.Input((8, 8, 3))
    mid = K.Model(mid_in, L.GlobalAveragePooling2D()(base(mid_in)), name="mid")
    base.layers[0].trainable = False
    base.layers[1].trainable = False
    net = K.Sequential([K.Input((8, 8, 3)), mid, L.Dense(4, activation="relu"), L.Dropout(0.5), L.Dense(2)])
    return trained(net, K.optimizers.RMSprop(0.01, centered=True), x(4, 8, 8, 3)), x(4, 8, 8, 3)


@model
def sequence_to_sequence():
    a, b = K.Input((5, 3), name="source"), K.Input((4, 2), name="target")
    _, h, c = L.LSTM(4, return_state=True, name="encoder")(a)
    d, _, _ = L.LSTM(4, return_sequences=True, return_state=True, name="decoder")(b, initial_state=[h, c])
    g = L.GRU(4, return_sequences=True)(d, initial_state=h)
    return trained(K.Model([a, b], L.Dense(3, activation="softmax")(g)), "rmsprop", [x(4, 5, 3), x(4, 4, 2)]), [x(4, 5, 3), x(4, 4, 2)]


@model
def masked_merges():
    batch = 6 if VERSION == (3, 9) else None  # which cannot join masks of any other size
    a, b = (K.Input(batch_shape=(batch, 5), dtype="int32") if NEW else K.Input((5,), dtype="int32") for _ in "ab")
    e = L.Embedding(7, 4, mask_zero=True)
    u, v = e(a), L.Embedding(6, 4, mask_zero=True)(b)
    h = L.Concatenate()([u, v])
    g = L.Add()([u, v])
    return K.Model([a, b], L.Concatenate()([L.LSTM(3)(h), L.GRU(3)(g)])), [ints(7, 6, 5), ints(6, 6, 5)]


@model
def merges():
    a, b = K.Input((4, 3)), K.Input((4, 3))
    parts = [L.Average()([a, b]), L.Maximum()([a, b]), L.Minimum()([a, b]), L.Dot((1, 1))([a, b]), L.Concatenate(axis=1)([a, b])]
    return K.Model([a, b], L.Dense(2)(L.Concatenate()([L.Flatten()(part) for part in parts]))), [x(3, 4, 3), x(3, 4, 3)]


@model
def poolings():
    a = K.Input((7, 6, 2))
    h = L.AveragePooling2D(3, strides=2, padding="same")(L.MaxPooling2D((2, 3), strides=1, padding="same")(a))
    g = L.MaxPooling1D(2, padding="same")(L.AveragePooling1D(3, 1, "same")(L.Reshape((14, 6))(a)))
    return K.Model(a, [h, L.Permute((2, 1))(g)]), x(2, 7, 6, 2)


@model
def channels_first():
    a = K.Input((3, 6, 5))
    h = L.ZeroPadding2D((1, 2), data_format="channels_first")(a)
    h = L.UpSampling2D(2, data_format="channels_first")(L.Cropping2D(1, data_format="channels_first")(h))
    h = L.BatchNormalization(axis=1, **FIRST_ON_CPU)(h)
    pooled = L.GlobalAveragePooling2D(data_format="channels_first")(h)
    return K.Model(a, [pooled, L.Dense(2)(L.Flatten(data_format="channels_first")(h))]), x(2, 3, 6, 5)


@model
def regularized():
    a = K.Input((6, 4))
    h = L.SpatialDropout1D(0.2)(L.GaussianNoise(0.1)(a))
    h = L.Dense(
        5, kernel_regularizer=K.regularizers.L1L2(0.01, 0.02), bias_constraint="non_neg", kernel_initializer=K.initializers.Orthogonal(0.5)
    )(h)
    h = L.ActivityRegularization(l2=0.01)(L.GaussianDropout(0.2)(h))
    h = L.AlphaDropout(0.1)(L.Flatten()(h))
    return trained(
        K.Model(a, L.Dense(2, kernel_constraint=K.constraints.MaxNorm(2.0))(h)), K.optimizers.Adam(0.01, amsgrad=True), x(4, 6, 4)
    ), x(4, 6, 4)


@model
def recommender():
    a, b = K.Input((1,), dtype="int32", name="user"), K.Input((1,), dtype="int32", name="item")
    u, v = L.Embedding(9, 4, name="users")(a), L.Embedding(7, 4, name="items")(b)
    h = L.Concatenate()([L.Flatten()(L.Dot(2)([u, v])), L.Flatten()(u)])
    h = L.Permute((2, 1))(L.RepeatVector(3)(L.Dense(4)(h)))
    data = [ints(9, 6, 1), ints(7, 6, 1)]
    return trained(K.Model([a, b], L.Dense(1)(L.Reshape((ANY or 12,))(h))), "adagrad", data), data


@model
def locally_connected():
    a = K.Input((7, 6, 2))
    h = L.LocallyConnected2D(3, (2, 3), strides=(2, 1))(a)
    h = L.LocallyConnected1D(4, 2, implementation=2, activation="relu")(L.Reshape((ANY or 12, 3))(h))
    return K.Model(a, L.Flatten()(h)), x(3, 7, 6, 2)


@model
def later_layers():
    a = K.Input((4, 6))
    einsum = L.EinsumDense if hasattr(L, "EinsumDense") else L.experimental.EinsumDense
    h = einsum("abc,cd->abd", output_shape=(None, 8), bias_axes="d", activation="relu")(a)
    if hasattr(L, "GroupNormalization"):
        h = L.GroupNormalization(4)(h)
    if hasattr(L, "UnitNormalization"):
        h = L.UnitNormalization()(h)
    if hasattr(L, "SpectralNormalization"):
        h = L.SpectralNormalization(L.Dense(5))(h)
    return K.Model(a, L.Flatten()(h)), x(3, 4, 6)


@model
def small_unet():
    def block(h, filters):
        return L.ReLU()(L.BatchNormalization()(L.Conv2D(filters, 3, padding="same", use_bias=False)(h)))

    a = K.Input((None, None, 1))
    one = block(a, 3)
    two = block(L.MaxPooling2D()(one), 4)
    up = L.Concatenate()([L.Conv2DTranspose(3, 2, strides=2)(two), one])
    return trained(K.Model(a, L.Conv2D(1, 1, activation="sigmoid")(block(up, 3))), "adam", x(3, 8, 8, 1), "binary_crossentropy"), x(
        3, 8, 8, 1
    )


@model
def ends_that_are_starts():
    a, b = K.Input((4,), name="a"), K.Input((3,), name="b")
    h = L.Dense(4, name="h")(a)
    return K.Model([a, b], [h, L.Activation("relu")(h), L.Concatenate()([b, h])]), [x(3, 4), x(3, 3)]


@model
def two_shapes_of_one_layer():
    a, b = K.Input((5,)), K.Input((3, 5))
    dense = L.Dense(4, activation="tanh")
    return K.Model([a, b], [dense(a), L.GlobalAveragePooling1D()(dense(b)), dense(b)]), [x(3, 5), x(3, 3, 5)]


@model
def hashed():
    a = K.Input((2,), dtype="string")
    h = pre("Hashing")(7)(a)
    return K.Model(a, L.Flatten()(L.Embedding(7, 3)(h))), np.array([["a", "bb"], ["c", "dd"], ["a", "c"]])


@model
def output_padding():
    a = K.Input((5, 6, 2))
    h = L.Conv2DTranspose(3, (2, 3), strides=(3, 2), padding="valid", output_padding=(2, 1))(a)
    return K.Model(a, L.Conv2D(2, 3)(h)), x(2, 5, 6, 2)


def record(folder, net, inputs):
    inputs = inputs if isinstance(inputs, list) else [inputs]
    given = [tf.constant(one) if one.dtype.kind in "US" and NEW else one for one in inputs]
    rest = {} if inputs[0].dtype.kind in "US" or len(inputs[0]) < 32 else {"batch_size": len(inputs[0])}
    if hasattr(net, "reset_states") and any(getattr(layer, "stateful", False) for layer in net.layers):
        rest = {"batch_size": len(inputs[0])}
    outputs = net.predict(given if len(given) > 1 else given[0], verbose=0, **rest)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    made = {"x%d" % place: one for place, one in enumerate(inputs)}
    plain = [np.asarray(one) for one in outputs]
    plain = [one.astype("U" if one.dtype.kind == "O" else "float32") if one.dtype.kind in "OV" else one for one in plain]
    np.savez(os.path.join(folder, "expected.npz"), **dict(made, **{"p%d" % place: one for place, one in enumerate(plain)}))


def write(folder, net):
    ways = {"m.h5": lambda path: net.save(path)}
    if not NEW:
        ways["sm"] = lambda path: net.save(path, save_format="tf")
        ways["cp.ckpt"] = lambda path: net.save_weights(path, save_format="tf")
    if VERSION >= (2, 12):
        ways["m.keras"] = lambda path: net.save(path)
    ways["w.weights.h5"] = lambda path: net.save_weights(path)
    with open(os.path.join(folder, "model.json"), "w") as file:
        file.write(net.to_json())
    failed = []
    for name, way in ways.items():
        path = os.path.join(folder, name)
        try:
            way(path)
        except Exception as error:
            failed.append("%s: %s: %s" % (name, type(error).__name__, str(error)[:150].replace("\n", " ")))
            if os.path.isfile(path):
                os.remove(path)
    if failed:
        with open(os.path.join(folder, "FAILED"), "w") as file:
            file.write("\n".join(failed) + "\n")


def made(out, name, function):
    folder = os.path.join(out, name)
    K.backend.clear_session()
    RNG.seed(sum(map(ord, name)))
    np.random.seed(1)
    (tf.random.set_seed if not NEW else K.utils.set_random_seed)(len(name))
    try:
        net, inputs = function()
        os.makedirs(folder, exist_ok=True)
        record(folder, net, inputs)
        write(folder, net)
    except Exception as error:
        print(name, "not made:", type(error).__name__, str(error)[:150].replace("\n", " "), flush=True)
        if os.environ.get("TRACE"):
            traceback.print_exc()


def main(out, names):
    for name in names or ZOO:
        made(out, name, ZOO[name])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
