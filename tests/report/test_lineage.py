"""Statements and bills of materials: valid by their standards, and true about which file was made from which."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import report_samples
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

from layerfix.cli.options import report_format
from layerfix.disk.hashing import file_sha256
from layerfix.errors import UsageError
from layerfix.report import migration, render
from layerfix.report.card import of_migration
from layerfix.report.lineage import TREE
from layerfix.results.migrate import MigratedFile, Migration, MigrationResult, Proof

CYCLONEDX = json.loads((Path(__file__).parent / "schemas" / "cyclonedx-1.5.json").read_text())
STATEMENT: dict[str, Any] = {
    "type": "object",
    "required": ["_type", "subject", "predicateType", "predicate"],
    "properties": {
        "_type": {"const": "https://in-toto.io/Statement/v1"},
        "subject": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/resource", "required": ["digest"]}},
        "predicateType": {"const": "https://slsa.dev/provenance/v1"},
        "predicate": {
            "type": "object",
            "required": ["buildDefinition", "runDetails"],
            "properties": {
                "buildDefinition": {
                    "required": ["buildType", "externalParameters"],
                    "properties": {"resolvedDependencies": {"type": "array", "items": {"$ref": "#/$defs/resource"}}},
                },
                "runDetails": {
                    "required": ["builder"],
                    "properties": {
                        "builder": {"required": ["id"], "properties": {"version": {"additionalProperties": {"type": "string"}}}},
                        "byproducts": {"type": "array", "items": {"$ref": "#/$defs/resource"}},
                    },
                },
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
    "$defs": {
        "resource": {
            "type": "object",
            "anyOf": [{"required": ["uri"]}, {"required": ["digest"]}, {"required": ["content"]}],
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "uri": {"type": "string"},
                "digest": {"type": "object", "properties": {"sha256": {"pattern": "^[0-9a-f]{64}$"}}},
                "annotations": {"type": "object"},
            },
            "additionalProperties": False,
        }
    },
}
"""The fields that in-toto's Statement and ResourceDescriptor v1 and SLSA's provenance v1 require; they publish them as prose."""


def _migration(tmp_path: Path) -> Migration:
    source, target = tmp_path / "old.h5", tmp_path / "new.keras"
    source.write_bytes(b"old")
    target.write_bytes(b"new")
    hashes = file_sha256(source), file_sha256(target)
    proof = Proof("reference", 1e-7, 8)
    result = MigrationResult(source, target, "2.2.4", None, (), 3, (), ("none", ""), (), (), proof, sha256=hashes)
    return Migration((MigratedFile(str(source), result), MigratedFile("bad.h5", problem="no.", exit_code=2)))


def _documents(form: str, tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(render(report_samples.repair_report(), form)), json.loads(migration.render(_migration(tmp_path), form))]


def test_bills_of_materials_are_valid_by_the_published_schema(tmp_path: Path) -> None:
    documents = _documents("cyclonedx", tmp_path)
    assert len(documents) == 2
    for document in documents:
        jsonschema.validate(document, CYCLONEDX)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**document, "components": [{"type": "model"}]}, CYCLONEDX)
        (model,) = document["components"]
        (ancestor,) = model["pedigree"]["ancestors"]
        assert model["hashes"] != ancestor["hashes"]


def test_statements_are_valid_and_name_both_files_by_their_hashes(tmp_path: Path) -> None:
    for document in _documents("intoto", tmp_path):
        jsonschema.validate(document, STATEMENT)
        (subject,) = document["subject"]
        (material,) = document["predicate"]["buildDefinition"]["resolvedDependencies"]
        assert subject["digest"] != material["digest"]
    report = report_samples.repair_report()
    repaired = _documents("intoto", tmp_path)[0]
    assert report.target is not None
    assert repaired["subject"][0]["digest"]["sha256"] == report.target.sha256
    assert repaired["predicate"]["runDetails"]["byproducts"][0]["annotations"]["verdict"] == report.verdict


def test_statements_are_valid_by_the_published_definitions(tmp_path: Path) -> None:
    """in-toto publishes protocol buffers: no field may be unknown to them, in the statement or in the provenance."""
    documents = _documents("intoto", tmp_path)
    assert len(documents) == 2
    for document in documents:
        statement = json_format.ParseDict(document, statement_pb2.Statement())
        Statement.copy_from_pb(statement).validate()
        json_format.ParseDict(document["predicate"], provenance_pb2.Provenance())
        with pytest.raises(json_format.ParseError, match="ingredients"):
            json_format.ParseDict({**document["predicate"], "ingredients": []}, provenance_pb2.Provenance())


def test_the_hash_of_a_folder_is_not_called_that_of_a_file(tmp_path: Path) -> None:
    """Nobody's `sha256sum` gives it."""
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(b"graph")
    (file, _) = _migration(tmp_path).files
    assert file.result is not None
    result = replace(file.result, source=folder, sha256=(file_sha256(folder), file_sha256(file.result.output)))
    both = Migration((MigratedFile(str(folder), result),))
    statement = json.loads(migration.render(both, "intoto"))
    Statement.copy_from_pb(json_format.ParseDict(statement, statement_pb2.Statement())).validate()
    assert statement["predicate"]["buildDefinition"]["resolvedDependencies"][0]["digest"] == {TREE: file_sha256(folder)}
    assert statement["subject"][0]["digest"].keys() == {"sha256"}
    bill = json.loads(migration.render(both, "cyclonedx"))
    jsonschema.validate(bill, CYCLONEDX)
    (ancestor,) = bill["components"][0]["pedigree"]["ancestors"]
    assert "hashes" not in ancestor
    assert "over its files" in of_migration(both)


def test_nothing_is_attested_where_nothing_was_written() -> None:
    with pytest.raises(UsageError, match="nothing was written"):
        render(replace(report_samples.repair_report(), target=None), "intoto")


@pytest.mark.parametrize(("name", "form"), [("a.intoto.json", "intoto"), ("a.cdx.json", "cyclonedx"), ("a.json", "json")])
def test_the_ending_chooses_the_form(name: str, form: str) -> None:
    assert report_format(Path(name)) == form
