"""Repairing a file that no library opens: salvaged first, what is gone taken from an older epoch, then repaired like any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from layerfix.commands.salvage import salvage
from layerfix.diagnose.records import Diagnosis
from layerfix.disk.hashing import file_sha256
from layerfix.disk.publish import Destination
from layerfix.errors import ReadError
from layerfix.options import Options
from layerfix.results.repair import FileReport, FindingReport, LayerReport, Report, Verdict, WeightReport
from layerfix.results.salvage import SalvagedTensor, SalvageResult
from layerfix.write.copying import copy_bytes

ADVICE = "Fine-tune the model: it mixes weights of two epochs."


@contextmanager
def salvaged(path: Path, options: Options, error: ReadError) -> Iterator[SalvageResult]:
    """A salvaged copy of a damaged file, filled from the donors in their order, for as long as the block lasts.

    Raises:
        ReadError: `error`, what reading the file said, where nothing can be saved either.
    """
    with TemporaryDirectory(prefix="layerfix-") as folder:
        suffix = ".keras" if _is_zip(path) else ".h5"
        copy = Path(folder) / f"{path.stem}{suffix}"
        older = [donor.path for donor in options.donors if donor.path.is_file()]
        try:
            yield salvage(path, copy, like=older, architecture=options.architecture, fill=bool(older))
        except ReadError as failed:
            raise failed from error


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def is_more_lost(diagnosis: Diagnosis, found: SalvageResult) -> bool:
    """Whether the save itself had lost something: then the graph is rebuilt, which takes every weight of a stock layer."""
    complete = len(found.written) + len(found.filled) >= len(found.tensors)
    return complete and any(item.code.startswith(("LF1", "LF3")) and item.severity != "note" for item in diagnosis.findings)


def account(report: Report, found: SalvageResult, options: Options, target: FileReport | None) -> Report:
    """The report of a repair that began with a salvage: every lost tensor by name, and whose value it has now."""
    lost = [tensor for tensor in found.tensors if tensor.state != "whole" or not tensor.name]
    missing = [tensor for tensor in lost if tensor.name not in found.filled]
    source = FileReport(str(found.source), file_sha256(found.source), report.source.extra)
    layers = tuple(_layer(tensor, found.filled.get(tensor.name)) for tensor in lost if tensor.name)
    findings = FindingReport("LF601", "lost" if lost else "note", None, _told(found), tuple(found.notes))
    return replace(
        report,
        source=source,
        target=report.target or target,
        verdict=_verdict(report.verdict, lost=bool(lost), missing=bool(missing) or not (lost or found.complete)),
        summary=f"{_told(found)} {_filled(found, len(missing))}".strip(),
        findings=(findings, *report.findings),
        layers=(*report.layers, *layers),
        kept={"tensors": len(found.written), "identical": len(found.written)},
        exit_code=max(report.exit_code, 1 if lost or not found.complete else 0),
        advice=(*((ADVICE,) if found.filled else ()), *report.advice),
    )


def _verdict(held: Verdict, *, lost: bool, missing: bool) -> Verdict:
    """That of the weakest weight."""
    if missing:
        return "partial"
    return held if not lost or held in ("reinitialized", "partial") else "restored"


def _told(found: SalvageResult) -> str:
    return (
        f"{found.source.name} is damaged: {len(found.written)} of its {len(found.tensors)} tensors are whole and were kept byte for byte."
    )


def _filled(found: SalvageResult, missing: int) -> str:
    told = []
    for donor, count in Counter(found.filled.values()).items():
        told.append(f"{count} were taken from {donor.name}, which is another epoch's: predictions are not those of the lost save.")
    if missing:
        told.append(f"{missing} are still missing.")
    return " ".join(told)


def _layer(tensor: SalvagedTensor, donor: Path | None) -> LayerReport:
    owner, _, name = tensor.name.removeprefix("model_weights/").partition("/")
    evidence = {"donor": donor.name, "matched_by": "name", "same_session": False} if donor else {}
    note = f"{tensor.state} ({tensor.why})" + (f"; taken from {donor.name}, another epoch" if donor else "")
    weight = WeightReport(
        name=name or owner,
        owner=owner,
        shape=tensor.shape or (),
        dtype=tensor.dtype.lstrip("<>|"),
        status="restored" if donor else "lost",
        strategy="transplant" if donor else None,
        exact=False,
        sha256=None,
        evidence=evidence,
        note=note,
    )
    return LayerReport(owner, "", (), (weight,), path=owner)


def published(found: SalvageResult, destination: Destination) -> FileReport:
    """Gives a salvaged file that needs nothing more its name."""
    with destination.publish() as temp:
        copy_bytes(found.output, temp)
    return FileReport(str(destination.path), file_sha256(destination.path))
