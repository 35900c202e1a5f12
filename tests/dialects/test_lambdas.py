"""Lambda layers are found and fingerprinted, never run; the user's function stands in."""

import base64
import hashlib
import marshal

import numpy as np
import pytest

from layerfix.dialects.lambdas import find_lambdas
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.graph.build import build_model

CODE = marshal.dumps(compile("raise SystemExit('it ran')", "evil", "exec"))


def model(function, kind):
    layers = [
        {
            "class_name": "Lambda",
            "config": {"name": "lambda_1", "batch_input_shape": [None, 4], "function": function, "function_type": kind, "arguments": {}},
        }
    ]
    return {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}


def test_code_is_fingerprinted():
    (found,) = find_lambdas(model([base64.b64encode(CODE).decode(), None, None], "lambda"))
    assert (found.layer, found.kind, found.digest, found.given) == ("lambda_1", "code", hashlib.sha256(CODE).hexdigest(), False)


def test_code_is_refused_and_the_function_asked_for():
    architecture = upgrade(model([base64.b64encode(CODE).decode(), None, None], "lambda"), "2.2.4", "tensorflow").model
    with pytest.raises(GraphError, match=r"never run.*lambda_1 with --layers"):
        build_model(architecture)


@pytest.mark.parametrize(("stated", "kind", "name"), [("halve", "function", "halve"), (["eA==", None, None], "lambda", "lambda_1")])
def test_given_function_takes_its_place(stated, kind, name):
    architecture = upgrade(model(stated, kind), "2.2.4", "tensorflow", custom={name}).model
    built = build_model(architecture, {name: lambda x: x / 2})
    assert built.predict(np.ones((1, 4), "float32"), verbose=0).tolist() == [[0.5] * 4]
