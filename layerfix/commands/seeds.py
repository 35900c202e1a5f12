"""`seeds`: where the random numbers of a checkpoint came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from layerfix.containers.reader import read
from layerfix.disk.hashing import file_sha256
from layerfix.errors import UsageError, require_tensorflow
from layerfix.fleet.searches import searching
from layerfix.inference.provenance import Reading, account, provenance
from layerfix.isolation.vet import vet
from layerfix.progress import Progress, silent, watched
from layerfix.results.repair import FileReport, SeedsReport
from layerfix.results.tool import tool
from layerfix.rng.guesses import Memory


def seeds(
    path: Path | str,
    *,
    layers: Sequence[Path | str] = (),
    architecture: Path | str | None = None,
    numpy_seed: int | None = None,
    graph_seed: int | None = None,
    exhaustive: bool = False,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> SeedsReport:
    """The op seed of every kernel that remembers one, the numpy and graph seed behind them, and the draws of hidden weights.

    Args:
        path: a legacy checkpoint.
        layers: the user's own layer source: what it hides tells the draw order.
        architecture: the JSON file of a weights-only checkpoint.
        numpy_seed, graph_seed: what the user remembers.
        exhaustive: search all 2^32 numpy seeds even where it is not promising.
        scheduler: address of a Dask scheduler whose workers do the searches; by default this process's threads do.
        progress: told at every stage.

    Raises:
        ReadError, HostileError: where the file cannot be read.
        GraphError: where the graph cannot be rebuilt.
        UsageError: where the file has no architecture and none is given.
    """
    require_tensorflow("A search for seeds")
    progress = watched(progress)
    from layerfix.graph.rebuilt import rebuild

    vet(path, architecture=architecture, do="graph")
    source = read(path, architecture=architecture)
    if source.config is None:
        raise UsageError(
            "it holds weights alone, without the architecture.",
            where=str(path),
            hint="Give the model's JSON with --architecture MODEL.json.",
        )
    blueprint = rebuild(source, layers=[Path(file) for file in layers]).blueprint
    with searching(scheduler):
        found = provenance(source, blueprint, Memory(numpy_seed, graph_seed), progress)
        if exhaustive:
            found = found.widened(progress)
    reading = found.read(blueprint)
    extra = {"format": source.format, "keras_version": source.keras_version, "backend": source.backend}
    return SeedsReport(FileReport(str(path), file_sha256(Path(path)), extra), account(found, reading), _hidden(reading), tool())


def _hidden(reading: Reading | None) -> tuple[dict[str, object], ...]:
    """The draws of weights that the file does not hold, in the order of the stream."""
    if reading is None:
        return ()
    placed = [item for item in reading.alignment.placed if item.z is None and item.claimed and item.draw.weight is not None]
    ordered = sorted(placed, key=lambda item: item.cursor.word)
    return tuple({"layer": p.draw.layer, "role": p.draw.source, "op_seed": p.value, "position": p.cursor.word} for p in ordered)
