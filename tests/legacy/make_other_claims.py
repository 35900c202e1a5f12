"""Makes a third family of trainings that could fool a claim, other in architecture, data and seeds than `make_claims.py` and its sequel.

    <legacy python> make_other_claims.py OUT [PREFIX...]

One folder a case, as `benchmarks/claims.py` reads it. Each release of Keras gets seeds and widths of its own, so that the same
script run in three of them is three models: images, sequences, gates, generators, folds, searches over widths, edited constants.
"""

import os
import sys

import keras
import make_claims as base
import numpy as np
from keras import backend as K
from keras import layers as L
from keras.layers import Dense, Layer
from keras.models import Model, Sequential

AT = {"2.0": 0, "2.1": 1, "2.2": 2}[keras.__version__[:3]]
WIDTH = (48, 64, 40)[AT]
CLASSES = 4
PLACES = 8
KEPT = "/tmp/other-claims-%d.h5" % os.getpid()


def data(count=1600):
    """Patterns on 8 x 8 places, four classes."""
    r = np.random.RandomState(90 + AT)
    y = r.randint(CLASSES, size=count)
    base_patterns = r.normal(size=(CLASSES, 64)) * 0.8
    x = base_patterns[y] * (1 + 0.5 * r.normal(size=(count, 1))) + r.normal(size=(count, 64))
    return np.maximum(x, -0.5).astype("float32"), keras.utils.to_categorical(y, CLASSES)


base.data = data


def seeded(at):
    np.random.seed((20170101, 4711, 31, 2024, 99, 1234, 0, 7, 8675309, 555, 10, 100, 13)[(at + 3 * AT) % 13])


class ResBlock(Layer):
    """Two convolutions and a shortcut."""

    def build(self, input_shape):
        n = int(input_shape[-1])
        self.first = L.Conv2D(n, 3, padding="same", activation="relu", use_bias=False)
        self.second = L.Conv2D(n, 1)
        super().build(input_shape)

    def call(self, x):
        return x + self.second(self.first(x))

    def compute_output_shape(self, input_shape):
        return input_shape


class ChannelGate(Layer):
    """Squeeze and excite on images."""

    def __init__(self, ratio=4, **kwargs):
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, input_shape):
        n = int(input_shape[-1])
        self.down = Dense(n // self.ratio, activation="relu")
        self.up = Dense(n, activation="sigmoid")
        super().build(input_shape)

    def call(self, x):
        s = self.up(self.down(K.mean(x, axis=[1, 2])))
        return x * K.expand_dims(K.expand_dims(s, 1), 1)

    def compute_output_shape(self, input_shape):
        return input_shape


class Highway2(Layer):
    def build(self, input_shape):
        n = int(input_shape[-1])
        self.transform = Dense(n, activation="relu")
        self.gate = Dense(n, activation="sigmoid", bias_initializer=keras.initializers.Constant(-1.0))
        super().build(input_shape)

    def call(self, x):
        t = self.gate(x)
        return t * self.transform(x) + (1.0 - t) * x

    def compute_output_shape(self, input_shape):
        return input_shape


class AttentionPool(Layer):
    """Scores by a tanh layer, weights over time, a sum."""

    def __init__(self, units=16, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.hidden = Dense(self.units, activation="tanh")
        self.score = Dense(1, use_bias=False)
        super().build(input_shape)

    def call(self, x):
        a = K.softmax(K.squeeze(self.score(self.hidden(x)), -1))
        return K.sum(x * K.expand_dims(a, -1), axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[2])


class Bottleneck(Layer):
    def __init__(self, rate=2, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate

    def build(self, input_shape):
        n = int(input_shape[-1])
        self.narrow = Dense(n // self.rate, kernel_initializer="he_uniform", activation="relu")
        self.wide = Dense(n, kernel_initializer="he_normal")
        super().build(input_shape)

    def call(self, x):
        return x + self.wide(self.narrow(x))

    def compute_output_shape(self, input_shape):
        return input_shape


class Blend(Layer):
    """A float constant in the class decides how much of the projection counts."""

    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]), activation="tanh")
        super().build(input_shape)

    def call(self, x):
        return 0.7 * x + 0.6 * self.inner(x)

    def compute_output_shape(self, input_shape):
        return input_shape


class BlendFive(Layer):
    """`Blend` as it is today: tuned by five per cent since."""

    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]), activation="tanh")
        super(Blend, self).build(input_shape)

    def call(self, x):
        return 0.7 * x + 0.63 * self.inner(x)

    def compute_output_shape(self, input_shape):
        return input_shape


class BlendThirty(Layer):
    """`Blend` as it is today: tuned by a third since."""

    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]), activation="tanh")
        super(Blend, self).build(input_shape)

    def call(self, x):
        return 0.7 * x + 0.8 * self.inner(x)

    def compute_output_shape(self, input_shape):
        return input_shape


class Leaky(Layer):
    def build(self, input_shape):
        self.inner = L.Conv1D(int(input_shape[-1]), 3, padding="same")
        super().build(input_shape)

    def call(self, x):
        return x + K.relu(self.inner(x), alpha=0.2)

    def compute_output_shape(self, input_shape):
        return input_shape


class LeakyLess(Layer):
    """`Leaky` as it is today: another slope."""

    def build(self, input_shape):
        self.inner = L.Conv1D(int(input_shape[-1]), 3, padding="same")
        super(Leaky, self).build(input_shape)

    def call(self, x):
        return x + K.relu(self.inner(x), alpha=0.1)

    def compute_output_shape(self, input_shape):
        return input_shape


class Drifting(Layer):
    """Its scale follows what it sees, by an update."""

    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]), activation="relu")
        self.level = K.variable(np.ones(int(input_shape[-1])), name="level")
        super().build(input_shape)

    def call(self, x):
        h = self.inner(x)
        self.add_update([K.moving_average_update(self.level, K.mean(K.abs(h), axis=0) + 0.5, 0.95)], x)
        return x + h / self.level

    def compute_output_shape(self, input_shape):
        return input_shape


class Dropping(Layer):
    def build(self, input_shape):
        n = int(input_shape[-1])
        self.inner = Dense(n, activation="elu")
        self.drop = L.SpatialDropout1D(0.2)
        self.outer = Dense(n)
        super().build(input_shape)

    def call(self, x):
        return x + self.outer(self.drop(self.inner(x)))

    def compute_output_shape(self, input_shape):
        return input_shape


class Temperature(Layer):
    """A lost float and a lost activation."""

    def __init__(self, temperature=1.0, activation="linear", **kwargs):
        super().__init__(**kwargs)
        self.temperature = temperature
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]))
        super().build(input_shape)

    def call(self, x):
        return x + self.activation(self.inner(x) / self.temperature)

    def compute_output_shape(self, input_shape):
        return input_shape


def doubled(t):
    h = L.Conv1D(int(t.shape[-1]), 1, activation="tanh")(t)
    return t + h


def noised(t):
    return K.in_train_phase(t + 0.1 * K.random_normal(K.shape(t)), t)


def image(i):
    return L.Reshape((PLACES, PLACES, 1))(i)


def sequence(i):
    return L.Reshape((PLACES, PLACES))(i)


def closed(h):
    return Dense(CLASSES, activation="softmax")(h)


def conv(h, n=None, size=3):
    return L.Activation("relu")(L.BatchNormalization()(L.Conv2D(n or WIDTH, size, padding="same")(h)))


def conv1(h, n=None, size=3):
    return L.Activation("relu")(L.BatchNormalization()(L.Conv1D(n or WIDTH, size, padding="same")(h)))


def flat(h, n=None):
    return L.Activation("relu")(L.BatchNormalization()(Dense(n or WIDTH)(h)))


def images(*makers):
    """Convolutions around what `makers` make, image in, classes out."""

    def make():
        seeded(len(makers))
        i = L.Input((64,))
        h = conv(image(i))
        for maker in makers:
            h = conv(maker()(h))
        return i, closed(L.GlobalAveragePooling2D()(h))

    return make


def fitted(make, *classes, **how):
    def run():
        return base.trained(*make(), **how), list(classes)

    return run


def sequences(maker, pooled=True, at=3, norm=True):
    def make():
        seeded(at)
        i = L.Input((64,))
        h = conv1(sequence(i)) if norm else L.Conv1D(WIDTH, 3, activation="relu")(sequence(i))
        h = maker()(h)
        if pooled:
            h = L.GlobalMaxPooling1D()(conv1(h) if norm else L.Conv1D(WIDTH, 3, activation="relu")(h))
        return i, closed(flat(h) if norm else Dense(WIDTH, activation="relu")(h))

    return make


def rows(maker, at=4, norm=True, depth=1):
    def make():
        seeded(at)
        i = L.Input((64,))
        h = flat(i) if norm else Dense(WIDTH, activation="relu")(i)
        for _ in range(depth):
            h = maker()(h)
            h = flat(h) if norm else Dense(WIDTH, activation="relu")(h)
        return i, closed(h)

    return make


def recurrent():
    seeded(5)
    i = L.Input((64,))
    h = L.LSTM(24, return_sequences=True)(sequence(i))
    h = AttentionPool(12)(L.BatchNormalization()(h))
    return base.trained(i, closed(flat(h)), epochs=4), [AttentionPool]


def sequential():
    seeded(6)
    model = Sequential()
    model.add(Dense(WIDTH, input_shape=(64,), activation="relu"))
    model.add(L.BatchNormalization())
    for _ in range(2):
        model.add(Bottleneck())
        model.add(Dense(WIDTH))
        model.add(L.BatchNormalization())
        model.add(L.Activation("relu"))
    model.add(Dense(CLASSES, activation="softmax"))
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(*data(), epochs=6, batch_size=32, verbose=0)
    return model, [Bottleneck]


def by_name():
    """Stock weights of a first run are loaded by name in a second one, which draws the hidden ones anew and trains a new head."""
    seeded(7)
    base.trained(*rows(Bottleneck, at=7)()).save(KEPT)
    K.clear_session()
    seeded(8)
    i, out = rows(Bottleneck, at=8)()
    model = Model(i, out)
    model.load_weights(KEPT, by_name=True)
    return base.trained(i, Dense(CLASSES, activation="softmax", name="second_task")(model.layers[-2].output)), [Bottleneck]


def folds():
    """The model of the last of three folds, all built after one seed."""
    seeded(9)
    for _ in range(3):
        i = L.Input((64,))
        h = flat(Highway2()(flat(i)))
        model = base.trained(i, closed(h), epochs=4)
    return model, [Highway2]


def widths():
    """A search over widths keeps the last."""
    seeded(10)
    for width in (16, 32, WIDTH):
        i = L.Input((64,))
        model = base.trained(i, closed(flat(Bottleneck()(flat(i, width)), width)), epochs=5)
    return model, [Bottleneck]


def generator():
    """A generator that was made beside a discriminator, saved from within the joint model."""
    seeded(11)
    z = L.Input((64,))
    made = Model(z, Dense(64)(flat(Bottleneck()(flat(z)))))
    x = L.Input((64,))
    judge = Model(x, closed(Highway2()(Dense(32, activation="relu")(x))))
    both = Model(z, judge(made(z)))
    both.compile("adam", "categorical_crossentropy")
    made.compile("adam", "mse")
    xs, ys = data()
    both.fit(xs, ys, epochs=6, batch_size=32, verbose=0)
    return made, [Bottleneck]


def auxiliary_loss():
    """Trained with an auxiliary output, saved without."""
    seeded(12)
    i = L.Input((64,))
    h = conv(image(i))
    side = closed(L.GlobalAveragePooling2D()(h))
    h = conv(ResBlock()(h))
    main = closed(L.GlobalAveragePooling2D()(h))
    both = Model(i, [main, side])
    both.compile("adam", "categorical_crossentropy", loss_weights=[1.0, 0.3])
    x, y = data()
    both.fit(x, [y, y], epochs=5, batch_size=32, verbose=0)
    model = Model(i, main)
    model.compile("adam", "categorical_crossentropy")
    return model, [ResBlock]


def twins():
    """One lost layer on two halves, another one on their join."""
    seeded(2)
    i = L.Input((64,))
    layer, halves = Bottleneck(), [flat(i), flat(i)]
    h = flat(L.concatenate([layer(h) for h in halves]))
    return base.trained(i, closed(flat(Highway2()(h)))), [Bottleneck, Highway2]


def branches():
    """Four branches with a lost layer each, joined in another order than they were made in."""
    seeded(1)
    i = L.Input((64,))
    parts = [Bottleneck()(flat(i)) for _ in range(4)]
    return base.trained(i, closed(flat(L.concatenate([parts[at] for at in (2, 0, 3, 1)])))), [Bottleneck]


def cloned():
    seeded(4)
    model = Model(*rows(Highway2, at=4)())
    again = keras.models.clone_model(model)
    again.set_weights(model.get_weights())
    return base.trained(again.inputs, again.outputs), [Highway2]


def inside_time():
    """A nested model with a lost layer, applied to each time step."""
    seeded(0)
    j = L.Input((PLACES,))
    inner = Model(j, Bottleneck(4)(Dense(32, activation="relu")(j)))
    i = L.Input((64,))
    h = L.TimeDistributed(inner)(sequence(i))
    return base.trained(i, closed(L.GlobalAveragePooling1D()(conv1(h)))), [Bottleneck]


CASES = {
    "o-images": fitted(images(ResBlock, ResBlock), ResBlock, epochs=4),
    "o-channel-gate": fitted(images(ChannelGate), ChannelGate, epochs=4),
    "o-channel-gate-ratio": fitted(images(lambda: ChannelGate(8)), ChannelGate, epochs=4),
    "o-highway": fitted(rows(Highway2, depth=2), Highway2), "o-highway-plain": fitted(rows(Highway2, norm=False), Highway2),
    "o-attention": fitted(sequences(AttentionPool, pooled=False), AttentionPool), "o-recurrent": recurrent,
    "o-sequential": sequential, "o-bottleneck-rate": fitted(rows(lambda: Bottleneck(4), at=6), Bottleneck),
    "o-blend": fitted(rows(Blend, at=9), Blend), "o-blend-five": fitted(rows(Blend, at=9), (Blend, BlendFive)),
    "o-blend-thirty": fitted(rows(Blend, at=9), (Blend, BlendThirty)),
    "o-leaky": fitted(sequences(Leaky), Leaky), "o-leaky-less": fitted(sequences(Leaky), (Leaky, LeakyLess)),
    "o-drifting": fitted(rows(Drifting, at=10), Drifting), "o-dropping": fitted(sequences(Dropping, at=11), Dropping),
    "o-temperature": fitted(rows(lambda: Temperature(2.0, "tanh"), at=12), Temperature),
    "o-temperature-plain": fitted(rows(lambda: Temperature(0.5, "elu"), at=12, norm=False), Temperature),
    "o-by-name": by_name, "o-folds": folds, "o-widths": widths, "o-generator": generator, "o-auxiliary-loss": auxiliary_loss,
    "o-twins": twins, "o-branches": branches, "o-cloned": cloned, "o-inside-time": inside_time,
    "o-lambda": fitted(sequences(lambda: L.Lambda(doubled)), doubled),
    "o-noised": fitted(rows(lambda: lambda h: Bottleneck()(L.Lambda(noised)(h)), at=2), Bottleneck, noised),
}  # fmt: skip
base.CASES = CASES


def source(classes):
    """The user's file, with the import that some classes need."""
    return "import keras\n" + written(classes)


written, base.source = base.source, source

if __name__ == "__main__":
    for case_name in sorted(CASES):
        if len(sys.argv) == 2 or any(case_name.startswith(prefix) for prefix in sys.argv[2:]):
            try:
                base.one(case_name, sys.argv[1])
                print(case_name, flush=True)
            except Exception as error:
                print("failed: %s: %s: %s" % (case_name, type(error).__name__, error), flush=True)
