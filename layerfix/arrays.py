"""An array whose dtype its holder does not ask for: the value of a weight, an activation, a sample."""

from __future__ import annotations

from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
