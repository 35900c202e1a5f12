"""Whether source that was changed still serves a written file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from layerfix.containers.reader import read
from layerfix.errors import GraphError, LayerfixError
from layerfix.graph.forward import forward, random_inputs
from layerfix.graph.live import load_model, opens_as_it_is
from layerfix.graph.registered import registered
from layerfix.graph.shim.loader import load_layers
from layerfix.predictions import agree

Arrays = Sequence[NDArray[Any]]


def serves(text: str, written: Path, layers: Sequence[Path]) -> bool:
    """Whether a file loads with this source as with the user's own, and again after Keras saved it.

    Args:
        text: source of layer classes that registers them with Keras; it is run.
        written: the file; one that is no `.keras` of Keras 3, or whose load would import what it names, is not opened by Keras.
        layers: the user's own files, which `text` was made from.
    """
    try:
        with registered({}):
            own = load_layers(layers)
            if not opens_as_it_is(read(written), own):
                return False
            expected = load_model(written, layers=layers)
        with registered({}), tempfile.TemporaryDirectory() as folder:
            _forget(own)
            exec(compile(text, "<ported layers>", "exec"), {"__name__": "ported_layers"})
            found = keras.saving.load_model(str(written), compile=False)
            again = Path(folder) / "again.keras"
            found.save(again)
            loaded = keras.saving.load_model(str(again), compile=False)
            return _alike(expected, found) and _alike(expected, loaded)
    except LayerfixError:
        raise
    except Exception:  # changed source, and a file, can raise anything: then it does not serve
        return False


def _forget(own: Mapping[str, object]) -> None:
    """Takes the user's own classes out of what Keras has registered: they would stand in for those that a text forgets to register."""
    homes = {getattr(item, "__module__", None) for item in own.values()}
    known = keras.saving.get_custom_objects()
    for name in [name for name, item in known.items() if getattr(item, "__module__", None) in homes]:
        del known[name]


def _alike(expected: keras.Model, found: keras.Model) -> bool:
    """Whether weights are the same in the same order, trained as they were, and predictions agree."""
    pairs = list(zip(expected.get_weights(), found.get_weights(), strict=True))
    if not all(np.array_equal(one, other, equal_nan=True) for one, other in pairs):
        return False
    trained = [[v.shape for v in model.trainable_variables] for model in (expected, found)]
    inputs = random_inputs(expected)
    if trained[0] != trained[1] or inputs is None:
        return False
    return all(agree(forward(found, some), wanted) for some, wanted in _answered(expected, inputs))


def _answered(model: keras.Model, inputs: Arrays) -> Iterator[tuple[Arrays, Arrays]]:
    """Inputs with what the model makes of them: those given, and where it takes them, larger ones (several tokens) and signed ones."""
    yield inputs, forward(model, inputs)
    for scale, shift in ((3, 0), (4, -2)):
        some = [(scale * array + shift).astype(array.dtype) if array.dtype.kind == "f" else array for array in inputs]
        with suppress(GraphError):
            yield some, forward(model, some)
