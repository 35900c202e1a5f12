"""Genuine files of tf.keras in every container but `.h5` and `.keras`.

Run it with an old TensorFlow: `python make_containers.py OUT [NAME...]`.

For each model a folder: `sm/` (SavedModel), `cp.ckpt.*` with `model.json` (and `model.yaml` where the release writes it), `cp.h5` for
TensorFlow.js' converter, and `expected.npz` (x or x0, x1, ... and p or p0, p1, ...), recorded before anything is saved.
"""

import os
import sys
import traceback

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

K, L = tf.keras, tf.keras.layers
VERSION = tuple(int(part) for part in tf.__version__.split(".")[:2])
P = getattr(L, "experimental", None) and getattr(L.experimental, "preprocessing", None)
RNG = np.random.RandomState(11)
ZOO = {}


def model(function):
    ZOO[function.__name__] = function
    return function


def pre(name):
    return getattr(L, name, None) or getattr(P, name)


def x(*shape):
    return RNG.normal(size=shape).astype("float32")


def compiled(net, optimizer, inputs, loss="mse", **rest):
    """Trained for two steps, so that every slot holds something."""
    net.compile(optimizer, loss, **rest)
    outputs = net.predict(inputs)
    targets = [x(*one.shape) for one in outputs] if isinstance(outputs, list) else x(*outputs.shape)
    net.fit(inputs, targets, epochs=2, batch_size=len(inputs[0]) if isinstance(inputs, list) else len(inputs), verbose=0)
    return net


@model
def mlp():
    a = K.Input((6,))
    h = L.Dense(5, activation="relu", name="hidden")(a)
    h = L.Dropout(0.3)(h)
    data = x(8, 6)
    return compiled(K.Model(a, L.Dense(3, activation="softmax")(h)), K.optimizers.Adam(0.01), data), data


@model
def seq_mlp():
    data = x(8, 6)
    net = K.Sequential([L.Dense(5, activation="tanh", input_shape=(6,)), L.BatchNormalization(), L.Dense(2)])
    return compiled(net, K.optimizers.SGD(0.05, momentum=0.9), data), data


@model
def cnn():
    a = K.Input((8, 8, 3))
    h = L.Conv2D(4, 3, padding="same", use_bias=False)(a)
    h = L.BatchNormalization()(h)
    h = L.ReLU(6.0)(h)
    h = L.MaxPooling2D()(h)
    h = L.SeparableConv2D(5, 3, activation="relu")(h)
    data = x(4, 8, 8, 3)
    return compiled(K.Model(a, L.Dense(2)(L.GlobalAveragePooling2D()(h))), "rmsprop", data, metrics=["mae"]), data


@model
def seq_cnn():
    layers = [
        L.Conv2D(3, 3, strides=2, activation="elu"),
        L.AveragePooling2D(),
        L.Flatten(),
        L.Dropout(0.5),
        L.Dense(3, activation="sigmoid"),
    ]
    return K.Sequential([K.Input((9, 9, 2)), *layers]), x(4, 9, 9, 2)


@model
def depthwise():
    a = K.Input((8, 8, 4))
    h = L.DepthwiseConv2D(3, depth_multiplier=2, padding="same")(a)
    h = L.LeakyReLU(0.2)(h)
    h = L.PReLU(shared_axes=[1, 2])(h)
    return K.Model(a, L.Conv2D(4, 1)(h)), x(3, 8, 8, 4)


@model
def branches():
    a = K.Input((6,))
    one, two = L.Dense(4, name="zeta")(a), L.Dense(4, name="alpha")(a)
    h = L.Concatenate()([L.Add()([one, two]), L.Multiply()([one, two]), L.Average()([two, one])])
    return K.Model(a, L.Dense(2)(h)), x(5, 6)


@model
def many_ends():
    a, b = K.Input((4,), name="left"), K.Input((3,), name="right")
    h = L.Concatenate()([L.Dense(4)(a), L.Dense(4)(b)])
    net = K.Model([a, b], [L.Dense(2, name="second")(h), L.Dense(1, activation="sigmoid", name="first")(h)])
    data = [x(6, 4), x(6, 3)]
    return compiled(
        net, "adam", data, loss={"second": "mse", "first": "binary_crossentropy"}, loss_weights={"second": 1.0, "first": 0.5}
    ), data


@model
def nested():
    a = K.Input((6,))
    encoder = K.Model(a, L.Dense(4)(L.BatchNormalization()(L.Dense(5, activation="relu")(a))), name="encoder")
    b = K.Input((6,))
    data = x(8, 6)
    return compiled(K.Model(b, L.Dense(2)(encoder(b))), "adam", data), data


@model
def nested_frozen():
    a = K.Input((6,))
    encoder = K.Model(a, L.BatchNormalization()(L.Dense(4)(L.BatchNormalization()(L.Dense(4)(a)))), name="encoder")
    encoder.layers[1].trainable = False
    decoder = K.Sequential([L.Dense(4, input_shape=(4,)), L.BatchNormalization(), L.Dense(4)], name="decoder")
    decoder.layers[0].trainable = False
    net = K.Sequential([encoder, decoder, L.Dense(3)])
    return net, x(8, 6)


@model
def twins():
    def part(name):
        return K.Sequential([L.Dense(4, name="same", input_shape=(4,)), L.Dense(4, name="other")], name=name)

    a = K.Input((4,))
    return K.Model(a, part("b_part")(part("a_part")(a))), x(5, 4)


@model
def shared():
    a, b = K.Input((5,)), K.Input((5,))
    base = K.Sequential([L.Dense(4, activation="relu", input_shape=(5,)), L.Dense(3)])
    head = L.Dense(3)
    return K.Model([a, b], L.Subtract()([head(base(a)), head(base(b))])), [x(4, 5), x(4, 5)]


@model
def lstm():
    data = x(4, 7, 3)
    net = K.Sequential([L.LSTM(5, return_sequences=True, input_shape=(7, 3)), L.GRU(4), L.Dense(2)])
    return compiled(net, "adam", data), data


@model
def bidirectional():
    a = K.Input((6, 3))
    h = L.Bidirectional(L.LSTM(4, return_sequences=True))(a)
    return K.Model(a, L.Bidirectional(L.GRU(3), merge_mode="sum")(h)), x(4, 6, 3)


@model
def cells():
    a = K.Input((5, 3))
    h = L.RNN([L.LSTMCell(4), L.GRUCell(3)], return_sequences=True)(a)
    return K.Model(a, L.SimpleRNN(2)(h)), x(4, 5, 3)


@model
def old_gru():
    a = K.Input((5, 3))
    return K.Model(a, L.GRU(4, reset_after=False, recurrent_activation="hard_sigmoid")(a)), x(4, 5, 3)


@model
def time_distributed():
    a = K.Input((4, 6, 6, 2))
    h = L.TimeDistributed(L.Conv2D(3, 3))(a)
    h = L.TimeDistributed(L.Flatten())(h)
    inner = K.Sequential([L.Dense(4, input_shape=(48,)), L.Dense(2)])
    return K.Model(a, L.TimeDistributed(inner)(h)), x(3, 4, 6, 6, 2)


@model
def masked():
    a = K.Input((None,), dtype="int32")
    h = L.Embedding(20, 6, mask_zero=True)(a)
    h = L.Bidirectional(L.LSTM(4))(h)
    return K.Model(a, L.Dense(2)(h)), RNG.randint(0, 20, (5, 9)).astype("int32")


@model
def convlstm():
    a = K.Input((3, 6, 6, 2))
    return K.Model(a, L.Flatten()(L.ConvLSTM2D(3, 3)(a))), x(2, 3, 6, 6, 2)


@model
def transposed():
    a = K.Input((8, 8, 1))
    h = L.Conv2D(4, 3, strides=2, padding="same", activation="relu")(a)
    h = L.Conv2DTranspose(3, 3, strides=2, padding="same", activation="relu")(h)
    return K.Model(a, L.Conv2D(1, 3, padding="same", activation="sigmoid")(h)), x(3, 8, 8, 1)


@model
def volume():
    a = K.Input((6, 6, 6, 1))
    h = L.Conv3D(2, 3, padding="same")(L.ZeroPadding3D()(a))
    h = L.UpSampling3D()(L.Cropping3D(2)(h))
    return K.Model(a, L.GlobalMaxPooling3D()(L.MaxPooling3D()(h))), x(2, 6, 6, 6, 1)


@model
def attention():
    a, b = K.Input((4, 6)), K.Input((5, 6))
    h = L.Attention(use_scale=True)([L.Dense(6)(a), L.Dense(6)(b)])
    h = L.LayerNormalization()(h)
    return K.Model([a, b], L.AdditiveAttention()([h, b])), [x(3, 4, 6), x(3, 5, 6)]


@model
def many_heads():
    a = K.Input((5, 8))
    h = L.MultiHeadAttention(2, 4, name="mha")(a, a)
    h = L.LayerNormalization(epsilon=1e-6)(L.Add()([a, h]))
    return K.Model(a, L.Dense(3)(h)), x(3, 5, 8)


@model
def operations():
    a = K.Input((6, 4))
    h = L.Dense(4)(a) * 2.0 + 1.0
    h = h[:, 1:5] / 3.0 - a[:, :4]
    h = tf.reduce_mean(h, axis=1) if VERSION >= (2, 4) else L.GlobalAveragePooling1D()(h)
    return K.Model(a, tf.nn.relu(h)), x(4, 6, 4)


@model
def image_head():
    a = K.Input((10, 10, 3))
    h = pre("Rescaling")(1 / 127.5, offset=-1.0)(a)
    h = pre("RandomFlip")("horizontal")(h)
    h = pre("Resizing")(8, 8)(h)
    return K.Model(a, L.Dense(2)(L.Flatten()(h))), (x(3, 10, 10, 3) * 60 + 120).astype("float32")


@model
def normalization():
    layer = pre("Normalization")()
    layer.adapt(x(50, 4) * 3 + 2)
    a = K.Input((4,))
    return K.Model(a, L.Dense(2)(layer(a))), x(5, 4) * 3 + 2


@model
def string_given():
    a = K.Input((2,), dtype="string")
    words = ["red", "green", "blue"]
    h = pre("StringLookup")(vocabulary=words)(a)
    return K.Model(a, L.Flatten()(L.Embedding(6, 3)(h))), np.array([["red", "blue"], ["green", "pink"], ["blue", "red"]])


@model
def string_adapted():
    layer = pre("StringLookup")()
    layer.adapt(np.array([["oak"], ["elm"], ["oak"], ["fir"], ["oak"], ["elm"]]))
    a = K.Input((1,), dtype="string")
    return K.Model(a, L.Flatten()(L.Embedding(8, 3)(layer(a)))), np.array([["elm"], ["oak"], ["ash"], ["fir"]])


@model
def integers():
    layer = pre("IntegerLookup")(vocabulary=[12, 36, 1138, 42]) if VERSION >= (2, 4) else pre("IntegerLookup")()
    a = K.Input((2,), dtype="int64")
    return K.Model(a, L.Flatten()(L.Embedding(8, 3)(layer(a)))), np.array([[12, 1138], [42, 7], [36, 36]], "int64")


TEXTS = np.array(["the cat sat on the mat", "A dog, a cat!", "the mat was red.", "no cat"])


@model
def text():
    layer = pre("TextVectorization")(max_tokens=12, output_sequence_length=6)
    layer.adapt(TEXTS)
    a = K.Input((1,), dtype="string")
    h = L.Embedding(14, 4)(layer(a))
    return K.Model(a, L.Dense(2)(L.GlobalAveragePooling1D()(h))), np.array([["the cat was red"], ["a bird sat"], ["dog dog"]])


@model
def text_counts():
    layer = pre("TextVectorization")(max_tokens=14, pad_to_max_tokens=True, output_mode="tf-idf" if VERSION < (2, 6) else "tf_idf")
    layer.adapt(TEXTS)
    net = K.Sequential([K.Input((1,), dtype="string"), layer, L.Dense(3)])
    return net, np.array([["the cat was red"], ["a bird sat"], ["dog dog"]])


@model
def buckets():
    a = K.Input((1,))
    h = pre("Discretization")([-1.0, 0.0, 1.5])(a)
    return K.Model(a, L.Flatten()(L.Embedding(5, 3)(h))), np.array([[-2.0], [-0.5], [0.2], [9.0]], "float32")


@model
def hashing():
    a = K.Input((1,), dtype="string")
    h = pre("Hashing")(num_bins=7)(a)
    return K.Model(a, L.Flatten()(L.Embedding(7, 3)(h))), np.array([["a"], ["bb"], ["ccc"]])


@model
def categories():
    a = K.Input((3,), dtype="int32")
    if VERSION < (2, 6):
        layer = pre("CategoryEncoding")(max_tokens=6, output_mode="binary")
    else:
        layer = pre("CategoryEncoding")(num_tokens=6, output_mode="multi_hot")
    return K.Model(a, L.Dense(2)(layer(a))), np.array([[0, 1, 5], [2, 2, 3], [4, 0, 0]], "int32")


@model
def mixed16():
    mixed = K.mixed_precision if VERSION >= (2, 4) else K.mixed_precision.experimental
    setter = getattr(mixed, "set_global_policy", None) or mixed.set_policy
    setter("mixed_float16")
    try:
        a = K.Input((8,))
        h = L.BatchNormalization()(L.Dense(8, activation="relu")(a))
        data = x(4, 8)
        return compiled(K.Model(a, L.Dense(2, dtype="float32")(h)), "adam", data), data
    finally:
        setter("float32")


@model
def named_inputs():
    a, b = K.Input((3,), name="size"), K.Input((2,), name="age")
    net = K.Model({"size": a, "age": b}, L.Dense(2)(L.Concatenate()([a, b])))
    return net, {"size": x(4, 3), "age": x(4, 2)}


@model
def groups():
    a = K.Input((6, 6, 4))
    h = L.Conv2D(8, 3, groups=2)(a)
    return K.Model(a, L.UnitNormalization()(L.GroupNormalization(2)(h))), x(3, 6, 6, 4)


@model
def virtual():
    a = K.Input((5,))
    h = L.BatchNormalization(virtual_batch_size=2)(a)
    return K.Model(a, L.Dense(2)(h)), x(4, 5)


@model
def renorm():
    a = K.Input((5,))
    data = x(6, 5)
    return compiled(K.Model(a, L.Dense(2)(L.BatchNormalization(renorm=True)(a))), "sgd", data), data


@model
def crops():
    a = K.Input((None, 4))
    h = L.Conv1D(3, 5, dilation_rate=10)(a)
    return K.Model(a, L.Dense(2)(L.Cropping1D(100)(h))), x(2, 260, 4)


@model
def slopes():
    a = K.Input((6,))
    h = L.ELU(0.7)(L.ThresholdedReLU(0.3)(L.Dense(6, activation="selu")(a)))
    return K.Model(a, L.Softmax()(L.Dense(3, activation="swish")(h))), x(5, 6)


@model
def adagrad():
    data = x(8, 6)
    return compiled(K.Sequential([L.Dense(5, input_shape=(6,)), L.Dense(2)]), K.optimizers.Adagrad(0.05), data), data


class ScaleShift(L.Layer):
    def __init__(self, start=1.0, **kwargs):
        super().__init__(**kwargs)
        self.start = start

    def build(self, shape):
        self.scale = self.add_weight(name="scale", shape=(shape[-1],), initializer=K.initializers.Constant(self.start))
        super().build(shape)

    def call(self, inputs):
        return inputs * self.scale

    def get_config(self):
        return {**super().get_config(), "start": self.start}


@model
def own_layer():
    a = K.Input((6,))
    return K.Model(a, ScaleShift(2.0)(L.Dense(4)(a))), x(5, 6)


class Squeeze(L.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.down, self.up = L.Dense(units), L.Dense(4)

    def call(self, inputs):
        return inputs + self.up(self.down(inputs))


@model
def own_layer_without_config():
    a = K.Input((4,))
    return K.Model(a, L.Dense(2)(Squeeze(3)(a))), x(5, 4)


class Tagger(K.Model):
    def __init__(self):
        super().__init__()
        self.first, self.blocks = L.Dense(6, activation="relu"), [L.Dense(4), L.Dense(3)]

    def call(self, inputs):
        return self.blocks[1](self.blocks[0](self.first(inputs)))


@model
def subclassed():
    net, data = Tagger(), x(5, 4)
    net(data)
    return net, data


@model
def function():
    a = K.Input((4,))
    return K.Model(a, L.Lambda(lambda t: t * 2.0)(L.Dense(3)(a))), x(5, 4)


class Plain(tf.Module):
    def __init__(self):
        super().__init__()
        self.w, self.b = tf.Variable(x(4, 3)), tf.Variable(x(3))

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
    def __call__(self, inputs):
        return tf.matmul(inputs, self.w) + self.b


@model
def module():
    return Plain(), x(5, 4)


def stirred(net):
    """Weights that tell a swap: random, variances positive; what `adapt` learned stays."""
    for variable in net.weights:
        if not isinstance(variable, tf.Variable) or not variable.dtype.is_floating or None in variable.shape.as_list():
            continue
        if variable.name.split(":")[0].split("/")[-1] in {"mean", "variance", "Variable"}:
            continue
        value = RNG.normal(size=variable.shape).astype("float32") * 0.4
        variable.assign(np.abs(value) + 0.5 if "variance" in variable.name or "stddev" in variable.name else value)


def predictions(net, data):
    fed = {key: tf.constant(value) for key, value in data.items()} if isinstance(data, dict) else data
    fed = [tf.constant(one) for one in data] if isinstance(data, list) else fed if isinstance(fed, dict) else tf.constant(data)
    found = net(fed) if isinstance(net, Plain) else net(fed, training=False)
    return [np.asarray(one) for one in (found if isinstance(found, (list, tuple)) else [found])]


def write(name, folder):
    K.backend.clear_session()
    net, data = ZOO[name]()
    if not isinstance(net, Plain):
        stirred(net)
    found = predictions(net, data)
    listed = list(data.values()) if isinstance(data, dict) else data if isinstance(data, list) else [data]
    os.makedirs(folder)
    arrays = {(f"x{index}" if len(listed) > 1 else "x"): array for index, array in enumerate(listed)}
    arrays.update({(f"p{index}" if len(found) > 1 else "p"): array for index, array in enumerate(found)})
    np.savez(os.path.join(folder, "expected.npz"), **arrays)
    if isinstance(net, Plain):
        tf.saved_model.save(net, os.path.join(folder, "sm"))
        return
    if isinstance(data, dict):
        with open(os.path.join(folder, "inputs.txt"), "w") as file:
            file.write(" ".join(data))
    for container in (saved_model, checkpoint, hdf5):
        tried(container, net, folder)


def tried(container, net, folder):
    """Not every release can write every model."""
    try:
        container(net, folder)
    except Exception as error:
        with open(os.path.join(folder, container.__name__ + ".cannot.txt"), "w") as file:
            file.write(repr(error)[:300])


def saved_model(net, folder):
    net.save(os.path.join(folder, "sm"), save_format="tf")


def checkpoint(net, folder):
    net.save_weights(os.path.join(folder, "cp.ckpt"), save_format="tf")
    with open(os.path.join(folder, "model.json"), "w") as file:
        file.write(net.to_json())
    if VERSION < (2, 4):
        with open(os.path.join(folder, "model.yaml"), "w") as file:
            file.write(net.to_yaml())


def hdf5(net, folder):
    net.save(os.path.join(folder, "cp.h5"), save_format="h5")


def made(name, folder):
    try:
        write(name, folder)
        return "ok"
    except Exception:
        return "cannot be made here: " + traceback.format_exc().splitlines()[-1][:200]


if __name__ == "__main__":
    for name in sys.argv[2:] or list(ZOO):
        print(name, made(name, os.path.join(sys.argv[1], name)), flush=True)
