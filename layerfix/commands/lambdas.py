"""`lambdas`: what each Lambda layer of a checkpoint computes, as source; read in a child process, never run."""

from __future__ import annotations

from pathlib import Path

from layerfix.bytecode.reading import as_readings
from layerfix.containers.reader import read
from layerfix.dialects.obstacles import without_architecture
from layerfix.dialects.readings import tensorflow_generation
from layerfix.dialects.spoken import written_by_tensorflow1
from layerfix.emit.lambdas import ReadLambda, document, read_lambda
from layerfix.isolation.vet import vet
from layerfix.results.lambdas import Lambdas


def lambdas(path: Path | str, *, architecture: Path | str | None = None) -> Lambdas:
    """Reads the functions of a checkpoint's Lambda layers. TensorFlow and Keras are not imported.

    Args:
        path: a checkpoint with an architecture.
        architecture: the model's JSON, for a file that holds weights alone.

    Raises:
        ReadError, HostileError: where the file cannot be read.
        GraphError: where it holds no architecture, in which its Lambda layers would be.
    """
    found = as_readings(vet(path, architecture=architecture, do="lambdas")["lambdas"])
    checkpoint = read(Path(path), architecture=architecture)
    if checkpoint.config is None:
        raise without_architecture(checkpoint, takes_code=False)
    generation = tensorflow_generation(checkpoint.keras_version, written_by_tensorflow1(checkpoint.config))
    records: list[ReadLambda] = []
    helpers: set[str] = set()
    for layer, reading in found.items():
        record, called = read_lambda(layer, reading, generation)
        records.append(record)
        helpers |= called
    text = document(records, helpers, Path(path).name) if records else ""
    return Lambdas(Path(path), tuple(records), text)
