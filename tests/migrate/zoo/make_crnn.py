"""A genuine training model of text recognition, whose output is its own CTC loss: k224-crnn.h5 and .npz (inputs, predictions).

Run it with Keras 2.2.4 on TensorFlow 1.15: `python make_crnn.py OUT`.
"""

import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from keras import backend as K
from keras import layers as L

RNG = np.random.RandomState(0)
STEPS, LABELS, CLASSES = 16, 5, 7


def ctc_lambda_func(args):
    y_pred, labels, input_length, label_length = args
    y_pred = y_pred[:, 2:, :]
    return K.ctc_batch_cost(labels, y_pred, input_length, label_length)


def network():
    image = L.Input((2 * STEPS, 16, 1), name="the_input")
    labels = L.Input(name="the_labels", shape=[LABELS], dtype="float32")
    lengths = [L.Input(name=name, shape=[1], dtype="int64") for name in ("input_length", "label_length")]
    x = L.Conv2D(4, 3, padding="same", activation="relu", name="conv1")(image)
    x = L.Reshape((STEPS, 32))(L.MaxPooling2D(2)(x))
    x = L.Dense(8, activation="relu")(x)
    ahead = L.GRU(6, return_sequences=True, name="gru1")(x)
    behind = L.GRU(6, return_sequences=True, go_backwards=True, name="gru1_b")(x)
    x = L.Dense(CLASSES, kernel_initializer="he_normal", name="dense2")(L.add([ahead, behind]))
    predicted = L.Activation("softmax", name="softmax")(x)
    loss = L.Lambda(ctc_lambda_func, output_shape=(1,), name="ctc")([predicted, labels, *lengths])
    return keras.models.Model([image, labels, *lengths], loss)


def main(root):
    net = network()
    net.compile(loss={"ctc": lambda y_true, y_pred: y_pred}, optimizer=keras.optimizers.SGD(lr=0.02, momentum=0.9, nesterov=True))
    count = 4
    inputs = [
        RNG.randn(count, 2 * STEPS, 16, 1).astype("float32"),
        RNG.randint(0, CLASSES - 1, (count, LABELS)).astype("float32"),
        np.full((count, 1), STEPS - 2, "int64"),
        np.array([[2], [5], [3], [1]], "int64"),
    ]
    net.fit(inputs, np.zeros((count, 1)), epochs=2, verbose=0)
    path = os.path.join(root, "k224-crnn")
    np.savez(path + ".npz", p0=net.predict(inputs), **{"x%d" % i: array for i, array in enumerate(inputs)})
    net.save(path + ".h5")


if __name__ == "__main__":
    main(sys.argv[1])
