"""The report of a run as plain records; `layerfix.report/1` is their JSON form (see report/schema)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from layerfix.results.display import Shown

if TYPE_CHECKING:
    from layerfix.inference.records import How

SCHEMA = "layerfix.report/1"
Verdict = Literal["exact", "recovered", "restored", "reinitialized", "partial", "unrepaired", "clean"]
Status = Literal["restored", "lost", "kept"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """A file that the run read or wrote; `extra` holds format, keras_version and backend of the source."""

    path: str
    sha256: str
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindingReport:
    """A finding in the report: design.md's `findings[]`."""

    code: str
    severity: str
    layer: str | None
    message: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArgumentReport:
    """A constructor argument, its value (JSON), how it was found, and the evidence."""

    name: str
    value: Any
    how: How
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WeightReport:
    """One weight of a reported layer: design.md's `layers[].weights[]`.

    `exact` is True only with a proof in `evidence`: a bound of at most 1e-6 and a witness of
    behaviour, or an equality. `condition` names what would have to hold for a value that a seed
    alone told. `note` is a sentence for people.
    """

    name: str
    owner: str
    shape: tuple[int, ...]
    dtype: str
    status: Status
    strategy: str | None
    exact: bool
    sha256: str | None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class LayerReport:
    """One layer that lost something (others are counted in `kept`)."""

    name: str
    class_name: str
    arguments: tuple[ArgumentReport, ...]
    weights: tuple[WeightReport, ...]
    path: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Report(Shown):
    """A whole run. `summary` is the verdict in one sentence; `advice` what the user should do next, most important first."""

    source: FileReport
    target: FileReport | None
    verdict: Verdict
    summary: str
    findings: tuple[FindingReport, ...]
    layers: tuple[LayerReport, ...]
    kept: Mapping[str, int]
    optimizer: Mapping[str, Any]
    verification: Mapping[str, Any]
    exit_code: int
    tool: Mapping[str, Any]
    advice: tuple[str, ...] = ()
    not_established: tuple[str, ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
    search: Mapping[str, Any] = field(default_factory=dict)
    created: str | None = None

    def __repr__(self) -> str:
        """One line: the verdict and the files."""
        written = "" if self.target is None else f", written to {self.target.path!r}"
        return f"<Report {self.verdict}: {self.source.path!r}{written}>"


@dataclass(frozen=True, slots=True, repr=False)
class SeedsReport(Shown):
    """Where the numbers of a checkpoint came from.

    Attributes:
        source: the file.
        search: what was searched and found: the JSON-ready account of `layerfix.inference.provenance.account`.
        hidden: draws that belong to weights which the file does not hold: [{"layer", "role", "op_seed", "position"}].
        tool: name and versions.
    """

    source: FileReport
    search: Mapping[str, Any]
    hidden: tuple[Mapping[str, Any], ...]
    tool: Mapping[str, Any]

    def __repr__(self) -> str:
        """One line: the file and its seeds."""
        found = {name: self.search.get(name) for name in ("numpy_seed", "graph_seed")}
        told = ", ".join(f"{name} {seed}" for name, seed in found.items() if seed is not None)
        return f"<SeedsReport {self.source.path!r}: {told or 'no seed found'}>"
