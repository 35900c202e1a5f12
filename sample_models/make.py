"""Makes the checkpoints of this folder in genuine legacy Keras (2.0.9 to 2.2.5).

    <legacy python> make.py one NAME OUT     that sample, if the interpreter holds its Keras version
    python make.py all OUT ENVS [NAME...]    each in ENVS/k<version>/bin/python, a process each

Beside NAME.h5 lies NAME.npz: x (or x0, x1), one-hot y, p (predictions before the save) and lost/<variable name>.
"""

import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

RECORDED = 128


def sample(name, keras, arch, seed, source="layers", optimizer="adam", **options):
    """A row of the table below; `options` go to the architecture."""
    return {"name": name, "keras": keras, "arch": arch, "seed": seed, "source": source, "optimizer": optimizer, "options": options}


SAMPLES = [
    sample("resnet-mean", "2.2.4", "residual", 42),
    sample("resnet-mean-twin", "2.2.4", "residual", 43, source="layers_fixed"),
    sample("resnet-nonlocal", "2.1.6", "resnet", 7, filters=("non_local_mean",)),
    sample("resnet-he-normal", "2.0.9", "resnet", 2017, init="he_normal", width=12),
    sample("sequential-mean", "2.0.9", "sequential", 123, optimizer="momentum", width=8),
    sample("nested-mean", "2.2.5", "nested", 2018, width=8),
    sample("shared-nonlocal", "2.2.4", "shared", 0, optimizer="rmsprop", filters=("non_local_mean",)),
    sample("weights-only", "2.2.0", "resnet", 1337, filters=("mean", "non_local_mean")),
    sample("unseeded-batchnorm", "2.2.4", "resnet", None, blocks=1),
    sample("unseeded-plain", "2.1.6", "plain", None, width=8),
    sample("healthy-stock", "2.2.4", "stock", 1),
    sample("healthy-stateless", "2.2.4", "stateless", 1, source="stateless"),
]


def load_data(arch, n=600):
    """([x0, x1, ...], y) for training; the recorded samples are the first of them."""
    import workbench as bench

    x, y = bench.signals(n)
    return ([x, bench.signals_of_classes(y)] if arch == "shared" else [x]), y


def single_threaded():
    """One thread, so that a seeded run gives the same weights again."""
    import tensorflow as tf
    from keras import backend as K

    K.set_session(tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)))


def train(spec, user):
    """The user's script: (model, inputs, labels)."""
    import architectures
    import workbench as bench
    from keras.optimizers import SGD

    xs, y = load_data(spec["arch"])
    bench.seed_everything(spec["seed"])
    single_threaded()
    model = getattr(architectures, spec["arch"])(user, **spec["options"])
    optimizer = SGD(lr=0.02, momentum=0.9) if spec["optimizer"] == "momentum" else spec["optimizer"]
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    model.fit(bench.for_keras(xs), y, batch_size=32, epochs=25, verbose=0)
    return model, xs, y


def make(spec, out):
    """Trains, records and saves one sample in the folder `out`."""
    import workbench as bench

    bench.quiet()
    found = bench.versions()
    assert found["keras"] == spec["keras"], "wants Keras {}, runs in {}".format(spec["keras"], found["keras"])
    model, xs, y = train(spec, bench.load_source(os.path.join(HERE, spec["source"] + ".py")))
    few = [x[:RECORDED] for x in xs]
    given = bench.for_keras(few)
    lost = bench.hidden_tensors(model)
    np.savez_compressed(
        os.path.join(out, spec["name"] + ".npz"),
        y=y[:RECORDED],
        p=model.predict(given),
        **bench.named_inputs(few),
        **{"lost/" + k: v for k, v in lost.items()},
    )
    if spec["name"] == "weights-only":
        model.save_weights(os.path.join(out, spec["name"] + ".h5"))
        with open(os.path.join(out, spec["name"] + ".json"), "w") as f:
            f.write(model.to_json() + "\n")
    else:
        model.save(os.path.join(out, spec["name"] + ".h5"))
    loss, accuracy = model.evaluate(given, y[:RECORDED], verbose=0)
    print(
        "{:20} Keras {keras} TensorFlow {tensorflow}  loss {:.3f} accuracy {:.3f}  lost {}".format(
            spec["name"], loss, accuracy, sorted(lost), **found
        )
    )


def main(arguments):
    import workbench as bench

    if len(arguments) == 3 and arguments[0] == "one":
        make(next(s for s in SAMPLES if s["name"] == arguments[1]), arguments[2])
    elif len(arguments) >= 3 and arguments[0] == "all":
        for spec in SAMPLES:
            if not arguments[3:] or spec["name"] in arguments[3:]:
                python = bench.legacy_python(arguments[2], spec["keras"])
                subprocess.check_call([python, os.path.abspath(__file__), "one", spec["name"], arguments[1]])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
