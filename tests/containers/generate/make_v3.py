"""Makes `.keras` and `.weights.h5` files in the Keras that runs this script, with inputs and predictions recorded before the save.

    python make_v3.py FOLDER [NAME ...]

Writes FOLDER/NAME.keras, NAME.weights.h5 with NAME.json, and NAME.npz (x0, x1, ..., p0, p1, ...) for each model.
"""

import os
import random
import sys
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from v3_layers import Gate, ScaleShift, SqueezeExcite, Stack

L = keras.layers
RELEASE = tuple(int(part) for part in keras.__version__.split(".")[:2])
MODELS, HELD_OUT = {}, {}


def model(function):
    """A model of the zoo; with `held_out` one that the rules were not written against."""
    MODELS[function.__name__] = function
    return function


def held_out(function):
    HELD_OUT[function.__name__] = function
    return function


def image(channels=4, size=8):
    return keras.Input((size, size, channels))


@model
def swapped_convolutions():
    x = inputs = image()
    for index in range(2):
        x = L.Conv2DTranspose(4, 3, padding="same", name=f"z{index}")(x)
        x = L.Conv2D(4, 3, padding="same", activation="tanh", name=f"a{index}")(x)
    return keras.Model(inputs, x)


@model
def swapped_sequential():
    return keras.Sequential([keras.Input((8, 4)), L.Conv1DTranspose(4, 3, padding="same"), L.Conv1D(4, 3, padding="same"),
                             L.Conv1DTranspose(4, 3, padding="same"), L.Conv1D(4, 3, padding="same")])  # fmt: skip


@model
def equal_vectors():
    inputs = keras.Input((6,))
    x = L.LayerNormalization()(inputs)
    x = L.PReLU(alpha_initializer="uniform")(x)
    x = L.BatchNormalization()(x)
    x = L.LayerNormalization()(x)
    return keras.Model(inputs, L.Dense(6)(x))


@model
def equal_matrices():
    inputs = keras.Input((5,), dtype="int32")
    x = L.Embedding(4, 4)(inputs)
    x = L.SimpleRNN(4, use_bias=False, return_sequences=True)(x)
    x = L.Dense(4, use_bias=False)(x)
    x = L.Conv1D(4, 1, use_bias=False)(x)
    return keras.Model(inputs, x)


@model
def equal_volumes():
    inputs = keras.Input((4, 4, 4, 2))
    x = L.Conv3DTranspose(2, 2, padding="same")(inputs)
    return keras.Model(inputs, L.Conv3D(2, 2, padding="same")(x))


@model
def depthwise_and_separable():
    x = inputs = image(4)
    x = L.SeparableConv2D(4, 3, padding="same")(x)
    x = L.DepthwiseConv2D(3, padding="same")(x)
    x = L.SeparableConv2D(4, 3, padding="same")(x)
    return keras.Model(inputs, L.DepthwiseConv2D(3, padding="same", name="first")(x))


@model
def bidirectional_lstm():
    inputs = keras.Input((6, 3))
    x = L.Bidirectional(L.LSTM(3, return_sequences=True))(inputs)
    return keras.Model(inputs, L.Bidirectional(L.GRU(2), merge_mode="sum")(x))


@model
def bidirectional_sequential():
    return keras.Sequential([keras.Input((6, 3)), L.Bidirectional(L.SimpleRNN(4)), L.Dense(2)])


@model
def bidirectional_own_backward():
    inputs = keras.Input((6, 3))
    backward = L.GRU(4, go_backwards=True, return_sequences=True)
    return keras.Model(inputs, L.Bidirectional(L.LSTM(4, return_sequences=True), backward_layer=backward)(inputs))


@model
def attention():
    inputs = keras.Input((5, 4))
    x = L.MultiHeadAttention(2, 2)(inputs, inputs)
    x = L.LayerNormalization()(L.Add()([x, inputs]))
    other = L.MultiHeadAttention(1, 4, value_dim=4)(x, inputs, inputs)
    return keras.Model(inputs, L.Concatenate()([L.Attention(use_scale=True)([x, other]), L.AdditiveAttention()([x, other])]))


@model
def nested_functional():
    inner_in = keras.Input((8, 8, 3))
    inner = keras.Model(inner_in, L.Conv2D(3, 3, padding="same")(L.Conv2DTranspose(3, 3, padding="same")(inner_in)), name="encoder")
    inputs = image(3)
    x = L.Conv2D(3, 3, padding="same")(inputs)
    return keras.Model(inputs, L.Conv2D(3, 3, padding="same")(inner(x)))


@model
def nested_deep():
    core = keras.Sequential([keras.Input((4,)), L.Dense(4, activation="tanh"), L.Dense(4)], name="zz_core")
    middle_in = keras.Input((4,))
    middle = keras.Model(middle_in, L.Dense(4)(core(L.Dense(4)(middle_in))), name="aa_middle")
    return keras.Sequential([keras.Input((4,)), L.Dense(4), middle, L.Dense(4)])


@model
def siamese():
    tower = keras.Sequential([keras.Input((4,)), L.Dense(4, activation="relu"), L.BatchNormalization()])
    one, two = keras.Input((4,)), keras.Input((4,))
    shared = L.Dense(4)
    return keras.Model([one, two], L.Subtract()([shared(tower(one)), shared(tower(two))]))


@model
def shared_with_nested():
    shared = L.Dense(4, name="shared")
    inner_in = keras.Input((4,))
    inner = keras.Model(inner_in, L.Dense(4)(shared(inner_in)), name="inner")
    inputs = keras.Input((4,))
    return keras.Model(inputs, L.Dense(4)(inner(shared(L.Dense(4)(inputs)))))


@model
def frozen():
    inner = keras.Sequential([keras.Input((4,)), L.Dense(4), L.BatchNormalization(), L.Dense(4)], name="frozen_part")
    inner.trainable = False
    inputs = keras.Input((4,))
    x = L.Dense(4, trainable=False)(inputs)
    x = L.BatchNormalization(trainable=False)(inner(x))
    built = keras.Model(inputs, L.Dense(1)(x))
    return trained(built, loss="mse", metrics=["mae"])


@model
def compiled_classifier():
    built = keras.Sequential([keras.Input((6,)), L.Dense(5, activation="relu"), L.BatchNormalization(), L.Dense(3, activation="softmax")])
    return trained(built, loss="categorical_crossentropy", metrics=["accuracy"])


@model
def compiled_two_outputs():
    inputs = keras.Input((6,), name="features")
    x = L.Dense(4, activation="relu")(inputs)
    built = keras.Model(inputs, {"b": L.Dense(1, name="b")(x), "a": L.Dense(2, name="a")(x)})
    built.compile(optimizer="adam", loss={"a": "mse", "b": "mae"})
    return built


@model
def mixed_precision():
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        inputs = image(4)
        x = L.Conv2DTranspose(4, 3, padding="same")(inputs)
        x = L.BatchNormalization()(L.Conv2D(4, 3, padding="same")(x))
        built = keras.Model(inputs, L.Dense(2, dtype="float32")(L.GlobalAveragePooling2D()(x)))
        return trained(built, loss="mse")
    finally:
        keras.mixed_precision.set_global_policy("float32")


@model
def custom_weights():
    inputs = keras.Input((4,))
    return keras.Model(inputs, L.Dense(4)(ScaleShift(1.5)(L.Dense(4)(inputs))))


@model
def custom_sublayers():
    inputs = keras.Input((4,))
    return keras.Model(inputs, SqueezeExcite()(L.Dense(4)(SqueezeExcite(3)(inputs))))


@model
def custom_list():
    inputs = keras.Input((4,))
    return keras.Model(inputs, Stack(4)(Gate()(inputs)))


@model
def custom_compiled():
    return trained(keras.Sequential([keras.Input((4,)), L.Dense(4), SqueezeExcite(), L.Dense(1)]), loss="mse", metrics=["mae"])


@model
def text():
    layer = L.TextVectorization(max_tokens=20, output_mode="int", output_sequence_length=5)
    layer.adapt(["the quick brown fox", "jumps over the lazy dog", "the dog sleeps"])
    inputs = keras.Input((1,), dtype="string")
    x = L.Embedding(20, 4)(layer(inputs))
    return keras.Model(inputs, L.Dense(2)(L.GlobalAveragePooling1D()(x)))


@model
def string_lookup():
    inputs = keras.Input((1,), dtype="string")
    layer = L.StringLookup(output_mode="int")
    layer.adapt(["red", "green", "green", "blue"])
    return keras.Model(inputs, L.Dense(2)(L.Flatten()(L.Embedding(6, 3)(layer(inputs)))))


@model
def string_vocabulary():
    inputs = keras.Input((1,), dtype="string")
    x = L.StringLookup(vocabulary=["red", "green", "blue"], output_mode="one_hot")(inputs)
    return keras.Model(inputs, L.Dense(2)(x))


@model
def integer_lookup():
    inputs = keras.Input((1,), dtype="int64")
    x = L.IntegerLookup(vocabulary=[7, 11, 13], output_mode="one_hot")(inputs)
    return keras.Model(inputs, L.Dense(2)(x))


@model
def normalization():
    layer = L.Normalization()
    layer.adapt(np.random.default_rng(3).normal(2, 3, (50, 4)).astype("float32"))
    inputs = keras.Input((4,))
    return keras.Model(inputs, L.Dense(4)(layer(L.Rescaling(2.0, 0.5)(inputs))))


@model
def masked_lstm():
    inputs = keras.Input((6,), dtype="int32")
    x = L.Embedding(10, 4, mask_zero=True)(inputs)
    x = L.LSTM(4, return_sequences=True)(x)
    return keras.Model(inputs, L.Dense(2)(L.Bidirectional(L.LSTM(3))(x)))


@model
def masking_gru():
    return keras.Sequential([keras.Input((6, 3)), L.Masking(0.0), L.GRU(4, return_sequences=True), L.TimeDistributed(L.Dense(2))])


@model
def time_distributed_model():
    part = keras.Sequential(
        [keras.Input((6, 2)), L.Conv1DTranspose(2, 3, padding="same"), L.Conv1D(2, 3, padding="same"), L.Flatten(), L.Dense(3)]
    )
    inputs = keras.Input((4, 6, 2))
    return keras.Model(inputs, L.LSTM(3)(L.TimeDistributed(part)(inputs)))


@model
def rnn_cells():
    inputs = keras.Input((5, 3))
    x = L.RNN([L.LSTMCell(3), L.GRUCell(3)], return_sequences=True)(inputs)
    return keras.Model(inputs, L.RNN(L.SimpleRNNCell(3))(x))


@model
def conv_lstm():
    inputs = keras.Input((3, 6, 6, 2))
    return keras.Model(inputs, L.ConvLSTM2D(3, 3, padding="same", recurrent_activation="hard_sigmoid")(inputs))


@model
def seq2seq():
    source, target = keras.Input((5, 3)), keras.Input((4, 3))
    _, hidden, cell = L.LSTM(4, return_state=True)(source)
    return keras.Model([source, target], L.Dense(3)(L.LSTM(4, return_sequences=True)(target, initial_state=[hidden, cell])))


@model
def residual_with_operations():
    inputs = image(4)
    x = L.BatchNormalization()(L.Conv2D(4, 3, padding="same")(inputs))
    x = x + 3.0
    x = L.Add(**({"name": "add"} if RELEASE < (3, 0) else {}))([x, inputs])
    x = L.ReLU(max_value=6.0)(x) * (1.0 / 6.0)
    return keras.Model(inputs, L.GlobalAveragePooling2D()(x[:, 1:, :, :] + L.Conv2D(4, 2, padding="same")(x)[:, 1:]))


@model
def activations():
    inputs = keras.Input((6,))
    x = L.Dense(6, activation="gelu")(inputs)
    x = L.LeakyReLU(0.2)(x)
    x = L.ELU()(L.Dense(6, activation="swish")(x))
    x = L.Activation("hard_sigmoid")(L.Dense(6)(x))
    return keras.Model(inputs, L.Softmax()(L.Dense(6, kernel_regularizer="l2", kernel_constraint=keras.constraints.MaxNorm(3))(x)))


@model
def einsum_and_group():
    inputs = keras.Input((5, 4))
    x = L.EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d")(inputs)
    x = L.GroupNormalization(2)(x)
    return keras.Model(inputs, L.UnitNormalization()(L.Dense(4)(x)))


@model
def augmented():
    inputs = image(3)
    x = L.RandomFlip("horizontal")(L.Rescaling(1 / 255.0)(inputs))
    x = L.Resizing(6, 6)(L.RandomRotation(0.1)(x))
    x = L.Dropout(0.3)(L.Conv2D(3, 3)(x))
    return keras.Model(inputs, L.Dense(2)(L.Flatten()(x)))


@held_out
def h_autoencoder():
    inputs = image(1, 8)
    x = L.Conv2D(4, 3, strides=2, padding="same", activation="relu")(inputs)
    code = L.Conv2D(4, 3, padding="same", name="code")(x)
    decoder = keras.Sequential([keras.Input((4, 4, 4)), L.Conv2DTranspose(4, 3, padding="same", activation="relu"),
                                L.UpSampling2D(), L.Conv2D(1, 3, padding="same", activation="sigmoid")], name="decoder")  # fmt: skip
    return trained(keras.Model(inputs, decoder(code)), loss="mse", metrics=["mse"])


@held_out
def h_transformer_block():
    inputs = keras.Input((6,), dtype="int32")
    x = L.Embedding(12, 8)(inputs)
    for _ in range(2):
        normal = L.LayerNormalization(epsilon=1e-6)(x)
        x = L.Add()([x, L.Dropout(0.1)(L.MultiHeadAttention(2, 4, dropout=0.1)(normal, normal))])
        x = L.Add()([x, L.Dense(8)(L.Dense(16, activation="gelu")(L.LayerNormalization(epsilon=1e-6)(x)))])
    return keras.Model(inputs, L.Dense(3, activation="softmax")(L.GlobalAveragePooling1D()(x)))


@held_out
def h_two_towers_of_one_class():
    def tower(name, first):
        inputs = keras.Input((4,))
        return keras.Model(inputs, L.Dense(4)(L.Dense(4, activation=first)(inputs)), name=name)

    one, two = keras.Input((4,)), keras.Input((4,))
    return keras.Model([one, two], L.Concatenate()([tower("z", "relu")(one), tower("a", "tanh")(two)]))


@held_out
def h_frozen_convolutions():
    base = keras.Sequential([keras.Input((8, 8, 3)), L.Conv2D(3, 3, padding="same"), L.BatchNormalization(),
                             L.DepthwiseConv2D(3, padding="same"), L.BatchNormalization(), L.ReLU(6.0)], name="base")  # fmt: skip
    base.layers[0].trainable = False
    base.layers[1].trainable = False
    head = keras.Sequential([keras.Input((8, 8, 3)), base, L.GlobalAveragePooling2D(), L.Dense(3), L.Dense(3, activation="softmax")])
    return trained(head, loss="categorical_crossentropy", metrics=["accuracy"])


@held_out
def h_bidirectional_conv_lstm():
    inputs = keras.Input((3, 5, 5, 2))
    return keras.Model(inputs, L.Bidirectional(L.ConvLSTM2D(2, 3, padding="same", return_sequences=True))(inputs))


@held_out
def h_wide_and_deep():
    number, word = keras.Input((3,), name="number"), keras.Input((1,), dtype="string", name="word")
    looked_up = L.StringLookup(vocabulary=["a", "b", "c"], output_mode="multi_hot")(word)
    layer = L.Normalization()
    layer.adapt(np.random.default_rng(5).normal(1, 2, (40, 3)).astype("float32"))
    x = L.Concatenate()([layer(number), looked_up])
    return keras.Model([number, word], L.Dense(1)(L.Dense(7, activation="relu")(x)))


@held_out
def h_custom_in_nested():
    inner_in = keras.Input((4,))
    inner = keras.Model(inner_in, Gate()(SqueezeExcite()(inner_in)), name="inner")
    inputs = keras.Input((4,))
    return trained(keras.Model(inputs, L.Dense(1)(ScaleShift()(inner(L.Dense(4)(inputs))))), loss="mse")


@held_out
def h_gru_stack_mixed():
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        return keras.Sequential(
            [keras.Input((6, 4)), L.GRU(4, return_sequences=True), L.Bidirectional(L.GRU(4)), L.Dense(2, dtype="float32")]
        )
    finally:
        keras.mixed_precision.set_global_policy("float32")


@held_out
def h_time_distributed_lstm():
    inputs = keras.Input((4, 5, 3))
    return keras.Model(inputs, L.Bidirectional(L.LSTM(3))(L.TimeDistributed(L.LSTM(3))(inputs)))


def trained(built, **settings):
    """The model compiled and fitted for two steps, so that optimizer, metrics and statistics have state."""
    built.compile(optimizer="adam", **settings)
    generator = np.random.default_rng(7)
    shape = lambda tensor: tuple(size or 1 for size in tensor.shape[1:])  # noqa: E731
    xs = [generator.normal(size=(16, *shape(tensor))).astype("float32") for tensor in built.inputs]
    ys = generator.uniform(size=(16, *shape(built.outputs[0]))).astype("float32")
    built.fit(xs[0] if len(xs) == 1 else xs, ys, batch_size=8, epochs=1, verbose=0)
    return built


def settle(built):
    """Values that tell every weight from every other: biases and statistics that begin as zeros or ones too."""
    generator = np.random.default_rng(11)
    adapted = {id(weight) for layer in built._flatten_layers() if isinstance(layer, L.Normalization) for weight in layer.weights}
    for weight in built.weights:
        if not hasattr(weight, "assign") or id(weight) in adapted:  # a vocabulary, or what the layer has made a copy of
            continue
        name, value = getattr(weight, "path", weight.name), np.asarray(weight)
        if value.dtype.kind != "f" or "seed" in name:
            continue
        fresh = generator.uniform(0.5, 1.5, value.shape) if "variance" in name else generator.normal(0, 0.5, value.shape)
        weight.assign(fresh.astype(value.dtype))
    return built


WORDS = {"text": ["the quick fox", "lazy dog dog", "sleeps over", "unknown words", "the", "brown fox jumps over the dog"]}


def samples(name, built):
    generator = np.random.default_rng(17)
    arrays = []
    for tensor in built.inputs:
        shape = (6, *(size or 5 for size in tensor.shape[1:]))
        kind = getattr(tensor.dtype, "name", tensor.dtype)
        if kind == "string":
            words = WORDS.get(name, ["red", "green", "blue", "none", "a", "b"])
            arrays.append(np.array(words).reshape(6, 1))
        elif "int" in str(kind):
            arrays.append(
                generator.integers(0, 4, shape).astype(kind) if name != "integer_lookup" else np.array([[7], [11], [13], [1], [7], [0]])
            )
        else:
            arrays.append(generator.normal(size=shape).astype("float32"))
    if name == "masking_gru":
        arrays[0][:, 4:] = 0
    return arrays


def predict(built, xs):
    fed = [tf.constant(x) for x in xs]
    if not isinstance(built, keras.Sequential) and isinstance(built.input, dict):
        fed = dict(zip(built.input, fed, strict=True))
    found = built(fed[0] if isinstance(fed, list) and len(fed) == 1 else fed, training=False)
    listed = list(found.values()) if isinstance(found, dict) else list(found) if isinstance(found, (list, tuple)) else [found]
    return [np.asarray(array) for array in listed]


def save(folder, name, function):
    keras.utils.set_random_seed(1)
    keras.backend.clear_session()
    built = settle(function())
    xs = samples(name, built)
    record = {f"x{index}": x for index, x in enumerate(xs)}
    record.update({f"p{index}": p for index, p in enumerate(predict(built, xs))})
    np.savez_compressed(os.path.join(folder, f"{name}.npz"), **record)
    built.save(os.path.join(folder, f"{name}.keras"), **({"save_format": "keras_v3"} if RELEASE == (2, 12) else {}))
    if RELEASE >= (2, 13):
        built.save_weights(os.path.join(folder, f"{name}.weights.h5"))
        with open(os.path.join(folder, f"{name}.json"), "w") as stream:
            stream.write(built.to_json())


def main():
    folder, wanted = sys.argv[1], sys.argv[2:]
    os.makedirs(folder, exist_ok=True)
    random.seed(1)
    for name, function in {**MODELS, **HELD_OUT}.items():
        if wanted and name not in wanted:
            continue
        try:
            save(folder, name, function)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {' '.join(str(error).split())[:200]}", flush=True)
            if os.environ.get("ZOO_TRACE"):
                traceback.print_exc()


if __name__ == "__main__":
    main()
