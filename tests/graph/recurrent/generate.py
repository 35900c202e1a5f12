"""Made `<release>-read.h5` and `.npz` (inputs `x`, predictions `p`): `PYTHON generate.py RELEASE tensorflow.keras|keras`.

tf24 in TensorFlow 2.4.4, keras231 in Keras 2.3.1 on TensorFlow 1.15; weights are drawn, since recurrent biases begin as zeros.
"""

import importlib
import sys

import numpy as np

release, family = sys.argv[1:]
keras = importlib.import_module(family)
with open("read.py") as file:
    scope = {}
    exec(file.read().replace("FAMILY", family), scope)
inputs = keras.layers.Input((5, 3))
model = keras.models.Model(inputs, keras.layers.Dense(2)(scope["Read"](4)(inputs)))
model.set_weights([np.random.RandomState(number).normal(size=weight.shape) for number, weight in enumerate(model.get_weights())])
x = np.random.RandomState(9).normal(size=(6, 5, 3)).astype("float32")
np.savez(release + "-read.npz", x=x, p=model.predict(x))
model.save(release + "-read.h5")
