"""How a record shows itself in Jupyter: by name, since records stand below the reports that draw them."""

from __future__ import annotations

from importlib import import_module

RENDERER = "layerfix.report.notebook"


class Shown:
    """A record that Jupyter shows as the report room draws it."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """What Jupyter shows."""
        return str(import_module(RENDERER).html(self))
