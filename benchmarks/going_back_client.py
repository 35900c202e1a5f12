"""Run by an older Python: `python going_back_client.py tf|keras JOBS.json ANSWERS.json`. Loads files, predicts, trains one step on.

JOBS.json lists [FILE, RECORDED.npz, WEIGHTS or null, ORIGIN or null]: WEIGHTS are loaded into the model when it forgot its own; ORIGIN is
the file that this Keras wrote itself, and the step is compared with the one that it takes.
x0, x1, ... are inputs, p0, ... what is to be predicted, y0, ... targets and q0, ... what is to be predicted behind one step of training on
them. ANSWERS.json gets, for each, [gap of p, gap of q or null] or the error as text. A gap is the largest difference by the output's scale.
"""

import json
import os
import sys

import numpy

os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def listed(outputs):
    """Outputs as a list; those by name sorted by it."""
    if isinstance(outputs, dict):
        return [outputs[key] for key in sorted(outputs)]
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def gap(found, expected):
    """The largest difference by the scale of what was expected; infinite for another shape."""
    worst = 0.0
    for one, two in zip(found, expected):
        one, two = numpy.asarray(one, "float64"), numpy.asarray(two, "float64")
        if one.shape != two.shape:
            return float("inf")
        worst = max(worst, float(numpy.abs(one - two).max() / max(numpy.abs(two).max(), 1e-6))) if one.size else worst
    return worst if len(found) == len(expected) else float("inf")


def judged(keras, kind, file, recorded, weights=None, origin=None):
    """[gap of predictions, gap behind a step or None]."""
    stored = numpy.load(recorded)
    x, p, y, q, n = ([stored[key] for key in sorted(stored.files) if key[0] == letter and key[1:].isdigit()] for letter in "xpyqn")
    q = q or n  # n: as tests/migrate/zoo calls it
    y = y if q else []
    model = keras.models.load_model(file, compile=bool(y))
    if weights:
        model.set_weights([numpy.zeros_like(one) for one in model.get_weights()])
        model.load_weights(weights)
    before = gap(predicted(model, x, kind), p)
    if not y:
        return [before, None]
    if getattr(model, "optimizer", None) is None:
        return [before, "not compiled"]
    if origin:
        keras.backend.clear_session()
        q = stepped(keras.models.load_model(origin), x, y, kind)
        keras.backend.clear_session()
        model = keras.models.load_model(file)
    return [before, gap(stepped(model, x, y, kind), q)]


def predicted(model, x, kind):
    return listed(model.predict(given(model, x, kind), batch_size=len(x[0]), verbose=0))


def stepped(model, x, y, kind):
    """What a model predicts behind one step of training."""
    model.train_on_batch(given(model, x, kind), y[0] if len(y) == 1 else y)
    return predicted(model, x, kind)


def given(model, x, kind):
    """Inputs as the model takes them."""
    found = [fed(one, kind) for one in x]
    found = found[0] if len(found) == 1 else found
    names = getattr(model, "_inputs_struct", getattr(model, "_nested_inputs", None))  # `input` raises in Keras 3.3
    return dict(zip(sorted(names), listed(found))) if isinstance(names, dict) else found


def without_races(backend):
    """All gradients first, then the updates; the count of steps is read once, before it is raised.

    Multi-backend Keras on TensorFlow 1 orders neither, so that its step is another one from run to
    run (tests/migrate/steps/README.md).
    """
    import tensorflow

    gradients, reads = [], {}
    update_add, cast = backend.update_add, backend.cast

    def all_gradients(loss, variables):
        gradients[:] = tensorflow.tuple(tensorflow.gradients(loss, variables))
        return list(gradients)

    def update_later(x, increment):
        reads[x] = tensorflow.identity(x)
        with tensorflow.control_dependencies([*gradients, reads[x]]):
            return update_add(x, increment)

    def cast_as_read(x, dtype):
        return cast(reads.get(x, x) if isinstance(x, tensorflow.Variable) else x, dtype)

    backend.gradients, backend.update_add, backend.cast = all_gradients, update_later, cast_as_read


def fed(array, kind):
    """Text as TensorFlow takes it."""
    if array.dtype.kind not in "SU":
        return array
    if kind == "tf":
        import tensorflow

        return tensorflow.constant(array)
    return array.astype(object)


def main(kind, jobs, answers):
    """One answer for each job, written after each."""
    if kind == "tf":
        from tensorflow import keras
    else:
        import keras

        without_races(keras.backend)
    told = []
    with open(jobs) as stream:
        listed_jobs = json.load(stream)
    for job in listed_jobs:
        keras.backend.clear_session()
        try:
            told.append(judged(keras, kind, *job))
        except Exception as error:
            told.append("%s: %s" % (type(error).__name__, " ".join(str(error).split())[:300]))
        with open(answers, "w") as stream:
            json.dump(told, stream)


if __name__ == "__main__":
    main(*sys.argv[1:4])
