"""Makes trainings that could fool a recovery, in a genuine legacy Keras, one folder a case (format as `make_cases.py`).

    <legacy python> make_claims.py OUT [PREFIX...]     all cases of that Keras (or those that start so), in OUT/NAME

Each script does something that real ones do and that the seed of a stream does not show: transfer, clones, models made side by side,
parallel and shared layers, updates, classes edited after the training, auxiliary and random layers, own initializers, lost floats.
"""

import inspect
import json
import os
import sys
import textwrap

import keras
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras import layers as L
from keras.layers import Dense, Layer
from keras.models import Model

VERSION = keras.__version__
SAMPLES = 96
HEADER = "import numpy as np\nfrom keras import backend as K\nfrom keras import layers as L\nfrom keras.layers import Dense, Layer\n\n\n"


class Adapter(Layer):
    def __init__(self, initializer="glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        self.initializer = initializer

    def build(self, input_shape):
        self.dense = Dense(input_shape[-1], activation="tanh", kernel_initializer=self.initializer)
        super().build(input_shape)

    def call(self, x):
        return x + self.dense(x)

    def compute_output_shape(self, input_shape):
        return input_shape


class AdapterEdited(Layer):
    """`Adapter` as it is today: edited since."""

    def build(self, input_shape):
        self.dense = Dense(input_shape[-1], activation="tanh", kernel_initializer="he_normal", bias_initializer="ones")
        super(Adapter, self).build(input_shape)

    def call(self, x):
        return x + self.dense(x)

    def compute_output_shape(self, input_shape):
        return input_shape


class Expert(Layer):
    def build(self, input_shape):
        self.project = Dense(12, activation="tanh")
        super().build(input_shape)

    def call(self, x):
        return self.project(x)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 12)


class Scaled(Layer):
    def __init__(self, scale=0.5, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale
        self.activation = activation

    def build(self, input_shape):
        self.inner = Dense(input_shape[-1], activation=self.activation)
        super().build(input_shape)

    def call(self, x):
        return x + self.scale * self.inner(x)

    def compute_output_shape(self, input_shape):
        return input_shape


class Stack(Layer):
    def __init__(self, depth=1, **kwargs):
        super().__init__(**kwargs)
        self.depth = depth

    def build(self, input_shape):
        self.inner = [Dense(input_shape[-1], activation="relu") for _ in range(self.depth)]
        super().build(input_shape)

    def call(self, x):
        for dense in self.inner:
            x = x + dense(x)
        return x

    def compute_output_shape(self, input_shape):
        return input_shape


class Pair(Layer):
    def build(self, input_shape):
        self.query = Dense(input_shape[-1], activation="tanh")
        self.key = Dense(input_shape[-1], activation="tanh")
        super().build(input_shape)

    def call(self, x):
        k = self.key(x)
        q = self.query(x)
        return x + q * K.sigmoid(k)

    def compute_output_shape(self, input_shape):
        return input_shape


class PairEdited(Layer):
    """`Pair` as it is today: query before key."""

    def build(self, input_shape):
        self.query = Dense(input_shape[-1], activation="tanh")
        self.key = Dense(input_shape[-1], activation="tanh")
        super(Pair, self).build(input_shape)

    def call(self, x):
        q = self.query(x)
        k = self.key(x)
        return x + q * K.sigmoid(k)

    def compute_output_shape(self, input_shape):
        return input_shape


class Gated(Layer):
    def build(self, input_shape):
        self.gate = Dense(input_shape[-1], activation="sigmoid")
        super().build(input_shape)

    def call(self, x):
        return x * self.gate(x)

    def compute_output_shape(self, input_shape):
        return input_shape


class GatedEdited(Layer):
    """`Gated` as it is today: with a cheaper gate, whose outputs have the same means."""

    def build(self, input_shape):
        self.gate = Dense(input_shape[-1], activation="hard_sigmoid")
        super(Gated, self).build(input_shape)

    def call(self, x):
        return x * self.gate(x)

    def compute_output_shape(self, input_shape):
        return input_shape


class Normed(Layer):
    def build(self, input_shape):
        self.dense = Dense(input_shape[-1])
        self.norm = L.BatchNormalization()
        super().build(input_shape)

    def call(self, x):
        h = self.norm(self.dense(x))
        self.add_update(self.norm.updates, x)
        return K.relu(h)

    def compute_output_shape(self, input_shape):
        return input_shape


class Running(Layer):
    def build(self, input_shape):
        self.mean = K.zeros((input_shape[-1],), name="running_mean")
        self.dense = Dense(input_shape[-1], activation="relu")
        super().build(input_shape)

    def call(self, x):
        self.add_update([K.moving_average_update(self.mean, K.mean(x, axis=0), 0.9)], x)
        return self.dense(x - self.mean)

    def compute_output_shape(self, input_shape):
        return input_shape


class Preset(Layer):
    def build(self, input_shape):
        n = input_shape[-1]
        self.a = Dense(n, activation="relu", weights=[np.eye(n), np.full(n, 0.1)])
        self.b = Dense(n)
        self.b.build(input_shape)
        self.b.set_weights([0.3 * np.ones((n, n)) / n, np.zeros(n)])
        self.c = Dense(n, activation="tanh")
        super().build(input_shape)

    def call(self, x):
        return x + self.c(self.b(self.a(x)))

    def compute_output_shape(self, input_shape):
        return input_shape


def halved(shape, dtype=None):
    return 0.5 * K.random_uniform(shape, -0.6, 0.6, dtype=dtype)


class Own(Layer):
    def build(self, input_shape):
        self.dense = Dense(input_shape[-1], activation="relu", kernel_initializer=halved)
        super().build(input_shape)

    def call(self, x):
        return x + self.dense(x)

    def compute_output_shape(self, input_shape):
        return input_shape


class Noisy(Layer):
    def build(self, input_shape):
        self.dense = Dense(input_shape[-1], activation="relu")
        self.drop = L.Dropout(0.2)
        super().build(input_shape)

    def call(self, x):
        return x + self.drop(self.dense(x))

    def compute_output_shape(self, input_shape):
        return input_shape


def project(t):
    return t + Dense(16, activation="tanh")(t)


def jitter(t):
    return t + 0.01 * K.random_normal(K.shape(t))


def data(width=16, classes=3, count=1200, seed=5):
    r = np.random.RandomState(seed)
    centres = r.normal(size=(classes, 6))
    y = r.randint(classes, size=count)
    mix = r.normal(size=(6, width)) / 2
    x = np.tanh((centres[y] + 0.7 * r.normal(size=(count, 6))).dot(mix)) + 0.1 * r.normal(size=(count, width))
    return x.astype("float32"), keras.utils.to_categorical(y, classes)


def head(h, out=3, norm=True):
    if norm:
        h = L.BatchNormalization()(h)
        h = L.Activation("relu")(h)
    return Dense(out, activation="softmax")(h)


def trained(inputs, outputs, epochs=8, optimizer="adam"):
    model = Model(inputs, outputs)
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    x, y = data()
    model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
    return model


def base(custom, width=24, norm=True):
    """(input, output) with one custom layer between two Dense layers."""
    i = L.Input((16,))
    h = Dense(width, activation="relu")(i)
    h = custom(h)
    h = Dense(width, activation=None if norm else "relu")(h) if not norm else h
    return i, head(h, norm=norm)


def plain(custom_class, norm=True, seed=42, before=None, **arguments):
    def make():
        np.random.seed(seed)
        if before is not None:
            before()
        return trained(*base(custom_class(**arguments), norm=norm)), [custom_class]

    return make


def two_sessions(norm=True, build_again=False, second=7):
    """Trained, saved, loaded in a second session that draws the hidden kernel anew, trained on with a new head."""

    def make():
        np.random.seed(42)
        first = trained(*base(Adapter(), norm=norm))
        first.save("/tmp/claims-first-%d.h5" % os.getpid())
        K.clear_session()
        np.random.seed(second)
        if build_again:
            model = Model(*base(Adapter(), norm=norm))
            model.load_weights("/tmp/claims-first-%d.h5" % os.getpid())
            model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
            x, y = data()
            model.fit(x, y, epochs=2, batch_size=32, verbose=0)
            return model, [Adapter]
        loaded = keras.models.load_model("/tmp/claims-first-%d.h5" % os.getpid(), custom_objects={"Adapter": Adapter})
        body = loaded.layers[-2].output
        return trained(loaded.input, Dense(3, activation="softmax", name="new_head")(body), epochs=6), [Adapter]

    return make


def clone(epochs=6):
    def make():
        np.random.seed(42)
        model = Model(*base(Adapter()))
        again = keras.models.clone_model(model)
        again.set_weights(model.get_weights())
        return trained(again.inputs, again.outputs, epochs=epochs), [Adapter]

    return make


def several_models(count=3, clear=False, norm=True):
    def make():
        np.random.seed(11)
        for _ in range(count):
            if clear:
                K.clear_session()
            model = trained(*base(Adapter(), norm=norm), epochs=3)
        return model, [Adapter]

    return make


def made_first(order, norm=True):
    """Layers made up front and connected in another order."""

    def make():
        np.random.seed(3)
        made = [Adapter() for _ in order]
        i = L.Input((16,))
        h = Dense(24, activation="relu")(i)
        for at in order:
            h = made[at](h)
            h = L.BatchNormalization()(h) if norm else h
        return trained(i, head(h, norm=norm)), [Adapter]

    return make


def parallel(names, reverse, norm=False, stems=None):
    """Parallel hidden experts, joined in another order than they were connected in."""

    def make():
        np.random.seed(42)
        i = L.Input((16,))
        parts = []
        for name in names:
            h = Dense(12, activation="relu")(i) if stems else i
            parts.append((Expert(name=name) if name else Expert())(h))
        h = L.concatenate(parts[::-1] if reverse else parts)
        return trained(i, head(h, norm=norm)), [Expert]

    return make


def auxiliary(custom_class, behind=True, kind="dense", **arguments):
    """A layer that is in no saved model draws before or behind the custom one."""

    def make():
        np.random.seed(42)
        i = L.Input((16,))
        h = Dense(24, activation="relu")(i)
        extra = {"dense": lambda t: Dense(24)(t), "dropout": lambda t: L.Dropout(0.3)(t), "two": lambda t: Dense(8)(Dense(24)(t))}[kind]
        if not behind:
            extra(h)
        h = custom_class(**arguments)(h)
        if behind:
            extra(h)
        h = Dense(24, activation="relu")(h)
        return trained(i, head(h)), [custom_class]

    return make


def shared(norm=True):
    def make():
        np.random.seed(9)
        i = L.Input((16,))
        layer = Adapter()
        one = Dense(24, activation="relu")(i)
        two = Dense(24, activation="relu")(i)
        h = L.concatenate([layer(one), layer(two)])
        return trained(i, head(h, norm=norm)), [Adapter]

    return make


def reseeded(norm=True):
    def make():
        np.random.seed(1)
        i = L.Input((16,))
        h = Dense(24, activation="relu")(i)
        h = Adapter()(h)
        h = Dense(24, activation="relu")(h)
        np.random.seed(2)
        np.random.shuffle(np.arange(100))
        h = Dense(24, activation="relu")(h)
        h = Adapter()(h)
        return trained(i, head(h, norm=norm)), [Adapter]

    return make


def edited(trained_class, today, norm=True):
    def make():
        np.random.seed(42)
        return trained(*base(trained_class(), norm=norm)), [(trained_class, today)]

    return make


def by_lambda(function, norm=True):
    def make():
        np.random.seed(42)
        i = L.Input((16,))
        h = Dense(16, activation="relu")(i)
        h = L.Lambda(function)(h)
        h = Dense(16, activation="relu")(h)
        return trained(i, head(h, norm=norm)), [function]

    return make


def lambda_beside(norm=True):
    def make():
        np.random.seed(42)
        i = L.Input((16,))
        h = Dense(24, activation="relu")(i)
        h = L.Lambda(jitter)(h)
        h = Adapter()(h)
        return trained(i, head(h, norm=norm)), [Adapter, jitter]

    return make


def between_norms(custom_class, width=28, seed=42, **arguments):
    """Statistics before and behind the custom layer."""

    def make():
        np.random.seed(seed)
        i = L.Input((16,))
        h = L.Activation("relu")(L.BatchNormalization()(Dense(width)(i)))
        h = custom_class(**arguments)(h)
        return trained(i, head(Dense(width)(h))), [custom_class]

    return make


def graph_seed(norm=True):
    def make():
        tf.set_random_seed(5)
        np.random.seed(5)
        return trained(*base(Adapter("he_uniform"), norm=norm)), [Adapter]

    return make


CASES = {
    "transfer-bn": two_sessions(), "transfer-plain": two_sessions(norm=False), "transfer-built-again": two_sessions(build_again=True),
    "transfer-same-seed": two_sessions(second=42),
    "clone-bn": clone(), "several-models": several_models(), "several-cleared": several_models(clear=True, norm=False),
    "made-first-reversed": made_first([1, 0]), "made-first-turned": made_first([2, 0, 1], norm=False),
    "experts-named-reversed": parallel(["tide", "wind", "sun", "moon"], True), "experts-named": parallel(["tide", "wind", "sun"], False),
    "experts-auto-reversed-bn": parallel([None] * 3, True, norm=True), "experts-stems-bn": parallel(["a_in", "b_in"], True, True, True),
    "aux-behind": auxiliary(Stack), "aux-before": auxiliary(Stack, behind=False), "aux-dropout": auxiliary(Stack, kind="dropout"),
    "aux-two": auxiliary(Adapter, kind="two"), "depth-2": plain(Stack, depth=2), "depth-3-plain": plain(Stack, norm=False, depth=3),
    "shared-bn": shared(), "shared-plain": shared(norm=False), "reseeded-bn": reseeded(), "reseeded-plain": reseeded(norm=False),
    "edited-initializer-bn": edited(Adapter, AdapterEdited), "edited-initializer": edited(Adapter, AdapterEdited, norm=False),
    "edited-gate": lambda: (between_norms(Gated)()[0], [(Gated, GatedEdited)]),
    "edited-order-bn": edited(Pair, PairEdited), "edited-order": edited(Pair, PairEdited, norm=False),
    "updates-normed": plain(Normed), "updates-running-bn": plain(Running), "updates-running": plain(Running, norm=False),
    "preset-bn": plain(Preset), "preset": plain(Preset, norm=False),
    "own-initializer-bn": plain(Own), "own-initializer": plain(Own, norm=False),
    "noisy-bn": plain(Noisy), "lambda-dense-bn": by_lambda(project), "lambda-dense": by_lambda(project, norm=False),
    "lambda-jitter-bn": lambda_beside(),
    "scale-bn": plain(Scaled, scale=1.5), "scale": plain(Scaled, norm=False, scale=1.5), "scale-default-bn": plain(Scaled),
    "scale-and-activation": between_norms(Scaled, scale=2.5, activation="tanh"),
    "activation-bn": plain(Scaled, activation="tanh"), "activation": plain(Scaled, norm=False, activation="tanh"),
    "initializer-lost-bn": plain(Adapter, initializer="he_normal"), "initializer-lost": plain(Adapter, norm=False, initializer="he_normal"),
    "simple-bn": plain(Adapter), "simple": plain(Adapter, norm=False), "graph-seed-bn": graph_seed(),
    "drawn-before-bn": plain(Adapter, before=lambda: np.random.normal(size=1000)), "large-seed-bn": plain(Adapter, seed=3000000017),
    "unseeded-bn": lambda: (trained(*base(Adapter())), [Adapter]),
}  # fmt: skip


def source(classes):
    """The user's file today: an edited class bears the name of the one that trained."""
    parts = []
    for each in classes:
        was, today = each if isinstance(each, tuple) else (each, each)
        text = textwrap.dedent(inspect.getsource(today)).replace("  # noqa: F821", "")
        if was is not today:
            text = text.replace(today.__name__, was.__name__)
        parts.append(text)
    needs = [textwrap.dedent(inspect.getsource(halved))] if Own in classes else []
    return HEADER + "\n\n".join(needs + parts)


def hidden(model):
    """Live variables that belong to this model's layers and are in none of its weights."""
    kept = {w.name for layer in model.layers for w in layer.weights}
    found, seen = {}, set()

    def look(value, depth=0):
        if id(value) in seen or depth > 5:
            return
        seen.add(id(value))
        if isinstance(value, tf.Variable):
            if value.name not in kept:
                found[value.name] = K.get_value(value)
        elif isinstance(value, (list, tuple)):
            for item in value:
                look(item, depth + 1)
        elif isinstance(value, dict):
            for item in value.values():
                look(item, depth + 1)
        elif isinstance(value, Layer):
            for name, item in vars(value).items():
                if name not in ("_inbound_nodes", "_outbound_nodes", "inbound_nodes", "outbound_nodes"):
                    look(item, depth + 1)

    for layer in model.layers:
        look(layer)
        if isinstance(layer, L.Lambda):
            for variable in tf.global_variables():
                if variable.name.startswith(layer.name + "/"):
                    look(variable)
    return found


def one(name, out):
    K.clear_session()
    tf.reset_default_graph()
    folder = os.path.join(out, name)
    os.makedirs(folder)
    model, classes = CASES[name]()
    x, y = (array[:SAMPLES] for array in data())
    lost = hidden(model)
    model.save(os.path.join(folder, "broken.h5"))
    np.savez(os.path.join(folder, "samples.npz"), x=x, y=y)
    np.savez(os.path.join(folder, "truth.npz"), p=model.predict(x), **{"lost/" + key: value for key, value in lost.items()})
    with open(os.path.join(folder, "layers.py"), "w") as file:
        file.write(source(classes))
    with open(os.path.join(folder, "meta.json"), "w") as file:
        json.dump({"name": name, "keras": VERSION, "np_seed": 42, "lost": sorted(lost)}, file, indent=1)


if __name__ == "__main__":
    target = sys.argv[1]
    for case_name in sorted(CASES):
        if len(sys.argv) == 2 or any(case_name.startswith(prefix) for prefix in sys.argv[2:]):
            try:
                one(case_name, target)
                print(case_name, flush=True)
            except Exception as error:
                print("failed: %s: %s: %s" % (case_name, type(error).__name__, error), flush=True)
