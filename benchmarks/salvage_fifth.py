"""A fifth set of models to be damaged, of other architectures than any before: judged once before anybody mends from it.

    python benchmarks/salvage_fifth.py FOLDER [MODEL...]     with any release of Keras from 2.2.4 on

A transformer's encoder, stacks of recurrent layers, moving pictures, two towers, a model that is used twice, mixed precision, 60 layers;
files as salvage_models.py writes them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable  # noqa: UP035  Python 3.6 and 3.7

import salvage_models
from salvage_models import VERSION, L, Made, keras, rate, write


def encoder() -> Made:
    words, places = L.Input((10,), name="tokens_in"), L.Input((10,), name="places_in")
    hidden = L.Add(name="placed")([L.Embedding(45, 12, name="token_table")(words), L.Embedding(40, 12, name="place_table")(places)])
    for block in range(2):
        seen = L.MultiHeadAttention(3, 4, value_dim=5, name=f"enc{block}_attention")(hidden, hidden)
        hidden = L.LayerNormalization(epsilon=1e-6, name=f"enc{block}_norm_a")(L.Add()([hidden, L.Dropout(0.1)(seen)]))
        fed = L.Dense(12, name=f"enc{block}_out")(L.Dense(20, activation="relu", name=f"enc{block}_in")(hidden))
        hidden = L.LayerNormalization(epsilon=1e-6, name=f"enc{block}_norm_b")(L.Add()([hidden, fed]))
    made = keras.models.Model([words, places], L.Dense(4, activation="softmax", name="topic")(L.GlobalAveragePooling1D()(hidden)))
    return made, keras.optimizers.Adam(**rate(0.001)), "categorical_crossentropy"


def rhythm() -> Made:
    seen = hidden = L.Input((9, 4), name="beats")
    hidden = L.LSTM(8, return_sequences=True, name="slow", unit_forget_bias=False)(hidden)
    hidden = L.RNN(L.GRUCell(6), return_sequences=True, name="one_cell")(hidden)
    hidden = L.Bidirectional(L.LSTM(5, return_sequences=True), merge_mode="ave", name="mirror_lstm")(hidden)
    hidden = L.RNN([L.SimpleRNNCell(7), L.LSTMCell(5)], name="pile")(hidden)
    hidden = L.Dense(11, activation="softplus", name="taps")(hidden)
    made = keras.models.Model(seen, L.Dense(3, activation="softmax", name="metre")(hidden))
    return made, keras.optimizers.Adam(**rate(0.004)), "categorical_crossentropy"


def clouds() -> Made:
    made = keras.models.Sequential(name="clouds")
    made.add(L.ConvLSTM2D(4, (3, 2), padding="same", return_sequences=True, input_shape=(3, 9, 9, 2)))
    made.add(L.BatchNormalization())
    made.add(L.ConvLSTM2D(5, 2, use_bias=False))
    made.add(L.SeparableConv2D(7, 3, depth_multiplier=2, activation="relu"))
    made.add(L.DepthwiseConv2D(2, use_bias=False))
    made.add(L.PReLU())
    made.add(L.Flatten())
    made.add(L.Dense(5, activation="softmax"))
    return made, keras.optimizers.RMSprop(**rate(0.002)), "categorical_crossentropy"


def towers() -> Made:
    def side(name: str, many: int, width: int) -> Any:
        seen = L.Input((1,), name=f"{name}_id")
        hidden = L.Flatten(name=f"{name}_flat")(L.Embedding(many, width, name=f"{name}_table")(seen))
        hidden = L.Dense(14, activation="relu", name=f"{name}_wide")(hidden)
        return keras.models.Model(seen, L.Dense(6, name=f"{name}_narrow")(hidden), name=f"{name}_tower")

    query, item = L.Input((1,), name="query"), L.Input((1,), name="candidate")
    met = L.Dot(axes=1, normalize=True, name="meet")([side("query", 71, 5)(query), side("candidate", 53, 7)(item)])
    made = keras.models.Model([query, item], L.Dense(1, activation="linear", name="score")(met))
    return made, keras.optimizers.Adagrad(**rate(0.05)), "mse"


def twice() -> Made:
    part = L.Input((12, 3), name="part")
    hidden = L.Conv1D(6, 3, activation="relu", name="scan")(part)
    hidden = L.BatchNormalization(name="level")(L.Conv1D(8, 2, dilation_rate=2, name="scan_far")(hidden))
    body = keras.models.Model(part, L.GlobalMaxPooling1D()(hidden), name="body")
    one, two = L.Input((12, 3), name="before"), L.Input((12, 3), name="after")
    both = L.Concatenate()([body(one), body(two), L.Subtract()([body(one), body(two)])])
    hidden = L.Dense(13, activation="tanh", name="change")(both)
    made = keras.models.Model([one, two], L.Dense(2, activation="softmax", name="sign")(hidden))
    return made, keras.optimizers.SGD(momentum=0.9, nesterov=True, **rate(0.01)), "categorical_crossentropy"


def layers60() -> Made:
    seen = hidden = L.Input((17,), name="measured")
    for block in range(30):
        hidden = L.Dense(12 + block % 3, name=f"stage_{block:02}")(hidden)
        if block % 3 == 1 and VERSION >= (2, 4):
            hidden = L.LayerNormalization(name=f"stage_{block:02}_norm")(hidden)
        else:
            hidden = L.BatchNormalization(name=f"stage_{block:02}_norm", scale=block % 4 > 0)(hidden)
        hidden = L.ELU()(hidden)
    made = keras.models.Model(seen, L.Dense(1, name="yield")(hidden))
    return made, keras.optimizers.Adamax(**rate(0.002)), "mse"


def mixed() -> Made:
    """Weights of 32 bits that are counted with in 16; in Keras 2.2.4, which has no policy, weights of 64 bits."""
    if VERSION < (2, 4):
        keras.backend.set_floatx("float64")
    else:
        policies = keras.mixed_precision if hasattr(keras.mixed_precision, "set_global_policy") else keras.mixed_precision.experimental
        policies.set_global_policy("mixed_float16")
    seen = hidden = L.Input((10, 10, 3), name="plate")
    for block, width in enumerate((8, 12)):
        hidden = L.Conv2D(width, 3, padding="same", use_bias=False, name=f"mix{block}_conv")(hidden)
        norm = L.GroupNormalization(4, name=f"mix{block}_norm") if hasattr(L, "GroupNormalization") else L.PReLU(name=f"mix{block}_bend")
        hidden = L.MaxPooling2D()(L.ReLU()(norm(hidden)))
    hidden = L.Dense(9, activation="relu", name="mix_joined")(L.Flatten()(hidden))
    out = L.Dense(3, activation="softmax", name="mix_kind", **({"dtype": "float32"} if VERSION >= (2, 4) else {}))(hidden)
    return keras.models.Model(seen, out), keras.optimizers.Nadam(**rate(0.001)), "categorical_crossentropy"


MODELS: tuple[Callable[[], Made], ...] = (*([encoder] if VERSION >= (2, 4) else []), rhythm, clouds, towers, twice, layers60, mixed)
"""The last changes the type of weights for all that come after it."""
WORDS = {"encoder": (40, 10, 2), "towers": (50, 1, 2)}


def main() -> None:
    salvage_models._TENSORFLOW = ("twice",)
    salvage_models._WORDS.update(WORDS)
    chosen = sys.argv[2:]
    for make in MODELS:
        if not chosen or make.__name__ in chosen:
            write(Path(sys.argv[1]), make)
            print(make.__name__, flush=True)


if __name__ == "__main__":
    main()
