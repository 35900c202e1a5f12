"""A user who stays with Keras 2.2.4: loads a repaired file with the emitted class, predicts, trains on and saves (Python 3.7).

    <legacy python> client.py REPAIRED.h5 LAYERS.py CLASS NPZ OUT.h5

Prints JSON: predictions' largest difference from the recorded `p`, whether the optimizer's state was loaded, parameters trained, and so on.
"""

import importlib.util
import json
import sys

import numpy as np


def main(repaired, layers, class_name, recorded, out):
    from keras import backend as K
    from keras.models import load_model

    keep_weights_as_stored()
    spec = importlib.util.spec_from_file_location("emitted", layers)
    emitted = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(emitted)
    classes = {class_name: getattr(emitted, class_name)}
    samples = np.load(recorded)
    xs = [samples[k] for k in sorted(samples.files) if k in ("x", "x0", "x1")]
    x = xs[0] if len(xs) == 1 else xs

    model = load_model(repaired, custom_objects=classes)
    difference = float(np.abs(model.predict(x) - samples["p"]).max())
    # RMSprop does not save its count of steps (keras 2.2.4, optimizers.py).
    counted = any(weight is model.optimizer.iterations for weight in model.optimizer.weights)
    iterations = int(K.get_value(model.optimizer.iterations)) if counted else None
    # The trained weights' first moments, read before a step is taken: all zero means that the state was not loaded.
    slots = [float(np.abs(v).max()) for v in model.optimizer.get_weights() if v.ndim > 1]
    custom = [layer for layer in all_layers(model) if type(layer).__name__ == class_name]
    before = [layer.get_weights() for layer in custom]
    loss_before = model.evaluate(x, samples["y"], verbose=0)[0]
    model.fit(x, samples["y"], batch_size=32, epochs=3, verbose=0)
    moved = [all(not np.array_equal(a, b) for a, b in zip(was, layer.get_weights())) for was, layer in zip(before, custom)]
    loss_after = model.evaluate(x, samples["y"], verbose=0)[0]
    p = model.predict(x)
    model.save(out)
    K.clear_session()
    again = float(np.abs(load_model(out, custom_objects=classes).predict(x) - p).max())
    return {
        "difference": difference,
        "iterations": iterations,
        "slots_in_use": sum(value > 0 for value in slots),
        "weights_held": [len(weights) for weights in before],
        "moved": moved,
        "loss": [float(loss_before), float(loss_after)],
        "difference_after_second_save": again,
    }


def keep_weights_as_stored():
    """Loads models inside models inside models, which Keras 2.2.4 itself saves and cannot load where they hold BatchNormalization.

    Its `preprocess_weights_for_loading` (engine/saving.py), there to convert the files of other versions, hands the moving statistics of an
    inner model to that model's kernels. The file at hand is of this very version and needs no conversion.
    """
    from keras.engine import saving

    convert = saving.preprocess_weights_for_loading

    def preprocess(layer, weights, *arguments, **keywords):
        twice = any(hasattr(inner, "layers") for inner in getattr(layer, "layers", ()))
        return weights if twice else convert(layer, weights, *arguments, **keywords)

    saving.preprocess_weights_for_loading = preprocess


def all_layers(model):
    """The layers of a model and of the models inside it."""
    for layer in model.layers:
        yield from all_layers(layer) if hasattr(layer, "layers") else [layer]


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
