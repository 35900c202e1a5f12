"""Models to be damaged, in sets of other architectures, layer names and optimizers: a set is judged once before anybody mends from it.

    python benchmarks/salvage_models.py FOLDER {first,second,third,tiny,large,heavy} [MODEL...]     with any release of Keras from 2.2.4 on

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


def unet() -> Made:
    seen = L.Input((16, 16, 3), name="slice")
    hidden, skips = seen, []
    for depth, width in enumerate((5, 8)):
        hidden = L.LeakyReLU()(L.Conv2D(width, 3, padding="same", name=f"down{depth}")(hidden))
        skips.append(hidden)
        hidden = L.AveragePooling2D(2)(hidden)
    hidden = L.Conv2D(11, (1, 3), padding="same", activation="tanh", name="bottom")(hidden)
    for depth, width in enumerate((8, 5)):
        hidden = L.Conv2DTranspose(width, 2, strides=2, name=f"up{depth}")(hidden)
        hidden = L.BatchNormalization(momentum=0.8)(L.Concatenate()([skips.pop(), hidden]))
    made = keras.models.Model(seen, L.Conv2D(1, 1, activation="sigmoid", name="mask")(hidden))
    return made, keras.optimizers.Adam(beta_1=0.85, **rate(0.002)), "binary_crossentropy"


def recommender() -> Made:
    seen, parts = [], []
    for name, many, width in (("user", 61, 6), ("item", 83, 6), ("shop", 17, 3)):
        seen.append(L.Input((1,), name=name))
        parts.append(L.Flatten()(L.Embedding(many, width, name=f"{name}_factors")(seen[-1])))
    both = L.Concatenate()([L.Dot(1)(parts[:2]), *parts])
    hidden = L.Dense(19, activation="relu")(L.GaussianNoise(0.1)(both))
    made = keras.models.Model(seen, L.Dense(1, use_bias=False, name="rating")(hidden))
    return made, keras.optimizers.Adagrad(**rate(0.02)), "mse"


def residual() -> Made:
    seen = hidden = L.Input((8, 8, 6))
    for block in range(20):
        way = L.Conv2D(6, 3, padding="same", use_bias=block % 4 == 0)(hidden)
        way = L.Activation("relu")(L.BatchNormalization(scale=block % 5 > 0)(way))
        way = L.DepthwiseConv2D(3, padding="same", depth_multiplier=1)(way) if block % 3 == 0 else way
        hidden = L.Add()([hidden, way])
    made = keras.models.Model(seen, L.Dense(7, activation="softmax")(L.GlobalAveragePooling2D()(hidden)))
    return made, keras.optimizers.SGD(momentum=0.8, **rate(0.01)), "categorical_crossentropy"


def tagger() -> Made:
    made = keras.models.Sequential(name="tagger")
    made.add(L.Embedding(70, 9, mask_zero=True, name="lookup", **({"input_length": 11} if VERSION < (3, 0) else {})))
    made.add(L.Bidirectional(L.GRU(6, return_sequences=True), merge_mode="sum"))
    made.add(L.SimpleRNN(8, return_sequences=True))
    made.add(L.TimeDistributed(L.Dense(5, activation="softmax")))
    return made, keras.optimizers.RMSprop(**rate(0.004)), "categorical_crossentropy"


def volumes() -> Made:
    made = keras.models.Sequential([L.Conv3D(4, 2, activation="relu", input_shape=(5, 6, 7, 2)), L.MaxPooling3D(2)])
    made.add(L.BatchNormalization(center=False, name="calm"))
    made.add(L.Reshape((2, -1)))
    made.add(L.LSTM(5, implementation=1))
    made.add(L.Dense(3, activation="softmax"))
    return made, keras.optimizers.Nadam(**rate(0.002)), "categorical_crossentropy"


def transfer() -> Made:
    seen = L.Input((10, 10, 3))
    hidden = L.Conv2D(7, 3, activation="relu", name="stem")(seen)
    hidden = L.SeparableConv2D(6, 3, name="body")(L.BatchNormalization(name="stem_norm")(hidden))
    base = keras.models.Model(seen, L.GlobalMaxPooling2D()(hidden), name="backbone")
    base.trainable = False
    given = L.Input((10, 10, 3), name="photo")
    made = keras.models.Model(given, L.Dense(2, activation="softmax", name="kind")(L.Dense(12, activation="elu", name="neck")(base(given))))
    return made, keras.optimizers.Adamax(**rate(0.003)), "categorical_crossentropy"


def ladder() -> Made:
    made = keras.models.Sequential()
    for rung in range(60):
        made.add(L.Dense(15 + rung % 4, activation="elu", **({"input_shape": (9,)} if rung == 0 else {})))
    made.add(L.Dense(2, activation="softmax"))
    return made, keras.optimizers.Adam(amsgrad=True, **rate(0.001)), "categorical_crossentropy"


def heavy() -> Made:
    seen = L.Input((16, 16, 3))
    hidden = L.Conv2D(96, 3, padding="same", activation="relu", name="wide_0")(seen)
    hidden = L.MaxPooling2D()(L.Conv2D(192, 3, padding="same", activation="relu", name="wide_1")(hidden))
    hidden = L.Dense(900, activation="relu", name="joined")(L.Flatten()(L.BatchNormalization()(hidden)))
    hidden = L.Dense(900, activation="relu", name="narrowed")(hidden)
    made = keras.models.Model(seen, L.Dense(8, activation="softmax")(hidden))
    return made, keras.optimizers.SGD(momentum=0.9, **rate(0.001)), "categorical_crossentropy"


def pair() -> Made:
    made = keras.models.Sequential([L.Dense(3, activation="relu", input_shape=(2,)), L.Dense(1)])
    return made, keras.optimizers.SGD(momentum=0.9, **rate(0.01)), "mse"


def norm() -> Made:
    seen = L.Input((4, 4, 2))
    hidden = L.BatchNormalization()(L.Conv2D(2, 2, name="c")(seen))
    return keras.models.Model(seen, L.Flatten()(hidden)), keras.optimizers.Adam(**rate(0.01)), "mse"


SETS: Mapping[str, tuple[Callable[[], Made], ...]] = {
    "first": (autoencoder, captions, separable, siamese, deep),
    "second": (waves, translator, video, branches, sentences, tower),
    "third": (unet, recommender, residual, tagger, volumes, transfer, ladder),
    "tiny": (pair, norm),
    "large": (large,),
    "heavy": (heavy,),
}


_TENSORFLOW = ("autoencoder", "captions", "separable", "siamese", "waves", "translator", "branches", "unet", "tagger", "pair")
"""Models of which a SavedModel and a checkpoint are written too."""
_WORDS = {"sentences": (40, 14, 1), "tagger": (70, 11, 1), "recommender": (17, 1, 3)}
"""Models whose inputs are words: how many there are, of how many a sample consists, and how many inputs."""


def like(shape: tuple[Any, ...], name: str, rng: np.random.RandomState) -> np.ndarray[Any, np.dtype[Any]]:
    sizes = (16, *(int(size) for size in shape[1:]))
    return rng.randint(0, 40, sizes).astype("f4") if name == "words" else rng.randn(*sizes).astype("f4")


def train(made: Any, name: str, seed: int) -> None:
    rng = np.random.RandomState(seed)
    if name in _WORDS:
        many, length, count = _WORDS[name]
        given = [rng.randint(0, many, (16, length)).astype("f4") for _ in range(count)]
    else:
        shapes = [(tensor.shape.as_list() if hasattr(tensor.shape, "as_list") else tensor.shape, tensor.name) for tensor in made.inputs]
        given = [like(shape, said.split(":")[0], rng) for shape, said in shapes]
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
        if (2, 4) <= VERSION < (3, 0) and name in _TENSORFLOW:
            made.save(str(place / f"{name}_saved"), save_format="tf")
            made.save_weights(str(place / f"{name}_ckpt"), save_format="tf")
    (folder / f"{name}.h5.json").write_text(made.to_json())


def main() -> None:
    folder, chosen, only = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    for make in SETS[chosen]:
        if only and make.__name__ not in only:
            continue
        keras.backend.clear_session() if VERSION >= (2, 4) else None
        write(folder, make)
        print(make.__name__, flush=True)


if __name__ == "__main__":
    main()
