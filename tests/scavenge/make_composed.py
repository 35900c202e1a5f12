"""Genuine files of layers that are made of others, small; run with the release that is to save them.

    python tests/scavenge/make_composed.py tests/scavenge/files/composed_tf24.h5          # TensorFlow 2.4
    python tests/scavenge/make_composed.py tests/scavenge/files/composed_tf215.keras      # TensorFlow 2.15
    python tests/scavenge/make_composed.py tests/scavenge/files/composed_keras315.weights.h5

Written compressed (`.gz`), with the architecture beside it.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

keras = tf.keras
L = keras.layers


def model() -> object:
    seen, other = L.Input((4, 3), name="seen"), L.Input((5, 2), name="other")
    hidden = L.MultiHeadAttention(2, 2, value_dim=3, output_shape=4, name="heads")(seen, other)
    hidden = L.Bidirectional(L.GRU(2, return_sequences=True), name="both")(hidden)
    hidden = L.RNN([L.GRUCell(3), L.LSTMCell(2)], name="pile")(hidden)
    made = keras.models.Model([seen, other], L.Dense(2, name="end")(hidden))
    made.compile("adam", "mse")
    rng = np.random.RandomState(1)
    made.fit([rng.randn(8, 4, 3), rng.randn(8, 5, 2)], rng.randn(8, 2), epochs=2, verbose=0)
    return made


def main() -> None:
    target = Path(sys.argv[1])
    made = model()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / target.name
        (made.save_weights if target.name.endswith(".weights.h5") else made.save)(str(path))
        Path(f"{target}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    Path(f"{target}.json").write_text(made.to_json())


if __name__ == "__main__":
    main()
