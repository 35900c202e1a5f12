import errno
import os
import subprocess
import sys

import h5py
import pytest

from layerfix.disk import publish as module
from layerfix.disk.publish import no_empty_folders, publish
from layerfix.disk.temporaries import sweep
from layerfix.errors import WriteError


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_the_output_appears_only_when_the_block_succeeds(tmp_path):
    output = tmp_path / "fixed.h5"
    with publish(output) as temp:
        temp.write_bytes(b"whole")
        assert temp.parent == tmp_path
        assert temp.name.endswith("fixed.h5")
        assert not output.exists()
    assert names(tmp_path) == ["fixed.h5"]
    assert output.read_bytes() == b"whole"


def test_a_failed_block_leaves_what_was_there(tmp_path):
    output = tmp_path / "fixed.h5"
    output.write_bytes(b"old")

    def fail():
        with publish(output, force=True) as temp:
            temp.write_bytes(b"half")
            raise KeyError("anything")

    with pytest.raises(KeyError):
        fail()
    assert names(tmp_path) == ["fixed.h5"]
    assert output.read_bytes() == b"old"


def test_an_existing_output_needs_force(tmp_path):
    output = tmp_path / "fixed.h5"
    output.write_bytes(b"old")
    with pytest.raises(WriteError, match=r"already exists.*--force"), publish(output):
        pass
    with publish(output, force=True) as temp:
        temp.write_bytes(b"new")
    assert output.read_bytes() == b"new"


@pytest.mark.parametrize("links", [True, False])
def test_an_output_that_appears_meanwhile_is_not_overwritten(links, tmp_path, monkeypatch):
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "no hard links here")))
    output = tmp_path / "fixed.h5"

    def run():
        with publish(output) as temp:
            temp.write_bytes(b"mine")
            output.write_bytes(b"theirs")

    with pytest.raises(WriteError, match="already exists"):
        run()
    assert output.read_bytes() == b"theirs"
    assert names(tmp_path) == ["fixed.h5"]


def test_a_disk_without_hard_links_serves_too(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EOPNOTSUPP, "no hard links here")))
    with publish(tmp_path / "fixed.h5") as temp:
        temp.write_bytes(b"whole")
    assert names(tmp_path) == ["fixed.h5"]


@pytest.mark.parametrize("how", ["same", "symlink", "hard link", "dotted", "dangling"])
def test_an_input_is_never_the_output_under_any_name(how, tmp_path):
    source = tmp_path / "old.h5"
    source.write_bytes(b"precious")
    output = {"same": source, "dotted": tmp_path / "." / "old.h5"}.get(how, tmp_path / "alias.h5")
    if how == "symlink":
        output.symlink_to(source)
    if how == "hard link":
        os.link(source, output)
    if how == "dangling":
        source.unlink()
        output.symlink_to(source)
    with pytest.raises(WriteError, match="is the input"), publish(output, force=True, inputs=[source]):
        pass
    assert how == "dangling" or source.read_bytes() == b"precious"


def test_an_input_that_changes_meanwhile_stops_the_publication(tmp_path):
    source = tmp_path / "old.h5"
    source.write_bytes(b"one")

    def run():
        with publish(tmp_path / "new.h5", inputs=[source]) as temp:
            temp.write_bytes(b"result")
            source.write_bytes(b"other bytes")

    with pytest.raises(WriteError, match="changed while"):
        run()
    assert names(tmp_path) == ["old.h5"]


FAULTS = [(errno.ENOSPC, "no space left"), (errno.EDQUOT, "quota"), (errno.EROFS, "read-only"), (errno.EIO, "error")]


@pytest.mark.parametrize(("number", "words"), FAULTS)
@pytest.mark.parametrize("place", ["open", "fsync", "link", "inside", "hdf5"])
def test_faults_are_put_into_words_and_leave_nothing(place, number, words, tmp_path, monkeypatch):
    def fault(*_, **__):
        raise OSError(number, os.strerror(number))

    if place in ("open", "fsync", "link"):
        monkeypatch.setattr(module.os, place, fault)

    def run():
        with publish(tmp_path / "fixed.h5") as temp:
            temp.write_bytes(b"whole")
            if place == "inside":
                fault()
            if place == "hdf5":
                raise RuntimeError(f"Unable to flush file (file write failed: errno = {number}, error message = '...')")

    with pytest.raises(WriteError, match=words):
        run()
    assert names(tmp_path) == []


@pytest.mark.parametrize("how", ["python", "hdf5"])
def test_a_fault_of_another_file_is_not_told_of_the_output(how, tmp_path):
    other = tmp_path / "elsewhere" / "baseline.h5"

    def run():
        with publish(tmp_path / "fixed.h5") as temp:
            temp.write_bytes(b"whole")
            if how == "python":
                other.read_bytes()
            h5py.File(other, "r")

    with pytest.raises(OSError, match="baseline") as caught:
        run()
    assert not isinstance(caught.value, WriteError)
    assert names(tmp_path) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(WriteError, match="folder does not exist"), publish(tmp_path / "none" / "fixed.h5"):
        pass


def test_a_folder_is_no_output(tmp_path):
    with pytest.raises(WriteError, match="is a folder"), publish(tmp_path, force=True):
        pass


KILLED = """
import os, signal
from layerfix.disk.publish import publish
with publish({output!r}, force=True) as temp:
    temp.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path):
    output = tmp_path / "fixed.h5"
    output.write_bytes(b"old")
    subprocess.run([sys.executable, "-c", KILLED.format(output=str(output))], check=False)
    assert len(names(tmp_path)) == 3  # the output, the temporary file and its lock
    assert output.read_bytes() == b"old"
    with publish(output, force=True) as temp:
        temp.write_bytes(b"new")
    assert names(tmp_path) == ["fixed.h5"]


def test_the_files_of_a_living_run_are_not_swept(tmp_path):
    with publish(tmp_path / "fixed.h5") as temp:
        temp.write_bytes(b"mine")
        assert sweep(tmp_path) == ()
        assert temp.exists()


LIVING = """
import sys
from layerfix.disk.publish import publish
with publish({output!r}) as temp:
    print(temp, flush=True)
    sys.stdin.readline()
    temp.write_bytes(b"theirs")
"""


def test_the_files_of_another_living_run_are_not_swept_whatever_its_number(tmp_path):
    code = LIVING.format(output=str(tmp_path / "theirs.h5"))
    run = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    temp = run.stdout.readline().rstrip()
    assert str(run.pid) not in os.path.basename(temp)
    assert sweep(tmp_path) == ()
    run.communicate("\n")
    assert names(tmp_path) == ["theirs.h5"]


def test_two_runs_at_once_share_nothing(tmp_path):
    with publish(tmp_path / "a.h5", force=True) as one, publish(tmp_path / "a.h5", force=True) as two:
        assert one != two
        one.write_bytes(b"1")
        two.write_bytes(b"2")
    assert names(tmp_path) == ["a.h5"]


def test_a_lock_without_files_and_files_without_a_lock_are_swept(tmp_path):
    (tmp_path / f".layerfix-{'a' * 16}.lock").touch()
    (tmp_path / f".layerfix-{'b' * 16}-out.h5").touch()
    (tmp_path / f".layerfix-{'b' * 16}-out.h5.check").mkdir()
    (tmp_path / ".layerfix-mine").touch()
    assert [path.name for path in sweep(tmp_path)] == [f".layerfix-{'b' * 16}-out.h5", f".layerfix-{'b' * 16}-out.h5.check"]
    assert names(tmp_path) == [".layerfix-mine"]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize(
    ("source", "replaced", "expected"),
    [(0o600, None, 0o600), (0o644, None, 0o640), (0o644, 0o600, 0o600), (0o600, 0o644, 0o600), (0o666, 0o664, 0o664), (0o444, None, 0o440)],
)
def test_an_output_is_no_more_open_than_its_input_or_what_it_replaces(source, replaced, expected, tmp_path):
    before, output = tmp_path / "in.h5", tmp_path / "out.h5"
    before.touch(source)
    before.chmod(source)
    if replaced is not None:
        output.touch()
        output.chmod(replaced)
    umask = os.umask(0o027)
    try:
        with publish(output, force=True, inputs=[before]) as temp:
            assert temp.stat().st_mode & 0o777 == 0o600
            temp.write_bytes(b"new")
    finally:
        os.umask(umask)
    assert output.stat().st_mode & 0o777 == expected


def test_folders_that_got_nothing_are_taken_away_again(tmp_path):
    (tmp_path / "mine").mkdir()
    outputs = [tmp_path / "mine" / "a.keras", tmp_path / "web" / "deep" / "model.json", tmp_path / "full" / "b.keras"]
    with no_empty_folders(outputs):
        for output in outputs:
            output.parent.mkdir(parents=True, exist_ok=True)
        outputs[2].write_bytes(b"whole")
    assert names(tmp_path) == ["full", "mine"]
