"""Writes what genuine Keras and TensorFlow answer to the calls of backend_cases.txt: `PYTHON make_backend_answers.py OUT.json`.

Runs in Keras 2.0 to 2.3 on TensorFlow 1 and in tf.keras of TensorFlow 2; `--join A.json B.json ...` makes backend_answers.json of what
several of them wrote. Of each answer its dtype, shape and numbers; null where the release has no such call.
"""

import json
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def waves(shape, step=0.7, scale=1.5):
    """Numbers of both signs, none alike, the same for every numpy."""
    return (scale * np.sin(step * np.arange(1, 1 + int(np.prod(shape))) ** 1.1)).astype("float32").reshape(shape)


def tensors():
    """The inputs by name; (2, ...) is the batch, and what starts with "kernel", "bias" or "bn" are weights."""
    return {
        "x": waves((2, 3)), "y": waves((2, 3), 1.3), "z": waves((2, 3, 4), 0.9), "w": waves((2, 4, 5), 0.4), "u": waves((2, 4), 1.9),
        "square": waves((2, 2), 2.3), "zero": np.zeros((2, 3), "float32"),
        "halves": np.array([[0.5, 1.5, 2.5], [-0.5, -1.5, -2.5]], "float32"), "i": np.array([[0, 1, 2], [5, 4, 9]], "int32"),
        "image": waves((2, 4, 4, 3)), "first": waves((2, 3, 4, 4)), "deep": waves((2, 2, 2, 8)),
        "pixels": 127.5 + 80 * waves((2, 2, 2, 3)), "bytes": (100 + 60 * waves((2, 4, 4, 3))).astype("uint8"),
        "kernel": waves((4, 5), 0.3), "stack": waves((2, 4, 3), 0.3), "kernel1d": waves((2, 4, 3), 0.3),
        "kernel2d": waves((2, 2, 3, 2), 0.3),
        "kernel_t": waves((2, 2, 2, 3), 0.3), "kernel_d": waves((2, 2, 3, 2), 0.5), "kernel_p": waves((1, 1, 6, 2), 0.2),
        "kernel_s1": waves((2, 4, 2), 0.6), "kernel_p1": waves((1, 8, 3), 0.8),
        "kernel_l1": waves((2, 8, 2), 0.3), "kernel_l2": waves((9, 12, 2), 0.3),
        "chosen": np.array([[0, 1, 0], [1, 0, 0]], "float32"), "shares": np.array([[0.2, 0.5, 0.3], [0.1, 0.3, 0.6]], "float32"),
        "mask": np.array([[False, True, True], [True, False, True]]),
        "bias": np.array([0.5, -1.0, 2.0], "float32"), "bias4": waves((4,), 1.1), "bn_mean": waves((3,), 0.5),
        "bn_var": np.array([0.5, 1.0, 2.0], "float32"), "bn_beta": waves((3,), 0.2), "bn_gamma": waves((3,), 0.8),
    }  # fmt: skip


def cases():
    with open(os.path.join(HERE, "backend_cases.txt")) as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def answers():
    import tensorflow as tf

    try:
        import keras

        if keras.__version__.startswith("3"):
            raise ImportError
    except ImportError:
        from tensorflow import keras
    backend = keras.backend
    found = {}
    for case in cases():
        backend.clear_session()  # TensorFlow 1 goes over the whole graph at each answer
        given = {name: tf.constant(value) for name, value in tensors().items()}
        try:
            answer = eval(case, dict(given, K=backend, tf=tf, keras=keras, np=np))
            answer = np.asarray(backend.eval(answer))
        except Exception:
            found[case] = None
            continue
        found[case] = {"dtype": str(answer.dtype), "shape": list(answer.shape), "values": [float("%.8g" % v) for v in answer.ravel()]}
    return found


def joined(paths):
    """By case, the answers, each with the releases that gave it."""
    found = {}
    for path in paths:
        release = os.path.basename(path).rpartition(".")[0]
        with open(path) as file:
            for case, answer in json.load(file).items():
                known = found.setdefault(case, [])
                alike = [one for one in known if same(one, answer)]
                if alike:
                    alike[0]["of"].append(release)
                elif answer is not None:
                    known.append(dict(answer, of=[release]))
    return found


def same(one, other):
    return other is not None and one["shape"] == other["shape"] and np.allclose(one["values"], other["values"], rtol=1e-5, atol=1e-6)


def main(arguments):
    if arguments[0] != "--join":
        with open(arguments[0], "w") as file:
            json.dump(answers(), file)
        return
    lines = ["%s: %s" % (json.dumps(case), json.dumps(given)) for case, given in joined(arguments[1:]).items()]
    with open(os.path.join(HERE, "backend_answers.json"), "w") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
