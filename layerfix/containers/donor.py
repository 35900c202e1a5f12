"""`read_donor`: any file or TensorFlow checkpoint prefix -> `Donor`."""

from __future__ import annotations

from pathlib import Path

from layerfix.arrays import Array
from layerfix.containers.bundle import bundle_prefix, read_bundle
from layerfix.containers.donor_records import Donor, DonorEntry
from layerfix.containers.graphdef import is_graph, read_graph, read_saved_graph
from layerfix.containers.keras_donor import variable_names
from layerfix.containers.npz import is_npz, read_npz
from layerfix.containers.onnx import is_onnx, read_onnx
from layerfix.containers.reader import read
from layerfix.containers.safetensors import is_safetensors, read_safetensors
from layerfix.containers.sniff import HDF5_SIGNATURE
from layerfix.containers.tensors import open_tensors
from layerfix.containers.tflite import is_tflite, read_tflite
from layerfix.disk.files import open_regular
from layerfix.errors import ReadError
from layerfix.isolation.vet import vet

KINDS = (
    ".h5, .keras, .weights.h5, .npz, .safetensors, a TensorFlow checkpoint (session.ckpt), a SavedModel folder, a frozen graph (.pb), "
    ".onnx or .tflite"
)


def read_donor(path: Path | str) -> Donor:
    """Reads the names and shapes of a donor; values are read on demand.

    Args:
        path: a checkpoint, an `.npz`, a `.safetensors`; or a TensorFlow checkpoint by its prefix ("session.ckpt"), one of its
            files, or the folder with its `checkpoint` file; or a SavedModel's folder; or an exported graph: a frozen GraphDef, ONNX,
            TFLite. Decided by content.

    Raises:
        ReadError: where it is missing, damaged or of no known kind.
        HostileError: where it holds what no genuine file of its kind holds, or takes a child with limits more than any.
    """
    vet(path, do="donor")
    return open_donor(Path(path))


def open_donor(path: Path) -> Donor:
    """`read_donor` without the child."""
    named = path.parent if path.name == "saved_model.pb" else path
    prefix = bundle_prefix(named)
    if prefix is not None:
        return read_bundle(path, prefix)
    if (named / "saved_model.pb").is_file():
        return read_saved_graph(named)
    head = _head(path)
    if head.startswith(b"PK") and is_npz(path):
        return read_npz(path)
    if not head.startswith(HDF5_SIGNATURE) and is_safetensors(path, head):
        return read_safetensors(path)
    for known, reader in ((is_tflite, read_tflite), (is_onnx, read_onnx), (is_graph, read_graph)):
        if known(head):
            return reader(path)
    return _read_checkpoint(path)


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            message = "is a folder without a TensorFlow checkpoint in it."
            raise ReadError(message, where=str(path), hint=f"A donor is {KINDS}.")
        with open_regular(path) as stream:
            return stream.read(16)
    except FileNotFoundError:
        raise ReadError("does not exist.", where=str(path), hint=f"A donor is {KINDS}.") from None
    except (OSError, ValueError) as error:
        raise ReadError(f"cannot be opened ({getattr(error, 'strerror', None) or error}).", where=str(path)) from error


def _read_checkpoint(path: Path) -> Donor:
    checkpoint = read(path)

    def value(entry: DonorEntry) -> Array:
        assert entry.key is not None  # all entries below have one
        with open_tensors(checkpoint) as tensors:
            return tensors.read(entry.key)

    names = variable_names(checkpoint) if checkpoint.format in ("keras-v3", "weights-v3") else {}
    entries = tuple(
        DonorEntry(names.get(weight.key) or "/".join(weight.key), weight.shape, weight.dtype, weight.key) for weight in checkpoint.weights
    )
    return Donor(path, checkpoint.format, entries, checkpoint, reader=value)
