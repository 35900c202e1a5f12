from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from collections_ import SAMPLES

from layerfix.commands.audit_many import audit_all
from layerfix.errors import ReadError, UsageError
from layerfix.fleet.remote import Cache, fetched, remote_files, url
from layerfix.fleet.sources import sources

fsspec = pytest.importorskip("fsspec", reason="the extra layerfix[fleet] is not installed")


@pytest.fixture
def bucket() -> str:
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    for path in SAMPLES[:3]:
        memory.pipe(f"/models/deep/{path.name}", path.read_bytes())
    memory.pipe("/models/readme.txt", b"no checkpoint")
    return "memory://models"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s3://bucket/key.h5", "s3://bucket/key.h5"),
        ("s3:/bucket/key.h5", "s3://bucket/key.h5"),
        ("models/old.h5", None),
        ("C:/models/old.h5", None),
        ("/a/s3:/b", None),
    ],
)
def test_addresses_are_told_from_paths(name: str, expected: str | None) -> None:
    assert url(name) == expected


def test_folder_and_pattern_of_a_bucket_mean_its_checkpoints(bucket: str) -> None:
    names = [path.name for path in SAMPLES[:3]]
    assert [name.rsplit("/", 1)[1] for name in remote_files(bucket)] == names
    assert [name.rsplit("/", 1)[1] for name in remote_files(f"{bucket}/**/*.h5")] == names


def test_remote_files_are_audited_like_local_ones(bucket: str) -> None:
    remote, local = audit_all([bucket]), audit_all(SAMPLES[:3])
    assert [file.outcome for file in remote.files] == [file.outcome for file in local.files]
    assert all(file.path.startswith("memory://") for file in remote.files)


def test_problem_of_a_remote_file_names_its_address(bucket: str) -> None:
    fsspec.filesystem("memory").pipe("/models/broken.h5", SAMPLES[0].read_bytes()[:1000])
    (file,) = audit_all([f"{bucket}/broken.h5"]).files
    assert file.problem is not None
    assert file.problem.startswith("memory://models/broken.h5: ")


def test_copy_of_a_remote_file_is_gone_afterwards(bucket: str) -> None:
    with Cache() as cache, fetched(f"{bucket}/deep/{SAMPLES[0].name}", cache) as path:
        assert path.read_bytes() == SAMPLES[0].read_bytes()
    assert not path.exists()


def test_what_cannot_be_reached_is_told(bucket: str) -> None:
    with pytest.raises(ReadError, match="no file fits"):
        remote_files(f"{bucket}/*.nothing")
    with pytest.raises(UsageError, match="no address"):
        remote_files("nowhere://bucket/key")


def test_lists_from_a_file_and_from_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(SAMPLES[0], tmp_path / "a b.h5")
    listing = tmp_path / "list.txt"
    listing.write_text(f"{tmp_path / 'a b.h5'}\n\n{SAMPLES[1]}\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SAMPLES[1]}\n{SAMPLES[2]}\n"))
    assert [name for name, _ in sources([f"@{listing}", "-"])] == [str(tmp_path / "a b.h5"), str(SAMPLES[1]), str(SAMPLES[2])]


def test_missing_list_is_told() -> None:
    with pytest.raises(ReadError, match="no list of files"):
        list(sources(["@nowhere.txt"]))


@pytest.mark.parametrize("name", ["reference:/a.h5::evil.h5", "http:/models/a.h5", "memory:/a.h5", "file:/a.h5", "s3:/b/a.h5"])
def test_local_file_whose_name_looks_like_an_address_is_this_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is decided once: no part of a run asks a store, or reads another file, for a name that this folder has."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("fsspec.core.url_to_fs", lambda *_, **__: pytest.fail("a store was asked"))
    Path(name).parent.mkdir(parents=True)
    shutil.copy(SAMPLES[0], name)
    (expected,) = audit_all([SAMPLES[0]]).files
    for way in ([name], [name.partition("/")[0]], [f"@{_list(tmp_path, name)}"], [f"{name[:-4]}*"]):
        (file,) = audit_all(way, journal=tmp_path / "j.sqlite").files
        assert Path(file.path) == tmp_path / name
        assert (file.outcome, file.problem) == (expected.outcome, None)
    (named, _) = next(sources([name]))
    with fetched(named, None) as path:
        assert path.samefile(tmp_path / name)


@pytest.mark.parametrize("name", ["reference://a.h5", "file:///etc/hostname", "zip://a.h5::memory://b.zip"])
def test_addresses_by_way_of_another_file_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="by way of another"):
        remote_files(name)


def _list(folder: Path, name: str) -> Path:
    (folder / "list.txt").write_text(f"{name}\n")
    return folder / "list.txt"
