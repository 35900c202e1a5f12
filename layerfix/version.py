"""The version of layerfix, for whoever names it in a record."""

__version__ = "0.1.0"
