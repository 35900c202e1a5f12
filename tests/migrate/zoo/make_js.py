"""TensorFlow.js layers models of a zoo: `PYTHONPATH=TENSORFLOWJS python make_js.py ZOO [--keras] [NAME...]`.

TensorFlow.js' own converter, of any version, reads `m.h5` of each model (with `--keras`, which 4.22 knows, `m.keras`) and
needs no TensorFlow for it: what else it imports is stood in for. Written are `js/` (in shards of 500 bytes, so that tensors are cut),
`js-layers/` (a group of files a layer) and `js-float16/`, `js-uint16/`, `js-uint8/` (quantised). `python make_js.py --expected ZOO` makes
`expected.npz` of what `make_js_models.js` recorded.
"""

import importlib
import json
import os
import shutil
import sys
import tempfile
from unittest import mock

UNUSED = ["tf_saved_model_conversion_v2", "jax_conversion", "keras_tfjs_loader"]
STOOD_IN = ["tensorflow", "tensorflow.compat.v1", "tensorflow.compat.v2", "tf_keras", "tensorflow_hub", "tensorflow_decision_forests"]
STOOD_IN += ["tensorflowjs.converters." + name for name in UNUSED]


def library():
    """The converter and the writer of the installed TensorFlow.js."""
    for name in STOOD_IN:
        sys.modules[name] = mock.MagicMock()
    sys.modules["tensorflow"].io.gfile.GFile = open  # which writes the shards
    converter = importlib.import_module("tensorflowjs.converters.converter")
    return converter, importlib.import_module("tensorflowjs.converters.keras_h5_conversion")


def ways(version):
    yield "js", {"weight_shard_size_bytes": 500}
    yield "js-layers", {"split": True}
    for kind in ("float16", "uint16", "uint8"):
        if version >= (2, 0):
            yield "js-" + kind, {"quantization_dtype_map": {kind: "*"}}
        elif kind != "float16":  # 1.7 knows whole numbers only, and takes one for all weights
            yield "js-" + kind, {"quantization_dtype": getattr(importlib.import_module("numpy"), kind)}


def made(folder, source, version):
    converter, conversion = library()
    for name, options in ways(version):
        target = os.path.join(folder, name)
        shutil.rmtree(target, ignore_errors=True)
        split = options.pop("split", False)
        with tempfile.TemporaryDirectory() as place:  # the converter unpacks a .keras file beside itself
            copy = shutil.copy(os.path.join(folder, source), place)
            call = "h5" if source.endswith(".h5") else "keras"
            read = getattr(converter, "dispatch_keras_%s_to_tfjs_layers_model_conversion" % call)
            topology, groups = read(copy, None, split_weights_by_layer=split)
        os.makedirs(target)
        conversion.write_artifacts(topology, groups, target, **options)


def expected(zoo):
    import numpy as np

    for name in sorted(os.listdir(zoo)):
        with open(os.path.join(zoo, name, "expected.json")) as file:
            recorded = json.load(file)
        arrays = {kind + str(place): one for kind in "xp" for place, one in enumerate(recorded[kind])}
        arrays = {key: np.array(one["values"], "float32").reshape(one["shape"]) for key, one in arrays.items()}
        np.savez(os.path.join(zoo, name, "expected.npz"), **arrays)


def main(zoo, names):
    if zoo == "--expected":
        expected(names[0])
        return
    source = "m.keras" if "--keras" in names else "m.h5"
    names = [name for name in names if name != "--keras"]
    library()
    version = tuple(int(part) for part in importlib.import_module("tensorflowjs.version").version.split(".")[:2])
    for name in names or sorted(os.listdir(zoo)):
        folder = os.path.join(zoo, name)
        if not os.path.exists(os.path.join(folder, source)):
            continue
        try:
            made(folder, source, version)
        except Exception as error:
            print(name, "not made:", type(error).__name__, str(error)[:150].replace("\n", " "), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
