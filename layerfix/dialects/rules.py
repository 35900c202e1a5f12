"""The rules of an upgrade, one family a module. A rule changes a raw entry in place and says what it changed, or says nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layerfix.dialects.records import Source

Entry = dict[str, Any]
Rule = Callable[[Source, Entry], "str | None"]
