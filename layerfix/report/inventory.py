"""A manifest for people and machines."""

from __future__ import annotations

from layerfix.report import phrases
from layerfix.report.ink import Ink
from layerfix.report.jsons import dumps, plain
from layerfix.results.manifest import SCHEMA, Manifest
from layerfix.results.signing import PREDICATE, STATEMENT, Statement


def render(manifest: Manifest, format: str = "json", *, color: bool = False) -> str:  # noqa: A002
    """The manifest as JSON (which `verify` reads) or as text."""
    if format == "json":
        files = [{key: value for key, value in plain(entry).items() if key != "exit_code"} for entry in manifest.files]
        return dumps({"schema": SCHEMA, "files": files})
    ink = Ink()
    for entry in manifest.files:
        ink.line((entry.sha256 or "unreadable".ljust(64), "plain" if entry.sha256 else "bad"), f"  {entry.path}")
        ink.prose(entry.problem or f"{phrases.count(len(entry.tensors), 'tensor')}, {phrases.size(entry.size)}", "quiet", indent=2)
    return ink.document(color=color)


def as_statement(found: Statement) -> str:
    """The in-toto statement that OpenSSF model signing signs (model_signing 1.1.1, `_signing/signing.py`)."""
    serialization = {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": list(found.ignored)}
    resources = [{"name": name, "algorithm": "sha256", "digest": digest} for name, digest in found.resources]
    return dumps(
        {
            "_type": STATEMENT,
            "subject": [{"name": found.model, "digest": {"sha256": found.sha256}}],
            "predicateType": PREDICATE,
            "predicate": {"serialization": serialization, "resources": resources},
        }
    )
