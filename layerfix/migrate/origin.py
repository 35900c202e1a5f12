"""What a legacy file tells of its origin beside what it states: the backend, by how that named its weights."""

from __future__ import annotations

from layerfix.checkpoint.records import Checkpoint


def backend_of(checkpoint: Checkpoint) -> str | None:
    """The backend that wrote a file: as it states, or as the names of its weights tell.

    Keras before 2.0.6 stated none. TensorFlow's variables carry an output number ("dense_1_W:0"), Theano's do not ("dense_1_W"); nameless
    ones ("param_0") tell nothing (keras 1.2.2, topology.py, save_weights_to_hdf5_group). Theano flips convolution kernels, so it matters.
    """
    if checkpoint.backend is not None or not _stated_none(checkpoint.keras_version):
        return checkpoint.backend
    names = [weight.name for weight in checkpoint.weights if not weight.name.startswith("param_")]
    numbered = [name.rpartition(":")[2].isdigit() and ":" in name for name in names]
    if not names or any(numbered) != all(numbered):
        return None
    return "tensorflow" if all(numbered) else "theano"


def _stated_none(keras_version: str | None) -> bool:
    digits = [int(part) for part in (keras_version or "0").split("-")[0].split(".") if part.isdigit()]
    return tuple(digits[:2]) <= (2, 0)
