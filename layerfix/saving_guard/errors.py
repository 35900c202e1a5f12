"""What the guard raises."""

from __future__ import annotations

from layerfix.errors import LayerfixError


class UntrackedWeightsError(LayerfixError):
    """The model reads variables that a save would lose."""


class UntraceableError(LayerfixError):
    """The model's forward pass cannot be traced, so that nothing is known of what it reads."""
