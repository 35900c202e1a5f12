# ruff: noqa: B007, B905, C408, E501 - it runs in Python 3.6
"""Makes the zoo in genuine Keras 2 or tf.keras: one small trained model a case, with inputs, predictions, and predictions after one more step.

Runs in the legacy environment itself:  python make_keras2.py keras|tf OUT_DIR [CASE...]
Writes CASE.h5 and CASE.npz (x0.., p0.., y0.., n0.. = predictions after one more train_on_batch, absent where the model was not compiled).
"""

import os
import sys
import traceback
import zlib

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
FLAVOUR, OUT = sys.argv[1], sys.argv[2]
if FLAVOUR == "tf":
    import tensorflow as tf

    keras = tf.keras
else:
    import keras
L, Model, Sequential, Input = keras.layers, keras.models.Model, keras.models.Sequential, keras.layers.Input
K = keras.backend
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def functional(shape, *layers, **options):
    inputs = Input(shape, **options)
    tensor = inputs
    for layer in layers:
        tensor = layer(tensor)
    return Model(inputs, tensor)


def one(name, shape, make):
    CASES[name] = lambda: functional(shape, make())


SEQ, IMG, VOL, VEC = (8, 3), (7, 8, 3), (5, 6, 5, 2), (6,)
for act in ["relu", "elu", "selu", "tanh", "sigmoid", "hard_sigmoid", "softplus", "softsign", "softmax", "linear", "exponential"]:
    one("activation_" + act, VEC, lambda act=act: L.Activation(act))
    one("dense_" + act, VEC, lambda act=act: L.Dense(4, activation=act))
one(
    "dense_no_bias_3d",
    SEQ,
    lambda: L.Dense(4, use_bias=False, kernel_initializer="he_normal", kernel_regularizer=keras.regularizers.l2(0.01)),
)
one(
    "dense_constraint",
    VEC,
    lambda: L.Dense(4, kernel_constraint=keras.constraints.max_norm(2.0), bias_initializer=keras.initializers.Constant(0.1)),
)
for pad in ("valid", "same"):
    one("conv1d_" + pad, SEQ, lambda pad=pad: L.Conv1D(4, 3, padding=pad, strides=2, activation="relu"))
    one("conv2d_" + pad, IMG, lambda pad=pad: L.Conv2D(4, (3, 2), padding=pad, strides=(2, 1)))
    one("conv3d_" + pad, VOL, lambda pad=pad: L.Conv3D(3, 3, padding=pad))
    one("conv2dt_" + pad, IMG, lambda pad=pad: L.Conv2DTranspose(4, 3, padding=pad, strides=2))
    one("conv2dt_k4_" + pad, IMG, lambda pad=pad: L.Conv2DTranspose(4, (4, 2), padding=pad, strides=(2, 3)))
    one("conv3dt_" + pad, VOL, lambda pad=pad: L.Conv3DTranspose(2, 3, padding=pad, strides=2))
    one("sepconv1d_" + pad, SEQ, lambda pad=pad: L.SeparableConv1D(4, 3, padding=pad, depth_multiplier=2))
    one("sepconv2d_" + pad, IMG, lambda pad=pad: L.SeparableConv2D(4, 3, padding=pad, strides=2, activation="relu"))
    one("dwconv2d_" + pad, IMG, lambda pad=pad: L.DepthwiseConv2D(3, padding=pad, depth_multiplier=2))
    for name in ("Max", "Average"):
        one(name.lower() + "pool1d_" + pad, SEQ, lambda pad=pad, name=name: getattr(L, name + "Pooling1D")(3, strides=2, padding=pad))
        one(name.lower() + "pool2d_" + pad, IMG, lambda pad=pad, name=name: getattr(L, name + "Pooling2D")(padding=pad))
        one(name.lower() + "pool3d_" + pad, VOL, lambda pad=pad, name=name: getattr(L, name + "Pooling3D")((2, 3, 2), padding=pad))
one("averagepool1d_one", SEQ, lambda: L.AveragePooling1D(strides=1, padding="same"))
one("conv1d_causal", SEQ, lambda: L.Conv1D(4, 2, padding="causal", dilation_rate=2))
one("conv2d_dilated", IMG, lambda: L.Conv2D(4, 2, dilation_rate=(2, 3)))
one("sepconv2d_dilated", IMG, lambda: L.SeparableConv2D(4, 2, dilation_rate=2))
one("conv2dt_output_padding", IMG, lambda: L.Conv2DTranspose(4, 3, strides=2, output_padding=1))
for dim, shape in (("1D", SEQ), ("2D", IMG), ("3D", VOL)):
    for name in ("Max", "Average"):
        one("global" + name.lower() + dim.lower(), shape, lambda name=name, dim=dim: getattr(L, "Global" + name + "Pooling" + dim)())
    one("upsampling" + dim.lower(), shape, lambda dim=dim: getattr(L, "UpSampling" + dim)(2))
    one("zeropadding" + dim.lower(), shape, lambda dim=dim: getattr(L, "ZeroPadding" + dim)(2))
    one("cropping" + dim.lower(), shape, lambda dim=dim: getattr(L, "Cropping" + dim)(1))
    one("spatialdropout" + dim.lower(), shape, lambda dim=dim: getattr(L, "SpatialDropout" + dim)(0.3))
one("upsampling2d_bilinear", IMG, lambda: L.UpSampling2D((2, 3), interpolation="bilinear"))
one("locally1d", SEQ, lambda: L.LocallyConnected1D(4, 3, strides=2, activation="relu"))
one("locally2d", IMG, lambda: L.LocallyConnected2D(4, (3, 2), strides=(2, 1)))
one("locally2d_nobias", IMG, lambda: L.LocallyConnected2D(2, 2, use_bias=False))
for impl in (2, 3):
    one("locally1d_impl%d" % impl, SEQ, lambda impl=impl: L.LocallyConnected1D(4, 3, implementation=impl))
    one("locally2d_impl%d" % impl, IMG, lambda impl=impl: L.LocallyConnected2D(4, (3, 2), implementation=impl))
one("leakyrelu", VEC, lambda: L.LeakyReLU(0.2))
one("prelu", SEQ, lambda: L.PReLU())
one("prelu_shared", IMG, lambda: L.PReLU(shared_axes=[1, 2]))
one("elu", VEC, lambda: L.ELU(0.7))
one("thresholdedrelu", VEC, lambda: L.ThresholdedReLU(0.4))
one("softmax_axis", SEQ, lambda: L.Softmax(axis=1))
one("relu6", VEC, lambda: L.ReLU(6.0))
one("relu_slope", VEC, lambda: L.ReLU(2.0, negative_slope=0.1, threshold=0.2))
for name, make in (
    ("dropout", lambda: L.Dropout(0.3)),
    ("gaussiannoise", lambda: L.GaussianNoise(0.3)),
    ("gaussiandropout", lambda: L.GaussianDropout(0.3)),
    ("alphadropout", lambda: L.AlphaDropout(0.3)),
    ("activityreg", lambda: L.ActivityRegularization(0.01, 0.02)),
    ("repeatvector", lambda: L.RepeatVector(3)),
    ("reshape", lambda: L.Reshape((2, -1))),
):
    one(name, VEC, make)
one("permute", SEQ, lambda: L.Permute((2, 1)))
one("flatten", IMG, lambda: L.Flatten())
one("flatten_first", IMG, lambda: L.Flatten(data_format="channels_first"))
one("globalaverage_first", IMG, lambda: L.GlobalAveragePooling2D(data_format="channels_first"))
one("zeropadding_first", IMG, lambda: L.ZeroPadding2D(((1, 0), (2, 1)), data_format="channels_first"))
one("cropping_carnd", (20, 10, 3), lambda: L.Cropping2D(((7, 3), (0, 0))))
one("batchnorm", SEQ, lambda: L.BatchNormalization())
one("batchnorm_axis1", IMG, lambda: L.BatchNormalization(axis=1, scale=False, epsilon=1e-2))
one("batchnorm_nocenter", VEC, lambda: L.BatchNormalization(center=False, momentum=0.8))
RNNS = ("SimpleRNN", "LSTM", "GRU")
for name in RNNS:
    cls = getattr(L, name)
    low = name.lower()
    one(low, SEQ, lambda cls=cls: cls(4))
    one(low + "_seq", SEQ, lambda cls=cls: cls(4, return_sequences=True))
    one(low + "_back", SEQ, lambda cls=cls: cls(4, go_backwards=True, return_sequences=True, use_bias=False))
    one(low + "_drop", SEQ, lambda cls=cls: cls(4, dropout=0.2, recurrent_dropout=0.1))
    one(low + "_unroll", SEQ, lambda cls=cls: cls(4, unroll=True, activation="relu"))
    one(low + "_impl2", SEQ, lambda cls=cls: cls(4, implementation=2))
    for mode in ("concat", "sum", "mul", "ave"):
        one(
            "bi_%s_%s" % (low, mode),
            SEQ,
            lambda cls=cls, mode=mode: L.Bidirectional(cls(3, return_sequences=mode != "sum"), merge_mode=mode),
        )
    CASES[low + "_stateful"] = lambda cls=cls: Sequential([cls(4, stateful=True, batch_input_shape=(16, 8, 3)), L.Dense(2)])
    CASES[low + "_masked"] = lambda cls=cls: functional(SEQ, L.Masking(0.0), cls(4, return_sequences=True))
    CASES[low + "_masked_last"] = lambda cls=cls: functional(SEQ, L.Masking(0.0), cls(4), L.Dense(2))
    CASES["bi_%s_masked" % low] = lambda cls=cls: functional(SEQ, L.Masking(0.0), L.Bidirectional(cls(3, return_sequences=True)))
    CASES["bi_%s_masked_last" % low] = lambda cls=cls: functional(SEQ, L.Masking(0.0), L.Bidirectional(cls(3)))

    def state(cls=cls, name=name):
        a, b = Input(SEQ), Input((5, 3))
        out = cls(4, return_state=True)(a)
        return Model([a, b], [cls(4, return_sequences=True)(b, initial_state=out[1:]), out[0]])

    CASES[low + "_states"] = state
one("lstm_noforget", SEQ, lambda: L.LSTM(4, unit_forget_bias=False, recurrent_activation="sigmoid"))
one("gru_reset_after", SEQ, lambda: L.GRU(4, reset_after=True))
one("gru_reset_before", SEQ, lambda: L.GRU(4, reset_after=False))
one("gru_sigmoid_after", SEQ, lambda: L.GRU(4, reset_after=True, recurrent_activation="sigmoid"))
one("rnn_cell", SEQ, lambda: L.RNN(L.LSTMCell(4)))
one("rnn_grucell", SEQ, lambda: L.RNN(L.GRUCell(4), return_sequences=True))
one("rnn_stacked", SEQ, lambda: L.RNN([L.LSTMCell(4), L.SimpleRNNCell(3)]))
one("convlstm2d", (4, 6, 6, 2), lambda: L.ConvLSTM2D(3, 3, padding="same", return_sequences=True))
one("convlstm2d_valid", (4, 6, 6, 2), lambda: L.ConvLSTM2D(3, 2, strides=2, recurrent_activation="sigmoid"))
one("td_dense", SEQ, lambda: L.TimeDistributed(L.Dense(4, activation="relu")))
one("td_conv", (4, 6, 6, 2), lambda: L.TimeDistributed(L.Conv2D(3, 3, activation="relu")))
one("td_batchnorm", SEQ, lambda: L.TimeDistributed(L.BatchNormalization()))
one("td_lstm", (4, 5, 2), lambda: L.TimeDistributed(L.LSTM(3)))
one("td_bi", (4, 5, 2), lambda: L.TimeDistributed(L.Bidirectional(L.LSTM(3))))


@case
def td_model():
    return functional(
        (4, 6, 6, 1), L.TimeDistributed(functional((6, 6, 1), L.Conv2D(2, 3), L.BatchNormalization(), L.Flatten())), L.LSTM(3)
    )


@case
def embedding_lstm():
    return Sequential([L.Embedding(20, 5, input_length=8), L.LSTM(4), L.Dense(1, activation="sigmoid")])


@case
def embedding_masked():
    return Sequential(
        [L.Embedding(20, 5, mask_zero=True), L.LSTM(4, return_sequences=True), L.TimeDistributed(L.Dense(3, activation="softmax"))]
    )


@case
def embedding_masked_gap():
    return Sequential([L.Embedding(20, 5, mask_zero=True, input_length=8), L.Bidirectional(L.LSTM(4, return_sequences=True)), L.LSTM(3)])


@case
def embedding_conv():
    return Sequential([L.Embedding(20, 5, input_length=8), L.Conv1D(4, 3), L.GlobalMaxPooling1D(), L.Dense(2, activation="softmax")])


def masked_merge(make, second_masked=True):
    def build():
        inputs = [Input((7,)), Input((7,) if second_masked else (7, 4))]
        first = L.Embedding(9, 4, mask_zero=True)(inputs[0])
        second = L.Embedding(9, 4, mask_zero=True)(inputs[1]) if second_masked else inputs[1]
        return Model(inputs, L.Dense(2)(L.LSTM(5)(L.Activation("tanh")(make()([first, second])))))

    return build


def merged(make, shape=(5,), count=2):
    def build():
        inputs = [Input(shape) for _ in range(count)]
        return Model(inputs, make()(inputs))

    return build


for name in ("Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
    CASES["merge_" + name.lower()] = merged(getattr(L, name), count=3)
CASES["masked_merge_add"] = masked_merge(L.Add)
CASES["masked_merge_concat_time"] = masked_merge(lambda: L.Concatenate(axis=1))
CASES["masked_merge_concat_unmasked"] = masked_merge(L.Concatenate, second_masked=False)
CASES["merge_subtract"] = merged(L.Subtract)
CASES["merge_concat_axis1"] = merged(lambda: L.Concatenate(axis=1), shape=(4, 3))
CASES["merge_dot"] = merged(lambda: L.Dot(axes=1))
CASES["merge_dot_normal"] = merged(lambda: L.Dot(axes=-1, normalize=True))
CASES["merge_dot_3d"] = merged(lambda: L.Dot(axes=(2, 2)), shape=(4, 3))


@case
def carnd():
    model = Sequential()
    model.add(L.Cropping2D(cropping=((7, 5), (0, 0)), input_shape=(40, 32, 3)))
    for filters in (4, 6):
        model.add(L.Conv2D(filters, (5, 5), strides=(2, 2), activation="elu"))
    for layer in (L.Dropout(0.5), L.Flatten(), L.Dense(10), L.Dense(1)):
        model.add(layer)
    return model


@case
def stock_predictor():
    return Sequential([L.LSTM(6, return_sequences=True, input_shape=SEQ), L.Dropout(0.2), L.LSTM(5), L.Dense(1)])


@case
def wavenet():
    inputs = Input((16, 1))
    tensor, skips = L.Conv1D(4, 2, padding="causal")(inputs), []
    for rate in (1, 2, 4):
        gate = L.Multiply()(
            [
                L.Conv1D(4, 2, padding="causal", dilation_rate=rate, activation="tanh")(tensor),
                L.Conv1D(4, 2, padding="causal", dilation_rate=rate, activation="sigmoid")(tensor),
            ]
        )
        skip = L.Conv1D(4, 1)(gate)
        skips.append(skip)
        tensor = L.Add()([skip, tensor])
    return Model(inputs, L.Dense(3, activation="softmax")(L.Flatten()(L.Activation("relu")(L.Add()(skips)))))


@case
def nested_gan():
    generator = Sequential(
        [L.Dense(12, input_dim=5), L.LeakyReLU(0.2), L.BatchNormalization(momentum=0.8), L.Dense(8, activation="tanh"), L.Reshape((4, 2))]
    )
    critic = Sequential([L.Flatten(input_shape=(4, 2)), L.Dense(6), L.LeakyReLU(alpha=0.2), L.Dense(1, activation="sigmoid")])
    critic.trainable = False
    noise = Input((5,))
    return Model(noise, critic(generator(noise)))


@case
def nested_sequential():
    return Sequential(
        [Sequential([L.Dense(4, input_shape=VEC), L.BatchNormalization()]), L.Dense(2), Sequential([L.Dense(3, input_shape=(2,))])]
    )


@case
def nested_masked():
    inner = functional((7,), L.Embedding(10, 4, mask_zero=True))
    return functional((7,), inner, L.LSTM(3), L.Dense(2))


@case
def nested_deep():
    inner = functional((4,), L.Dense(3), L.BatchNormalization(), L.Dense(4))
    middle = functional((4,), inner, L.BatchNormalization(), L.Dense(2))
    return functional(VEC, L.Dense(4), middle, L.Dense(2))


@case
def nested_shared():
    inner = functional((4,), L.Dense(3, activation="tanh"), L.BatchNormalization())
    a, b = Input((4,)), Input((4,))
    return Model([a, b], L.Subtract()([inner(a), inner(b)]))


if hasattr(L, "Merge"):  # gone since Keras 2.1

    @case
    def merge_in_a_graph():
        branches = [Sequential([L.Dense(4, input_shape=(size,)), L.Activation("elu")]) for size in (3, 1)]
        merged = Sequential([L.Merge(branches, mode="concat"), L.Dense(2)])
        return Model(merged.inputs, merged.outputs)


@case
def nested_two_outputs():
    i = Input((4,))
    inner = Model(i, [L.Dense(3)(i), L.Dense(2)(i)])
    a, b = Input((4,)), Input((4,))
    (p, q), (r, s) = inner(a), inner(b)
    return Model([a, b], [L.Add()([p, r]), L.Concatenate()([s, q])])


@case
def nested_mixed_trainable():
    frozen = L.Dense(3, trainable=False)
    inner = functional((4,), frozen, L.BatchNormalization(), L.Dense(4))
    return functional((4,), inner, L.Dense(2, trainable=False), L.BatchNormalization(trainable=False), L.Dense(1))


@case
def frozen_nested():
    inner = functional((4,), L.Dense(3), L.BatchNormalization(), L.Dense(4))
    inner.trainable = False
    return functional((4,), inner, L.Dense(2))


@case
def shared_layer():
    a, b = Input((4,)), Input((4,))
    shared = L.Dense(3, activation="relu")
    return Model([a, b], L.Concatenate()([shared(a), shared(b)]))


@case
def shared_twice_in_chain():
    inputs = Input((4,))
    first, second = L.Dense(4, activation="tanh"), L.Dense(4)
    return Model(inputs, first(second(first(second(inputs)))))


@case
def multi_output():
    inputs = Input(VEC)
    hidden = L.Dense(5, activation="relu")(inputs)
    return Model(inputs, [L.Dense(2, name="left")(hidden), L.Dense(3, name="right", activation="softmax")(hidden)])


@case
def passthrough_output():
    a, b = Input((4,)), Input((4,))
    return Model([a, b], [L.Dense(2)(a), L.Add()([a, b])])


@case
def resnet():
    inputs = Input((16, 16, 3))
    tensor = L.Conv2D(4, 3, padding="same")(inputs)
    for _ in range(2):
        branch = L.Activation("relu")(L.BatchNormalization()(tensor))
        branch = L.Conv2D(4, 3, padding="same", kernel_initializer="he_normal", use_bias=False)(branch)
        tensor = L.Add()([tensor, branch])
    return Model(inputs, L.Dense(3, activation="softmax")(L.GlobalAveragePooling2D()(tensor)))


@case
def spliceai():
    inputs = Input((24, 4))
    conv = L.Conv1D(4, 1)(inputs)
    skip = L.Conv1D(4, 1)(conv)
    for rate in (1, 4):
        branch = L.Conv1D(4, 5, dilation_rate=rate, padding="same")(L.Activation("relu")(L.BatchNormalization()(conv)))
        conv = L.Add()([conv, branch])
    skip = L.Add()([skip, L.Conv1D(4, 1)(conv)])
    return Model(inputs, L.Conv1D(3, 1, activation="softmax")(L.Cropping1D(4)(skip)))


@case
def autoencoder():
    return Sequential(
        [
            L.Conv2D(4, 3, activation="relu", padding="same", input_shape=(8, 8, 1)),
            L.MaxPooling2D(2, padding="same"),
            L.Conv2D(3, 3, padding="same"),
            L.UpSampling2D(2),
            L.Conv2DTranspose(2, 3, padding="same"),
            L.Conv2D(1, 3, activation="sigmoid", padding="same"),
        ]
    )


@case
def seq2seq():
    a, b = Input((6, 3)), Input((5, 4))
    _, h, c = L.LSTM(4, return_state=True)(a)
    out, _, _ = L.LSTM(4, return_sequences=True, return_state=True)(b, initial_state=[h, c])
    return Model([a, b], L.Dense(3, activation="softmax")(out))


@case
def bi_states():
    a, b = Input((6, 3)), Input((5, 4))
    out = L.Bidirectional(L.LSTM(3, return_state=True))(a)
    return Model([a, b], L.Bidirectional(L.LSTM(3, return_sequences=True))(b, initial_state=out[1:]))


@case
def attention_by_hand():
    inputs = Input(SEQ)
    states = L.Bidirectional(L.GRU(3, return_sequences=True))(inputs)
    score = L.Permute((2, 1))(L.Softmax(axis=1)(L.Dense(1, activation="tanh")(states)))
    return Model(inputs, L.Dense(2)(L.Flatten()(L.Dot(axes=(2, 1))([score, states]))))


@case
def odd_names():
    return functional(VEC, L.Dense(3, name="block.1-conv_a"), L.Dense(2, name="Out.2"))


@case
def slash_names():
    return functional(VEC, L.Dense(3, name="scope/dense"), L.BatchNormalization(name="scope/dense/bn"), L.Dense(2, name="scope_dense"))


@case
def slash_nested():
    inner = functional((4,), L.Dense(3, name="a/b"), L.BatchNormalization(name="a/c"))
    return functional((4,), inner, L.Dense(2, name="x/y"))


@case
def call_arguments():
    inputs = Input(VEC)
    return Model(inputs, L.Dense(2)(L.BatchNormalization()(inputs, training=False)))


@case
def deferred():
    return Sequential([L.Dense(4, activation="relu"), L.Dense(2)])


@case
def float16_input():
    inputs = Input((4,), dtype="int32")
    return Model(inputs, L.Dense(2)(L.Flatten()(L.Embedding(7, 3)(inputs))))


OPTIMIZERS = {
    "sgd": ("SGD", {}),
    "sgd_momentum": ("SGD", dict(momentum=0.9, decay=1e-2, nesterov=True)),
    "rmsprop": ("RMSprop", {}),
    "rmsprop_decay": ("RMSprop", dict(decay=0.01, rho=0.8)),
    "adagrad": ("Adagrad", {}),
    "adadelta": ("Adadelta", {}),
    "adam": ("Adam", {}),
    "adam_decay": ("Adam", dict(decay=0.1, beta_1=0.5)),
    "adam_amsgrad": ("Adam", dict(amsgrad=True)),
    "adamax": ("Adamax", {}),
    "nadam": ("Nadam", {}),
    "adam_clip": ("Adam", dict(clipvalue=0.05)),
    "sgd_clipnorm": ("SGD", dict(clipnorm=0.1)),
}
if FLAVOUR == "tf":
    OPTIMIZERS.update(
        {"ftrl": ("Ftrl", {}), "rmsprop_centered": ("RMSprop", dict(centered=True, momentum=0.5)), "adagrad_lr": ("Adagrad", dict())}
    )


def optimized(name):
    def build():
        model = Sequential([L.Dense(5, input_shape=VEC, activation="tanh"), L.BatchNormalization(), L.Dense(3, activation="softmax")])
        cls, options = OPTIMIZERS[name]
        rate = {"lr": 0.01} if keras.__version__ < "2.5" or FLAVOUR != "tf" else {"learning_rate": 0.01}
        if "decay" in options and FLAVOUR == "tf" and hasattr(keras.optimizers, "legacy") and keras.__version__ >= "2.11":
            optimizer = getattr(keras.optimizers.legacy, cls)(**dict(rate, **options))
        else:
            optimizer = getattr(keras.optimizers, cls)(**dict(rate, **options))
        model.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
        return model

    return build


for key in OPTIMIZERS:
    CASES["optimizer_" + key] = optimized(key)
for loss in [
    "mse",
    "mae",
    "mape",
    "msle",
    "hinge",
    "squared_hinge",
    "logcosh",
    "kullback_leibler_divergence",
    "poisson",
    "binary_crossentropy",
    "categorical_crossentropy",
    "cosine_proximity",
]:

    def with_loss(loss=loss):
        model = Sequential([L.Dense(5, input_shape=VEC, activation="tanh"), L.Dense(3, activation="softmax")])
        model.compile("adam", loss, metrics=["acc", "mae"])
        return model

    CASES["loss_" + loss] = with_loss


@case
def loss_sparse():
    model = Sequential([L.Dense(3, input_shape=VEC, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@case
def loss_dict():
    inputs = Input(VEC)
    hidden = L.Dense(5, activation="relu")(inputs)
    model = Model(inputs, [L.Dense(2, name="left")(hidden), L.Dense(3, name="right", activation="softmax")(hidden)])
    model.compile(
        "adam",
        {"left": "mse", "right": "categorical_crossentropy"},
        loss_weights={"left": 0.3, "right": 1.5},
        metrics={"right": "accuracy"},
    )
    return model


@case
def optimizer_nested_order():
    inner = functional((4,), L.Dense(3), L.BatchNormalization(), L.Dense(4))
    model = functional((4,), L.Dense(4), inner, L.BatchNormalization(), L.Dense(2))
    model.compile("adam", "mse")
    return model


@case
def weights_only():
    return resnet()


@case
def weights_only_nested():
    return nested_deep()


if FLAVOUR == "tf" and hasattr(L, "LayerNormalization"):
    one("layernorm", SEQ, lambda: L.LayerNormalization())
    one("layernorm_axes", IMG, lambda: L.LayerNormalization(axis=[2, 3], center=False))

    @case
    def tf_attention():
        a, b = Input((5, 4)), Input((6, 4))
        return Model([a, b], L.Attention(use_scale=True)([a, b]))

    @case
    def tf_additive_attention():
        a, b = Input((5, 4)), Input((6, 4))
        return Model([a, b], L.AdditiveAttention()([a, b]))


if FLAVOUR == "tf":

    @case
    def tf_nodes():
        a = Input((6, 4))
        y = L.Dense(4)(a)
        y = y * tf.nn.relu6(y + 3.0) / 6.0
        p, q = tf.split(tf.reshape(y[:, 1:, ...], [-1, 20]), 2, axis=-1)
        return Model(a, 1.0 - tf.concat([p * tf.sigmoid(q), tf.reduce_mean(y, axis=1), y[:, -1]], axis=-1))


if FLAVOUR == "tf" and hasattr(L, "MultiHeadAttention"):

    @case
    def tf_mha():
        a, b = Input((5, 4)), Input((6, 3))
        return Model([a, b], L.Dense(2)(L.MultiHeadAttention(2, 3)(a, b)))

    @case
    def tf_mha_self():
        a = Input((5, 4))
        return Model(a, L.LayerNormalization()(a + L.MultiHeadAttention(num_heads=2, key_dim=3, dropout=0.1)(a, a)))

    @case
    def tf_ops():
        a, b = Input((4,)), Input((4,))
        return Model([a, b], L.Dense(2)(tf.nn.relu(a * 2.0 + b) - tf.reduce_mean(b, axis=-1, keepdims=True)))

    @case
    def tf_ops_slice():
        a = Input((6, 4))
        return Model(a, L.Dense(2)(tf.concat([a[:, 1:3, :], a[:, -2:, ::1]], axis=1)))

    @case
    def tf_ops_arith():
        x, z = Input((4,)), Input((4,))
        y = -((1.0 - x) * z - 3.0 / (z * z + 1.0))
        return Model([x, z], tf.math.l2_normalize(tf.maximum(y**2.0, 0.1), axis=-1))

    @case
    def tf_ops_ml():
        x = Input((6, 4))
        scores = tf.nn.softmax(tf.matmul(L.Dense(4)(x), L.Dense(4)(x), transpose_b=True) / tf.math.sqrt(4.0), axis=-1)
        flat = tf.clip_by_value(tf.reshape(tf.matmul(scores, x), (-1, 24)), -1.0, 1.0)
        return Model(x, tf.transpose(tf.squeeze(tf.expand_dims(flat, 1), axis=1), [0, 1]))

    @case
    def tf_ops_more():
        x = Input((6, 4))
        y = tf.tile(tf.reduce_sum(tf.stack(tf.split(x, 2, axis=-1), axis=1), axis=[1]), [1, 2, 1])
        y = tf.math.log(tf.exp(y) + 1.0)
        return Model(x, tf.where(y > 0.7, y, tf.zeros_like(y)))

    @case
    def tf_ops_misc():
        a = Input((6, 4))
        return Model(a, tf.squeeze(tf.expand_dims(tf.reshape(tf.transpose(a, [0, 2, 1]), [-1, 24]), 1), 1) / 3.0 + tf.exp(tf.zeros((24,))))

    @case
    def tf_embedding_attention():
        a = Input((6,))
        x = L.Embedding(9, 4, mask_zero=True)(a)
        x = L.Add()([x, L.MultiHeadAttention(2, 3)(x, x)])
        if keras.__version__ < "2.10":
            x = L.Attention(causal=True)([x, x])
        model = Model(a, L.Dense(2)(L.GlobalAveragePooling1D()(x)))
        model.add_metric(tf.reduce_sum(tf.cumsum(x)), name="sum", aggregation="mean")
        model.add_loss(0.01 * tf.reduce_mean(x**2.0))
        model.compile("sgd", "mse")
        return model

    one("conv2d_groups", (6, 6, 4), lambda: L.Conv2D(4, 3, groups=2))
    one("conv1dt", SEQ, lambda: L.Conv1DTranspose(4, 3, strides=2))
    one(
        "rescaling", IMG, lambda: (L.Rescaling if hasattr(L, "Rescaling") else L.experimental.preprocessing.Rescaling)(1 / 127.5, offset=-1)
    )
    one("leaky_activation_object", VEC, lambda: L.Dense(4, activation=L.LeakyReLU(0.1)))
    one("swish", VEC, lambda: L.Dense(4, activation="swish"))
    one("gelu", VEC, lambda: L.Dense(4, activation="gelu"))

    @case
    def normalization():
        layer = (L.Normalization if hasattr(L, "Normalization") else L.experimental.preprocessing.Normalization)(axis=-1)
        layer.adapt(np.random.RandomState(0).rand(30, 6).astype("float32") * 3)
        return functional(VEC, layer, L.Dense(2))

    @case
    def dict_inputs():
        a, b = Input((4,), name="a"), Input((3,), name="b")
        return Model({"a": a, "b": b}, L.Dense(2)(L.Concatenate()([a, b])))


def every_layer(model):
    for layer in model.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from every_layer(layer)


def data_for(model, rng):
    inputs = []
    for tensor in model.inputs:
        sizes = K.int_shape(tensor)
        shape = [sizes[0] or 16] + [size or 8 for size in sizes[1:]]
        reads_index = any(isinstance(layer, L.Embedding) for layer in every_layer(model))
        if reads_index:
            inputs.append(rng.randint(0, 7, shape).astype("int32"))
        else:
            x = rng.normal(size=shape).astype("float32")
            if any(isinstance(layer, L.Masking) for layer in model.layers):
                x[:4, 5:] = 0
                x[4:6, :2] = 0
                x[6:8, 3] = 0
            inputs.append(x)
    return inputs


def listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def make(name):
    if hasattr(K, "clear_session"):
        K.clear_session()
    seed = zlib.crc32(name.encode()) % 100000
    np.random.seed(seed)
    rng = np.random.RandomState(seed)
    model = CASES[name]()
    if not getattr(model, "inputs", None):
        model.build((None, 6))
        model.predict(np.zeros((2, 6), "float32"))
    inputs = data_for(model, rng)
    for layer in model.layers:
        values = [
            value + 0.2 * rng.normal(size=value.shape).astype(value.dtype)
            if value.dtype.kind == "f" and "normalization" not in layer.name
            else value
            for value in layer.get_weights()
        ]
        values = [
            np.abs(v) + 0.1 if w.name.split("/")[-1].startswith(("moving_variance", "running_std")) else v
            for v, w in zip(values, layer.weights)
        ]
        layer.set_weights(values)
    if not getattr(model, "optimizer", None) and model.trainable_weights:
        model.compile("adam", "mse")
    feed = (
        dict(zip([t.name.split(":")[0] for t in model.inputs], inputs))
        if name == "dict_inputs"
        else inputs
        if len(inputs) > 1
        else inputs[0]
    )
    predictions = listed(model.predict(feed, batch_size=16))
    targets = []
    for index, value in enumerate(predictions):
        if name == "loss_sparse":
            target = rng.randint(0, 3, (16, 1))
        elif "categorical" in str(getattr(model, "loss", "")) or "softmax" in str(value.sum(-1).std() < 1e-5):
            target = np.eye(value.shape[-1], dtype="float32")[rng.randint(0, value.shape[-1], value.shape[:-1])]
        else:
            target = rng.normal(size=value.shape).astype("float32")
        targets.append(target)
    goal = targets if len(targets) > 1 else targets[0]
    trained = bool(model.trainable_weights) and "masked" not in name and "stateful" not in name and name != "dict_inputs"
    if trained:
        for _ in range(3):
            model.train_on_batch(feed, goal)
    if "stateful" in name:
        model.reset_states()
    predictions = listed(model.predict(feed, batch_size=16))
    saved = {"x%d" % i: x for i, x in enumerate(inputs)}
    saved.update({"p%d" % i: p for i, p in enumerate(predictions)})
    path = os.path.join(OUT, name)
    if name.startswith("weights_only"):
        model.save_weights(path + ".h5")
        with open(path + ".json", "w") as stream:
            stream.write(model.to_json())
    elif FLAVOUR == "tf" and "save_format" in (getattr(model.save, "__code__", None) or model.save.__func__.__code__).co_varnames:
        model.save(path + ".h5", save_format="h5")
    else:
        model.save(path + ".h5")
    random = any(word in name for word in ("dropout", "noise", "drop"))
    if trained and not random:
        saved.update({"y%d" % i: y for i, y in enumerate(targets)})
        saved["loss"] = np.ravel(model.train_on_batch(feed, goal))[:1]
        saved.update({"n%d" % i: p for i, p in enumerate(listed(model.predict(feed, batch_size=16)))})
    np.savez(path + ".npz", **saved)


if __name__ == "__main__":
    if not os.path.isdir(OUT):
        os.makedirs(OUT)
    made, failed = 0, []
    for key in sys.argv[3:] or sorted(CASES):
        try:
            make(key)
            made += 1
        except Exception as error:
            failed.append((key, "%s: %s" % (type(error).__name__, str(error).splitlines()[0][:100] if str(error) else "")))
            if len(sys.argv) > 3:
                traceback.print_exc()
    print("%s %s: %d made, %d not available" % (FLAVOUR, keras.__version__, made, len(failed)))
    for key, why in failed:
        print("   ", key, why)
