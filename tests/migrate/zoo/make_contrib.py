"""Genuine `.h5` files with keras_contrib's CRF, NAME.h5 and NAME.npz (x and p, recorded before the save).

Run it with Keras 2.2.4 and keras_contrib (github.com/keras-team/keras-contrib, 3fc5ef7) on the path:
`python make_contrib.py OUT [NAME...]`.
"""

import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from keras import layers as L
from keras_contrib.layers import CRF
from keras_contrib.losses import crf_loss
from keras_contrib.metrics import crf_viterbi_accuracy

RNG = np.random.RandomState(11)
ZOO = {}


def model(function):
    ZOO[function.__name__] = function
    return function


def words(count=6, steps=9, most=12, ahead=False):
    """Sequences of every length down to none, padded behind or ahead."""
    data = RNG.randint(1, most, (count, steps))
    for row, left in enumerate(np.linspace(steps, 0, count).astype(int)):
        if ahead:
            data[row, : steps - left] = 0
        else:
            data[row, left:] = 0
    return data


def tagger(steps=None, mask=True, **settings):
    a = L.Input((steps,))
    h = L.Bidirectional(L.LSTM(3, return_sequences=True))(L.Embedding(12, 4, mask_zero=mask)(a))
    return keras.Model(a, CRF(5, **settings)(L.Dense(4)(h)))


def trained(net, data, tags, loss=crf_loss):
    net.compile("sgd", loss=loss, metrics=[crf_viterbi_accuracy] if loss is crf_loss else [])
    net.fit(data, tags, epochs=2, verbose=0)
    return net, data


@model
def crf_sequential():
    """The usual tagger: a Sequential of open length, trained by crf_loss."""
    net = keras.Sequential(
        [
            L.Embedding(12, 4, mask_zero=True),
            L.Bidirectional(L.LSTM(3, return_sequences=True)),
            L.TimeDistributed(L.Dense(4, activation="relu")),
            CRF(5, sparse_target=True),
        ]
    )
    return trained(net, words(), RNG.randint(0, 5, (6, 9, 1)))


@model
def crf_sequential_fixed():
    net = keras.Sequential([L.Embedding(12, 4, input_length=9), L.Dropout(0.3), L.LSTM(3, return_sequences=True), CRF(5)])
    return trained(net, words(), keras.utils.to_categorical(RNG.randint(0, 5, (6, 9)), 5))


@model
def crf_open():
    return tagger(), words()


@model
def crf_ahead():
    """Padded ahead, where the end's energies are added to a step that is masked."""
    return tagger(), words(ahead=True)


@model
def crf_unmasked():
    """Without a mask the last step takes the chain's energies into account once more."""
    return tagger(9, mask=False), words()


@model
def crf_marginal():
    net = tagger(learn_mode="marginal")
    return trained(net, words(), keras.utils.to_categorical(RNG.randint(0, 5, (6, 9)), 5), "categorical_crossentropy")


@model
def crf_marginal_unmasked():
    return tagger(mask=False, learn_mode="marginal"), words()


@model
def crf_marginal_ahead():
    return tagger(9, test_mode="marginal"), words(ahead=True)


@model
def crf_marginal_path():
    return tagger(learn_mode="marginal", test_mode="viterbi", unroll=False), words()


@model
def crf_bare():
    return tagger(7, use_boundary=False, use_bias=False, activation="tanh", unroll=True), words(steps=7)


@model
def crf_numbers():
    """Masked numbers, and gaps in the mask."""
    a = L.Input((None, 3))
    data = RNG.normal(size=(4, 6, 3)).astype("float32")
    data[1, 2] = data[2, 4:] = data[3, :2] = 0
    return keras.Model(a, CRF(4)(L.Masking()(a))), data


@model
def crf_characters():
    """Words and their characters, of which the words alone are masked."""
    a, b = L.Input((None,)), L.Input((None, 4))
    each = L.TimeDistributed(keras.Sequential([L.Embedding(9, 3, input_length=4), L.GRU(3, reset_after=True)]))(b)
    both = L.concatenate([L.Embedding(12, 4, mask_zero=True)(a), each])
    net = keras.Model([a, b], CRF(3)(L.GRU(4, return_sequences=True)(both)))
    return net, [words(4, 6), RNG.randint(0, 9, (4, 6, 4))]


def main(root, names):
    if not os.path.isdir(root):
        os.makedirs(root)
    for name in names or ZOO:
        keras.backend.clear_session()
        net, data = ZOO[name]()
        net.set_weights([RNG.normal(size=value.shape) * 0.7 for value in net.get_weights()])
        arrays = {"x": data} if not isinstance(data, list) else {"x%d" % place: one for place, one in enumerate(data)}
        np.savez(os.path.join(root, name + ".npz"), p=net.predict(data), **arrays)
        net.save(os.path.join(root, name + ".h5"))
        print(name, [value.shape for value in net.get_weights()][-5:])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
