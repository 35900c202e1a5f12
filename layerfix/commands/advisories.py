"""Published advisories on the libraries that read files for us, by the versions that they concern (cve.org, November 2026)."""

from __future__ import annotations

from dataclasses import dataclass

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Advisory:
    """One advisory: versions from `first` (included) to `fixed` (excluded) are concerned."""

    name: str
    effect: str
    fixed: Version
    first: Version = (0,)

    def concerns(self, version: Version) -> bool:
        """Whether it concerns a version."""
        return self.first <= version < self.fixed


HDF5 = (
    Advisory("CVE-2024-32623", "writes behind buffers", (1, 14, 4)),
    Advisory("CVE-2025-2309", "writes behind a buffer", (2, 0, 0)),
    Advisory("CVE-2025-44905", "reads behind a buffer in the scale-offset filter", (2, 0, 1)),
    Advisory("CVE-2026-106547", "writes behind a buffer where chunks are missing", (2, 2, 0)),
    Advisory("CVE-2026-120756", "reads behind an object header", (2, 2, 1)),
    Advisory("CVE-2026-19025", "divides by zero where chunks have other dimensions", (2, 3, 1)),
)
KERAS = (
    Advisory("CVE-2025-12058", "reads host files that a StringLookup names", (3, 12, 0)),
    Advisory("CVE-2026-0897", "allocates whatever a weights file declares", (3, 12, 1)),
    Advisory("CVE-2026-0897", "allocates whatever a weights file declares", (3, 13, 2), (3, 13)),
    Advisory("CVE-2026-1669", "reads host files through external storage", (3, 12, 1)),
    Advisory("CVE-2026-1669", "reads host files through external storage", (3, 13, 2), (3, 13)),
)


def known(advisories: tuple[Advisory, ...], version: Version) -> str:
    """What is known against a version, in one line; "" where nothing is."""
    return ", ".join(f"{found.name} ({found.effect})" for found in advisories if found.concerns(version))
