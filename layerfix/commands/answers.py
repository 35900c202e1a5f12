"""What a piece of work came to, as JSON: what children tell their parents, and how this process tells itself the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from layerfix.errors import HostileError, LayerfixError, LostError, NoCheckpointError, ReadError, unexpected


def audited(path: str, *, layers: Sequence[Path] = (), architecture: Path | str | None = None) -> dict[str, Any]:
    """The answer to an audit done in this process (user layers need TensorFlow, which no child has the room for)."""
    return answered(path, lambda: audit_answer(path, layers=layers, architecture=architecture))


def answered(path: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """{"state": "ok", ...} of what `work` gives, or the word for its failure and the "problem" as a sentence."""
    try:
        return {"state": "ok", **work()}
    except LayerfixError as error:
        return {"state": state(error), "problem": str(error), **({"lost": True} if isinstance(error, LostError) else {})}
    except MemoryError:
        return {"state": "refused", "problem": f"{path}: refused: reading it needs more memory than any checkpoint's structure."}
    except RecursionError:
        return {"state": "refused", "problem": f"{path}: refused: it is nested deeper than any checkpoint."}
    except Exception as error:
        return {"state": "failed", "problem": f"{path}: {unexpected(error)}"}


def state(error: LayerfixError) -> str:
    """The one word for an error."""
    if isinstance(error, HostileError):
        return "refused"
    if isinstance(error, NoCheckpointError):
        return "none"
    return "damaged" if isinstance(error, ReadError) else "failed"


def audit_answer(path: str, *, layers: Sequence[Path] = (), architecture: Path | str | None = None) -> dict[str, Any]:
    """An audit's facts and findings.

    Raises:
        LayerfixError: as `audit` does.
    """
    from layerfix.commands.audit import audit, facts

    result = audit(path, layers=layers, architecture=architecture, in_process=True)
    findings = [[found.code, found.severity, found.layer, found.message, list(found.evidence)] for found in result.findings]
    return {"facts": facts(result.checkpoint), "findings": findings}
