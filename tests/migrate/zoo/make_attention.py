"""Genuine `.h5` files with keras_self_attention's layers behind masks, NAME.h5 and NAME.npz (x and p, recorded before the save).

Run it with Keras 2.2.4 and keras-self-attention of any release: `python make_attention.py OUT [NAME...]`.
"""

import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from keras import layers as L
from keras_self_attention import SeqSelfAttention, SeqWeightedAttention

RNG = np.random.RandomState(3)
ZOO = {}


def model(function):
    ZOO[function.__name__] = function
    return function


def words(count=6, steps=8):
    """Sequences of every length down to none."""
    data = RNG.randint(1, 12, (count, steps))
    for row, left in enumerate(np.linspace(steps, 0, count).astype(int)):
        data[row, left:] = 0
    return data


def attending(layer, steps=None, mask=True, then=None):
    a = L.Input((steps,))
    h = layer(L.LSTM(4, return_sequences=True)(L.Embedding(12, 4, mask_zero=mask)(a)))
    outputs = h if isinstance(h, list) else [h]
    return keras.Model(a, [(then or (lambda x: x))(outputs[0]), *outputs[1:]]), words()


@model
def attention_masked():
    return attending(SeqSelfAttention(units=5, attention_activation="sigmoid"))


@model
def attention_masked_product():
    """The mask goes on to an LSTM."""
    kind = SeqSelfAttention.ATTENTION_TYPE_MUL
    return attending(SeqSelfAttention(attention_type=kind), 8, then=L.LSTM(3))


@model
def attention_masked_weights():
    return attending(SeqSelfAttention(units=3, return_attention=True, use_additive_bias=False))


@model
def attention_masked_window():
    return attending(SeqSelfAttention(units=3, attention_width=3, history_only=True))


@model
def attention_window():
    return attending(SeqSelfAttention(units=3, attention_width=4), 8, mask=False)


@model
def attention_sequential():
    net = keras.Sequential([L.Embedding(12, 4, mask_zero=True), L.Bidirectional(L.GRU(3, return_sequences=True)), SeqWeightedAttention()])
    net.add(L.Dense(3, activation="softmax"))
    net.build((None, None))
    return net, words()


@model
def attention_weighted():
    return attending(SeqWeightedAttention(use_bias=False, return_attention=True))


@model
def attention_documents():
    """Sentences, some of them empty, each read by a masked model."""
    sentence, _ = attending(SeqWeightedAttention(), 8)
    a = L.Input((4, 8))
    h = L.TimeDistributed(keras.Model(sentence.inputs[0], sentence.outputs[0]))(a)
    data = np.stack([words(4), words(4), words(4)])
    return keras.Model(a, L.Dense(2)(L.GRU(3)(h))), data


def main(root, names):
    if not os.path.isdir(root):
        os.makedirs(root)
    for name in names or ZOO:
        keras.backend.clear_session()
        net, data = ZOO[name]()
        net.set_weights([RNG.normal(size=value.shape) * 0.7 for value in net.get_weights()])
        found = net.predict(data)
        found = found if isinstance(found, list) else [found]
        np.savez_compressed(os.path.join(root, name + ".npz"), x0=data, **{"p%d" % place: one for place, one in enumerate(found)})
        net.save(os.path.join(root, name + ".h5"))
        print(name, [value.shape for value in net.get_weights()][-4:])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
