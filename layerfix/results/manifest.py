"""Manifests: hashes of files and of every tensor in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from layerfix.results.display import Shown

SCHEMA = "layerfix.manifest/1"


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One file: the SHA-256 of the whole and of each tensor, by "owner/name" and "optimizer/name". `problem` where it could not be read."""

    path: str
    sha256: str | None
    size: int
    tensors: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    exit_code: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Manifest(Shown):
    """The files of a manifest, sorted by path."""

    files: tuple[ManifestEntry, ...]

    def __repr__(self) -> str:
        """One line."""
        return f"<Manifest: {len(self.files)} files, {sum(len(entry.tensors) for entry in self.files)} tensors>"

    def entry(self, path: str) -> ManifestEntry | None:
        """The entry of that path, or None."""
        return next((entry for entry in self.files if entry.path == path), None)
