"""What a child can be asked to do. Each task is a JSON object with "do" and its arguments; each answer a JSON object with "state"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.errors import HostileError, LayerfixError, NoCheckpointError, ReadError

if TYPE_CHECKING:
    from layerfix.containers.records import Checkpoint


def perform(task: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one task: {"state": "ok", ...}, or "refused", "none" (no checkpoint), "damaged" or "failed" with "problem"."""
    return _answered(str(task["path"]), lambda: _TASKS[task["do"]](task))


def audited(path: str, *, layers: Sequence[Path] = (), architecture: Path | str | None = None) -> dict[str, Any]:
    """The answer to an audit done in this process (user layers need TensorFlow, which no child has the room for)."""
    return _answered(path, lambda: _audit({"path": path, "layers": layers, "architecture": architecture}))


def _answered(path: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"state": "ok", **work()}
    except LayerfixError as error:
        return {"state": state(error), "problem": str(error)}
    except MemoryError:
        return {"state": "refused", "problem": f"{path}: refused: reading it needs more memory than any checkpoint's structure."}
    except RecursionError:
        return {"state": "refused", "problem": f"{path}: refused: it is nested deeper than any checkpoint."}


def state(error: LayerfixError) -> str:
    """The one word for an error."""
    if isinstance(error, HostileError):
        return "refused"
    if isinstance(error, NoCheckpointError):
        return "none"
    return "damaged" if isinstance(error, ReadError) else "failed"


def _audit(task: Mapping[str, Any]) -> dict[str, Any]:
    from layerfix.commands.audit import audit, facts

    result = audit(task["path"], layers=task.get("layers", ()), architecture=task.get("architecture"))
    findings = [[found.code, found.severity, found.layer, found.message, list(found.evidence)] for found in result.findings]
    return {"facts": facts(result.checkpoint), "findings": findings}


def _probe(task: Mapping[str, Any]) -> dict[str, Any]:
    """Has the file audited and every tensor decoded, so that whatever its bytes do to our code or the HDF5 library happens here."""
    from layerfix.commands.audit import audit

    checkpoint = audit(task["path"], architecture=task.get("architecture")).checkpoint
    _decode(checkpoint)
    return {"lambdas": _lambdas(checkpoint)}


def _lambdas(checkpoint: Checkpoint) -> dict[str, Any]:
    """What the file's Lambda layers compute, read here so that hostile bytecode is met here."""
    from dataclasses import asdict

    from layerfix.dialects.readings import read_lambdas

    found = read_lambdas(checkpoint.config) if checkpoint.config is not None else {}
    return {path: item if isinstance(item, str) else asdict(item) for path, item in found.items()}


def _decode(checkpoint: Checkpoint) -> None:
    from layerfix.containers.tensors import open_tensors

    with open_tensors(checkpoint) as tensors:
        for weight in (*checkpoint.weights, *(checkpoint.optimizer.weights if checkpoint.optimizer else ())):
            tensors.decode(weight.key)


def _donor(task: Mapping[str, Any]) -> dict[str, Any]:
    """Has the names and shapes of a donor of any kind read, and the tensors of a checkpoint decoded."""
    from layerfix.containers.donor import open_donor

    donor = open_donor(Path(task["path"]))
    if donor.checkpoint is not None:
        _decode(donor.checkpoint)
    return {}


def _samples(task: Mapping[str, Any]) -> dict[str, Any]:
    from layerfix.containers.samples import parse_samples

    parse_samples(Path(task["path"]))
    return {}


def _search(task: Mapping[str, Any]) -> dict[str, Any]:
    from layerfix.rng.shard_search import search

    return {"found": search(task["shard"])}


def _repair(task: Mapping[str, Any]) -> dict[str, Any]:
    from layerfix.commands.repair import repair
    from layerfix.report.jsons import plain

    Path(task["output"]).parent.mkdir(parents=True, exist_ok=True)
    result = repair(task["path"], output=task["output"], force=task["force"], **task["wishes"])
    return {"output": str(result.output) if result.output else None, "report": plain(result.report)}


def _migrate(task: Mapping[str, Any]) -> dict[str, Any]:
    from layerfix.commands.migrate import migrate
    from layerfix.report.jsons import plain

    Path(task["output"]).parent.mkdir(parents=True, exist_ok=True)
    result = migrate(task["path"], task["output"], force=task["force"], **task["wishes"])
    return {"output": str(result.output), "result": plain(result)}


_TASKS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "audit": _audit,
    "probe": _probe,
    "donor": _donor,
    "samples": _samples,
    "search": _search,
    "repair": _repair,
    "migrate": _migrate,
}
