"""The manifest of OpenSSF model signing: written, and held against the files, without its signature.

Source: model_signing 1.1.1, manifest.py and _signing/signing.py (https://github.com/sigstore/model-transparency).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from layerfix.containers.jsons import MAX_BYTES, decode
from layerfix.disk.files import open_regular
from layerfix.disk.hashing import known_sha256
from layerfix.errors import ReadError, UsageError
from layerfix.progress import Progress, silent
from layerfix.results.signing import PREDICATE, STATEMENT, Statement
from layerfix.results.verify import Check, CheckedFile, Trial

GIT = (".git", ".gitattributes", ".github", ".gitignore")
"""What the standard leaves out of a model that lies in a repository."""
_DSSE = "application/vnd.in-toto+json"


def sign_manifest(model: Path, *, progress: Progress = silent) -> Statement:
    """Every file of a model, a folder or a single file, with its hash.

    Raises:
        ReadError: where there is none, or one cannot be read.
        UsageError: where the folder holds a symbolic link: the standard does not follow them.
    """
    if not model.exists():
        raise ReadError("there is no such file or folder.", where=str(model), hint="Check the path.")
    files = list(_files(model, GIT))
    resources = []
    for done, (name, path) in enumerate(files, start=1):
        digest = known_sha256(path)
        if digest is None:
            raise ReadError("cannot be read.", where=str(path), hint="Check its permissions.")
        resources.append((name, digest))
        progress("Hashing", done, len(files))
    return Statement(model.resolve().name, tuple(resources), GIT)


def _files(model: Path, ignored: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """(name, path) of each file that counts, sorted as the standard does: by the parts of the path."""
    if model.is_file():
        yield ".", model
        return
    names = []
    for place, folders, files in os.walk(model):
        inside = PurePosixPath(Path(place).relative_to(model).as_posix())
        folders[:] = [name for name in folders if not _left_out(inside / name, ignored)]
        names += [inside / name for name in files if not _left_out(inside / name, ignored)]
        for name in (*folders, *files):
            if Path(place, name).is_symlink():
                hint = "Put the file itself in its place."
                raise UsageError("is a symbolic link, which model signing does not follow.", where=str(Path(place, name)), hint=hint)
    yield from ((str(name), model / name) for name in sorted(names, key=lambda name: name.parts))


def _left_out(path: PurePosixPath, ignored: Sequence[str]) -> bool:
    return any(PurePosixPath(one) in (path, *path.parents) for one in ignored)


def read_statement(path: Path) -> Statement | None:
    """What a manifest, or the signature made over one, states; None where the file is something else.

    A signature (a Sigstore bundle) is opened for what was signed; whether it is genuine is not looked at.

    Raises:
        UsageError: where it is of the standard, and contradicts itself or uses what is not known here.
    """
    with suppress(OSError, ReadError, ValueError, KeyError, TypeError, AttributeError):
        with open_regular(path) as stream:
            stated = decode(stream.read(MAX_BYTES + 1), str(path))
        if "dsseEnvelope" in stated and stated["dsseEnvelope"]["payloadType"] == _DSSE:
            stated = decode(base64.b64decode(stated["dsseEnvelope"]["payload"]), str(path))
        if stated["_type"] == STATEMENT and stated["predicateType"] == PREDICATE:
            return _statement(stated, path)
    return None


def _statement(stated: Mapping[str, Any], path: Path) -> Statement:
    predicate = stated["predicate"]
    serialization = predicate["serialization"]
    resources = tuple((str(one["name"]), str(one["digest"]), str(one["algorithm"])) for one in predicate["resources"])
    if serialization["method"] != "files" or any(algorithm != "sha256" for _, _, algorithm in resources):
        raise UsageError("states shards or hashes other than SHA-256.", where=str(path), hint="`model_signing verify` knows them.")
    model = str(stated["subject"][0]["name"])
    ignored = tuple(str(one).removeprefix(f"{model}/") for one in serialization.get("ignore_paths", ()))
    found = Statement(model, tuple((name, digest) for name, digest, _ in resources), ignored)
    if found.sha256 != stated["subject"][0]["digest"]["sha256"]:
        raise UsageError("contradicts itself: the hash over its files is another one than it states.", where=str(path))
    return found


def check_statement(model: Path, known: Statement, source: Path) -> Trial:
    """Holds a model against what is stated of it, file by file; files that are not stated fail too.

    Args:
        model: a folder or a single file.
        known: what was stated.
        source: the manifest or signature, which may lie in the model and is no part of it.

    Raises:
        UsageError: for symbolic links, and where the manifest is of a folder and the model a file, or the other way round.
    """
    stated = dict(known.resources)
    if model.exists() and model.is_file() != (stated.keys() == {"."}):
        is_one, of_one = ("is a file", "a folder") if model.is_file() else ("is a folder", "a single file")
        hint = f"Give {of_one}: the one that the manifest was made of."
        raise UsageError(f"{is_one}, and the manifest {source} is of {of_one}.", where=str(model), hint=hint)
    found = {name: path for name, path in _files(model, known.ignored) if not (path.exists() and path.samefile(source))}
    files = [_checked(name, found.get(name), digest, model) for name, digest in stated.items()]
    for name in sorted(found.keys() - stated.keys()):
        check = Check("manifest", False, "the manifest does not name this file")
        files.append(CheckedFile(found[name].as_posix(), (check,), exit_code=1))
    return Trial(tuple(sorted(files, key=lambda file: file.path)))


def _checked(name: str, path: Path | None, digest: str, model: Path) -> CheckedFile:
    if path is None:
        told = "the manifest names this file, and it was not found"
    else:
        same = known_sha256(path) == digest
        told = "the file is the recorded one, byte for byte" if same else "the file differs from the recorded one"
        if same:
            return CheckedFile(path.as_posix(), (Check("manifest", True, told),))
    return CheckedFile((path or model / name).as_posix(), (Check("manifest", False, told),), exit_code=1)
