"""What `migrate` writes: the file, the same file read back, and how close its predictions must come."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from layerfix.disk.publish import WEIGHTS
from layerfix.errors import UsageError, VerifyError, reason
from layerfix.predictions import TOLERANCE

if TYPE_CHECKING:
    import keras

SUFFIXES = (".keras", *WEIGHTS)
HALF = {"float16": 5e-3, "bfloat16": 4e-2}
"""The same where layers compute in half precision: about five units in the last place."""


def suffix_of(target: Path) -> str:
    for known in SUFFIXES:
        if target.name.endswith(known):
            return known
    hint = f"Name it with one of {', '.join(SUFFIXES)}; migrate writes no legacy .h5 (layerfix repair does)."
    raise UsageError(f"{target.name} is no output of migrate.", hint=hint)


def tolerance(model: keras.Model) -> float:
    """TOLERANCE, or what rounding leaves of it where layers compute in half precision (mixed_float16)."""
    computed = {layer.compute_dtype for layer in model._flatten_layers()}
    return max([TOLERANCE, *(HALF[dtype] for dtype in computed & HALF.keys())])


def save(model: keras.Model, temp: Path, suffix: str) -> None:
    from layerfix.graph.save import save_keras, save_safetensors, save_weights

    {".keras": save_keras, ".weights.h5": save_weights, ".safetensors": save_safetensors}[suffix](model, temp)


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def reloaded(model: keras.Model, classes: Mapping[str, object], temp: Path, suffix: str) -> keras.Model:
    """The written file as a fresh model; weights alone are compared with those of the model at hand, bit for bit.

    Raises:
        VerifyError: where Keras does not load it, or a weight is another.
    """
    import keras

    from layerfix.graph.registered import registered
    from layerfix.graph.save import check_safetensors, check_weights

    if suffix in WEIGHTS:
        {".safetensors": check_safetensors, ".weights.h5": check_weights}[suffix](model, temp)
        return model
    with _folder(temp.with_name(f"{temp.name}.check")) as folder:
        link = folder / f"model{suffix}"
        link.hardlink_to(temp)
        try:
            with registered(classes):
                return keras.models.load_model(link, custom_objects=dict(classes), safe_mode=True)
        except Exception as error:
            raise VerifyError(f"the written file does not load in Keras {keras.__version__}: {reason(error)}", where=str(temp)) from error
