"""Records, in a genuine legacy Keras, what each stock layer draws from numpy's global generator and which weights it stores.

Run as `python record_draws.py OUT.json` in an environment with Keras 2.0-2.2 and TensorFlow 1.x; `test_draws.py` reads the result.
"""

import json
import sys

import keras
import numpy as np
from keras import backend as K
from keras import layers as L

try:
    from keras.engine.base_layer import Layer
except ImportError:
    from keras.engine.topology import Layer

drawn, building = [], []
randint, normal, add_weight = np.random.randint, np.random.normal, Layer.add_weight


def recorded_randint(*args, **kwargs):
    drawn.append(["seed", "build" if building else "call", building[-1] if building else None])
    return randint(*args, **kwargs)


def recorded_normal(*args, **kwargs):
    drawn.append(["normal", "build" if building else "call", building[-1] if building else None])
    return normal(*args, **kwargs)


def recorded_add_weight(self, *args, **kwargs):
    building.append(kwargs.get("name") or next(arg for arg in args if isinstance(arg, str)))
    try:
        return add_weight(self, *args, **kwargs)
    finally:
        building.pop()


np.random.randint, np.random.normal, Layer.add_weight = recorded_randint, recorded_normal, recorded_add_weight
STEPS, IMAGE, VOLUME = (8, 4), (8, 8, 3), (6, 6, 6, 2)


def cases():
    def case(name, shape, *args, **kwargs):
        return name, lambda: getattr(L, name)(*args, **kwargs), lambda: L.Input(shape)

    yield case("Dense", (4,), 3)
    yield case("Dense", (4,), 3, kernel_initializer="he_normal", bias_initializer="normal")
    yield case("Dense", (4,), 3, kernel_initializer=keras.initializers.glorot_uniform(seed=7))
    yield case("Dense", (4,), 3, kernel_initializer="zeros", use_bias=False)
    yield case("Conv1D", STEPS, 3, 2)
    yield case("Conv1D", STEPS, 3, 2, use_bias=False, kernel_initializer="orthogonal")
    for name in ("Conv2D", "Conv2DTranspose", "SeparableConv2D", "LocallyConnected2D"):
        yield case(name, IMAGE, 3, 2)
    for name in ("Conv3D", "Conv3DTranspose"):
        yield case(name, VOLUME, 3, 2)
    yield case("SeparableConv1D", STEPS, 3, 2)
    yield case("DepthwiseConv2D", IMAGE, 3)
    yield case("LocallyConnected1D", STEPS, 3, 2)
    yield case("PReLU", STEPS)
    yield case("PReLU", STEPS, "uniform")
    yield case("Embedding", (5,), 10, 3)
    yield case("BatchNormalization", STEPS)
    yield case("BatchNormalization", STEPS, scale=False)
    yield case("BatchNormalization", STEPS, gamma_initializer="uniform", center=False)
    for name, shape in (("Dropout", STEPS), ("SpatialDropout1D", STEPS), ("SpatialDropout2D", IMAGE), ("SpatialDropout3D", VOLUME)):
        yield case(name, shape, 0.5)
    yield case("Dropout", STEPS, 0.5, seed=3)
    for rate in (0.0, 0.3):
        for name in ("Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout"):
            yield case(name, STEPS, rate)
    for name in ("Flatten", "MaxPooling1D", "GlobalAveragePooling1D", "Activation"):
        yield case(name, STEPS, *(["relu"] if name == "Activation" else []))
    for name in ("SimpleRNN", "GRU", "LSTM"):
        yield case(name, STEPS, 3)
        yield case(name, STEPS, 3, use_bias=False, dropout=0.2)
        yield case(name, STEPS, 3, recurrent_dropout=0.2, unroll=True)
        yield case(name, STEPS, 3, dropout=0.3, recurrent_dropout=0.2, return_sequences=True)
    for implementation in (1, 2):
        yield case("LSTM", STEPS, 3, dropout=0.3, recurrent_dropout=0.2, implementation=implementation)
    yield case("LSTM", STEPS, 3, bias_initializer="uniform")
    yield case("LSTM", STEPS, 3, bias_initializer="uniform", unit_forget_bias=False)
    yield case("GRU", STEPS, 3, reset_after=True)
    yield case("CuDNNLSTM", STEPS, 3)
    yield case("CuDNNGRU", STEPS, 3, bias_initializer="uniform")
    yield case("ConvLSTM2D", (4, 6, 6, 2), 3, 2)
    yield case("ConvLSTM2D", (4, 6, 6, 2), 3, 2, dropout=0.1, recurrent_dropout=0.1)
    yield "TimeDistributed", lambda: L.TimeDistributed(L.Dense(3)), lambda: L.Input(STEPS)
    yield "TimeDistributed", lambda: L.TimeDistributed(L.Dropout(0.3)), lambda: L.Input(STEPS)
    yield "TimeDistributed", lambda: L.TimeDistributed(L.Bidirectional(L.GRU(2))), lambda: L.Input((5, 8, 4))
    yield "Bidirectional", lambda: L.Bidirectional(L.LSTM(3)), lambda: L.Input(STEPS)
    yield "Bidirectional", lambda: L.Bidirectional(L.LSTM(3, dropout=0.2, bias_initializer="normal")), lambda: L.Input(STEPS)
    yield "RNN", lambda: L.RNN(L.LSTMCell(3)), lambda: L.Input(STEPS)
    yield "RNN", lambda: L.RNN(L.GRUCell(3, dropout=0.2)), lambda: L.Input(STEPS)
    yield "RNN", lambda: L.RNN([L.LSTMCell(3, dropout=0.2), L.GRUCell(2, recurrent_dropout=0.2)]), lambda: L.Input(STEPS)
    yield "Sequential", sequential, lambda: L.Input((4,))
    yield "Model", functional, lambda: L.Input((6, 3))
    yield "TimeDistributed", lambda: L.TimeDistributed(functional()), lambda: L.Input((5, 6, 3))


def sequential():
    return keras.models.Sequential([L.Dense(4, input_shape=(4,)), L.Dropout(0.5), L.BatchNormalization(), L.Dense(2)])


def functional():
    source = L.Input((6, 3))
    return keras.models.Model(source, L.Dense(2)(L.LSTM(3, dropout=0.2)(source)))


def record(name, make, make_input):
    K.clear_session()
    source = make_input()
    del drawn[:]
    try:
        layer = make()
        layer(source)
        first = list(drawn)
        other = make_input()  # a model called again on the same tensor answers from its cache
        del drawn[:]
        layer(other)
    except Exception:  # this release has no such layer, argument or ability
        return None
    config = layer.get_config()
    if isinstance(config, list):
        config = {"name": layer.name, "layers": config}
    return {
        "class_name": name,
        "config": config,
        "first": first,
        "again": list(drawn),
        "weights": [variable.name.split(":")[0].split("/")[-1] for variable in layer.weights],
        "ndim": [len(K.int_shape(variable)) for variable in layer.weights],
        "trained": len(layer.trainable_weights),
    }


def main():
    found = [entry for entry in (record(*case) for case in cases()) if entry]
    with open(sys.argv[1], "w") as file:
        file.write('{"keras": ' + json.dumps(keras.__version__) + ', "cases": [\n')
        file.write(",\n".join(json.dumps(entry, sort_keys=True, default=float) for entry in found) + "\n]}\n")


if __name__ == "__main__":
    main()
