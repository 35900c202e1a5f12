"""Paths that Windows made one name of: "layers\\lstm\\cell" in the root for the group "cell" in "lstm" in "layers".

Keras 2.12 to 2.15 joined the steps with the system's separator (saving_lib.py), so that no group lies in another, and Keras on any
other system finds none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JoinedNames:
    """The names of a file's root that are paths; false where there are none.

    Attributes:
        names: by the path that is meant.
        below: by the nearest of these paths above, "" for the root: what is left of the path.
    """

    names: Mapping[str, str]
    below: Mapping[str, Sequence[str]]

    def __bool__(self) -> bool:
        return bool(self.names)

    def place(self, own: Sequence[str], steps: Sequence[str]) -> list[str] | None:
        """Steps from a group as steps from the root, the first of them a joined name; None where none of theirs is one."""
        whole = [*own, *steps]
        for end in range(len(whole), max(1, len(own)), -1):
            name = self.names.get("/".join(whole[:end]))
            if name is not None:
                return [name, *whole[end:]]
        return None


def joined_names(names: Sequence[str], depth: int) -> JoinedNames:
    """Those among a root's names; none where a group lies beside them that one of these paths would lie in.

    Args:
        depth: steps of a path at most; a longer name is no path.
    """
    found = {name.replace("\\", "/"): name for name in names if 0 < name.count("\\") < depth}
    if {path.split("/")[0] for path in found} & set(names):
        return JoinedNames({}, {})
    below: defaultdict[str, list[str]] = defaultdict(list)
    for path in found:
        above = next((each for each in _above(path) if each in found), "")
        below[above].append(path[len(above) :].lstrip("/"))
    return JoinedNames(found, below)


def told(name: str) -> list[str]:
    """The steps to a group of that HDF5 name."""
    return [step for step in name.replace("\\", "/").split("/") if step]


def _above(path: str) -> Iterable[str]:
    steps = path.split("/")
    return ("/".join(steps[:end]) for end in range(len(steps) - 1, 0, -1))
