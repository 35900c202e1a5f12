"""Saves a small trained model around each class of classes/<case>/layers.py in genuine legacy Keras.

    <legacy python> make_classes.py one CASE       classes/CASE/broken.h5 (model.h5 for a healthy class) and truth.npz
    python make_classes.py all ENVS [CASE...]      each case in ENVS/k<version>/bin/python, a process each

truth.npz: x, y, p (predictions before the save), lost/<variable name>, draws (what building the model drew from numpy's global
generator, in order: op seeds, and -n for a matrix of n normal deviates) and meta (JSON: versions, seed, class, arguments).
"""

import json
import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = os.path.join(HERE, "classes")
sys.path.insert(0, os.path.join(HERE, "..", "..", "sample_models"))

RECORDED = 64
LENGTH = 24
WIDTH = 12

# case: (Keras version, numpy seed, class, arguments)
CASES = {
    "attribute-in-init": ("2.2.4", 42, "ChannelGate", {"channels": WIDTH, "hidden": 4}),
    "list-in-init": ("2.1.6", 7, "DilatedStack", {"depth": 4}),
    "tuple-in-build": ("2.0.9", 2018, "MultiScale", {"filters": 6}),
    "dict-in-build": ("2.2.4", 1234, "SelfAttention", {"units": 7}),
    "dict-of-lists": ("2.2.5", 99, "GatedTower", {}),
    "nested-custom": ("2.2.0", 5, "Tower", {}),
    "holder-object": ("2.2.4", 2019, "GatedUnit", {}),
    "made-in-call": ("2.1.6", 11, "AttentionPooling", {}),
    "depends-on-arguments": ("2.2.4", 3, "Head", {"kind": "conv", "size": 7, "normalise": True}),
    "partial-loss": ("2.0.9", 1337, "Highway", {}),
    "bare-variable": ("2.2.4", 17, "Prototypes", {"points": 11}),
    "sine-table": ("2.2.4", 8, "PositionalMixing", {}),
    "hidden-batchnorm": ("2.1.6", 21, "ResidualUnit", {}),
    "hidden-dropout": ("2.2.4", 123, "FeedForward", {"hidden": 20, "rate": 0.2}),
    "hidden-embedding": ("2.2.5", 0, "AddPositions", {}),
    "hidden-gru": ("2.2.0", 10, "RecurrentGate", {"units": 10}),
    "bidirectional-inside": ("2.2.4", 2020, "Context", {"units": 5}),
    "time-distributed-inside": ("2.0.9", 64, "StepWise", {}),
    "stock-name": ("2.2.4", 2017, "Attention", {}),
    "sequential-inside": ("2.2.4", 55, "Mlp", {}),
    "built-by-hand": ("2.2.4", 33, "Refine", {}),
    "two-instances": ("2.1.6", 4, "Smooth", {}),
    "cell-inside": ("2.2.4", 66, "CellAttention", {"units": 6}),
    "drawn-variable": ("2.2.4", 77, "LocalFilters", {}),
    "own-initializer": ("2.2.0", 88, "Smoothing", {}),
    "derived-from-conv": ("2.2.4", 29, "ExcitedConv1D", {"filters": WIDTH, "kernel_size": 3, "padding": "same"}),
    "derived-from-lstm": ("2.1.6", 30, "AttentiveLSTM", {"units": 6}),
    "wrapper-with-gate": ("2.2.0", 32, "HighwayWrapper", {}),
    "in-time-distributed": ("2.2.4", 91, "Squash", {}),
    "numpy-drawn": ("2.1.6", 1717, "RandomFeatures", {}),
    "lost-scale": ("2.2.4", 18, "Scaled", {"scale": 0.5}),
    "healthy-adopted": ("2.2.4", 42, "Refine", {}),
    "healthy-extended-in-helper": ("2.2.4", 42, "Gate", {}),
    "healthy-assigned": ("2.1.6", 42, "Project", {}),
    "healthy-setattr": ("2.2.4", 42, "GatedConv", {}),
    "healthy-wrapper": ("2.2.0", 42, "Residual", {}),
    "healthy-own-weights": ("2.0.9", 42, "FeatureAttention", {}),
    "healthy-stateless": ("2.2.4", 42, "BlurPool", {}),
}


def build(case, user, name, arguments):
    """Two convolutions, the layer of the case, another layer and a classifier."""
    from keras.layers import Conv1D, Dense, GlobalMaxPooling1D, Input, TimeDistributed
    from keras.models import Model

    signal = Input((LENGTH, 1))
    x = Conv1D(WIDTH, 5, padding="same", activation="relu")(signal)
    x = Conv1D(WIDTH, 3, padding="same", activation="relu")(x)
    if "wrapper" in case:
        arguments = dict(arguments, layer=Dense(WIDTH))
    layer = getattr(user, name)(**arguments)
    x = TimeDistributed(layer)(x) if case == "in-time-distributed" else layer(x)
    if case == "two-instances":
        x = getattr(user, name)(size=5)(layer(Conv1D(WIDTH, 3, padding="same", activation="relu")(x)))
    if len(x.shape) == 3:
        x = GlobalMaxPooling1D()(Conv1D(WIDTH, 3, padding="same", activation="relu")(x))
    return Model(signal, Dense(3, activation="softmax")(Dense(WIDTH, activation="relu")(x)))


def make(case):
    import workbench as bench

    bench.quiet()
    version, seed, name, arguments = CASES[case]
    found = bench.versions()
    assert found["keras"] == version, "wants Keras {}, runs in {}".format(version, found["keras"])
    folder = os.path.join(CLASSES, case)
    user = bench.load_source(os.path.join(folder, "layers.py"))
    x, y = bench.signals(400, length=LENGTH)
    np.random.seed(seed)
    with bench.Draws() as draws:
        model = build(case, user, name, arguments)
    model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=5, verbose=0)
    lost = bench.hidden_tensors(model)
    healthy = case.startswith("healthy")
    assert healthy != bool(lost), sorted(lost)
    meta = dict(found, seed=seed, class_name=name, arguments=arguments, healthy=healthy)
    notes = [note if isinstance(note, int) else -int(np.prod(note["normal"])) for note in draws.notes]
    np.savez_compressed(
        os.path.join(folder, "truth.npz"),
        x=x[:RECORDED],
        y=y[:RECORDED],
        p=model.predict(x[:RECORDED]),
        draws=np.array(notes),
        meta=np.array(json.dumps(meta, sort_keys=True)),
        **{"lost/" + k: v for k, v in lost.items()},
    )
    model.save(
        os.path.join(folder, "model.h5" if healthy else "broken.h5"), include_optimizer=case in ("partial-loss", "attribute-in-init")
    )
    print(f"{case:28} Keras {version} draws {notes} lost {sorted(lost)}")


def main(arguments):
    import workbench as bench

    if len(arguments) == 2 and arguments[0] == "one":
        make(arguments[1])
    elif len(arguments) >= 2 and arguments[0] == "all":
        for case in arguments[2:] or CASES:
            python = bench.legacy_python(arguments[1], CASES[case][0])
            if subprocess.call([python, os.path.abspath(__file__), "one", case]):
                print(case, "FAILED")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
