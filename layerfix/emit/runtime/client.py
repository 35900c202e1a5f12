"""Run by an older interpreter: loads one model file and predicts. `python client.py MODEL.h5 INPUTS.npz OUTPUTS.npz tf|keras`."""

import sys

import numpy


def flat(outputs):
    """Outputs as a list; those by name sorted by it."""
    if isinstance(outputs, dict):
        return [outputs[key] for key in sorted(outputs)]
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def fed(array, kind):
    """Text as TensorFlow takes it."""
    if array.dtype.kind not in "SU":
        return array
    if kind == "tf":
        import tensorflow

        return tensorflow.constant(array)
    return array.astype(object)


def main(model_file, inputs_file, outputs_file, kind):
    """Predicts once and writes the outputs with the version that made them."""
    if kind == "tf":
        from tensorflow import __version__ as version
        from tensorflow import keras
    else:
        import keras

        version = keras.__version__
    model = keras.models.load_model(model_file, compile=False)
    stored = numpy.load(inputs_file)
    inputs = [fed(stored["x%d" % number], kind) for number in range(len(stored.files))]
    rows = len(inputs[0])
    given = inputs[0] if len(inputs) == 1 else inputs
    names = getattr(model, "input", None)
    if isinstance(names, dict):
        given = dict(zip(names, inputs))
    outputs = flat(model.predict(given, batch_size=rows, verbose=0))
    told = {"p%d" % number: numpy.asarray(one) for number, one in enumerate(outputs)}
    told["version"] = numpy.array(version)
    numpy.savez(outputs_file, **told)


if __name__ == "__main__":
    main(*sys.argv[1:5])
