"""A fourth set of models to be damaged, of other architectures than salvage_models.py has: judged once before anybody mends from it.

    python benchmarks/salvage_unseen.py FOLDER [MODEL...]     with any release of Keras from 2.2.4 on

Models in models that share layers, cells stacked in one layer, attention, chains of small layers, 16-bit weights, and one of 97 MB;
files as salvage_models.py writes them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Callable  # noqa: UP035  Python 3.6 and 3.7

import salvage_models
from salvage_models import VERSION, L, Made, keras, rate, write


def matryoshka() -> Made:
    words = L.Input((6,), name="phrase")
    inner = keras.models.Sequential([L.Dense(9, activation="tanh", input_shape=(7,)), L.Dense(7, name="back")], name="doll_small")
    middle = keras.models.Model(words, inner(L.Dense(7, name="lift")(words)), name="doll_middle")
    one, two = L.Input((6,), name="left"), L.Input((6,), name="right")
    shared = L.Dense(5, activation="relu", name="shared_head")
    both = L.Average()([shared(middle(one)), shared(middle(two))])
    made = keras.models.Model([one, two], L.Dense(3, activation="softmax", name="verdict")(L.BatchNormalization(name="calm")(both)))
    return made, keras.optimizers.Nadam(**rate(0.002)), "categorical_crossentropy"


def stacked() -> Made:
    seen = hidden = L.Input((8, 5), name="steps")
    hidden = L.RNN([L.LSTMCell(6), L.GRUCell(4)], return_sequences=True, name="two_cells")(hidden)
    hidden = L.Bidirectional(L.SimpleRNN(5, return_sequences=True), name="both")(hidden)
    hidden = L.GRU(7, reset_after=True, go_backwards=True, name="rewind")(hidden)
    made = keras.models.Model(seen, L.Dense(2, activation="softmax")(hidden))
    return made, keras.optimizers.RMSprop(**rate(0.003)), "categorical_crossentropy"


def beads() -> Made:
    made = keras.models.Sequential(name="beads")
    for bead in range(20):
        made.add(L.Conv1D(3 + bead % 2, 1 + bead % 3, padding="same", **({"input_shape": (12, 2)} if bead == 0 else {})))
        made.add(L.BatchNormalization(axis=-1, scale=bead % 2 > 0))
        made.add(L.PReLU(shared_axes=[1], name=f"bend_{bead:02}"))
    made.add(L.GlobalAveragePooling1D())
    made.add(L.Dense(4, activation="softmax", name="clasp"))
    return made, keras.optimizers.Adam(amsgrad=True, **rate(0.001)), "categorical_crossentropy"


def half() -> Made:
    keras.backend.set_floatx("float16")
    seen = hidden = L.Input((11,), name="coarse")
    for block in range(6):
        hidden = L.Dense(13, activation="relu", name=f"coarse_{block}")(hidden)
    made = keras.models.Model(seen, L.Dense(2, name="ends")(hidden))
    return made, keras.optimizers.SGD(momentum=0.5, **rate(0.01)), "mse"


def attention() -> Made:
    seen = L.Input((9, 8), name="sequence")
    hidden = L.LayerNormalization(name="before")(seen)
    hidden = L.Add()([seen, L.MultiHeadAttention(2, 4, name="heads")(hidden, hidden)])
    hidden = L.Dense(10, activation="relu", name="feed")(L.LayerNormalization()(hidden))
    made = keras.models.Model(seen, L.Dense(3, activation="softmax")(L.GlobalAveragePooling1D()(hidden)))
    return made, keras.optimizers.Ftrl(**rate(0.05)), "categorical_crossentropy"


def wide() -> Made:
    seen = hidden = L.Input((1000,), name="row")
    for number, width in enumerate((2000, 2100, 900)):
        hidden = L.Dense(width, activation="relu", name=f"wide_{number}")(hidden)
    made = keras.models.Model(seen, L.Dense(5, activation="softmax")(hidden))
    return made, keras.optimizers.Adam(**rate(0.001)), "categorical_crossentropy"


MODELS: tuple[Callable[[], Made], ...] = (matryoshka, stacked, beads, *([attention] if VERSION >= (2, 4) else []), half)
"""Without the large one; the last changes the type of weights for all that come after it."""


def main() -> None:
    salvage_models._TENSORFLOW = ("matryoshka", "stacked")
    chosen = sys.argv[2:]
    for make in (*MODELS, wide):
        if make.__name__ in chosen or (not chosen and make is not wide):
            write(Path(sys.argv[1]), make)
            print(make.__name__, flush=True)


if __name__ == "__main__":
    main()
