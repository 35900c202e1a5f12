"""Two checkpoints, tensor by tensor: what was added, removed, changed, kept."""

from layerfix.diff.compare import diff
from layerfix.diff.records import AttributeChange, Change, Diff, TensorDiff

__all__ = ["AttributeChange", "Change", "Diff", "TensorDiff", "diff"]
