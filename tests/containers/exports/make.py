"""Genuine donors around a broken file: the session that trained it, a program that only loaded it, another training run (see README.md).

python make.py denoise|squeeze OUT         in an environment with tensorflow==1.15.5 keras==2.2.4
"""

import os
import sys

import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import BatchNormalization, Conv1D, Dense, GlobalAveragePooling1D, Input
from keras.models import Model, load_model

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
sys.path += [os.path.join(ROOT, "sample_models"), os.path.join(ROOT, "tests", "legacy", "sources")]

from layers import Denoising_layer  # noqa: E402
from squeeze_excite import SqueezeExcite  # noqa: E402


def trained(kind):
    K.clear_session()
    x = Input((12, 3))
    if kind == "squeeze":
        h = SqueezeExcite()(Conv1D(16, 3, activation="relu")(x))
    else:
        h = BatchNormalization()(Conv1D(6, 3)(Denoising_layer("mean")(Conv1D(6, 3, activation="relu")(x))))
    model = Model(x, Dense(3, activation="softmax")(GlobalAveragePooling1D()(h)))
    model.compile("adam", "categorical_crossentropy", metrics=["acc"])
    random = np.random.RandomState(11)
    data = random.normal(size=(128, 12, 3)), np.eye(3)[random.randint(3, size=128)]
    model.fit(*data, epochs=4, verbose=0)
    return model


def export(model, out):
    session = K.get_session()
    tf.train.Saver(tf.global_variables()).save(session, os.path.join(out, "session.ckpt"), write_meta_graph=False)
    outputs = [tensor.op.name for tensor in model.outputs]
    graph = tf.graph_util.convert_variables_to_constants(session, session.graph.as_graph_def(), outputs)
    with open(os.path.join(out, "frozen.pb"), "wb") as file:
        file.write(graph.SerializeToString())
    for name, types in (("model", []), ("float16", [tf.lite.constants.FLOAT16])):
        converter = tf.lite.TFLiteConverter.from_session(session, model.inputs, model.outputs)
        if types:
            converter.optimizations, converter.target_spec.supported_types = [tf.lite.Optimize.OPTIMIZE_FOR_SIZE], types
        with open(os.path.join(out, name + ".tflite"), "wb") as file:
            file.write(converter.convert())


def main(kind, out):
    for name in ("session", "reload", "other"):
        os.makedirs(os.path.join(out, name))
    broken = os.path.join(out, "broken.h5")
    model = trained(kind)
    model.save(broken)
    lost = [v for v in tf.global_variables() if v.op.name.split("/")[0] in ("denoising_layer_1", "squeeze_excite_1")]
    np.savez(os.path.join(out, "lost.npz"), **{v.op.name: K.get_value(v) for v in lost})
    export(model, os.path.join(out, "session"))
    K.clear_session()
    classes = {"Denoising_layer": Denoising_layer, "SqueezeExcite": SqueezeExcite}
    export(load_model(broken, custom_objects=classes), os.path.join(out, "reload"))
    export(trained(kind), os.path.join(out, "other"))


if __name__ == "__main__":
    main(*sys.argv[1:])
