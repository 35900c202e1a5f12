"""Writes what genuine Keras makes of the classes beside it: `PYTHON make_replayed.py RELEASE.json`, in Keras 2.0 to 2.3 on TensorFlow 1.

For each class in a model of its own: the names of all variables, those that the model tracks, and every draw from numpy's global generator
("int" with its bound, "normal" with its count), in their order.
"""

import json
import os
import sys

import numpy as np

draws = []
randint, normal = np.random.randint, np.random.normal


def noted_randint(*args, **kwargs):
    draws.append(["int", int(args[0])])
    return randint(*args, **kwargs)


def noted_normal(*args, **kwargs):
    found = normal(*args, **kwargs)
    draws.append(["normal", int(np.size(found))])
    return found


def main(target):
    np.random.randint, np.random.normal = noted_randint, noted_normal
    import keras
    import tensorflow as tf

    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import classes

    tf = getattr(tf, "compat", tf).v1 if hasattr(getattr(tf, "compat", tf), "v1") else tf
    found = {}
    for cls in classes.CLASSES:
        keras.backend.clear_session()
        del draws[:]
        layer = cls(name=cls.__name__.lower() + "_1")
        inputs = keras.layers.Input((5, 4))
        with keras.backend.get_session().graph.as_default():
            model = keras.models.Model(inputs, layer(inputs))
            variables = [str(variable.name) for variable in tf.global_variables()]
        found[cls.__name__] = {"variables": variables, "tracked": [str(weight.name) for weight in model.weights], "draws": list(draws)}
    with open(target, "w") as file:
        file.write("{\n" + ",\n".join("%s: %s" % (json.dumps(name), json.dumps(told)) for name, told in found.items()) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1])
