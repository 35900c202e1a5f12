"""Train models without any seed in genuine legacy Keras, for `moments.py`: `<legacy python> moments_models.py FILES TRUTH ROW...`.

A row is JSON: name, layer (a class of `moments_layers.py`, or "mean" or "non_local_mean" for the shipped one), body, channels, act,
optimizer, batch, epochs, samples, data. `FILES/name.h5` is what a save leaves; the lost kernels go to `TRUTH/name.npz`, by variable name.
Runs in Python 3.6 and 3.7.
"""

import json
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sample_models")]
LENGTH, SIDE, FEATURES, WORDS = 32, 12, 20, 40
IMAGES, TABLES = ("Spatial", "Pointwise"), ("DenseMix", "Blend")


class Body:
    """The parts that all models are made of: for images, tables, or sequences, as the lost layer asks."""

    def __init__(self, row):
        from keras import layers as stock

        self.row, self.stock, self.channels = row, stock, row["channels"]
        self.images, self.tables = row["layer"] in IMAGES, row["layer"] in TABLES

    def conv(self, x, channels=None, size=3, **given):
        channels = channels or self.channels
        if self.tables:
            return self.stock.Dense(channels)(x)
        return (self.stock.Conv2D if self.images else self.stock.Conv1D)(channels, size, padding="same", **given)(x)

    def norm(self, x):
        return self.stock.BatchNormalization()(x)

    def act(self, x):
        name = self.row["act"]
        layer = {"leaky": lambda: self.stock.LeakyReLU(0.1), "prelu": lambda: self.stock.PReLU(shared_axes=None if self.tables else [1])}
        return layer[name]()(x) if name in layer else self.stock.Activation(name)(x)

    def block(self, x, **given):
        return self.act(self.norm(self.conv(x, **given)))

    def pool(self, x):
        return x if self.tables else (self.stock.MaxPooling2D if self.images else self.stock.MaxPooling1D)()(x)

    def all_places(self, x):
        if len(x.shape) == 2:
            return x
        return (self.stock.GlobalAveragePooling2D if self.images else self.stock.GlobalAveragePooling1D)()(x)

    def lost(self, x):
        import moments_layers
        import workbench

        name = self.row["layer"]
        if name in ("mean", "non_local_mean"):
            user = workbench.load_source(os.path.join(os.path.dirname(workbench.__file__), "layers.py"))
            return user.Denoising_layer(filter_type=name)(x)
        return getattr(moments_layers, name)()(x)


def none(body, x):
    return body.act(body.norm(body.lost(body.block(x, size=5))))


def conv(body, x):
    return body.block(body.lost(body.block(x, size=5)))


def pool(body, x):
    return body.block(body.pool(body.lost(body.block(x, size=5))))


def relu(body, x):
    return body.block(body.stock.Activation("relu")(body.lost(body.block(x, size=5))))


def preact(body, x):
    """A residual block of full pre-activation."""
    x = body.conv(x, size=5)
    y = body.lost(body.act(body.norm(body.conv(body.act(body.norm(x))))))
    return body.act(body.norm(body.stock.add([x, body.conv(body.act(body.norm(y)))])))


def inception(body, x):
    """The lost layer beside a kept convolution, and their outputs side by side."""
    x = body.block(x, size=5)
    return body.block(body.stock.concatenate([body.lost(x), body.act(body.conv(x))]))


def vgg(body, x):
    x = body.pool(body.block(body.block(x)))
    return body.pool(body.block(body.lost(x)))


def dropout(body, x):
    x = body.stock.Dropout(0.3)(body.block(x))
    return body.block(body.stock.Dropout(0.3)(body.lost(x)))


def strided(body, x):
    x = body.lost(body.block(x, size=5))
    return body.act(body.norm(body.conv(x, strides=2, channels=body.channels + 16)))


def dilated(body, x):
    x = body.lost(body.block(body.block(x), dilation_rate=2))
    return body.block(x, dilation_rate=4)


def deep(body, x):
    """Two convolutions before the next statistics."""
    x = body.lost(body.block(x, size=5))
    return body.block(body.act(body.conv(x)))


def separable(body, x):
    x = body.lost(body.block(x, size=5))
    return body.act(body.norm(body.stock.SeparableConv1D(body.channels, 3, padding="same")(x)))


def after(body, x):
    """BatchNormalization behind the activation."""
    x = body.norm(body.act(body.conv(x, size=5)))
    return body.norm(body.act(body.conv(body.lost(x))))


def flatten(body, x):
    x = body.pool(body.pool(body.lost(body.block(x, size=5))))
    return body.act(body.norm(body.stock.Dense(64)(body.stock.Flatten()(x))))


def recurrent(body, x):
    return body.stock.Bidirectional(body.stock.LSTM(16, return_sequences=True))(body.act(body.norm(body.lost(body.block(x, size=5)))))


def decoder(body, x):
    x = body.lost(body.block(body.pool(body.block(x))))
    return body.block(body.stock.UpSampling1D()(x))


def twice(body, x):
    x = body.block(body.lost(body.block(x, size=5)))
    return body.block(body.lost(x))


def plain(body, x):
    """No BatchNormalization at all."""
    return body.act(body.conv(body.lost(body.act(body.conv(x, size=5)))))


BODIES = {
    each.__name__: each
    for each in (
        none,
        conv,
        pool,
        relu,
        preact,
        inception,
        vgg,
        dropout,
        strided,
        dilated,
        deep,
        separable,
        after,
        flatten,
        recurrent,
        decoder,
        twice,
        plain,
    )
}


def model_of(row):
    from keras.models import Model

    body = Body(row)
    stock = body.stock
    if row["data"] == "words":
        given = stock.Input((LENGTH,))
        x = stock.Embedding(WORDS, 16)(given)
    else:
        given = stock.Input((SIDE, SIDE, 1) if body.images else (FEATURES,) if body.tables else (LENGTH, 1))
        x = given
    head = stock.Dense(1) if row["data"] == "regression" else stock.Dense(3, activation="softmax")
    return Model(given, head(body.all_places(BODIES[row["body"]](body, x))))


def data_of(row):
    import workbench as bench

    n, seed = row["samples"], row["number"]
    if row["layer"] in IMAGES:
        return bench.images(n, seed, SIDE)
    if row["layer"] in TABLES:
        random = np.random.RandomState(seed)
        centers, labels = random.normal(size=(3, 4, FEATURES)), random.randint(0, 3, n)
        x = centers[labels, random.randint(0, 4, n)] + 0.8 * random.normal(size=(n, FEATURES))
        return x.astype("float32"), bench.one_hot(labels)
    if row["data"] == "words":
        return bench.sentences(n, seed, LENGTH, WORDS)
    x, y = bench.signals(n, seed, LENGTH)
    return (x, x[:, 4] + x.std(axis=1)) if row["data"] == "regression" else (x, y)


def train(row, files, truth):
    import workbench as bench
    from keras import backend as K

    K.clear_session()
    np.random.seed(None)
    x, y = data_of(row)
    model = model_of(row)
    model.compile(row["optimizer"], "mse" if row["data"] == "regression" else "categorical_crossentropy")
    model.fit(x, y, batch_size=row["batch"], epochs=row["epochs"], verbose=0)
    np.savez(os.path.join(truth, row["name"] + ".npz"), **bench.hidden_tensors(model))
    model.save(os.path.join(files, row["name"] + ".part"))
    os.rename(os.path.join(files, row["name"] + ".part"), os.path.join(files, row["name"] + ".h5"))


if __name__ == "__main__":
    for told in sys.argv[3:]:
        train(json.loads(told), sys.argv[1], sys.argv[2])
