"""A list of files that filters and sorts without script, the same on every page: radio buttons choose, the style sheet obeys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layerfix.report.phrases import Tone


@dataclass(frozen=True, slots=True)
class Row:
    """A file in the list.

    Attributes:
        path: as the user named it.
        state: the one that it ended in.
        version: of the Keras that wrote it, or "".
        told: a few words more.
        anchor: of its own section on the page, or "".
    """

    path: str
    state: str
    version: str
    told: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Browser:
    """All files of a page.

    Attributes:
        rows: in the order of their paths.
        states: every state that a file can end in, worst first.
        looks, meanings: of each state.
    """

    rows: Sequence[Row]
    states: Sequence[str]
    looks: Mapping[str, Tone]
    meanings: Mapping[str, str]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many files ended in each state that occurs."""
        found = [row.state for row in self.rows]
        return [(state, found.count(state)) for state in self.states if state in found]

    def place(self, row: Row) -> int:
        """Where its version stands among the others."""
        return self._versions.index(row.version)

    @property
    def _versions(self) -> list[str]:
        return sorted({row.version for row in self.rows})

    @property
    def css(self) -> str:
        """A chosen radio button hides rows, or gives them an order."""
        hide = [f"#show-{state}:checked~.list .row:not(.{state}){{display:none}}" for state in self.states]
        by_state = [f"#sort-state:checked~.list .{state}{{order:{place}}}" for place, state in enumerate(self.states, start=1)]
        by_version = [f"#sort-version:checked~.list .v{place}{{order:{place + 1}}}" for place in range(len(self._versions))]
        names = [*(f"show-{state}" for state in ("all", *self.states)), *(f"sort-{key}" for key in ("state", "path", "version"))]
        marks = ",".join(f"#{name}:checked~nav label[for={name}]" for name in names)
        return "\n".join([*hide, *by_state, *by_version, f"{marks}{{background:var(--ink);color:var(--paper)}}"])
