"""Makes further trainings that could fool a claim, in a genuine legacy Keras; kinds and shapes differ from those of `make_claims.py`.

    <legacy python> make_more_claims.py OUT [PREFIX...]

One folder a case, as `benchmarks/claims.py` reads it. Convolutions, siamese inputs, nested models, generators beside
discriminators, classes whose arithmetic was edited after the training, sessions that loaded and went on.
"""

import os
import sys

import keras
import make_claims as base
import numpy as np
from keras import backend as K
from keras import layers as L
from keras.layers import Dense, Layer
from keras.models import Model


class Mixer(Layer):
    def __init__(self, gain=1.0, **kwargs):
        super().__init__(**kwargs)
        self.gain = gain

    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]) * 2, activation="relu")
        self.outer = Dense(int(input_shape[-1]))
        super().build(input_shape)

    def call(self, x):
        return x + self.outer(self.inner(x))

    def compute_output_shape(self, input_shape):
        return input_shape


class MixerElu(Layer):
    """`Mixer` as it is today: another activation."""

    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]) * 2, activation="elu")
        self.outer = Dense(int(input_shape[-1]))
        super(Mixer, self).build(input_shape)

    def call(self, x):
        return x + self.outer(self.inner(x))

    def compute_output_shape(self, input_shape):
        return input_shape


class MixerHalf(Layer):
    """`Mixer` as it is today: a constant was tuned."""

    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]) * 2, activation="relu")
        self.outer = Dense(int(input_shape[-1]))
        super(Mixer, self).build(input_shape)

    def call(self, x):
        return x + 0.8 * self.outer(self.inner(x))

    def compute_output_shape(self, input_shape):
        return input_shape


class Local(Layer):
    def __init__(self, size=3, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def build(self, input_shape):
        self.conv = L.Conv1D(int(input_shape[-1]), self.size, padding="same", kernel_initializer="he_normal")
        super().build(input_shape)

    def call(self, x):
        return K.relu(x + self.conv(x))

    def compute_output_shape(self, input_shape):
        return input_shape


class Squeeze(Layer):
    def build(self, input_shape):
        n = int(input_shape[-1])
        self.down = Dense(n // 2, activation="relu")
        self.up = Dense(n, activation="sigmoid")
        super().build(input_shape)

    def call(self, x):
        return x * K.expand_dims(self.up(self.down(K.mean(x, axis=1))), 1)

    def compute_output_shape(self, input_shape):
        return input_shape


class Averaged(Layer):
    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]), activation="tanh")
        self.seen = K.variable(np.zeros(int(input_shape[-1])), name="seen")
        super().build(input_shape)

    def call(self, x):
        h = self.inner(x)
        self.add_update([K.update(self.seen, 0.9 * self.seen + 0.1 * K.mean(h, axis=0))], x)
        return x + h

    def compute_output_shape(self, input_shape):
        return input_shape


class NormedInside(Layer):
    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]))
        self.norm = L.BatchNormalization()
        super().build(input_shape)

    def call(self, x):
        return x + K.relu(self.norm(self.inner(x)))

    def compute_output_shape(self, input_shape):
        return input_shape


class SetInBuild(Layer):
    def build(self, input_shape):
        n = int(input_shape[-1])
        self.inner = Dense(n)
        self.inner.build(input_shape)
        self.inner.set_weights([0.5 * np.eye(n), np.full(n, 0.05)])
        self.outer = Dense(n, activation="relu")
        super().build(input_shape)

    def call(self, x):
        return self.outer(self.inner(x))

    def compute_output_shape(self, input_shape):
        return input_shape


class Seeded(Layer):
    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]), activation="relu", kernel_initializer=keras.initializers.glorot_uniform(seed=11))
        super().build(input_shape)

    def call(self, x):
        return x + self.inner(x)

    def compute_output_shape(self, input_shape):
        return input_shape


class Noised(Layer):
    def build(self, input_shape):
        self.noise = L.GaussianNoise(0.1)
        self.drop = L.Dropout(0.3)
        self.inner = Dense(int(input_shape[-1]), activation="relu")
        super().build(input_shape)

    def call(self, x):
        return x + self.drop(self.inner(self.noise(x)))

    def compute_output_shape(self, input_shape):
        return input_shape


class Named(Layer):
    def __init__(self, nonlinearity="relu", **kwargs):
        super().__init__(**kwargs)
        self.nonlinearity = nonlinearity

    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]))
        super().build(input_shape)

    def call(self, x):
        return x + getattr(K, self.nonlinearity)(self.inner(x))

    def compute_output_shape(self, input_shape):
        return input_shape


def narrow(shape, dtype=None):
    return K.truncated_normal(shape, 0.0, 0.2, dtype=dtype)


class OwnInitializer(Layer):
    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]), activation="tanh", kernel_initializer=narrow)
        super().build(input_shape)

    def call(self, x):
        return x + self.inner(x)

    def compute_output_shape(self, input_shape):
        return input_shape


def widened(t):
    return L.concatenate([t, Dense(20, activation="relu")(t)])


def sampled(parts):
    return parts[0] + K.exp(0.5 * parts[1]) * K.random_normal(K.shape(parts[0]))


def head(h, units=32, norm=True):
    h = Dense(units)(h) if norm else Dense(units, activation="relu")(h)
    if norm:
        h = L.Activation("relu")(L.BatchNormalization()(h))
    return Dense(3, activation="softmax")(h)


def middle(custom, norm=True, width=32, first_norm=False):
    i = L.Input((16,))
    h = Dense(width, activation="relu")(i)
    h = L.BatchNormalization()(h) if first_norm else h
    return i, head(custom(h), norm=norm)


def simple(custom_class, seed=77, norm=True, before=None, **arguments):
    def make():
        np.random.seed(seed)
        if before:
            before()
        return base.trained(*middle(custom_class(**arguments), norm=norm)), [custom_class]

    return make


def edited(was, today, norm=True):
    def make():
        np.random.seed(123)
        return base.trained(*middle(was(), norm=norm)), [(was, today)]

    return make


def frozen(second=321):
    def make():
        np.random.seed(77)
        base.trained(*middle(Mixer())).save("/tmp/held-%d.h5" % os.getpid())
        K.clear_session()
        np.random.seed(second)
        loaded = keras.models.load_model("/tmp/held-%d.h5" % os.getpid(), custom_objects={"Mixer": Mixer})
        for layer in loaded.layers:
            layer.trainable = False
        return base.trained(loaded.input, Dense(3, activation="softmax", name="fresh")(loaded.layers[-2].output)), [Mixer]

    return make


def beside():
    """Generator and discriminator in one script: the discriminator is saved."""
    np.random.seed(5)
    z = L.Input((8,))
    Model(z, Dense(16)(base.Adapter()(Dense(24, activation="relu")(z))))
    return base.trained(*middle(base.Adapter())), [base.Adapter]


def auxiliary():
    """A second head that is in no saved model draws between the layers of the first."""
    np.random.seed(8)
    i = L.Input((16,))
    h = Dense(32, activation="relu")(i)
    Dense(3, activation="softmax")(h)
    h = Mixer()(h)
    Dense(3, activation="softmax")(h)
    return base.trained(i, head(h)), [Mixer]


def siamese():
    np.random.seed(9)
    i = L.Input((16,))
    layer = Mixer()
    one, two = Dense(24, activation="tanh")(i), Dense(24, activation="tanh")(i)
    h = L.add([layer(one), layer(two)])
    return base.trained(i, head(h)), [Mixer]


def parallel(reverse):
    def make():
        np.random.seed(31)
        i = L.Input((16,))
        parts = [base.Expert()(Dense(16, activation="relu")(i)) for _ in range(3)]
        return base.trained(i, head(L.add(parts[::-1] if reverse else parts))), [base.Expert]

    return make


def nested():
    np.random.seed(14)
    j = L.Input((32,))
    inner = Model(j, Mixer()(Dense(32, activation="relu")(j)))
    i = L.Input((16,))
    return base.trained(i, head(inner(Dense(32, activation="relu")(i)))), [Mixer]


def behind(norm):
    """Two lost layers, one behind the other."""

    def make():
        np.random.seed(15)
        i = L.Input((16,))
        h = base.Adapter()(Dense(32, activation="relu")(i))
        h = L.BatchNormalization()(h) if norm else h
        return base.trained(i, head(base.Adapter()(h))), [base.Adapter]

    return make


def convolved(custom_class, seed=21, **arguments):
    def make():
        np.random.seed(seed)
        i = L.Input((16,))
        h = L.Reshape((16, 1))(i)
        h = L.BatchNormalization()(L.Conv1D(32, 3, padding="same", activation="relu")(h))
        h = custom_class(**arguments)(h)
        h = L.Activation("relu")(L.BatchNormalization()(L.Conv1D(32, 3, padding="same")(h)))
        return base.trained(i, Dense(3, activation="softmax")(L.GlobalAveragePooling1D()(h))), [custom_class]

    return make


def twice_seeded():
    np.random.seed(1)
    i = L.Input((16,))
    h = base.Adapter()(Dense(32, activation="relu")(i))
    h = Dense(32, activation="relu")(L.BatchNormalization()(h))
    np.random.seed(19)
    h = base.Adapter()(Dense(32, activation="relu")(h))
    return base.trained(i, head(h)), [base.Adapter]


def everywhere_seeded():
    g = keras.initializers.glorot_uniform
    i = L.Input((16,))
    h = Seeded()(Dense(32, activation="relu", kernel_initializer=g(seed=3))(i))
    h = L.Activation("relu")(L.BatchNormalization()(Dense(32, kernel_initializer=g(seed=4))(h)))
    return base.trained(i, Dense(3, activation="softmax", kernel_initializer=g(seed=5))(h)), [Seeded]


def by_lambda(norm=True):
    def make():
        np.random.seed(16)
        i = L.Input((16,))
        return base.trained(i, head(L.Lambda(widened)(Dense(24, activation="relu")(i)), norm=norm)), [widened]

    return make


def encoder():
    """VAE-like: a sampling Lambda between two parts, a lost layer before it."""
    np.random.seed(17)
    i = L.Input((16,))
    h = L.BatchNormalization()(base.Adapter()(Dense(32, activation="relu")(i)))
    z = L.Lambda(sampled)([Dense(6)(h), Dense(6)(h)])
    return base.trained(i, head(z)), [base.Adapter, sampled]


CASES = {
    "h-mixer-bn": simple(Mixer), "h-mixer": simple(Mixer, norm=False), "h-mixer-large-seed": simple(Mixer, seed=2718281829 - 1000),
    "h-mixer-deep": simple(Mixer, before=lambda: np.random.permutation(5000)),
    "h-edited-elu-bn": edited(Mixer, MixerElu), "h-edited-elu": edited(Mixer, MixerElu, norm=False),
    "h-edited-constant-bn": edited(Mixer, MixerHalf), "h-edited-order-bn": edited(base.Pair, base.PairEdited),
    "h-frozen": frozen(), "h-frozen-same": frozen(77), "h-beside": beside, "h-auxiliary": auxiliary, "h-siamese": siamese,
    "h-parallel": parallel(False), "h-parallel-reversed": parallel(True), "h-nested": nested,
    "h-behind": behind(False), "h-behind-bn": behind(True),
    "h-conv": convolved(Local), "h-conv-five": convolved(Local, size=5), "h-conv-squeeze": convolved(Squeeze),
    "h-averaged": simple(Averaged), "h-normed-inside": simple(NormedInside), "h-set": simple(SetInBuild), "h-noised": simple(Noised),
    "h-named": simple(Named, nonlinearity="tanh"), "h-own-initializer": simple(OwnInitializer), "h-seeded": simple(Seeded),
    "h-twice-seeded": twice_seeded, "h-everywhere-seeded": everywhere_seeded, "h-lambda-bn": by_lambda(), "h-lambda": by_lambda(False),
    "h-encoder": encoder,
}  # fmt: skip
base.CASES = CASES


def source(classes):
    """The user's file, with the own initializer that a class names."""
    needs = "import keras\n\n\n" + base.textwrap.dedent(base.inspect.getsource(narrow)) + "\n\n" if OwnInitializer in classes else ""
    return ("import keras\n" if Seeded in classes else "") + written(classes).replace(base.HEADER, base.HEADER + needs)


written, base.source = base.source, source

if __name__ == "__main__":
    for case_name in sorted(CASES):
        if len(sys.argv) == 2 or any(case_name.startswith(prefix) for prefix in sys.argv[2:]):
            try:
                base.one(case_name, sys.argv[1])
                print(case_name, flush=True)
            except Exception as error:
                print("failed: %s: %s: %s" % (case_name, type(error).__name__, error), flush=True)
