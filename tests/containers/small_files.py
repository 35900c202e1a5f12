"""Small legacy files written by hand, for what genuine ones never hold."""

import json
from pathlib import Path

import h5py
import numpy as np

CONFIG = {
    "class_name": "Sequential",
    "config": [{"class_name": "Dense", "config": {"name": "dense_1", "trainable": True, "units": 2}}],
}


def write_legacy(path: Path, config: object = CONFIG) -> Path:
    """One Dense layer with a kernel (3, 2) and a bias (2,), as Keras 2.2.4 lays it out."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.2.4"
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"dense_1"]
        layer = weights.create_group("dense_1")
        layer.attrs["weight_names"] = [b"dense_1/kernel:0", b"dense_1/bias:0"]
        layer["dense_1/kernel:0"] = np.arange(6, dtype=np.float32).reshape(3, 2)
        layer["dense_1/bias:0"] = np.zeros(2, np.float32)
    return path
