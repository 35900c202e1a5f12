"""Why a function cannot be read."""

from __future__ import annotations


class Unreadable(Exception):  # noqa: N818 - an answer, not a fault
    """Code that is sound and goes beyond what is read; the sentence says where."""


class Inconsistent(Exception):  # noqa: N818 - an answer, not a fault
    """Bytes that are no code of the Python version at hand."""
