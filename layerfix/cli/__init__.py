"""The command line: parse, one library call, print, exit."""

from layerfix.cli.app import main, run

__all__ = ["main", "run"]
