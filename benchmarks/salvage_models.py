"""Models to be damaged, in two sets of other architectures, layer names and optimizers: the second is looked at by nobody who mends.

    python benchmarks/salvage_models.py FOLDER {first,second,large}     with any release of Keras from 2.2.4 on

Writes NAME.h5, older/NAME.h5 (an epoch before) and NAME.h5.json (the architecture); with TensorFlow 2 also a SavedModel and a checkpoint;
from Keras 2.12 on NAME.keras, and in Keras 3 NAME.weights.h5.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable, Mapping  # noqa: UP035  Python 3.6 and 3.7

import numpy as np
from salvage_kills import library

keras = library()
L = keras.layers
VERSION = tuple(int(part) for part in keras.__version__.split("-")[0].split(".")[:2])
Made = Any
"""A model, its optimizer, its loss: the oldest Python here has no `tuple[...]`."""


def rate(value: float) -> Mapping[str, float]:
    return {"lr": value} if VERSION < (2, 3) else {"learning_rate": value}


def autoencoder() -> Made:
    seen = hidden = L.Input((16, 16, 2), name="pixels")
    for number, width in enumerate((6, 9)):
        hidden = L.Conv2D(width, 3, padding="same", name=f"enc_{number}")(hidden)
        hidden = L.PReLU(shared_axes=[1, 2], name=f"act_{number}")(L.BatchNormalization(name=f"norm_{number}")(hidden))
        hidden = L.MaxPooling2D()(hidden)
    hidden = L.Conv2DTranspose(7, 2, strides=2, activation="elu")(hidden)
    hidden = L.Conv2D(5, 3, padding="same", use_bias=False)(L.UpSampling2D()(hidden))
    made = keras.models.Model(seen, L.Conv2D(2, 1, name="out")(hidden))
    return made, keras.optimizers.RMSprop(**rate(0.002)), "mse"


def captions() -> Made:
    picture, words = L.Input((24,), name="picture"), L.Input((9,), name="words")
    text = L.Embedding(50, 12, mask_zero=True, name="tokens")(words)
    text = L.GRU(11, return_sequences=True, name="reader")(text)
    text = L.Bidirectional(L.LSTM(7), name="both_ways")(text)
    both = L.Concatenate()([text, L.Dense(13, activation="tanh", name="glance")(picture)])
    made = keras.models.Model([picture, words], L.Dense(50, activation="softmax")(both))
    return made, keras.optimizers.Adadelta(), "categorical_crossentropy"


def separable() -> Made:
    seen = hidden = L.Input((20, 20, 3))
    hidden = L.SeparableConv2D(8, 3, activation="relu")(hidden)
    hidden = L.BatchNormalization(scale=False)(hidden)
    hidden = L.DepthwiseConv2D(3, padding="same")(hidden)
    hidden = L.SeparableConv2D(12, 3, padding="same", strides=2, use_bias=False, name="stride")(hidden)
    hidden = L.Dropout(0.2)(L.GlobalAveragePooling2D()(hidden))
    made = keras.models.Model(seen, L.Dense(4, activation="softmax", name="head/logits" if VERSION < (2, 13) else "logits")(hidden))
    for layer in made.layers[:4]:
        layer.trainable = False
    return made, keras.optimizers.Nadam(**rate(0.001)), "categorical_crossentropy"


def siamese() -> Made:
    part = keras.models.Sequential(name="encoder")
    part.add(L.Dense(17, activation="relu", input_shape=(10,)))
    part.add(L.Dense(6, use_bias=False))
    one, two = L.Input((10,)), L.Input((10,))
    both = L.Multiply()([part(one), part(two)])
    made = keras.models.Model([one, two], L.Dense(1, activation="sigmoid")(L.Dense(5)(both)))
    return made, keras.optimizers.Adam(amsgrad=True, **rate(0.001)), "binary_crossentropy"


def deep() -> Made:
    made = keras.models.Sequential()
    for number in range(30):
        made.add(L.Dense(24, activation="relu", **({"input_shape": (12,)} if number == 0 else {})))
        made.add(L.BatchNormalization(momentum=0.9))
    made.add(L.Dense(3, activation="softmax"))
    return made, keras.optimizers.SGD(momentum=0.9, nesterov=True, **rate(0.01)), "categorical_crossentropy"


def waves() -> Made:
    seen = hidden = L.Input((32, 1), name="signal")
    for number in range(4):
        gate = L.Conv1D(8, 2, padding="causal", dilation_rate=2**number, activation="sigmoid", name=f"gate{number}")(hidden)
        wave = L.Conv1D(8, 2, padding="causal", dilation_rate=2**number, activation="tanh", name=f"wave{number}")(hidden)
        mixed = L.Conv1D(8, 1, name=f"mix{number}")(L.Multiply()([gate, wave]))
        hidden = mixed if number == 0 else L.Add()([mixed, hidden])
    made = keras.models.Model(seen, L.Dense(1)(L.Flatten()(hidden)))
    return made, keras.optimizers.SGD(**rate(0.01)), "mse"


def translator() -> Made:
    source, target = L.Input((7, 6), name="source"), L.Input((5, 6), name="target")
    _, *state = L.LSTM(9, return_state=True, name="encoder_lstm")(source)
    written = L.LSTM(9, return_sequences=True, name="decoder_lstm")(target, initial_state=state)
    made = keras.models.Model([source, target], L.TimeDistributed(L.Dense(6, activation="softmax"), name="word")(written))
    return made, keras.optimizers.Adamax(), "categorical_crossentropy"


def video() -> Made:
    seen = L.Input((3, 8, 8, 1))
    hidden = L.TimeDistributed(L.Conv2D(4, 3, padding="same"))(seen)
    hidden = L.ConvLSTM2D(5, 3, padding="same", name="moving")(hidden)
    hidden = L.Dense(9, kernel_regularizer="l2")(L.GlobalMaxPooling2D()(hidden))
    made = keras.models.Model(seen, L.Dense(2, activation="softmax")(hidden))
    return made, keras.optimizers.Adagrad(), "categorical_crossentropy"


def branches() -> Made:
    seen = hidden = L.Input((12, 12, 4))
    for block in range(3):
        ways = [L.Conv2D(3 + block, size, padding="same", activation="relu", name=f"b{block}_{size}x{size}")(hidden) for size in (1, 3, 5)]
        ways.append(L.MaxPooling2D(3, strides=1, padding="same")(hidden))
        hidden = L.BatchNormalization(name=f"b{block}_bn")(L.Concatenate(name=f"b{block}_join")(ways))
    made = keras.models.Model(seen, L.Dense(6, activation="softmax", name="classes")(L.GlobalAveragePooling2D()(hidden)))
    return made, keras.optimizers.Adam(**rate(0.003)), "categorical_crossentropy"


def sentences() -> Made:
    part = keras.models.Sequential([L.Conv1D(10, 3, activation="relu", input_shape=(14, 8)), L.GlobalMaxPooling1D()])
    made = keras.models.Sequential([L.Embedding(40, 8, input_length=14) if VERSION < (3, 0) else L.Embedding(40, 8)])
    made.add(L.SpatialDropout1D(0.1))
    made.add(part)
    made.add(L.Dense(7, activation="selu"))
    made.add(L.Dense(2, activation="softmax"))
    return made, keras.optimizers.RMSprop(**rate(0.001)), "categorical_crossentropy"


def tower() -> Made:
    seen = hidden = L.Input((14,), name="features")
    for block in range(20):
        hidden = L.Dense(18, activation="relu", name=f"tower_{block}_dense", use_bias=block % 3 > 0)(hidden)
        hidden = L.BatchNormalization(name=f"tower_{block}_norm", center=block % 2 > 0)(hidden)
        hidden = L.Dropout(0.1, name=f"tower_{block}_drop")(hidden)
    made = keras.models.Model(seen, L.Dense(1, name="price")(hidden))
    return made, keras.optimizers.Adam(**rate(0.001)), "mse"


def large() -> Made:
    made = keras.models.Sequential([L.Dense(2600, activation="relu", input_shape=(900,))])
    made.add(L.BatchNormalization())
    made.add(L.Dense(2200, activation="relu"))
    made.add(L.Dense(4, activation="softmax"))
    return made, keras.optimizers.Adam(**rate(0.001)), "categorical_crossentropy"


SETS: Mapping[str, tuple[Callable[[], Made], ...]] = {
    "first": (autoencoder, captions, separable, siamese, deep),
    "second": (waves, translator, video, branches, sentences, tower),
    "large": (large,),
}


def like(shape: tuple[Any, ...], name: str, rng: np.random.RandomState) -> np.ndarray[Any, np.dtype[Any]]:
    sizes = (16, *(int(size) for size in shape[1:]))
    return rng.randint(0, 40, sizes).astype("f4") if name in ("words", "sentences") else rng.randn(*sizes).astype("f4")


def train(made: Any, name: str, seed: int) -> None:
    rng = np.random.RandomState(seed)
    given = [
        like(tensor.shape.as_list() if hasattr(tensor.shape, "as_list") else tensor.shape, tensor.name.split(":")[0], rng)
        for tensor in made.inputs
    ]
    if name == "sentences":
        given = [rng.randint(0, 40, (16, 14)).astype("f4")]
    wanted = made.predict(given if len(given) > 1 else given[0])
    target = np.eye(wanted.shape[-1])[rng.randint(0, wanted.shape[-1], wanted.shape[:-1])] if wanted.shape[-1] > 1 else wanted + 0.3
    made.fit(given if len(given) > 1 else given[0], target, epochs=2, batch_size=4, verbose=0)


def write(folder: Path, make: Callable[[], Made]) -> None:
    name = make.__name__
    made, optimizer, loss = make()
    made.compile(optimizer, loss)
    endings = [".h5", *([".keras"] if VERSION >= (2, 12) else []), *([".weights.h5"] if VERSION >= (3, 0) else [])]
    for seed, place in ((1, folder / "older"), (2, folder)):
        train(made, name, seed)
        place.mkdir(parents=True, exist_ok=True)
        for ending in endings:
            (made.save_weights if ending == ".weights.h5" else made.save)(str(place / (name + ending)))
        if (2, 4) <= VERSION < (3, 0) and name != "large":
            made.save(str(place / f"{name}_saved"), save_format="tf")
            made.save_weights(str(place / f"{name}_ckpt"), save_format="tf")
    (folder / f"{name}.h5.json").write_text(made.to_json())


def main() -> None:
    folder, chosen = Path(sys.argv[1]), sys.argv[2]
    for make in SETS[chosen]:
        keras.backend.clear_session() if VERSION >= (2, 4) else None
        write(folder, make)
        print(make.__name__, flush=True)


if __name__ == "__main__":
    main()
