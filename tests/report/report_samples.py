"""Records to render: a repair with everything a report can hold, an audit of every outcome; names can be chosen."""

from __future__ import annotations

import numpy as np

from layerfix.report.evidence import Evidence, Graph, Node, Scores, Tally, Trained
from layerfix.results.audit import AuditedFile, AuditedFinding, AuditReport, fingerprint
from layerfix.results.repair import ArgumentReport, FileReport, FindingReport, LayerReport, Report, WeightReport

TOOL = {"name": "layerfix", "version": "0.1.0", "python": "3.12.1", "keras": "3.15.1"}


def repair_report(name: str = "denoising_layer_1") -> Report:
    """A repair whose every name is `name`."""
    exact = {"op_seed": 6550634, "graph_seed": 87654321, "numpy_seed": 42, "false_positive_bound": 1e-20, "label": name}
    weights = (
        WeightReport(name, "owner", (1, 16, 16), "float32", "restored", "recover", True, "ab" * 32, exact, f"Draw 2, {name}."),
        WeightReport(f"{name}/bias:0", "owner", (16,), "float32", "restored", "reinitialize", False, "cd" * 32, {"seed": 0}),
        WeightReport(f"{name}/gamma:0", "owner", (), "float32", "lost", None, False, None),
    )
    arguments = (
        ArgumentReport("filter_type", name, "inferred", {"loss": {"mean": 0.05, name: float("nan")}}),
        ArgumentReport("rate", 0.5, "ambiguous", {"also_possible": [0.1, 0.9]}),
    )
    return Report(
        source=FileReport(f"models/{name}.h5", "01" * 32, {"format": "keras-hdf5", "keras_version": "2.2.4", "backend": name}),
        target=FileReport("models/new.h5", "23" * 32),
        verdict="partial",
        summary=f"Only 2 of 3 lost weights of {name} are back.",
        findings=(FindingReport("LF101", "lost", name, f"{name} lost its weights.", (f"{name} is missing.", "Keras 2.2.4 hides it.")),),
        layers=(LayerReport(name, name, arguments, weights, f"outer/{name}"),),
        kept={"tensors": 14, "identical": 14},
        optimizer={"status": "dropped", "why": f"because of {name}"},
        verification={"graph_rebuilt": True, "reloaded": False, "predictions": {"largest": 1e-7}},
        exit_code=1,
        tool=TOOL,
        advice=(f"Fine-tune {name}.",),
        not_established=(f"The data of {name}.",),
        rules=({"name": "optimizer_lr", "layer": name},),
        search={"op seeds": 10_000_000},
    )


def evidence(name: str = "denoising_layer_1") -> Evidence:
    """Pictures for that report."""
    random = np.random.default_rng(0)
    counts, edges = np.histogram(random.normal(size=10_000), bins=40)
    nodes = tuple(Node(f"n{i}", f"{name}{i}", name if i == 2 else "Conv1D", "restored" if i == 2 else "kept", name) for i in range(5))
    return Evidence(
        graphs=(Graph(name, nodes, (("n0", "n1"), ("n1", "n2"), ("n2", "n3"), ("n1", "n3"), ("n3", "n4"))),),
        layers=(Tally(name, name, 0, 0, 2, 272), Tally("dense_1", "Dense", 2, 51, 2, 51)),
        kernels={("owner", name): random.normal(size=(1, 16, 16)).astype(np.float32)},
        scores=(Scores(name, "z", list(edges), list(counts), 21.5, 8.6),),
        trained=(Trained(name, list(random.normal(size=50)), list(random.normal(size=50)), 0.8, 12.0, 4304572),),
    )


def audit_report(name: str = "denoising_layer_1") -> AuditReport:
    """An audit with a file of every outcome; every name is `name`."""
    finding = FindingReport("LF101", "lost", name, f"{name} has lost all its weights.", (f"{name} is missing", "Keras 2.2.4"))
    hint = FindingReport("LF103", "suspect", f"outer/{name}", f"{name} may have lost weights.")
    facts = {"format": "keras-hdf5", "keras_version": name, "backend": None, "layers": 3, "tensors": 14, "bytes": 123456}
    files = (
        AuditedFile(f"{name}-a.h5", "lost", (_audited("a", finding), _audited("a", hint, f"reason {name}")), facts),
        AuditedFile(f"{name}-b.h5", "suspect", (_audited("b", hint),), {**facts, "keras_version": "2.1.6"}),
        AuditedFile(f"{name}-c.h5", "refused", problem=f"refused: {name} is a link."),
        AuditedFile(f"{name}-d.h5", "unreadable", problem=f"{name} is cut off."),
        AuditedFile(f"{name}-e.h5", "clean", (), facts),
        AuditedFile(f"{name}-f.h5", "skipped", problem=f"{name} is no checkpoint."),
    )
    return AuditReport(files, TOOL, 2)


def _audited(file: str, finding: FindingReport, accepted: str | None = None) -> AuditedFinding:
    return AuditedFinding(finding, fingerprint(file, finding.code, finding.layer), accepted)
