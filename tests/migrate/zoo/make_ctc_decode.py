"""Genuine `.h5` files whose Lambda decodes by `K.ctc_decode`, NAME.h5 and NAME.npz (x and p, recorded before the save).

Run it with tf.keras: `python make_ctc_decode.py OUT`.
"""

import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

L, K = tf.keras.layers, tf.keras.backend
RNG = np.random.RandomState(0)


def main(root):
    os.makedirs(root, exist_ok=True)
    ways = {
        "greedy": lambda given: K.ctc_decode(given[0], given[1][:, 0], greedy=True)[0][0],
        "beam": lambda given: K.ctc_decode(given[0], given[1][:, 0], greedy=False, beam_width=5)[0][0],
    }
    data = [RNG.normal(size=(6, 9, 5)).astype("float32"), np.asarray([[9], [9], [7], [4], [1], [0]], "float32")]
    for name, way in ways.items():
        a, length = L.Input((9, 5)), L.Input((1,))
        shares = L.Dense(6, activation="softmax")(L.Dense(8, activation="tanh")(a))
        net = tf.keras.Model([a, length], L.Lambda(way, output_shape=(None,))([shares, length]))
        net.set_weights([RNG.normal(size=value.shape) for value in net.get_weights()])
        np.savez_compressed(os.path.join(root, name + ".npz"), x0=data[0], x1=data[1], p0=net.predict(data))
        net.save(os.path.join(root, name + ".h5"))


if __name__ == "__main__":
    main(sys.argv[1])
