"""What `repair` returns: the account, and all that led to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from layerfix.containers.records import WeightKey
from layerfix.results.emitted import Emitted
from layerfix.results.repair import Report
from layerfix.strategies.base import Case
from layerfix.strategies.plan import Plan


@dataclass(frozen=True, slots=True, repr=False)
class RepairResult:
    """What a repair did.

    Attributes:
        report: the whole account.
        plan: what was decided; None where nothing was lost.
        output: the file written, or None.
        values: the restored weights.
        case: all that the strategies saw; None where nothing was lost.
        emitted: the layer classes that were written, or None.
    """

    report: Report
    plan: Plan | None = None
    output: Path | None = None
    values: Mapping[WeightKey, NDArray[np.generic]] | None = None
    case: Case | None = None
    emitted: Emitted | None = None

    def __repr__(self) -> str:
        """One line: the verdict and where the file is."""
        written = "" if self.output is None else f", written to {str(self.output)!r}"
        return f"<RepairResult {self.report.verdict}: {self.report.source.path!r}{written}>"

    def _repr_html_(self) -> str:
        return self.report._repr_html_()
