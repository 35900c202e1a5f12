"""`audit`: one checkpoint, what it has lost, how sure that is, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.containers.inputs import ModelInput, model_inputs
from layerfix.diagnose.records import Diagnosis, Finding
from layerfix.errors import GraphError, LayersError, ReadError, require_tensorflow
from layerfix.results.audit import AuditResult

if TYPE_CHECKING:
    from layerfix.containers.records import Checkpoint


def facts(checkpoint: Checkpoint) -> dict[str, Any]:
    """What an audit tells of a file besides its findings, ready for JSON."""
    return {
        "format": checkpoint.format,
        "keras_version": checkpoint.keras_version,
        "backend": checkpoint.backend,
        "layers": len(checkpoint.layers),
        "tensors": len(checkpoint.weights),
        "bytes": checkpoint.size,
        "inputs": [asdict(given) for given in _inputs(checkpoint)],
    }


def _inputs(checkpoint: Checkpoint) -> tuple[ModelInput, ...]:
    try:
        return model_inputs(checkpoint.config) if checkpoint.config is not None else ()
    except ReadError:
        return ()


def audit(
    path: Path | str,
    *,
    layers: Sequence[Path] = (),
    architecture: Path | str | None = None,
    in_process: bool = False,
) -> AuditResult:
    """What a checkpoint has lost. TensorFlow is imported only where `layers` are given.

    Where the graph cannot be rebuilt with them, the file alone is judged, and a note says why.

    Args:
        path: any file; what it is, is told by its content.
        layers: the user's own layer source: with it each hidden weight is named and the answer is certain.
        architecture: the JSON file of a weights-only checkpoint.
        in_process: read the file in this process at once. By default a child with limits audits it first, as the command does: a file
            may be made to crash a library, to hang, or to take all memory. Only for files that you trust.

    Raises:
        NoCheckpointError: where the file is sound and no checkpoint.
        HostileError: where it holds what no genuine checkpoint holds.
        ReadError: where it is missing or damaged.
        LayersError: where `layers` cannot be imported.
    """
    from layerfix.containers.reader import read
    from layerfix.diagnose.values import not_finite
    from layerfix.isolation.vet import vet

    if layers:
        require_tensorflow("audit with layers")
    if not in_process:
        vet(path, architecture=architecture, do="audit")
    checkpoint = read(path, architecture=architecture)
    diagnosis = _diagnosed(checkpoint, layers)
    findings = sorted([*diagnosis.findings, *not_finite(checkpoint)], key=lambda found: (found.code, found.layer or ""))
    return AuditResult(checkpoint, Diagnosis(tuple(findings)))


def _diagnosed(checkpoint: Checkpoint, layers: Sequence[Path]) -> Diagnosis:
    from layerfix.diagnose.diagnosis import diagnose

    if not layers or checkpoint.config is None:
        return diagnose(checkpoint)
    from layerfix.graph.rebuilt import rebuild

    try:
        return diagnose(checkpoint, rebuild(checkpoint, layers=layers).blueprint)
    except GraphError as error:
        if isinstance(error, LayersError) and not _wants_arguments(checkpoint, layers, error):
            raise
        return Diagnosis((*diagnose(checkpoint).findings, Finding("LF503", "note", None, "The graph could not be rebuilt.", (str(error),))))


def _wants_arguments(checkpoint: Checkpoint, layers: Sequence[Path], error: LayersError) -> bool:
    """Whether a class could not be made only because the file lost an argument that its constructor insists on."""
    from layerfix.diagnose.arguments import lost_arguments

    at_import = error.where in {str(path) for path in layers}
    return not at_import and any(argument.required for argument in lost_arguments(checkpoint, [Path(path) for path in layers]))
