"""What to do next after an audit: commands with the real names of the files, ready to be pasted."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from layerfix.containers.inputs import ModelInput, described, recording

if TYPE_CHECKING:
    from layerfix.results.audit import AuditedFile, AuditReport

LOST = "Lost: layerfix knows a weight that the model has and the file does not hold; a reload fills it with fresh random values."
SUSPECT = "Suspect: a custom layer stored fewer weights than its place in the model suggests; its class would tell."
_BEYOND = {
    "LF205": "Weights that are NaN or infinite come back from an earlier epoch or another copy alone: no save lost them.",
    "LF206": "A vocabulary that `adapt` learned is in no HDF5 file: take it from the same model's SavedModel or .keras, or adapt again.",
}
"""What no repair can mend."""
FEW = 4
"""Files that a command names one by one; of more, it names their folder."""


def steps(report: AuditReport) -> tuple[str, ...]:
    """The next steps, most important first; a command stands in backticks behind ": "."""
    return tuple(_steps(report))


def meanings(report: AuditReport) -> tuple[str, ...]:
    """What the words of this audit mean."""
    told = (("lost", LOST), ("suspect", SUSPECT))
    return tuple(sentence for outcome, sentence in told if outcome in report.counts)


def _steps(report: AuditReport) -> Iterator[str]:
    lost = [file for file in report.files if file.outcome == "lost"]
    hidden = [file for file in lost if _codes(file, ("LF1", "LF403"))]
    cut = [file for file in lost if file not in hidden and _codes(file, ("LF201", "LF202", "LF203", "LF402"))]
    if hidden:
        yield f"Bring the lost weights back, into new files: `{_repair(hidden)}`"
    if len(hidden) == 1:
        yield from _recording(hidden[0])
    if cut:
        yield f"Weights of stock layers are missing; another copy may hold them: `{_repair(cut)} --donor COPY`"
    yield from (told for code, told in _BEYOND.items() if any(_codes(file, (code,)) for file in lost))
    suspects = [file for file in report.files if file.outcome == "suspect"]
    if suspects:
        yield f"The class decides what a suspect layer lost: `layerfix audit {_names(suspects)} --layers FILE.py`"
    codes = sorted({found.finding.code for file in (*lost, *suspects) for found in file.open})
    if codes:
        yield f"What a code means: `layerfix explain {codes[0]}`"


def _recording(file: AuditedFile) -> Iterator[str]:
    inputs = [ModelInput(given["name"], tuple(given["shape"]), given["dtype"], given["below"]) for given in file.facts.get("inputs", ())]
    if inputs:
        yield (
            f"If the script set no seed, or that leaves doubt, inputs without labels tell the weights; save {described(inputs)}, "
            f"where the data is: `{recording(inputs)}`"
        )
        yield f"Then: `{_repair([file])} --samples samples.npz`"


def _codes(file: AuditedFile, prefixes: tuple[str, ...]) -> bool:
    return any(found.finding.code.startswith(prefixes) and found.finding.severity == "lost" for found in file.open)


def _repair(files: Sequence[AuditedFile]) -> str:
    wanted = " --architecture MODEL.json" if len(files) == 1 and _codeless(files[0]) else ""
    into_folder = len(files) > 1 or "://" in files[0].path  # nothing is written beside a file that is elsewhere
    return f"layerfix repair {_names(files)}{wanted}{' -o repaired' if into_folder else ''}"


def _codeless(file: AuditedFile) -> bool:
    """Whether it holds weights alone (LF502)."""
    return any(found.finding.code == "LF502" for found in file.findings)


def _names(files: Sequence[AuditedFile]) -> str:
    paths = [file.path for file in files]
    if len(paths) <= FEW:
        return shlex.join(paths)
    if any("://" in path for path in paths) or len({os.path.isabs(path) for path in paths}) > 1:
        return "FILES..."
    folders = sorted({os.path.dirname(path) or "." for path in paths})
    return shlex.quote(os.path.commonpath(folders)) if os.path.commonpath(folders) else shlex.join(_outermost(folders))


def _outermost(folders: Sequence[str]) -> list[str]:
    """The folders that lie in none of the others."""
    return [folder for folder in folders if not any(folder.startswith(f"{other}{os.sep}") for other in folders)]
