"""Which file was made from which, in forms that auditors' tools read: an in-toto statement and a CycloneDX bill of materials.

The statement is of in-toto's version 1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) with the predicate of SLSA
provenance 1 (https://slsa.dev/spec/v1.0/provenance); the bill is CycloneDX 1.5 with the source as the model's ancestor. Neither is signed,
and neither holds a time: the same run gives the same bytes. The hash of a checkpoint that is several files
(`layerfix.disk.hashing.file_sha256`) has a name of its own: no other tool would find it as a SHA-256.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layerfix.disk.folders import is_one_file
from layerfix.errors import UsageError
from layerfix.report.escape import uri, visible
from layerfix.report.jsons import dumps
from layerfix.results.migrate import MigratedFile, Migration
from layerfix.results.repair import Report
from layerfix.version import __version__

FORMATS = ("intoto", "cyclonedx")
TREE = "layerfixTree"
"""The name of a hash over several files."""


@dataclass(frozen=True, slots=True)
class Descent:
    """A file that was written, and the one that it was made from; each as (path, SHA-256).

    Attributes:
        source: what was read.
        target: what was written.
        told: what the run says of it: verdict, bound, versions.
    """

    source: tuple[str, str]
    target: tuple[str, str]
    told: Mapping[str, str]


def repaired(report: Report, format: str) -> str:  # noqa: A002
    """A repair in one of `FORMATS`.

    Raises:
        UsageError: where the repair wrote nothing.
    """
    if report.target is None:
        raise UsageError("nothing was written, so that there is nothing to attest.", where=report.source.path)
    bounds = [weight.evidence.get("false_positive_bound") for layer in report.layers for weight in layer.weights]
    known = [float(bound) for bound in bounds if isinstance(bound, (int, float))]
    told = {"verdict": report.verdict, "summary": report.summary, "exit_code": str(report.exit_code)}
    told |= {"false_positive_bound": f"{max(known):.3g}"} if known else {}
    told |= {name: str(report.source.extra[name]) for name in ("format", "keras_version") if report.source.extra.get(name)}
    descent = Descent((report.source.path, report.source.sha256), (report.target.path, report.target.sha256), told)
    return _document("repair", [descent], format)


def migrated(migration: Migration, format: str) -> str:  # noqa: A002
    """Every file that a migration wrote, in one of `FORMATS`.

    Raises:
        UsageError: where it wrote none.
    """
    found = []
    for file in migration.files:
        if file.written is None:
            continue
        if file.sha256 is None:  # a journal of an older layerfix told this result
            raise UsageError("its SHA-256 is not known.", where=file.path, hint="Migrate it again, without --resume.")
        source, target = file.sha256
        found.append(Descent((file.path, source), (file.written, target), {"verdict": file.end, **_shown(file)}))
    if not found:
        raise UsageError("nothing was written, so that there is nothing to attest.")
    return _document("migrate", found, format)


def _shown(file: MigratedFile) -> dict[str, str]:
    """What backs the verdict on one file."""
    if file.result is None:
        return {"repair": file.repair.verdict} if file.repair is not None else {}
    proof, version = file.result.proof, file.result.keras_version
    return {"proof": proof.kind, "difference": f"{proof.difference:.3g}", **({"keras_version": version} if version else {})}


def _document(job: str, descents: Sequence[Descent], format_: str) -> str:
    return dumps(_statement(job, descents) if format_ == "intoto" else _bill(job, descents)) + "\n"


def _statement(job: str, descents: Sequence[Descent]) -> dict[str, Any]:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": visible(path, limit=None), "digest": _digest(path, sha256)} for path, sha256 in _targets(descents)],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": f"urn:layerfix:{job}:1",
                "externalParameters": {"command": job},
                "resolvedDependencies": [
                    {"uri": uri(path), "digest": _digest(path, sha256)} for path, sha256 in (one.source for one in descents)
                ],
            },
            "runDetails": {
                "builder": {"id": "urn:layerfix", "version": {"layerfix": __version__}},
                "byproducts": [_byproduct(one) for one in descents],
            },
        },
    }


def _byproduct(one: Descent) -> dict[str, Any]:
    path, sha256 = one.target
    return {"name": f"verdict on {visible(path, limit=None)}", "digest": _digest(path, sha256), "annotations": _told(one)}


def _digest(path: str, sha256: str) -> dict[str, str]:
    return {"sha256" if is_one_file(path) else TREE: sha256}


def _bill(job: str, descents: Sequence[Descent]) -> dict[str, Any]:
    tool = {"type": "application", "name": "layerfix", "version": __version__}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"tools": {"components": [tool]}, "properties": [{"name": "layerfix:command", "value": job}]},
        "components": [
            {
                **_model(number, one.target, _told(one)),
                "pedigree": {"ancestors": [_model(None, one.source, {})], "notes": f"Made by layerfix {job}."},
            }
            for number, one in enumerate(descents, start=1)
        ],
    }


def _model(number: int | None, file: tuple[str, str], told: Mapping[str, str]) -> dict[str, Any]:
    path, sha256 = file
    reference = {} if number is None else {"bom-ref": f"model-{number}"}
    is_one = is_one_file(path)
    hashes = {"hashes": [{"alg": "SHA-256", "content": sha256}]} if is_one else {}
    said = dict(told) if is_one else {**told, TREE: sha256}
    properties = {"properties": [{"name": f"layerfix:{name}", "value": value} for name, value in said.items()]} if said else {}
    return {"type": "machine-learning-model", **reference, "name": visible(path, limit=None), **hashes, **properties}


def _targets(descents: Sequence[Descent]) -> list[tuple[str, str]]:
    return [one.target for one in descents]


def _told(one: Descent) -> dict[str, str]:
    return {name: visible(value, limit=None) for name, value in one.told.items()}
