"""Genuine `.h5` files with layers of public packages, NAME.h5 and NAME.npz (x and p, recorded before the save).

Run it with TensorFlow 2.15, tensorflow-addons 0.23, tensorflow-model-optimization 0.7.5, keras-layer-normalization 0.16 and
keras-self-attention 0.51:
`python make_libraries.py OUT [NAME...]`. Classes of packages without a release for it (keras_contrib, efficientnet, keras_resnet) are
written anew here with the arithmetic and the config of theirs.
"""

import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras_layer_normalization
import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa
import tensorflow_model_optimization as tfmot
from keras_self_attention import SeqSelfAttention, SeqWeightedAttention

K, L = tf.keras, tf.keras.layers
RNG = np.random.RandomState(5)
ZOO = {}


def model(function):
    ZOO[function.__name__] = function
    return function


class InstanceNormalization(L.Layer):
    """As keras_contrib's: the deviation plus epsilon divides."""

    def __init__(self, axis=None, epsilon=1e-3, center=True, scale=True, **kwargs):
        super().__init__(**kwargs)
        self.axis, self.epsilon, self.center, self.scale = axis, epsilon, center, scale

    def build(self, shape):
        size = (1,) if self.axis is None else (shape[self.axis],)
        if self.scale:
            self.gamma = self.add_weight(shape=size, name="gamma", initializer="ones")
        if self.center:
            self.beta = self.add_weight(shape=size, name="beta", initializer="zeros")

    def call(self, inputs):
        rank = len(inputs.shape)
        kept = {0} if self.axis is None else {0, self.axis % rank}
        axes = [axis for axis in range(rank) if axis not in kept]
        normed = (inputs - K.backend.mean(inputs, axes, keepdims=True)) / (K.backend.std(inputs, axes, keepdims=True) + self.epsilon)
        shape = [1] * rank
        if self.axis is not None:
            shape[self.axis] = inputs.shape[self.axis]
        normed = normed * tf.reshape(self.gamma, shape) if self.scale else normed
        return normed + tf.reshape(self.beta, shape) if self.center else normed

    def get_config(self):
        mine = {"axis": self.axis, "epsilon": self.epsilon, "center": self.center, "scale": self.scale}
        return {**super().get_config(), **mine, "beta_initializer": "zeros", "gamma_initializer": "ones"}


class FixedDropout(L.Dropout):
    """As efficientnet's: sizes of noise_shape may be open."""

    def _get_noise_shape(self, inputs):
        return tuple(tf.shape(inputs)[axis] if size is None else size for axis, size in enumerate(self.noise_shape))


class BatchNormalization(L.BatchNormalization):
    """As keras_resnet's."""

    def __init__(self, freeze=False, **kwargs):
        super().__init__(**kwargs)
        self.freeze = freeze

    def get_config(self):
        return {**super().get_config(), "freeze": self.freeze}


def image(*layers):
    a = h = K.Input((8, 8, 4))
    for layer in layers:
        h = layer(h)
    return K.Model(a, L.GlobalAveragePooling2D()(L.Conv2D(2, 3)(h))), RNG.normal(size=(4, 8, 8, 4)).astype("float32")


@model
def addons_norms():
    return image(tfa.layers.GroupNormalization(2), tfa.layers.InstanceNormalization(epsilon=1e-4), L.PReLU(shared_axes=[1, 2]))


@model
def addons_weight_norm():
    return image(
        tfa.layers.WeightNormalization(L.Conv2D(4, 3, padding="same"), data_init=False), tfa.layers.WeightNormalization(L.Dense(4))
    )


@model
def addons_spectral():
    return image(tfa.layers.SpectralNormalization(L.Conv2D(4, 3, padding="same")), L.SpectralNormalization(L.Dense(4)))


@model
def addons_functions():
    return image(
        tfa.layers.GELU(approximate=True), L.Conv2D(4, 3, activation=tfa.activations.mish), L.Dense(4, activation="Addons>tanhshrink")
    )


@model
def contrib_norm():
    return image(InstanceNormalization(axis=3), InstanceNormalization(), InstanceNormalization(axis=-1, scale=False))


@model
def contrib_norm_first():
    return image(InstanceNormalization(axis=1), InstanceNormalization(center=False))


@model
def efficientnet_head():
    drop = FixedDropout(0.2, noise_shape=(None, 1, 1, None))
    return image(L.Conv2D(4, 3, activation="swish"), drop, BatchNormalization(freeze=True))


@model
def plain_layer_norm():
    a = K.Input((5, 6))
    net = K.Model(a, L.Dense(3)(keras_layer_normalization.LayerNormalization()(L.Dense(6)(a))))
    return net, RNG.normal(size=(4, 5, 6)).astype("float32")


@model
def pruned():
    net, data = image(L.Conv2D(4, 3, padding="same"), L.BatchNormalization(), L.SeparableConv2D(4, 3), L.Dense(4, use_bias=False))
    return tfmot.sparsity.keras.prune_low_magnitude(net), data


@model
def adamw():
    data = RNG.normal(size=(8, 5)).astype("float32")
    net = K.Sequential([L.Dense(4, input_shape=(5,)), L.Dense(2)])
    net.compile(K.optimizers.AdamW(0.01, weight_decay=0.02), "mse")
    net.fit(data, data[:, :2], epochs=2, verbose=0)
    return net, data


@model
def self_attention_window():
    a = K.Input((10, 6))
    return K.Model(a, SeqSelfAttention(attention_width=4, use_additive_bias=False)(a)), RNG.normal(size=(3, 10, 6)).astype("float32")


@model
def self_attention_product():
    a = K.Input((10, 6))
    kind = SeqSelfAttention.ATTENTION_TYPE_MUL
    attended = SeqSelfAttention(attention_type=kind, attention_width=5, history_only=True)(a)
    return K.Model(a, attended), RNG.normal(size=(3, 10, 6)).astype("float32")


@model
def weighted_attention():
    a = K.Input((10, 6))
    return K.Model(a, SeqWeightedAttention()(a)), RNG.normal(size=(3, 10, 6)).astype("float32")


def main(root, names):
    os.makedirs(root, exist_ok=True)
    for name in names or ZOO:
        K.backend.clear_session()
        net, data = ZOO[name]()
        net(data)
        for variable in net.weights:
            if variable.dtype.is_floating and not any(word in variable.name for word in ("mask", "threshold")):
                value = RNG.normal(size=variable.shape).astype("float32") * 0.5
                variable.assign(np.abs(value) + 0.5 if "variance" in variable.name else value)
        np.savez(os.path.join(root, name + ".npz"), x=data, p=np.asarray(net(data, training=False)))
        net.save(os.path.join(root, name + ".h5"), save_format="h5")
        print(name, [(w.name, tuple(w.shape)) for w in net.weights][:12])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
