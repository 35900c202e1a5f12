"""Makes broken checkpoints of known truth in a genuine legacy Keras, one folder a case.

    python make_cases.py list                              every case and the Keras version it wants
    <legacy python> make_cases.py one NAME OUT             that case, in OUT/NAME
    python make_cases.py all OUT ENVS [PREFIX...]          each case in ENVS/k<version>/bin/python, a process each

A folder holds broken.h5, layers.py (the user's source), samples.npz (x or x0, x1; y), truth.npz (p and lost/<variable name>),
meta.json and, for files with weights alone, model.json.
"""

import os
import shutil
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE_MODELS = os.path.join(HERE, "..", "..", "sample_models")
sys.path.insert(0, SAMPLE_MODELS)
sys.path.insert(0, HERE)

SAMPLES = 128


def case(name, keras, arch, seed=None, graph_seed=None, source="denoising", data="signals", **options):
    """A row of the table below; `options` go to the architecture unless `make` takes them for itself."""
    return dict(name=name, keras=keras, arch=arch, seed=seed, graph_seed=graph_seed, source=source, data=data, **options)


CASES = [
    case("e01-narrow", "2.2.4", "resnet", 3735928559, width=8, kernel=3),
    case("e02-nonlocal-24", "2.2.5", "resnet", 2019, width=24, filters=("non_local_mean",)),
    case("e03-wide-he-uniform", "2.2.4", "resnet", 31337, width=64, blocks=1, init="he_uniform", epochs=8),
    case("e04-sequential-dropouts", "2.1.6", "sequential", 123456),
    case("e05-nested-twice", "2.2.0", "nested", 2016),
    case("e06-shared-old", "2.0.9", "shared", 99, data="two_signals"),
    case("e07-branching", "2.2.4", "branching", 8),
    case("e08-recurrent", "2.1.6", "recurrent", 77),
    case("e09-text-same-seeds", "2.2.4", "text", 1000, graph_seed=1000, data="sentences"),
    case("e10-image-beside", "2.2.5", "image_beside", 5, graph_seed=1234, data="image_and_signal"),
    case("e11-k-fold", "2.2.4", "resnet", 7, folds=3, epochs=10),
    case("e12-initializers", "2.1.6", "initializers", 314),
    case("e13-decayed", "2.2.0", "resnet", 20180101, width=32, decay=0.01, epochs=100),
    case("e14-unseeded-bn", "2.1.6", "resnet", width=24),
    case("e15-unseeded-plain", "2.2.4", "plain", width=8, filters=("non_local_mean",)),
    case("e16-weights-only", "2.0.9", "resnet", 2020, weights_only=True),
    case("e17-named", "2.2.4", "resnet", 1984, names="{kind}_{i}", filters=("mean", "non_local_mean")),
    case("e18-three-mixed", "2.2.4", "resnet", 4294967295, blocks=3, filters=("non_local_mean", "mean"), width=12),
    case("e19-graph-seed-only", "2.2.4", "resnet", graph_seed=12, width=16, blocks=1),
    case("e20-unseeded-text", "2.2.5", "text", data="sentences", width=24),
    case("e21-tiny", "2.2.4", "resnet", 3, width=4, filters=("non_local_mean",)),
    case("e22-data-drawn-first", "2.2.4", "resnet", 4242, data_drawn_first=True, filters=("mean",)),
    case("e23-shuffled-first", "2.2.0", "plain", 101, shuffled_first=True, before=0.3, optimizer="sgd"),
    case("e24-he-normal-old-dropout", "2.0.9", "resnet", 1, width=24, init="he_normal", dropout=0.3, optimizer="rmsprop"),
    case("e25-unseeded-two-blocks-nonlocal", "2.2.4", "resnet", filters=("non_local_mean", "mean"), width=12),
    case("e26-pair-one-two", "2.2.4", "sequential", 1, graph_seed=2, width=32, batch_norm=False),
    case(
        "f01-squeeze-8-of-32", "2.2.4", "squeeze_excite", 88, source="squeeze_excite", width=32, arguments=({"ratio": 8, "channels": 32},)
    ),
    case("f02-squeeze-unseeded", "2.2.5", "squeeze_excite", source="squeeze_excite"),
    case(
        "f03-squeeze-twice",
        "2.1.6",
        "squeeze_excite",
        21,
        source="squeeze_excite",
        width=24,
        arguments=({"ratio": 2, "channels": 24}, {"ratio": 6, "channels": 24}),
    ),
    case("f04-gated-3", "2.1.6", "gated", 2001, source="gated_stack", arguments={"depth": 3}, width=12),
    case("f05-gated-1-old", "2.0.9", "gated", 55, source="gated_stack", arguments={"depth": 1}, width=24, batch_norm=True),
    case("f06-gated-unseeded", "2.2.4", "gated", source="gated_stack", batch_norm=True),
    case("f07-attention-20", "2.2.0", "attention", 4711, source="recurrent_attention", arguments={"units": 20}),
    case("f08-attention-8-old", "2.0.9", "attention", 11, source="recurrent_attention", arguments={"units": 8}, width=24),
    case("f09-attention-unseeded", "2.2.4", "attention", source="recurrent_attention", batch_norm=True),
    case("f10-denoise-and-squeeze", "2.2.4", "denoise_and_squeeze", 2018, source="denoising squeeze_excite"),
    case("f12-gated-1-unseeded", "2.2.4", "gated", source="gated_stack", arguments={"depth": 1}, width=12),
    case(
        "f13-squeeze-unseeded-plain",
        "2.2.4",
        "squeeze_excite",
        source="squeeze_excite",
        width=8,
        batch_norm=False,
        arguments=({"ratio": 4, "channels": 8},),
    ),
    case("f11-denoise-and-squeeze-unseeded", "2.2.0", "denoise_and_squeeze", source="denoising squeeze_excite"),
    case("g01-nested-dropout", "2.2.4", "nested_dropout", 2021),
    case("g02-recurrent-dropout", "2.2.0", "recurrent_dropout", 9001),
    case("g03-time-distributed", "2.2.4", "time_distributed", 13, source="squeeze_excite"),
    case("g04-seeded-after-build", "2.2.4", "resnet", 42, blocks=1, seeded_late=True),
    case("g05-array-seed", "2.2.4", "resnet", [1, 2, 3], blocks=1),
    case("g06-odd-graph-seed", "2.2.4", "resnet", 42, graph_seed=98765),
    case("g07-image", "2.2.5", "image", 6, source="denoising_2d", data="images"),
    case("g08-image-size-3-unseeded", "2.1.6", "image", source="denoising_2d", data="images", size=3),
    case("g09-hard-training", "2.2.4", "resnet", 1234567, decay=0.03, epochs=60, optimizer="rmsprop", filters=("mean", "non_local_mean")),
    case("g10-pretrained", "2.2.4", "resnet", 60, pretrained=True),
    case("g11-weights-only-unseeded", "2.2.0", "plain", weights_only=True, width=12),
    case("g12-k-fold-cleared", "2.2.4", "resnet", 42, graph_seed=42, folds=4, epochs=6, cleared=True),
    case("g13-sequential-k-fold", "2.1.6", "sequential", 7, folds=5, epochs=4, width=24),
    case("g14-eight-blocks", "2.2.4", "resnet", 777, blocks=8, width=8, epochs=12),
]
FOR_MAKE = (
    "name",
    "keras",
    "arch",
    "seed",
    "graph_seed",
    "source",
    "data",
    "epochs",
    "folds",
    "optimizer",
    "weights_only",
    "data_drawn_first",
    "shuffled_first",
    "seeded_late",
    "pretrained",
    "cleared",
)


def load_data(kind, n=600):
    """([x0, x1, ...], y) of a case; two inputs of one example share its class."""
    import workbench as bench

    if kind in ("sentences", "images"):
        x, y = getattr(bench, kind)(n)
        return [x], y
    x, y = bench.images(n) if kind == "image_and_signal" else bench.signals(n)
    return ([x] if kind == "signals" else [x, bench.signals_of_classes(y)]), y


def fit(model, xs, y, spec):
    import workbench as bench

    model.compile(spec.get("optimizer", "adam"), "categorical_crossentropy", metrics=["accuracy"])
    model.fit(bench.for_keras(xs), y, batch_size=32, epochs=spec.get("epochs", 20), verbose=0)


def train(spec, user):
    """The user's script: (model, inputs, labels, variables of earlier models, draws noted)."""
    import architectures
    import workbench as bench
    from keras.backend import clear_session

    xs, y = load_data(spec["data"])
    options = {k: v for k, v in spec.items() if k not in FOR_MAKE}
    build = getattr(architectures, spec["arch"])
    earlier = []
    bench.seed_everything(None if spec.get("seeded_late") else spec["seed"], spec["graph_seed"])
    if spec.get("data_drawn_first"):
        x, y = bench.signals(600, random=np.random)
        xs = [x]
    if spec.get("shuffled_first"):
        order = np.random.permutation(len(y))
        xs, y = [x[order] for x in xs], y[order]
    with bench.Draws() as draws:
        for _fold in range(spec.get("folds", 1) - 1):
            part = np.random.permutation(len(y))[: len(y) * 2 // 3]
            fit(build(user, **options), [x[part] for x in xs], y[part], spec)
            earlier = bench.variables()
            if spec.get("cleared"):  # forgets the graph, and with it TensorFlow's seed and the automatic numbers
                clear_session()
                earlier = []
        if spec.get("pretrained"):  # another network, written and trained before this one in the same script
            fit(architectures.stock(user), xs, y, spec)
            earlier = bench.variables()
        draws.notes.append("last model")
        model = build(user, **options)
        draws.notes.append("built")
        if spec.get("seeded_late"):
            np.random.seed(spec["seed"])
        fit(model, xs, y, spec)
    return model, xs, y, earlier, draws.notes


def write_source(names, path):
    """One file with the classes of all `names`, as a user keeps them together."""
    known = {"denoising": os.path.join(SAMPLE_MODELS, "layers.py")}
    with open(path, "w") as out:
        for i, name in enumerate(names):
            with open(known.get(name, os.path.join(HERE, "sources", name + ".py"))) as f:
                out.write(("\n\n" if i else "") + f.read())
    return path


def make(spec, out):
    """Trains, records and saves one case in the folder `out`."""
    import workbench as bench

    bench.quiet()
    os.makedirs(out)
    user = bench.load_source(write_source(spec["source"].split(), os.path.join(out, "layers.py")))
    found = bench.versions()
    assert found["keras"] == spec["keras"], "wants Keras {}, runs in {}".format(spec["keras"], found["keras"])
    model, xs, y, earlier, draws = train(spec, user)
    few = [x[:SAMPLES] for x in xs]
    given = bench.for_keras(few)
    before = model.evaluate(given, y[:SAMPLES], verbose=0)
    lost = bench.hidden_tensors(model, earlier)
    assert lost
    np.savez(os.path.join(out, "samples.npz"), y=y[:SAMPLES], **bench.named_inputs(few))
    np.savez(os.path.join(out, "truth.npz"), p=model.predict(given), **{"lost/" + k: v for k, v in lost.items()})
    broken = os.path.join(out, "broken.h5")
    if spec.get("weights_only"):
        model.save_weights(broken)
        with open(os.path.join(out, "model.json"), "w") as f:
            f.write(model.to_json())
    else:
        model.save(broken)
    after = reload(broken, user, given, y, spec)
    meta = dict(
        found,
        np_seed=spec["seed"] if isinstance(spec["seed"], int) and not spec.get("seeded_late") else None,
        seed_as_written=spec["seed"],
        tf_seed=spec["graph_seed"],
        draws=draws,
        loss_acc_before=[float(v) for v in before],
        loss_acc_after_reload=after,
        lost={k: list(v.shape) for k, v in lost.items()},
        **{k: v for k, v in spec.items() if k not in ("keras", "graph_seed", "seed")},
    )
    bench.write_json(os.path.join(out, "meta.json"), meta)
    print("{:34} lost {:2}  before {:.3f} {:.3f}  after {}".format(spec["name"], len(lost), before[0], before[1], after))


def reload(broken, user, given, y, spec):
    """[loss, accuracy] of the saved file as its user would find it; None where it doesn't even load with default arguments."""
    from keras.models import load_model

    if spec.get("weights_only"):
        return None
    classes = {k: v for k, v in vars(user).items() if isinstance(v, type)}
    try:
        return [float(v) for v in load_model(broken, custom_objects=classes).evaluate(given, y[:SAMPLES], verbose=0)]
    except (ValueError, TypeError) as error:
        return str(error)[:200]


def make_all(out, environments, prefixes):
    """Runs each case that is not there yet in the environment of its Keras version."""
    import workbench as bench

    for spec in CASES:
        if (prefixes and not spec["name"].startswith(tuple(prefixes))) or os.path.exists(os.path.join(out, spec["name"], "meta.json")):
            continue
        shutil.rmtree(os.path.join(out, spec["name"]), ignore_errors=True)
        python = bench.legacy_python(environments, spec["keras"])
        if subprocess.call([python, os.path.abspath(__file__), "one", spec["name"], out]):
            print("{:34} FAILED".format(spec["name"]))


def main(arguments):
    if arguments == ["list"]:
        for spec in CASES:
            print(spec)
    elif len(arguments) == 3 and arguments[0] == "one":
        spec = next(s for s in CASES if s["name"] == arguments[1])
        make(spec, os.path.join(arguments[2], spec["name"]))
    elif len(arguments) >= 3 and arguments[0] == "all":
        make_all(arguments[1], arguments[2], arguments[3:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
