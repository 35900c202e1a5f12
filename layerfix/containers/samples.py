"""Samples: inputs of the model, perhaps with labels, perhaps with predictions recorded while it still worked."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from layerfix.arrays import Array
from layerfix.disk.files import open_regular
from layerfix.errors import LayerfixError, UsageError
from layerfix.isolation.limits import Limits
from layerfix.isolation.vet import vet

ARRAYS = Limits()
TABLES = Limits(seconds=20.0, cpu=20, memory=4 << 30)
"""pandas and pyarrow reserve more address space than they use."""
ROOM = 64
"""Bytes of memory for each byte of a file of samples, beyond the limits."""
FEWEST = 8
"""Samples below which nothing is decided."""


@dataclass(frozen=True, slots=True)
class Samples:
    """What the user gave.

    Attributes:
        inputs: one array per model input, samples first.
        labels: class numbers (n,), one-hot or real targets (n, ...), or None.
        predictions: one array per model output, or None.
        path: of the file that they are from, if any.
    """

    inputs: tuple[Array, ...]
    labels: Array | None = None
    predictions: tuple[Array, ...] | None = None
    path: Path | None = None

    def __len__(self) -> int:
        return len(self.inputs[0])

    def part(self, chosen: slice | NDArray[np.int64]) -> Samples:
        """Some of the samples."""
        return Samples(
            tuple(array[chosen] for array in self.inputs),
            None if self.labels is None else self.labels[chosen],
            None if self.predictions is None else tuple(array[chosen] for array in self.predictions),
            self.path,
        )

    def halves(self) -> tuple[Samples, Samples]:
        """Every other sample, and the rest: one half to search with, one held out."""
        return self.part(slice(0, None, 2)), self.part(slice(1, None, 2))


def read_samples(path: Path) -> Samples:
    """Samples from `.npz` (x or x0, x1, ...; y; p or p0, ...), `.npy` (inputs alone), `.csv` or `.parquet` (flat inputs, columns y, p*).

    A child with limits reads the file first.

    Raises:
        UsageError: where the file cannot be read, holds no inputs, or arrays of different lengths, or NaN.
        HostileError: where reading it takes more than any samples of its size.
    """
    tables = path.suffix.lower() in (".csv", ".parquet")
    vet(path, limits=TABLES if tables else ARRAYS, do="samples", room=ROOM)
    return parse_samples(path)


def parse_samples(path: Path) -> Samples:
    """`read_samples` without the child. Raises UsageError alike."""
    readers = {".npz": _from_npz, ".npy": _from_npy, ".csv": _from_table, ".parquet": _from_table}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"the suffix {path.suffix!r} is no format for samples.", where=str(path), hint="Use .npz, .npy, .csv or .parquet.")
    try:
        open_regular(path).close()
        arrays = reader(path)
    except (LayerfixError, MemoryError):
        raise
    except Exception as error:  # whatever numpy, zipfile and pandas raise on bytes that are none of theirs
        reason = getattr(error, "strerror", None) or (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise UsageError(
            f"cannot be read as samples: {reason}.", where=str(path), hint="Save arrays with numpy.savez(file, x=..., y=...)."
        ) from error
    return _samples(arrays, path)


def check_samples(samples: Samples, input_shapes: Sequence[tuple[int | None, ...]]) -> None:
    """Hold samples against the model's inputs (shapes with the batch dimension, None where open).

    Raises:
        UsageError: where number or shapes differ; it names both sides.
    """
    expected = "; ".join(f"(n, {', '.join('any' if size is None else str(size) for size in shape[1:])})" for shape in input_shapes)
    found = "; ".join(str(array.shape) for array in samples.inputs)
    fits = len(samples.inputs) == len(input_shapes) and all(_fits(a.shape, s) for a, s in zip(samples.inputs, input_shapes, strict=True))
    if not fits:
        where = str(samples.path or "samples")
        raise UsageError(f"the model takes the inputs {expected}, the samples hold {found}.", where=where)


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(w in (None, s) for s, w in zip(shape[1:], wanted[1:], strict=True))


def _samples(arrays: Mapping[str, Array], path: Path) -> Samples:
    inputs, predictions = _family(arrays, "x"), _family(arrays, "p")
    if not inputs:
        raise _inputless(sorted(arrays), path)
    labels = arrays.get("y")
    for name, array in arrays.items():
        if array.ndim == 0:
            raise UsageError(f"{name} is a single number, not an array of samples.", where=str(path))
    lengths = {len(array) for array in (*inputs, *predictions, *([] if labels is None else [labels]))}
    if len(lengths) != 1:
        raise UsageError(f"its arrays have different numbers of samples: {sorted(lengths)}.", where=str(path))
    if lengths == {0}:
        raise UsageError("its arrays are empty: no inputs to judge by.", where=str(path))
    for name, array in arrays.items():
        if array.dtype.kind in "SU" and name.startswith("x"):
            continue
        if array.dtype.kind not in "biuf":
            raise UsageError(f"{name} holds {array.dtype}, not numbers.", where=str(path))
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise UsageError(f"{name} holds NaN or infinity.", where=str(path), hint="Leave such samples out.")
    return Samples(inputs, labels, predictions or None, path)


def _inputless(names: Sequence[str], path: Path) -> UsageError:
    told = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    hint = "Name the inputs x, or x0, x1, ...; labels y, recorded predictions p."
    return UsageError(f"it holds {told or 'nothing'}, and nothing called x.", where=str(path), hint=hint)


def _family(arrays: Mapping[str, Array], stem: str) -> tuple[Array, ...]:
    if stem in arrays:
        return (arrays[stem],)
    numbered = sorted((int(name[1:]), name) for name in arrays if re.fullmatch(rf"{stem}\d+", name))
    return tuple(arrays[name] for _, name in numbered)


def _from_npz(path: Path) -> dict[str, Array]:
    with zipfile.ZipFile(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        wanted = [name for name in names if name == "y" or re.fullmatch(r"[xp]\d*", name)]
        if not wanted:
            raise _inputless(names, path)
        if len(set(wanted)) < len(wanted):
            raise UsageError("the archive names an array twice.", where=str(path))
        return {name: read_array(archive, name) for name in wanted}


def read_array(archive: zipfile.ZipFile, name: str) -> Array:
    """One array of an `.npz`; what asks for unpickling is refused."""
    members = set(archive.namelist())
    with archive.open(f"{name}.npy" if f"{name}.npy" in members else name) as member:
        return np.asarray(npy.read_array(member, allow_pickle=False))


def _from_npy(path: Path) -> dict[str, Array]:
    with path.open("rb") as stream:
        return {"x": np.asarray(npy.read_array(stream, allow_pickle=False))}


def _from_table(path: Path) -> dict[str, Array]:
    """Columns y and p, p0, p1, ... are labels and predictions, all others inputs in their order."""
    try:
        import pandas
    except ImportError:
        raise UsageError("tables need pandas.", where=str(path), hint="Install layerfix[tables], or give .npz.") from None
    table = pandas.read_csv(path) if path.suffix.lower() == ".csv" else pandas.read_parquet(path)
    recorded = [name for name in table.columns if re.fullmatch(r"p\d*", str(name))]
    rest = [name for name in table.columns if name not in (*recorded, "y")]
    arrays: dict[str, Array] = {"x": table[rest].to_numpy(np.float32)}
    if "y" in table.columns:
        arrays["y"] = table["y"].to_numpy()
    if recorded:
        arrays["p"] = table[recorded].to_numpy(np.float32)
    return arrays
