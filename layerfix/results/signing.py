"""What OpenSSF model signing states of a model: the SHA-256 of each of its files, and one over them all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://model_signing/signature/v1.0"


@dataclass(frozen=True, slots=True)
class Statement:
    """The files of one model, a folder or a single file.

    Attributes:
        model: its name, that of the folder or file.
        resources: (path inside the model, SHA-256 as hex), in the order of the standard; "." for a model of one file.
        ignored: paths inside the model that do not count, folders with all that is in them.
    """

    model: str
    resources: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """The hash of the whole: over the bytes of all hashes, in order."""
        return hashlib.sha256(b"".join(bytes.fromhex(digest) for _, digest in self.resources)).hexdigest()
