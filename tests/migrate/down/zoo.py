"""Writes small models of today's Keras, with inputs and predictions, for the way back: `python zoo.py FOLDER`.

Each stock layer that predicts something of its own is in one of them. FOLDER gets NAME.keras and NAME.npz (x0, x1, ... and p0, p1, ...).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
from keras import Input, Model, Sequential, layers, ops

MODELS: dict[str, Callable[[], keras.Model]] = {}


def zoo(make: Callable[[], keras.Model]) -> Callable[[], keras.Model]:
    MODELS[make.__name__] = make
    return make


def functional(shape: tuple, *steps: Callable, **given) -> keras.Model:
    x = start = Input(shape, **given)
    for step in steps:
        x = step(x)
    return Model(start, x)


def ids(length: int = 5, top: int = 9) -> keras.KerasTensor:
    return Input((length,), dtype="int32", name=f"ids{top}")


@zoo
def dense_sequential():
    return Sequential([Input((6,)), layers.Dense(5, "relu"), layers.Dropout(0.3), layers.Dense(3, "softmax")])


@zoo
def dense_functional():
    return functional((6,), layers.Dense(5, "tanh", kernel_regularizer="l2"), layers.BatchNormalization(), layers.Dense(3, "sigmoid"))


@zoo
def initializers():
    kinds = ["glorot_normal", "he_normal", "he_uniform", "lecun_normal", "orthogonal", "truncated_normal", "random_uniform"]
    return Sequential([Input((6,)), *(layers.Dense(6, kernel_initializer=kind) for kind in kinds)])


@zoo
def regularizers():
    made = [keras.regularizers.L1(1e-3), keras.regularizers.L2(1e-3), keras.regularizers.L1L2(1e-3, 1e-3)]
    return Sequential([Input((4,)), *(layers.Dense(4, kernel_regularizer=one, kernel_constraint="max_norm") for one in made)])


@zoo
def conv1d():
    return functional(
        (12, 3),
        layers.Conv1D(4, 3, padding="causal", activation="relu"),
        layers.Conv1D(4, 3, dilation_rate=2),
        layers.MaxPooling1D(2),
        layers.GlobalAveragePooling1D(),
    )


@zoo
def conv2d():
    return functional(
        (12, 12, 3),
        layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
        layers.DepthwiseConv2D(3, depth_multiplier=2),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(2),
    )


@zoo
def separable():
    return functional((10, 10, 3), layers.SeparableConv2D(4, 3, activation="elu"), layers.GlobalMaxPooling2D())


@zoo
def separable1d():
    return functional((10, 3), layers.SeparableConv1D(4, 3), layers.GlobalMaxPooling1D())


@zoo
def depthwise1d():
    return functional((10, 3), layers.DepthwiseConv1D(3), layers.Flatten())


@zoo
def grouped():
    return functional((8, 8, 4), layers.Conv2D(4, 3, groups=2), layers.Flatten())


@zoo
def conv3d():
    return functional(
        (6, 6, 6, 2), layers.Conv3D(2, 3), layers.MaxPooling3D(2), layers.UpSampling3D(2), layers.ZeroPadding3D(1), layers.Cropping3D(1)
    )


@zoo
def transposed():
    return functional((6, 6, 2), layers.Conv2DTranspose(3, 3, strides=2, padding="same"), layers.Cropping2D(1), layers.ZeroPadding2D(1))


@zoo
def transposed1d():
    return functional((6, 2), layers.Conv1DTranspose(3, 3, strides=2))


@zoo
def transposed3d():
    return functional((3, 3, 3, 2), layers.Conv3DTranspose(2, 2, strides=2))


@zoo
def upsampling():
    return functional((4, 4, 2), layers.UpSampling2D(2), layers.Conv2D(2, 3, padding="same"))


@zoo
def upsampling_bilinear():
    return functional((4, 4, 2), layers.UpSampling2D(2, interpolation="bilinear"))


@zoo
def shapes():
    return functional(
        (8, 2),
        layers.ZeroPadding1D(1),
        layers.Cropping1D(1),
        layers.UpSampling1D(2),
        layers.Permute((2, 1)),
        layers.Reshape((4, 8)),
        layers.Flatten(),
        layers.RepeatVector(2),
    )


@zoo
def activations_layers():
    return functional(
        (6,), layers.LeakyReLU(0.2), layers.ELU(0.7), layers.PReLU(), layers.ReLU(max_value=2.0, negative_slope=0.1), layers.Softmax()
    )


@zoo
def leaky_default():
    return functional((6,), layers.Dense(4), layers.LeakyReLU(), layers.Activation("swish"))


@zoo
def activations_old():
    kinds = ["elu", "selu", "softplus", "softsign", "relu", "tanh", "sigmoid", "exponential"]
    return Sequential([Input((4,)), *(layers.Dense(4, kind) for kind in kinds)])


@zoo
def gelu():
    return Sequential([Input((4,)), layers.Dense(4, "gelu")])


@zoo
def silu():
    return Sequential([Input((4,)), layers.Dense(4, "silu"), layers.Activation("silu")])


@zoo
def mish():
    return Sequential([Input((4,)), layers.Dense(4, "mish")])


@zoo
def hard_sigmoid():
    return Sequential([Input((4,)), layers.Dense(8), layers.Dense(4, "hard_sigmoid")])


@zoo
def hard_sigmoid_layer():
    return Sequential([Input((4,)), layers.Dense(4), layers.Activation("hard_sigmoid")])


@zoo
def hard_silu():
    return Sequential([Input((4,)), layers.Dense(4, "hard_silu")])


@zoo
def leaky_activation():
    return Sequential([Input((4,)), layers.Dense(4, "leaky_relu"), layers.Dense(4, "relu6")])


@zoo
def lstm():
    return functional((7, 3), layers.LSTM(4, return_sequences=True), layers.LSTM(3, recurrent_dropout=0.1))


@zoo
def gru():
    return functional((7, 3), layers.GRU(4, return_sequences=True), layers.GRU(3, reset_after=False))


@zoo
def gru_hard():
    return functional((7, 3), layers.GRU(4, recurrent_activation="hard_sigmoid"))


@zoo
def simple_rnn():
    return functional((7, 3), layers.SimpleRNN(4, go_backwards=True))


@zoo
def bidirectional():
    return functional((7, 3), layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.Bidirectional(layers.GRU(3), "sum"))


@zoo
def stacked_cells():
    return functional((7, 3), layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)]))


@zoo
def states():
    start = Input((7, 3))
    out, h, c = layers.LSTM(4, return_state=True)(start)
    again = layers.LSTM(4)(start, initial_state=[h, c])
    return Model(start, [out, again])


@zoo
def conv_lstm():
    return functional((4, 6, 6, 2), layers.ConvLSTM2D(2, 3, padding="same", recurrent_activation="sigmoid"), layers.Flatten())


@zoo
def time_distributed():
    return functional((4, 6, 6, 2), layers.TimeDistributed(layers.Conv2D(2, 3)), layers.TimeDistributed(layers.Flatten()), layers.LSTM(3))


@zoo
def masked_embedding():
    start = ids()
    x = layers.Embedding(9, 4, mask_zero=True)(start)
    return Model(start, layers.Dense(2)(layers.LSTM(3)(x)))


@zoo
def masked_bidirectional():
    start = ids()
    x = layers.Embedding(9, 4, mask_zero=True)(start)
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    return Model(start, layers.Dense(2)(layers.GRU(3)(x)))


@zoo
def masking():
    return functional((6, 3), layers.Masking(0.0), layers.LSTM(4, return_sequences=True), layers.Dense(2), layers.GRU(3))


@zoo
def masked_pooling():
    start = ids()
    x = layers.Embedding(9, 4, mask_zero=True)(start)
    return Model(start, layers.GlobalAveragePooling1D()(layers.Dropout(0.1)(x)))


@zoo
def masked_sequential():
    return Sequential([Input((5,), dtype="int32"), layers.Embedding(9, 4, mask_zero=True), layers.LSTM(3)])


@zoo
def masked_by_hand():
    start, words = Input((5, 3)), ids()
    return Model([start, words], layers.LSTM(4)(start, mask=ops.not_equal(words, 0)))


@zoo
def masked_sum():
    start, other = ids(), ids(5, 8)
    x = layers.add([layers.Embedding(9, 4, mask_zero=True)(start), layers.Embedding(9, 4, mask_zero=True)(other)])
    return Model([start, other], layers.LSTM(3)(x))


@zoo
def masked_attention():
    start = ids()
    x = layers.Embedding(9, 4, mask_zero=True)(start)
    return Model(start, layers.GlobalMaxPooling1D()(layers.MultiHeadAttention(2, 3)(x, x)))


@zoo
def embedding():
    start = ids()
    return Model(start, layers.Flatten()(layers.SpatialDropout1D(0.2)(layers.Embedding(9, 4)(start))))


@zoo
def merges():
    one, two = Input((4,)), Input((4,))
    a, b = layers.Dense(4)(one), layers.Dense(4)(two)
    made = [layers.add([a, b]), layers.multiply([a, b]), layers.maximum([a, b]), layers.average([a, b]), layers.subtract([a, b])]
    return Model([one, two], [layers.concatenate(made), layers.dot([a, b], 1), layers.minimum([a, b])])


@zoo
def shared():
    one, two = Input((4,)), Input((4,))
    layer = layers.Dense(3, "tanh")
    return Model([one, two], layers.concatenate([layer(one), layer(two), layer(one)]))


@zoo
def nested():
    inner = Model(start := Input((4,)), layers.Dense(3)(start), name="inner")
    one, two = Input((4,)), Input((4,))
    return Model([one, two], layers.concatenate([inner(one), inner(two)]))


@zoo
def nested_sequential():
    inner = Sequential([Input((4,)), layers.Dense(3), layers.BatchNormalization(), layers.Dense(3)], name="inner")
    start = Input((4,))
    return Model(start, layers.Dense(2)(inner(start)))


@zoo
def nested_frozen():
    inner = Sequential([Input((4,)), layers.Dense(3), layers.BatchNormalization(), layers.Dense(3)], name="inner")
    inner.layers[0].trainable = False
    return Sequential([Input((4,)), inner, layers.Dense(2)])


@zoo
def nested_twice():
    deep = Sequential([Input((4,)), layers.Dense(4)], name="deep")
    inner = Model(start := Input((4,)), [layers.Dense(3)(deep(start)), deep(start)], name="inner")
    one = Input((4,))
    return Model(one, inner(one))


@zoo
def dict_outputs():
    start = Input((4,), name="start")
    return Model({"start": start}, {"b": layers.Dense(2, name="b")(start), "a": layers.Dense(3, name="a")(start)})


@zoo
def frozen():
    model = Sequential([Input((4,)), layers.Dense(3), layers.BatchNormalization(), layers.Dense(2)])
    model.layers[1].trainable = False
    return model


@zoo
def normalizations():
    return functional((6,), layers.BatchNormalization(axis=-1, scale=False), layers.LayerNormalization(), layers.UnitNormalization())


@zoo
def layer_normalization():
    return functional((5, 6), layers.LayerNormalization(epsilon=1e-5), layers.Flatten())


@zoo
def rms_normalization():
    return functional((6,), layers.RMSNormalization())


@zoo
def group_normalization():
    return functional((4, 4, 4), layers.GroupNormalization(2))


@zoo
def group_query():
    start = Input((5, 4))
    return Model(start, layers.GroupQueryAttention(2, 4, 2)(start, start))


@zoo
def attention():
    one, two = Input((4, 3)), Input((5, 3))
    return Model([one, two], [layers.Attention(use_scale=True)([one, two]), layers.AdditiveAttention()([one, two])])


@zoo
def multi_head():
    one, two = Input((4, 3)), Input((5, 3))
    x = layers.MultiHeadAttention(2, 3)(one, two)
    return Model([one, two], layers.LayerNormalization()(layers.add([x, one])))


@zoo
def einsum_dense():
    return functional((5, 6), layers.EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d"))


@zoo
def rescaling():
    return functional((6, 6, 3), layers.Rescaling(1 / 127.5, offset=-1.0), layers.Conv2D(2, 3))


@zoo
def normalization():
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(5).normal(3, 2, (50, 4)).astype("float32"))
    return functional((4,), layer, layers.Dense(2))


@zoo
def resizing():
    return functional((6, 6, 3), layers.Resizing(4, 4), layers.CenterCrop(2, 2))


@zoo
def augmented():
    return functional((8, 8, 3), layers.RandomFlip(), layers.RandomRotation(0.1), layers.RandomZoom(0.1), layers.Conv2D(2, 3))


@zoo
def noise():
    return functional((6,), layers.GaussianNoise(0.1), layers.GaussianDropout(0.1), layers.AlphaDropout(0.1), layers.Dense(2))


@zoo
def category_encoding():
    return functional((4,), layers.CategoryEncoding(6, output_mode="multi_hot"), layers.Dense(2), dtype="int32")


@zoo
def discretization():
    return functional((4,), layers.Discretization([-1.0, 0.0, 1.0]))


@zoo
def hashing():
    return functional((1,), layers.Hashing(7), dtype="string")


@zoo
def string_lookup():
    return functional((1,), layers.StringLookup(vocabulary=["a", "b", "c"], output_mode="one_hot"), layers.Dense(2), dtype="string")


@zoo
def string_ids():
    return functional((2,), layers.StringLookup(vocabulary=["a", "b", "c"]), layers.Embedding(5, 2), dtype="string")


@zoo
def integer_lookup():
    return functional((2,), layers.IntegerLookup(vocabulary=[1, 3, 5]), dtype="int64")


@zoo
def text():
    return functional((1,), layers.TextVectorization(vocabulary=["a", "b"], output_sequence_length=3), dtype="string")


@zoo
def mixed_precision():
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    try:
        return functional((6,), layers.Dense(5, "relu"), layers.Dense(3, dtype="float32"))
    finally:
        keras.mixed_precision.set_dtype_policy("float32")


@zoo
def ops_arithmetic():
    start = Input((4,))
    x = layers.Dense(4)(start)
    x = (x * 2.0 + 1.0) / 3.0
    x = 1.0 - ops.square(x)
    return Model(start, ops.maximum(x, 0.1) ** 2)


@zoo
def ops_two():
    one, two = Input((4,)), Input((4,))
    a, b = layers.Dense(4)(one), layers.Dense(4)(two)
    return Model([one, two], [a + b, a * b, a - b, ops.maximum(a, b), a / (ops.abs(b) + 1.0)])


@zoo
def ops_reduce():
    start = Input((5, 4))
    x = layers.Dense(4)(start)
    made = [ops.mean(x, axis=1), ops.max(x, axis=1), ops.sum(x, axis=[1]), ops.min(x, axis=-2)]
    return Model(start, ops.concatenate(made, axis=-1))


@zoo
def ops_shapes():
    start = Input((5, 4))
    x = ops.transpose(layers.Dense(4)(start), (0, 2, 1))
    x = ops.reshape(x, (-1, 2, 10))
    return Model(start, [ops.expand_dims(x, -1), ops.stack([x, x * 2.0], axis=1), x[:, 0, 2:5], x[:, -1]])


@zoo
def ops_functions():
    start = Input((4,))
    x = layers.Dense(4)(start)
    made = [ops.relu(x), ops.sigmoid(x), ops.tanh(x), ops.softmax(x), ops.exp(x), ops.sqrt(ops.abs(x)), ops.log(ops.abs(x) + 1.0)]
    return Model(start, ops.concatenate([*made, ops.relu6(x), ops.clip(x, -0.1, 0.2), ops.softplus(x), ops.gelu(x), ops.silu(x)]))


@zoo
def ops_matmul():
    one, two = Input((3, 4)), Input((4, 5))
    return Model([one, two], ops.softmax(ops.matmul(one, two) * 0.5, axis=-1))


@zoo
def ops_broadcast():
    one, two = Input((3, 4)), Input((4,))
    return Model([one, two], [one * ops.expand_dims(two, 1), one + ops.expand_dims(two, 1)])


@zoo
def ops_einsum():
    one, two = Input((3, 4)), Input((4, 5))
    return Model([one, two], ops.einsum("bij,bjk->bik", one, two))


@zoo
def ops_odd():
    start = Input((4,))
    return Model(start, ops.erf(start) + ops.cumsum(start, axis=1))


@zoo
def residual():
    start = Input((8, 8, 3))
    x = layers.Conv2D(3, 3, padding="same", use_bias=False)(start)
    x = layers.ReLU(6.0)(layers.BatchNormalization(epsilon=1e-5, momentum=0.9)(x))
    return Model(start, layers.GlobalAveragePooling2D(keepdims=True)(layers.add([x, start])))


@zoo
def channels_first():
    return functional((3, 4), layers.GlobalAveragePooling1D(data_format="channels_first"))


@zoo
def dropout_seeded():
    return functional((4,), layers.Dropout(0.5, seed=3), layers.ActivityRegularization(l2=0.1), layers.Dense(2))


@zoo
def batch_given():
    start = Input(batch_shape=(2, 4), name="start")
    return Model(start, layers.Dense(2)(start))


@zoo
def custom_name():
    return Sequential([Input((4,)), layers.Dense(2, name="a.b-c")], name="My Model")


def filled(model: keras.Model, rng: np.random.Generator) -> None:
    """Every float weight gets a value that shows whether it arrived."""
    for weight in model.weights:
        if "float" in str(weight.dtype) and "normalization/mean" not in weight.path and "normalization/variance" not in weight.path:
            value = rng.normal(0, 0.5, weight.shape)
            weight.assign(np.abs(value) + 0.5 if "variance" in weight.path else value)


def inputs(model: keras.Model, rng: np.random.Generator) -> list[np.ndarray]:
    found = []
    for tensor in model.inputs:
        shape = (tensor.shape[0] or 4, *tensor.shape[1:])
        if tensor.dtype == "string":
            found.append(rng.choice(np.array(["a", "b", "zz"], dtype=object), shape))
        elif "int" in tensor.dtype:
            found.append(rng.integers(0, 6, shape).astype(tensor.dtype))
        else:
            values = rng.normal(0, 1, shape).astype(tensor.dtype)
            if len(shape) == 3:
                values[0, -2:] = values[1, 0] = 0.0
            found.append(values)
    return found


def write(models: Mapping[str, Callable[[], keras.Model]], folder: Path) -> None:
    """Each model with its inputs and what it predicts of them; one that this Keras cannot make or save is named."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, make) in enumerate(models.items()):
        try:
            _write(name, make, np.random.default_rng(number), folder)
            print(name, flush=True)
        except Exception as error:  # Keras raises anything here
            print(f"{name}: not made: {type(error).__name__}: {str(error)[:200]}", flush=True)


def _write(name: str, make: Callable[[], keras.Model], rng: np.random.Generator, folder: Path) -> None:
    keras.backend.clear_session()
    model = make()
    filled(model, rng)
    model.save(folder / f"{name}.keras")
    given = inputs(model, rng)
    fed = [keras.ops.convert_to_tensor(one, dtype=tensor.dtype) for one, tensor in zip(given, model.inputs, strict=True)]
    out = model({"start": fed[0]} if name == "dict_outputs" else fed, training=False)
    outs = keras.tree.flatten(out)
    kept = {f"x{i}": one.astype("U") if one.dtype == object else one for i, one in enumerate(given)}
    np.savez(folder / f"{name}.npz", **kept, **{f"p{i}": np.asarray(one) for i, one in enumerate(outs)})


if __name__ == "__main__":
    write(MODELS, Path(sys.argv[1]))
