"""What a child can be asked to do. Each task is a JSON object with "do" and its arguments; each answer a JSON object with "state"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.commands.answers import answered, audit_answer
from layerfix.disk.partial import partly

if TYPE_CHECKING:
    from layerfix.containers.records import Checkpoint


def prepare() -> None:
    """Imports what most tasks need, before the memory of a child is limited and before it forks."""
    import layerfix.commands.audit
    import layerfix.containers.cost
    import layerfix.containers.reader
    import layerfix.containers.tensors
    import layerfix.diagnose.diagnosis
    import layerfix.dialects.readings  # noqa: F401


def perform(task: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one task: {"state": "ok", ...}, or "refused", "none" (no checkpoint), "damaged" or "failed" with "problem".

    Of a file of which only some blocks are here ("held"), it may be "absent" with the "blocks" that were wanted.
    """
    if "held" not in task:
        return answered(str(task["path"]), lambda: _TASKS[task["do"]](task))
    with partly(task["path"], task["held"]) as absent:
        answer = answered(str(task["path"]), lambda: _TASKS[task["do"]](task))
    return {"state": "absent", "blocks": sorted(absent)} if absent else answer


def _audit(task: Mapping[str, Any]) -> dict[str, Any]:
    return audit_answer(task["path"], architecture=task.get("architecture"))


def _probe(task: Mapping[str, Any]) -> dict[str, Any]:
    """Has the file audited and every tensor decoded, so that whatever its bytes do to our code or the HDF5 library happens here."""
    from layerfix.commands.audit import audit

    _decode(audit(task["path"], architecture=task.get("architecture"), in_process=True).checkpoint)
    return {}


def _graph(task: Mapping[str, Any]) -> dict[str, Any]:
    """A probe of a file whose graph is to be built: what that costs is counted first."""
    from layerfix.commands.audit import audit
    from layerfix.containers.cost import refuse_costly

    checkpoint = audit(task["path"], architecture=task.get("architecture"), in_process=True).checkpoint
    refuse_costly(checkpoint)
    _decode(checkpoint)
    return {"lambdas": _read_lambdas(checkpoint)}


def _lambdas(task: Mapping[str, Any]) -> dict[str, Any]:
    """What the file's Lambda layers compute."""
    from layerfix.containers.reader import read

    return {"lambdas": _read_lambdas(read(task["path"], architecture=task.get("architecture")))}


def _read_lambdas(checkpoint: Checkpoint) -> dict[str, Any]:
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


def _lint(task: Mapping[str, Any]) -> dict[str, Any]:
    from layerfix.commands.lint import lint_answer

    return lint_answer(Path(task["path"]), fix=bool(task["fix"]))


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


def _salvage(task: Mapping[str, Any]) -> dict[str, Any]:
    from layerfix.scavenge.rescue import Wishes, rescue

    architecture = Path(task["architecture"]) if "architecture" in task else None
    wishes = Wishes(task["suffix"], tuple(map(Path, task["like"])), architecture, task["fill"])
    found = rescue(Path(task["path"]), Path(task["target"]), wishes)
    tensors = [
        {
            "name": tensor.path,
            "state": tensor.state,
            "grade": ("checksum" if tensor.proven else "unverified") if tensor.state == "whole" else "none",
            "shape": tensor.shape,
            "dtype": tensor.dtype,
            "share": tensor.share,
            "why": tensor.why,
        }
        for tensor in found.tensors
    ]
    told = {"notes": list(found.notes), "filled": dict(found.filled), "complete": found.complete}
    return {"kind": found.kind, "tensors": tensors, **told}


_TASKS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "audit": _audit,
    "probe": _probe,
    "lambdas": _lambdas,
    "graph": _graph,
    "donor": _donor,
    "samples": _samples,
    "lint": _lint,
    "search": _search,
    "repair": _repair,
    "migrate": _migrate,
    "salvage": _salvage,
}
