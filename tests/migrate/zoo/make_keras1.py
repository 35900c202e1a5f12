# ruff: noqa: B905 - it runs in Python 3.6
"""Makes the zoo in genuine Keras 1: like make_keras2.py, with the layers and arguments of its time.

Runs in the legacy environment itself, on TensorFlow or Theano (KERAS_BACKEND):  python make_keras1.py OUT_DIR [CASE...]
"""

import os
import sys
import zlib

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import keras
from keras import layers as L
from keras.layers import Input, merge
from keras.layers.advanced_activations import ELU, LeakyReLU, PReLU, ThresholdedReLU
from keras.layers.noise import GaussianDropout, GaussianNoise
from keras.layers.normalization import BatchNormalization
from keras.models import Model, Sequential

OUT = sys.argv[1]
CASES = {}
SEQ, IMG, VOL, VEC = (8, 3), (7, 8, 3), (5, 6, 5, 2), (6,)


def functional(shape, *layers, **options):
    inputs = Input(shape, **options)
    tensor = inputs
    for layer in layers:
        tensor = layer(tensor)
    return Model(inputs, tensor)


def one(name, shape, make):
    CASES[name] = lambda: functional(shape, make())


def case(function):
    CASES[function.__name__] = function
    return function


for act in ["relu", "tanh", "sigmoid", "hard_sigmoid", "softplus", "softsign", "softmax", "linear"]:
    one("dense_" + act, VEC, lambda act=act: L.Dense(4, activation=act, init="he_normal"))
one(
    "dense_regularized",
    VEC,
    lambda: L.Dense(4, W_regularizer=keras.regularizers.l2(0.01), W_constraint=keras.constraints.maxnorm(2), bias=False),
)
for mode in ("valid", "same"):
    one("conv1d_" + mode, SEQ, lambda mode=mode: L.Convolution1D(4, 3, border_mode=mode, subsample_length=2, activation="relu"))
    one("conv2d_" + mode, IMG, lambda mode=mode: L.Convolution2D(4, 3, 2, border_mode=mode, subsample=(2, 1)))
    one("conv3d_" + mode, VOL, lambda mode=mode: L.Convolution3D(3, 3, 2, 2, border_mode=mode))
    one("sepconv2d_" + mode, IMG, lambda mode=mode: L.SeparableConvolution2D(4, 3, 3, border_mode=mode))
    for name in ("Max", "Average"):
        one(
            name.lower() + "pool1d_" + mode, SEQ, lambda mode=mode, name=name: getattr(L, name + "Pooling1D")(3, stride=2, border_mode=mode)
        )
        one(name.lower() + "pool2d_" + mode, IMG, lambda mode=mode, name=name: getattr(L, name + "Pooling2D")(border_mode=mode))
one("maxpool3d", VOL, lambda: L.MaxPooling3D((2, 3, 2)))
one("atrous1d", SEQ, lambda: L.AtrousConvolution1D(4, 2, atrous_rate=2))
one("atrous2d", IMG, lambda: L.AtrousConvolution2D(4, 2, 2, atrous_rate=(2, 2)))
one("conv2d_th", (3, 7, 8), lambda: L.Convolution2D(4, 3, 2, dim_ordering="th"))
CASES["deconv2d"] = lambda: functional(
    (4, 4, 3), L.Deconvolution2D(2, 3, 3, output_shape=(None, 9, 9, 2), subsample=(2, 2), border_mode="valid")
)
for dim, shape in (("1D", SEQ), ("2D", IMG), ("3D", VOL)):
    one("upsampling" + dim.lower(), shape, lambda dim=dim: getattr(L, "UpSampling" + dim)())
    one("zeropadding" + dim.lower(), shape, lambda dim=dim: getattr(L, "ZeroPadding" + dim)())
    one("cropping" + dim.lower(), shape, lambda dim=dim: getattr(L, "Cropping" + dim)())
    for name in ("Max", "Average"):
        one("global" + name.lower() + dim.lower(), shape, lambda name=name, dim=dim: getattr(L, "Global" + name + "Pooling" + dim)())
one("locally1d", SEQ, lambda: L.LocallyConnected1D(4, 3, activation="relu"))
one("locally2d", IMG, lambda: L.LocallyConnected2D(4, 3, 2))
one("batchnorm", SEQ, lambda: BatchNormalization())
one("batchnorm_axis1", IMG, lambda: BatchNormalization(axis=1, epsilon=1e-2))
one("batchnorm_mode1", VEC, lambda: BatchNormalization(mode=1))
for name, make in (
    ("dropout", lambda: L.Dropout(0.3)),
    ("gaussiannoise", lambda: GaussianNoise(0.3)),
    ("gaussiandropout", lambda: GaussianDropout(0.3)),
    ("leakyrelu", lambda: LeakyReLU(0.2)),
    ("prelu", lambda: PReLU()),
    ("elu", lambda: ELU(0.7)),
    ("thresholdedrelu", lambda: ThresholdedReLU(0.4)),
    ("repeatvector", lambda: L.RepeatVector(3)),
    ("reshape", lambda: L.Reshape((2, 3))),
    ("highway", lambda: L.Highway()),
    ("maxout", lambda: L.MaxoutDense(3)),
):
    one(name, VEC, make)
one("spatialdropout2d", IMG, lambda: L.SpatialDropout2D(0.3))
one("permute", SEQ, lambda: L.Permute((2, 1)))
one("flatten", IMG, lambda: L.Flatten())
one("timedistributeddense", SEQ, lambda: L.TimeDistributedDense(4))
one("td_dense", SEQ, lambda: L.TimeDistributed(L.Dense(4)))
one("td_conv", (4, 6, 6, 2), lambda: L.TimeDistributed(L.Convolution2D(3, 3, 3)))
for name in ("SimpleRNN", "LSTM", "GRU"):
    cls, low = getattr(L, name), name.lower()
    for how in ("cpu", "mem", "gpu"):
        one(low + "_" + how, SEQ, lambda cls=cls, how=how: cls(4, consume_less=how))
    one(low + "_seq", SEQ, lambda cls=cls: cls(4, return_sequences=True, go_backwards=True))
    one("bi_" + low, SEQ, lambda cls=cls: L.Bidirectional(cls(3, return_sequences=True)))
    CASES[low + "_masked"] = lambda cls=cls: functional(SEQ, L.Masking(0.0), cls(4, return_sequences=True))
one("convlstm2d", (4, 6, 6, 2), lambda: L.ConvLSTM2D(3, 3, 3, border_mode="same", return_sequences=True))
for mode in ("sum", "mul", "concat", "ave", "max", "dot", "cos"):

    def merged(mode=mode):
        inputs = [Input((5,)), Input((5,))]
        return Model(inputs, merge(inputs, mode=mode, dot_axes=1) if mode in ("dot", "cos") else merge(inputs, mode=mode))

    CASES["merge_" + mode] = merged


def branches():
    left = Sequential([L.Dense(5, input_dim=4, activation="relu")])
    right = Sequential([L.Dense(5, input_dim=6), BatchNormalization()])
    return left, right


for mode in ("sum", "mul", "concat", "ave", "max", "dot", "cos"):

    def merged_sequential(mode=mode):
        merging = L.Merge(list(branches()), mode=mode, dot_axes=1) if mode in ("dot", "cos") else L.Merge(list(branches()), mode=mode)
        return Sequential([merging] + ([L.Flatten()] if mode == "cos" else []) + [L.Dense(2, activation="softmax")])

    CASES["merge_seq_" + mode] = merged_sequential


@case
def merge_seq_lambda():
    merging = L.Merge(list(branches()), mode=lambda x: x[0] - x[1], output_shape=lambda shapes: shapes[0], name="diff")
    return Sequential([merging, L.Dense(2)])


@case
def merge_three_nested():
    both = Sequential([L.Merge(list(branches()), mode="concat"), L.Dense(3)])
    return Sequential([L.Merge([both, Sequential([L.Dense(3, input_dim=2)])], mode="sum"), L.Activation("tanh"), L.Dense(1)])


@case
def highway():
    return Sequential([L.Dense(5, input_dim=4), L.Highway(activation="relu"), L.Highway(bias=False), L.Dense(1)])


@case
def maxout():
    return Sequential([L.MaxoutDense(5, nb_feature=3, input_dim=4), L.MaxoutDense(3, bias=False), L.Dense(1)])


for mode in (1, 2):
    CASES["bn_mode%d" % mode] = lambda mode=mode: Sequential([L.Dense(5, input_dim=4), BatchNormalization(mode=mode), L.Dense(1)])
CASES["bn_mode2_image"] = lambda: Sequential([BatchNormalization(mode=2, axis=1, input_shape=(7, 5, 3)), L.Flatten(), L.Dense(1)])
for order in ("th", "tf"):

    def same_padding(order=order):
        shape = (2, 12, 11) if order == "th" else (12, 11, 2)
        first = L.Convolution2D(4, 4, 3, border_mode="same", subsample=(2, 2), input_shape=shape, dim_ordering=order)
        return Sequential([first, L.Convolution2D(4, 2, 5, border_mode="same", dim_ordering=order), L.Flatten(), L.Dense(3)])

    CASES["same_even_stride_" + order] = same_padding


@case
def carnd():
    model = Sequential()
    model.add(BatchNormalization(input_shape=(20, 32, 3)))
    model.add(L.Convolution2D(6, 5, 5, subsample=(2, 2), activation="elu"))
    for layer in (L.Dropout(0.5), L.Flatten(), L.Dense(10), LeakyReLU(), L.Dense(1)):
        model.add(layer)
    return model


@case
def embedding_lstm():
    return Sequential([L.Embedding(20, 5, input_length=8), L.LSTM(4), L.Dense(1, activation="sigmoid")])


@case
def embedding_conv():
    return Sequential([L.Embedding(20, 5, input_length=8), L.Convolution1D(4, 3), L.GlobalMaxPooling1D(), L.Dense(2, activation="softmax")])


@case
def resnet():
    inputs = Input((8, 8, 3))
    tensor = L.Convolution2D(4, 3, 3, border_mode="same")(inputs)
    branch = L.Convolution2D(4, 3, 3, border_mode="same")(L.Activation("relu")(BatchNormalization()(tensor)))
    return Model(inputs, L.Dense(3, activation="softmax")(L.Flatten()(merge([tensor, branch], mode="sum"))))


@case
def nested():
    inner = Sequential([L.Dense(4, input_dim=6), BatchNormalization()])
    return functional(VEC, inner, L.Dense(2))


@case
def nested_shared():
    inner = functional((4,), L.Dense(3, activation="tanh"))
    a, b = Input((4,)), Input((4,))
    return Model([a, b], merge([inner(a), inner(b)], mode="concat"))


@case
def multi_output():
    inputs = Input(VEC)
    hidden = L.Dense(5, activation="relu")(inputs)
    return Model(inputs, [L.Dense(2)(hidden), L.Dense(3)(hidden)])


for optimizer in ("sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamax", "nadam"):

    def optimized(optimizer=optimizer):
        model = Sequential([L.Dense(5, input_dim=6, activation="tanh"), L.Dense(3, activation="softmax")])
        model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
        return model

    CASES["optimizer_" + optimizer] = optimized


def listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def make(name):
    if keras.backend.backend() == "tensorflow":
        keras.backend.clear_session()
    seed = zlib.crc32(name.encode()) % 100000
    np.random.seed(seed)
    rng = np.random.RandomState(seed)
    model = CASES[name]()
    inputs = []
    for tensor in model.inputs:
        shape = [16] + [size or 8 for size in keras.backend.int_shape(tensor)[1:]]
        if any(isinstance(layer, L.Embedding) for layer in model.layers):
            inputs.append(rng.randint(0, 7, shape).astype("int32"))
            continue
        x = rng.normal(size=shape).astype("float32")
        if any(isinstance(layer, L.Masking) for layer in model.layers):
            x[:4, 5:] = 0
            x[4:6, :2] = 0
        inputs.append(x)
    for layer in model.layers:
        values = [value + 0.2 * rng.normal(size=value.shape) for value in layer.get_weights()]
        layer.set_weights([np.abs(v) + 0.1 if "running_std" in w.name else v for v, w in zip(values, layer.weights)])
    if getattr(model, "optimizer", None) is None and model.trainable_weights:
        model.compile("adam", "mse")
    feed = inputs if len(inputs) > 1 else inputs[0]
    outputs = listed(model.predict(feed, batch_size=16))
    targets = [rng.normal(size=value.shape).astype("float32") for value in outputs]
    if name.startswith("optimizer"):
        targets = [np.eye(3, dtype="float32")[rng.randint(0, 3, 16)]]
    if model.trainable_weights and "masked" not in name:
        for _ in range(3):
            model.train_on_batch(feed, targets if len(targets) > 1 else targets[0])
    saved = {"x%d" % i: x for i, x in enumerate(inputs)}
    saved.update({"p%d" % i: p for i, p in enumerate(listed(model.predict(feed, batch_size=16)))})
    model.save(os.path.join(OUT, name + ".h5"))
    np.savez(os.path.join(OUT, name + ".npz"), **saved)


if __name__ == "__main__":
    if not os.path.isdir(OUT):
        os.makedirs(OUT)
    failed = []
    names = sys.argv[2:] or sorted(CASES)
    for key in names:
        try:
            make(key)
        except Exception as error:
            failed.append((key, type(error).__name__, str(error)[:100]))
    print("keras %s: %d made, %d not available" % (keras.__version__, len(names) - len(failed), len(failed)))
    for row in failed:
        print("   ", *row)
