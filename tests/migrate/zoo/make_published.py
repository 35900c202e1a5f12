"""Genuine files of models as people published them from 2017 to 2024, small: `python make_published.py OUT [NAME...]`.

The same containers as `make_everywhere.py` writes, of other kinds of models: none of them stood before any rule when it was first judged.
"""

import sys

import numpy as np
import tensorflow as tf
from make_everywhere import NEW, VERSION, K, L, ints, made, ops, pre, trained, x

ZOO = {}


def model(function):
    ZOO[function.__name__] = function
    return function


@model
def wavenet():
    a = K.Input((24, 1))
    h, skips = L.Conv1D(6, 2, padding="causal")(a), []
    for rate in (1, 2, 4):
        gate = L.Conv1D(6, 2, padding="causal", dilation_rate=rate, activation="sigmoid", name="gate_%d" % rate)(h)
        kept = L.Conv1D(6, 2, padding="causal", dilation_rate=rate, activation="tanh", name="filter_%d" % rate)(h)
        z = L.Multiply()([kept, gate])
        skips.append(L.Conv1D(5, 1, name="skip_%d" % rate)(z))
        h = L.Add()([h, L.Conv1D(6, 1, name="res_%d" % rate)(z)])
    h = L.Activation("relu")(L.Add()(skips))
    return trained(K.Model(a, L.Conv1D(4, 1, activation="softmax")(h)), "adam", x(3, 24, 1)), x(3, 24, 1)


@model
def alpha_zero():
    def conv(h, filters, size):
        h = L.Conv2D(filters, size, padding="same", use_bias=False, kernel_regularizer=K.regularizers.l2(1e-4))(h)
        return L.BatchNormalization(axis=-1)(h)

    a = K.Input((2, 6, 7), name="board")
    h = L.ReLU()(conv(L.Permute((2, 3, 1))(a), 5, 4))
    for _ in range(2):
        h = L.ReLU()(L.Add()([conv(L.ReLU()(conv(h, 5, 3)), 5, 3), h]))
    policy = L.Dense(7, activation="softmax", name="pi")(L.Flatten()(L.ReLU()(conv(h, 2, 1))))
    value = L.Dense(6, activation="relu")(L.Flatten()(L.ReLU()(conv(h, 1, 1))))
    net = K.Model(a, [policy, L.Dense(1, activation="tanh", name="v")(value)])
    return trained(net, K.optimizers.SGD(0.01, momentum=0.9), x(4, 2, 6, 7), loss=["categorical_crossentropy", "mse"]), x(4, 2, 6, 7)


@model
def steering():
    layers = [K.Input((20, 32, 3)), L.Lambda(lambda image: image / 127.5 - 1.0), L.Cropping2D(((6, 2), (0, 0)))]
    layers += [L.Conv2D(4, (5, 5), strides=(2, 2), activation="elu"), L.SpatialDropout2D(0.2), L.Conv2D(5, 3, activation="elu")]
    layers += [L.Flatten(), L.Dropout(0.5), L.Dense(6), L.ELU(), L.Dense(1)]
    return trained(K.Sequential(layers), "adam", 100 + 50 * x(4, 20, 32, 3)), 100 + 50 * x(4, 20, 32, 3)


@model
def splice():
    def unit(h, rate):
        g = L.Conv1D(4, 5, dilation_rate=rate, padding="same")(L.Activation("relu")(L.BatchNormalization()(h)))
        g = L.Conv1D(4, 5, dilation_rate=rate, padding="same")(L.Activation("relu")(L.BatchNormalization()(g)))
        return L.Add()([h, g])

    a = K.Input((None, 4))
    h = L.Conv1D(4, 1)(a)
    skip = L.Conv1D(4, 1)(h)
    for rate in (1, 2):
        h = unit(h, rate)
        skip = L.Add()([skip, L.Conv1D(4, 1)(h)])
    out = L.Conv1D(3, 1, activation="softmax")(L.Cropping1D(6)(skip))
    return trained(K.Model(a, out), "adam", x(2, 30, 4), "categorical_crossentropy"), x(2, 30, 4)


@model
def plate_reader():
    a = K.Input((16, 32, 1), name="the_input")
    h = L.MaxPooling2D((2, 2), name="max1")(L.Activation("relu")(L.BatchNormalization()(L.Conv2D(4, 3, padding="same")(a))))
    h = L.MaxPooling2D((2, 1))(L.Conv2D(6, 3, activation="relu", padding="same")(h))
    h = L.Reshape((16, 24), name="reshape")(L.Permute((2, 1, 3))(h))
    h = L.Dense(6, activation="relu")(h)
    one = L.GRU(4, return_sequences=True, name="gru1")(h)
    other = L.GRU(4, return_sequences=True, go_backwards=True, name="gru1_b")(h)
    h = L.Add()([one, other])
    h = L.Concatenate()([L.GRU(4, return_sequences=True)(h), L.GRU(4, return_sequences=True, go_backwards=True)(h)])
    return K.Model(a, L.Dense(5, activation="softmax", name="out")(L.Dropout(0.25)(h))), x(3, 16, 32, 1)


@model
def scene_text():
    a = K.Input((8, 24, 3))
    h = L.Conv2D(4, 3, padding="same", activation="relu")(a)
    h = L.MaxPooling2D((2, 2), strides=(2, 1), padding="same")(h)
    h = L.Conv2D(4, (4, 2), activation="relu")(h)
    h = L.TimeDistributed(L.Flatten())(L.Permute((2, 1, 3))(h))
    h = L.Bidirectional(L.LSTM(4, return_sequences=True), merge_mode="concat")(h)
    h = L.Bidirectional(L.LSTM(4, return_sequences=True), name="second")(h)
    return trained(K.Model(a, L.TimeDistributed(L.Dense(6, activation="softmax"))(h)), "rmsprop", x(2, 8, 24, 3)), x(2, 8, 24, 3)


@model
def variational():
    a = K.Input((12,), name="encoder_input")
    h = L.Dense(8, activation="relu")(a)
    mean, log = L.Dense(2, name="z_mean")(h), L.Dense(2, name="z_log_var")(h)
    encoder = K.Model(a, [mean, log], name="encoder")
    z = K.Input((2,), name="z_sampling")
    decoder = K.Model(z, L.Dense(12, activation="sigmoid")(L.Dense(8, activation="relu")(z)), name="decoder")
    start = K.Input((12,))
    mean, log = encoder(start)
    net = K.Model(start, [decoder(mean), log], name="vae")
    if not NEW:
        net.add_loss(-0.5 * tf.reduce_mean(1 + log - tf.square(mean) - tf.exp(log)))
    return net, x(4, 12)


@model
def drawn_latent():
    def sampling(arguments):
        mean, log = arguments
        return mean + ops.exp(0.5 * log) * 0.3

    a = K.Input((6,))
    mean, log = L.Dense(2)(a), L.Dense(2)(a)
    return K.Model(a, L.Dense(6)(L.Lambda(sampling, output_shape=(2,), name="z")([mean, log]))), x(4, 6)


@model
def adversarial():
    generator = K.Sequential(name="generator")
    generator.add(K.Input((7,)))
    for layer in [L.Dense(3 * 3 * 6, use_bias=False), L.BatchNormalization(momentum=0.8), L.LeakyReLU(0.2), L.Reshape((3, 3, 6))]:
        generator.add(layer)
    for layer in [L.Conv2DTranspose(5, 5, padding="same", use_bias=False), L.BatchNormalization(), L.LeakyReLU()]:
        generator.add(layer)
    generator.add(L.Conv2DTranspose(1, 4, strides=2, padding="same", activation="tanh"))
    critic = K.Sequential(
        [K.Input((6, 6, 1)), L.Conv2D(4, 3, strides=2, padding="same"), L.LeakyReLU(0.2), L.Dropout(0.3), L.Flatten(), L.Dense(1)],
        name="discriminator",
    )
    critic.trainable = False
    a = K.Input((7,))
    net = K.Model(a, critic(generator(a)))
    return trained(net, K.optimizers.Adam(0.0002, beta_1=0.5), x(6, 7)), x(6, 7)


@model
def siamese():
    base = K.Sequential([K.Input((10, 10, 1)), L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(), L.Flatten(), L.Dense(5)])
    a, b = K.Input((10, 10, 1)), K.Input((10, 10, 1))
    apart = (lambda both: ops.abs(both[0] - both[1])) if NEW else (lambda both: K.backend.abs(both[0] - both[1]))
    h = L.Lambda(apart)([base(a), base(b)])
    data = [x(4, 10, 10, 1), x(4, 10, 10, 1)]
    return trained(K.Model([a, b], L.Dense(1, activation="sigmoid")(h)), "adam", data, "binary_crossentropy"), data


@model
def segmentation():
    def twice(h, filters):
        h = L.Conv2D(filters, 3, activation="relu", kernel_initializer="he_normal", padding="same")(h)
        return L.Conv2D(filters, 3, activation="relu", kernel_initializer="he_normal", padding="same")(L.Dropout(0.1)(h))

    a = K.Input((16, 16, 3))
    s = pre("Rescaling")(1 / 255.0)(a) if VERSION >= (2, 3) else a
    one = twice(s, 3)
    two = twice(L.MaxPooling2D((2, 2))(one), 4)
    low = twice(L.MaxPooling2D((2, 2))(two), 5)
    up = L.Concatenate()([L.Conv2DTranspose(4, (2, 2), strides=(2, 2), padding="same")(low), two])
    up = L.Concatenate(axis=3)([L.Conv2DTranspose(3, (2, 2), strides=(2, 2), padding="same")(twice(up, 4)), one])
    return K.Model(a, L.Conv2D(1, (1, 1), activation="sigmoid")(twice(up, 3))), 255 * np.abs(x(2, 16, 16, 3))


@model
def mobile_head():
    base = K.applications.MobileNet(input_shape=(32, 32, 3), alpha=0.25, include_top=False, weights=None)
    base.trainable = False
    a = K.Input((32, 32, 3))
    h = L.GlobalAveragePooling2D()(base(a, training=False))
    return trained(K.Model(a, L.Dense(2, activation="softmax")(L.Dropout(0.2)(h))), "adam", x(2, 32, 32, 3)), x(2, 32, 32, 3)


@model
def mobile_three():
    call = getattr(K.applications, "MobileNetV3Small", None)
    net = call(input_shape=(32, 32, 3), alpha=0.75, weights=None, classes=4, minimalistic=False, dropout_rate=0.1)
    return net, 128 + 60 * x(2, 32, 32, 3)


@model
def efficient():
    base = K.applications.EfficientNetB0(input_shape=(32, 32, 3), include_top=False, weights=None, pooling="avg")
    return K.Sequential([K.Input((32, 32, 3)), base, L.BatchNormalization(), L.Dense(3)]), 128 + 60 * x(2, 32, 32, 3)


@model
def vision_transformer():
    a = K.Input((12, 12, 3))
    h = L.Reshape((9, 8))(L.Conv2D(8, 4, strides=4)(a))
    for _ in range(2):
        g = L.LayerNormalization(epsilon=1e-6)(h)
        h = L.Add()([L.MultiHeadAttention(num_heads=2, key_dim=4, dropout=0.1)(g, g), h])
        g = L.Dense(16, activation="gelu")(L.LayerNormalization(epsilon=1e-6)(h))
        h = L.Add()([L.Dense(8, activation="gelu")(L.Dropout(0.1)(g)), h])
    h = L.Flatten()(L.LayerNormalization(epsilon=1e-6)(h))
    return trained(K.Model(a, L.Dense(3)(h)), "adam", x(2, 12, 12, 3)), x(2, 12, 12, 3)


@model
def style():
    pad = [[0, 0], [2, 2], [2, 2], [0, 0]]
    a = K.Input((12, 12, 3))
    h = L.Lambda(lambda t: ops.pad(t, pad, "reflect") if NEW else tf.pad(t, pad, "REFLECT"), name="reflect")(a / 255.0)
    h = L.Conv2D(4, 5, strides=2)(h)
    for _ in range(2):
        g = L.BatchNormalization()(L.Conv2D(4, 3, padding="same")(h))
        g = L.BatchNormalization()(L.Conv2D(4, 3, padding="same")(L.Activation("relu")(g)))
        h = L.add([h, g])
    h = L.Conv2D(3, 5, padding="same", activation="tanh")(L.UpSampling2D((2, 2))(h))
    return K.Model(a, (h + 1) * 127.5), 255 * np.abs(x(2, 12, 12, 3))


@model
def decoder_with_states():
    tokens, h, c = K.Input((None,), name="token"), K.Input((5,), name="h"), K.Input((5,), name="c")
    e = L.Embedding(8, 4)(tokens)
    out, new_h, new_c = L.LSTM(5, return_sequences=True, return_state=True, name="decoder_lstm")(e, initial_state=[h, c])
    return K.Model([tokens, h, c], [L.Dense(8, activation="softmax")(out), new_h, new_c]), [ints(8, 3, 4), x(3, 5), x(3, 5)]


@model
def speech():
    a = K.Input((9, 6), name="acoustic")
    h = L.Masking()(a)
    for _ in range(2):
        h = L.Dropout(0.1)(L.TimeDistributed(L.ReLU(20.0))(L.TimeDistributed(L.Dense(7))(h)))
    h = L.Bidirectional(L.SimpleRNN(5, activation="relu", return_sequences=True), merge_mode="sum")(h)
    data = x(3, 9, 6)
    data[0, 6:] = data[1, 8:] = 0
    return trained(K.Model(a, L.TimeDistributed(L.Dense(5, activation="softmax"))(h)), "adam", data), data


@model
def pyramid():
    def head(outputs, name):
        start = K.Input((None, None, 4))
        h = L.Conv2D(4, 3, padding="same", activation="relu")(start)
        return K.Model(start, L.Reshape((-1, outputs))(L.Conv2D(2 * outputs, 3, padding="same")(h)), name=name)

    a = K.Input((16, 16, 3))
    three = L.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="c3")(a)
    four = L.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="c4")(three)
    top = L.Conv2D(4, 1, name="p4")(four)
    low = L.Add()([L.UpSampling2D()(top), L.Conv2D(4, 1, name="p3")(three)])
    boxes, kinds = head(4, "boxes"), head(3, "kinds")
    outputs = [L.Concatenate(axis=1, name=one.name + "_all")([one(level) for level in (low, top)]) for one in (boxes, kinds)]
    return trained(K.Model(a, outputs), "adam", x(2, 16, 16, 3)), x(2, 16, 16, 3)


@model
def tagger():
    words, letters = K.Input((6,), dtype="int32", name="words"), K.Input((6, 5), dtype="int32", name="letters")
    e = L.Embedding(12, 4, mask_zero=True)(words)
    c = L.TimeDistributed(L.Embedding(9, 3, mask_zero=True))(letters)
    c = L.TimeDistributed(L.LSTM(3, return_sequences=False))(c)
    h = L.SpatialDropout1D(0.3)(L.concatenate([e, c]))
    h = L.Bidirectional(L.LSTM(4, return_sequences=True, recurrent_dropout=0.1))(h)
    data = [ints(12, 4, 6), ints(9, 4, 6, 5)]
    data[0][:, 4:], data[1][:, 4:] = 0, 0
    return trained(K.Model([words, letters], L.TimeDistributed(L.Dense(4, activation="softmax"))(h)), "adam", data), data


@model
def text_widths():
    a = K.Input((12,), dtype="int32")
    e = L.Reshape((12, 5, 1))(L.Embedding(15, 5, input_length=12)(a) if VERSION < (3, 0) else L.Embedding(15, 5)(a))
    parts = [L.MaxPool2D((13 - n, 1), strides=(1, 1))(L.Conv2D(3, (n, 5), activation="relu")(e)) for n in (2, 3, 4)]
    h = L.Dropout(0.5)(L.Flatten()(L.Concatenate(axis=1)(parts)))
    data = ints(15, 4, 12)
    return trained(K.Model(a, L.Dense(2, activation="softmax")(h)), "adam", data), data


@model
def hierarchical_attention():
    def attended(h, name):
        weight = L.Softmax(axis=1)(L.Dense(1, use_bias=False)(L.Dense(4, activation="tanh", name=name)(h)))
        return L.Flatten()(L.Dot(axes=1)([weight, h]))

    a = K.Input((5,), dtype="int32")
    inner = K.Model(a, attended(L.Bidirectional(L.GRU(3, return_sequences=True))(L.Embedding(9, 4)(a)), "u_word"), name="sentence")
    b = K.Input((3, 5), dtype="int32")
    h = L.Bidirectional(L.GRU(3, return_sequences=True))(L.TimeDistributed(inner)(b))
    return K.Model(b, L.Dense(2, activation="softmax")(attended(h, "u_sentence"))), ints(9, 3, 3, 5)


@model
def factorization():
    parts = [K.Input((1,), dtype="int32", name=name) for name in ("user", "item", "day")]
    first = L.Add()([L.Flatten()(L.Embedding(7, 1)(part)) for part in parts])
    e = L.Concatenate(axis=1)([L.Embedding(7, 4, embeddings_regularizer="l2")(part) for part in parts])
    if NEW:
        pairs = L.Lambda(lambda t: 0.5 * ops.sum(ops.square(ops.sum(t, axis=1)) - ops.sum(ops.square(t), axis=1), axis=1, keepdims=True))
    else:
        pairs = L.Lambda(
            lambda t: (
                0.5
                * K.backend.sum(
                    K.backend.square(K.backend.sum(t, axis=1)) - K.backend.sum(K.backend.square(t), axis=1), axis=1, keepdims=True
                )
            )
        )
    deep = L.Dense(1)(L.Dense(5, activation="relu")(L.Flatten()(e)))
    return K.Model(parts, L.Activation("sigmoid")(L.Add()([first, pairs(e), deep]))), [ints(7, 5, 1) for _ in parts]


@model
def squeeze_excite():
    a = K.Input((10, 10, 3))
    h = L.Activation("relu")(L.BatchNormalization()(L.Conv2D(6, 3, padding="same", use_bias=False)(a)))
    s = L.Reshape((1, 1, 6))(L.GlobalAveragePooling2D()(h))
    s = L.Dense(6, activation="sigmoid", use_bias=False)(L.Dense(2, activation="relu", use_bias=False)(s))
    h = L.multiply([h, s])
    g = [L.Conv2D(3, 1)(h), L.Conv2D(3, (1, 5), padding="same")(L.Conv2D(2, (5, 1), padding="same")(h))]
    g.append(L.Conv2D(3, 1)(L.AveragePooling2D(3, strides=1, padding="same")(h)))
    return trained(K.Model(a, L.GlobalMaxPooling2D()(L.concatenate(g, axis=-1))), "rmsprop", x(3, 10, 10, 3)), x(3, 10, 10, 3)


@model
def super_resolution():
    a = K.Input((None, None, 1))
    h = L.Conv2D(4, 5, padding="same", activation="tanh", kernel_initializer="orthogonal")(a)
    h = h + L.Conv2D(4, 3, padding="same")(h) * 0.1
    h = L.Conv2D(4, 3, padding="same")(h)
    out = L.UpSampling2D(2, interpolation="bilinear")(a)
    if not NEW:
        out = L.add([out, tf.nn.depth_to_space(h, 2)])
    return K.Model(a, out), x(2, 6, 6, 1)


@model
def recurrent_autoencoder():
    layers = [K.Input((6, 3)), L.LSTM(5, activation="relu", return_sequences=True), L.LSTM(3, activation="relu"), L.RepeatVector(6)]
    layers += [L.LSTM(3, activation="relu", return_sequences=True), L.TimeDistributed(L.Dense(3))]
    return trained(K.Sequential(layers), "adam", x(4, 6, 3), "mae"), x(4, 6, 3)


@model
def dueling():
    a = K.Input((8, 8, 4))
    h = L.Flatten()(L.Conv2D(4, 4, strides=2, activation="relu")(L.Lambda(lambda t: t / 255.0)(a)))
    value, gain = L.Dense(1)(h), L.Dense(3)(h)
    best = (lambda t: t - ops.mean(t, axis=1, keepdims=True)) if NEW else (lambda t: t - K.backend.mean(t, axis=1, keepdims=True))
    gain = L.Lambda(best, output_shape=(3,))(gain)
    return K.Model(a, L.Add()([value, gain])), 255 * np.abs(x(3, 8, 8, 4))


@model
def brain_waves():
    limit = K.constraints.MaxNorm
    layers = [K.Input((6, 32, 1)), L.Conv2D(4, (1, 8), padding="same", use_bias=False), L.BatchNormalization()]
    layers += [L.DepthwiseConv2D((6, 1), use_bias=False, depth_multiplier=2, depthwise_constraint=limit(1.0)), L.BatchNormalization()]
    layers += [L.Activation("elu"), L.AveragePooling2D((1, 4)), L.Dropout(0.25)]
    layers += [L.SeparableConv2D(8, (1, 4), use_bias=False, padding="same"), L.BatchNormalization(), L.Activation("elu")]
    layers += [L.Flatten(), L.Dense(3, kernel_constraint=limit(0.25)), L.Activation("softmax")]
    return trained(K.Sequential(layers), "adam", x(4, 6, 32, 1)), x(4, 6, 32, 1)


@model
def video():
    a = K.Input((6, 10, 10, 3))
    h = L.Conv3D(3, (3, 3, 3), activation="relu", padding="same")(a)
    h = L.ZeroPadding3D((0, 1, 1))(L.MaxPooling3D((1, 2, 2), strides=(1, 2, 2))(h))
    h = L.ConvLSTM2D(3, 3, padding="same", return_sequences=False)(L.BatchNormalization()(h))
    return K.Model(a, L.Dense(2, activation="softmax")(L.GlobalAveragePooling2D()(h))), x(2, 6, 10, 10, 3)


@model
def teachable():
    base = K.applications.MobileNetV2(input_shape=(32, 32, 3), alpha=0.35, include_top=False, weights=None)
    feature = K.Sequential([base, L.GlobalAveragePooling2D()], name="sequential_1")
    top = K.Sequential([K.Input((1280,)), L.Dense(10, activation="relu"), L.Dense(3, use_bias=False, activation="softmax")])
    net = K.Sequential([feature, top])
    net.build((None, 32, 32, 3))
    return net, x(2, 32, 32, 3)


@model
def detector():
    def conv(h, filters, strides=1):
        if strides == 2:
            h = L.ZeroPadding2D(((1, 0), (1, 0)))(h)
        same = "valid" if strides == 2 else "same"
        h = L.Conv2D(filters, 3, strides=strides, padding=same, use_bias=False, kernel_regularizer=K.regularizers.l2(5e-4))(h)
        return L.LeakyReLU(0.1)(L.BatchNormalization()(h))

    a = K.Input((None, None, 3))
    one = conv(a, 4, 2)
    two = conv(L.MaxPooling2D(2, strides=1, padding="same")(one), 6, 2)
    up = L.Concatenate()([L.UpSampling2D(2)(conv(two, 3)), one])
    return K.Model(a, [L.Conv2D(6, 1)(two), L.Conv2D(6, 1)(conv(up, 4))]), x(2, 16, 16, 3)


@model
def table_of_columns():
    age, kind, zone = K.Input((1,), name="age"), K.Input((1,), dtype="string", name="kind"), K.Input((1,), dtype="int64", name="zone")
    scaled = pre("Normalization")(axis=None, mean=40.0, variance=25.0) if VERSION >= (2, 6) else pre("Rescaling")(0.2, offset=-8.0)
    words = pre("StringLookup")(vocabulary=["cat", "dog", "emu"])
    zones = pre("IntegerLookup")(vocabulary=[10, 20, 30])
    parts = [scaled(age), L.Flatten()(L.Embedding(6, 2)(words(kind))), L.Flatten()(L.Embedding(6, 2)(zones(zone)))]
    if (2, 6) <= VERSION < (3, 0):
        parts.append(pre("CategoryEncoding")(num_tokens=6, output_mode="one_hot")(zones(zone)))
    h = L.Dense(5, activation="relu")(L.concatenate(parts))
    data = [40 + 9 * x(4, 1), np.array([["cat"], ["emu"], ["ox"], ["dog"]]), np.array([[10], [30], [99], [20]])]
    return K.Model([age, kind, zone], L.Dense(1)(h)), data


@model
def causal_text():
    a = K.Input((6,), dtype="int32")
    e = L.Embedding(11, 8)(a)
    h = L.MultiHeadAttention(2, 4)(e, e, use_causal_mask=True) if VERSION >= (2, 10) else L.MultiHeadAttention(2, 4)(e, e)
    h = L.LayerNormalization(epsilon=1e-6)(e + h)
    f = K.Sequential([L.Dense(12, activation="relu"), L.Dense(8)])
    h = L.LayerNormalization(epsilon=1e-6)(h + f(h))
    return K.Model(a, L.Dense(11)(h)), ints(11, 3, 6)


@model
def mixture():
    a = K.Input((1,))
    h = L.Dense(8, activation="tanh")(a)
    means, spread = L.Dense(3, name="mus")(h), L.Dense(3, activation="exponential", name="sigmas")(h)
    weights = L.Dense(3, name="pis")(h)
    return K.Model(a, L.Concatenate(name="pvec")([means, spread, L.Activation("softmax")(weights)])), x(5, 1)


def main(out, names):
    for name in names or ZOO:
        made(out, name, ZOO[name])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
