"""Writes compiled and trained models of today's Keras, for the way back: `python trained.py FOLDER`.

FOLDER gets NAME.keras and NAME.npz: inputs x0, x1, ..., predictions p0, ..., targets y0, ..., and q0, ..., the predictions behind one more
step on these (`train_on_batch` of the saved file, loaded again).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from keras import Input, Model, Sequential, layers, losses, optimizers

schedules = optimizers.schedules
MODELS: dict[str, Callable[[], keras.Model]] = {}


def stack(optimizer: object, loss: object = "mse", metrics: object = ("mae",), end: str | None = None, units: int = 2) -> keras.Model:
    made = Sequential([Input((5,)), layers.Dense(6, "tanh"), layers.Dense(4, "relu"), layers.Dense(units, end)])
    made.compile(optimizer, loss, metrics=list(metrics))
    return made


OPTIMIZERS: dict[str, Callable[[], keras.Optimizer]] = {
    "sgd": lambda: optimizers.SGD(0.02),
    "sgd_momentum": lambda: optimizers.SGD(0.02, momentum=0.9),
    "sgd_nesterov": lambda: optimizers.SGD(0.02, momentum=0.8, nesterov=True),
    "rmsprop": lambda: optimizers.RMSprop(0.003),
    "rmsprop_momentum": lambda: optimizers.RMSprop(0.003, momentum=0.5),
    "rmsprop_centered": lambda: optimizers.RMSprop(0.003, momentum=0.5, centered=True),
    "adagrad": lambda: optimizers.Adagrad(0.03),
    "adadelta": lambda: optimizers.Adadelta(0.7, epsilon=1e-6),
    "adam": lambda: optimizers.Adam(0.004),
    "adam_amsgrad": lambda: optimizers.Adam(0.004, amsgrad=True, epsilon=1e-5),
    "adam_decay": lambda: optimizers.Adam(0.004, weight_decay=0.01),
    "adam_clipnorm": lambda: optimizers.Adam(0.004, clipnorm=0.05),
    "adam_global_clipnorm": lambda: optimizers.Adam(0.004, global_clipnorm=0.05),
    "sgd_clipvalue": lambda: optimizers.SGD(0.02, clipvalue=0.01),
    "adam_ema": lambda: optimizers.Adam(0.004, use_ema=True, ema_overwrite_frequency=7),
    "adamw": lambda: optimizers.AdamW(0.004),
    "adamax": lambda: optimizers.Adamax(0.004),
    "nadam": lambda: optimizers.Nadam(0.004),
    "ftrl": lambda: optimizers.Ftrl(0.05),
    "lion": lambda: optimizers.Lion(0.001),
    "adafactor": lambda: optimizers.Adafactor(0.004),
    "exponential": lambda: optimizers.Adam(schedules.ExponentialDecay(0.01, 3, 0.7)),
    "inverse_time": lambda: optimizers.SGD(schedules.InverseTimeDecay(0.05, 2, 0.3), momentum=0.9),
    "cosine": lambda: optimizers.SGD(schedules.CosineDecay(0.05, 20)),
    "piecewise": lambda: optimizers.SGD(schedules.PiecewiseConstantDecay([2, 6], [0.05, 0.02, 0.01])),
}
for name, make in OPTIMIZERS.items():
    MODELS[f"optimizer_{name}"] = lambda make=make: stack(make())

LOSSES: dict[str, tuple[object, str | None]] = {
    "binary": ("binary_crossentropy", "sigmoid"),
    "binary_logits": (losses.BinaryCrossentropy(from_logits=True), None),
    "categorical": ("categorical_crossentropy", "softmax"),
    "smoothed": (losses.CategoricalCrossentropy(label_smoothing=0.1), "softmax"),
    "mae": (losses.MeanAbsoluteError(), None),
    "huber": ("huber", None),
    "huber_delta": (losses.Huber(0.2), None),
    "kl": ("kl_divergence", "softmax"),
    "cosine": ("cosine_similarity", None),
    "log_cosh": ("log_cosh", None),
    "hinge": ("hinge", "tanh"),
    "focal": ("binary_focal_crossentropy", "sigmoid"),
    "summed": (losses.MeanSquaredError(reduction="sum"), None),
}
for name, (loss, end) in LOSSES.items():
    MODELS[f"loss_{name}"] = lambda loss=loss, end=end: stack(optimizers.Adam(0.004), loss, ["accuracy", "mse"], end)


def zoo(make: Callable[[], keras.Model]) -> Callable[[], keras.Model]:
    MODELS[make.__name__] = make
    return make


@zoo
def sparse_logits() -> keras.Model:
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    return stack(optimizers.Adam(0.004), loss, ["sparse_categorical_accuracy"], None, 3)


@zoo
def sparse() -> keras.Model:
    return stack(optimizers.Adam(0.004), "sparse_categorical_crossentropy", ["accuracy"], "softmax", 3)


@zoo
def two_outputs() -> keras.Model:
    start = Input((5,), name="start")
    x = layers.Dense(6, "tanh")(start)
    made = Model(start, [layers.Dense(2, name="a")(x), layers.Dense(3, "softmax", name="b")(x)])
    made.compile(optimizers.Adam(0.004), ["mse", "categorical_crossentropy"], loss_weights=[1.0, 0.3])
    return made


@zoo
def two_named_outputs() -> keras.Model:
    start = Input((5,), name="start")
    x = layers.Dense(6, "tanh")(start)
    made = Model(start, [layers.Dense(2, name="a")(x), layers.Dense(3, "softmax", name="b")(x)])
    made.compile("rmsprop", {"a": "mse", "b": "categorical_crossentropy"}, metrics={"a": ["mae"], "b": ["accuracy"]})
    return made


@zoo
def branches() -> keras.Model:
    start = Input((5,))
    one, two = layers.Dense(4, "tanh", name="z")(start), layers.Dense(4, "tanh", name="a")(start)
    made = Model(start, layers.Dense(2)(layers.concatenate([one, layers.multiply([one, two])])))
    made.compile(optimizers.Adam(0.004), "mse")
    return made


@zoo
def nested_shared() -> keras.Model:
    inner = Sequential([Input((5,)), layers.Dense(5, "tanh"), layers.Dense(5)], name="inner")
    start = Input((5,))
    made = Model(start, layers.Dense(2)(layers.add([inner(start), inner(inner(start))])))
    made.compile(optimizers.Adam(0.004), "mse")
    return made


@zoo
def frozen_layer() -> keras.Model:
    made = stack("adam")
    made.layers[1].trainable = False
    made.compile(optimizers.Adam(0.004), "mse")
    return made


@zoo
def normalized() -> keras.Model:
    made = Sequential([Input((5,)), layers.Dense(6), layers.BatchNormalization(momentum=0.9), layers.Dense(2)])
    made.compile(optimizers.SGD(0.02, momentum=0.9), "mse")
    return made


@zoo
def regularized() -> keras.Model:
    made = Sequential([Input((5,)), layers.Dense(6, "tanh", kernel_regularizer="l2"), layers.Dense(2, kernel_constraint="max_norm")])
    made.compile(optimizers.Adam(0.004), "mse")
    return made


@zoo
def recurrent() -> keras.Model:
    start = Input((5,))
    x = layers.Reshape((5, 1))(start)
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    made = Model(start, layers.Dense(2)(layers.GRU(3)(x)))
    made.compile(optimizers.Adam(0.004), "mse")
    return made


@zoo
def convolved() -> keras.Model:
    start = Input((5,))
    x = layers.SeparableConv2D(3, 2)(layers.Conv2D(3, 3, padding="same")(layers.Reshape((5, 5, 1))(layers.Dense(25)(start))))
    made = Model(start, layers.Dense(2)(layers.Flatten()(x)))
    made.compile(optimizers.Adam(0.004), "mse")
    return made


@zoo
def scaled() -> keras.Model:
    made = Sequential([Input((5,)), layers.Dense(6, "hard_sigmoid"), layers.Dense(2)])
    made.compile(optimizers.Adam(0.004), "mse")
    return made


@zoo
def half() -> keras.Model:
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    try:
        made = Sequential([Input((5,)), layers.Dense(6, "tanh"), layers.Dense(2, dtype="float32")])
        made.compile(optimizers.Adam(0.004), "mse")
        return made
    finally:
        keras.mixed_precision.set_dtype_policy("float32")


def targets(model: keras.Model, rng: np.random.Generator) -> list[np.ndarray]:
    """What the model's losses take."""
    if "sparse" in str(model.loss).lower():
        return [rng.integers(0, 3, (16, 1)).astype("float32")]
    made = rng.uniform(0, 1, (16, 2)).astype("float32")
    if len(model.outputs) == 2:
        return [made, np.eye(3, dtype="float32")[rng.integers(0, 3, 16)]]
    end = model.layers[-1].activation.__name__ if hasattr(model.layers[-1], "activation") else ""
    return [np.eye(2, dtype="float32")[rng.integers(0, 2, 16)] if end == "softmax" else np.round(made)]


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, make) in enumerate(MODELS.items()):
        keras.backend.clear_session()
        keras.utils.set_random_seed(number)
        rng = np.random.default_rng(number)
        model = make()
        x = rng.normal(0, 1, (16, 5)).astype("float32")
        y = targets(model, rng)
        for _ in range(5):
            model.train_on_batch(x, y if len(y) > 1 else y[0])
        model.save(folder / f"{name}.keras")
        again = keras.models.load_model(folder / f"{name}.keras")
        before = again(x, training=False)
        again.train_on_batch(x, y if len(y) > 1 else y[0])
        after = again(x, training=False)
        kept = {f"y{at}": one for at, one in enumerate(y)}
        kept |= {f"p{at}": np.asarray(one) for at, one in enumerate(keras.tree.flatten(before))}
        kept |= {f"q{at}": np.asarray(one) for at, one in enumerate(keras.tree.flatten(after))}
        np.savez(folder / f"{name}.npz", x0=x, **kept)
        print(name, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
