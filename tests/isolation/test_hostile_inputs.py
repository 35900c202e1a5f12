"""Hostile files given beside the checkpoint (architecture, samples, donor, baseline, manifest, journal, output) end in one sentence."""

from __future__ import annotations

import os
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from genuine import sampled
from hostile import CANARY, dense, model, valid

from layerfix.cli.app import run
from layerfix.containers.donor import read_donor
from layerfix.containers.samples import read_samples
from layerfix.errors import HostileError, LayerfixError
from layerfix.isolation.limits import SUPPORTED

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="resource limits and pipes need POSIX")

MODELS = Path(__file__).parents[2] / "sample_models"
SAMPLE, WEIGHTS = str(MODELS / "healthy-stateless.h5"), str(MODELS / "weights-only.h5")
Make = Callable[[Path], object]


def npy(shape: tuple[int, ...], dtype: str, data: bytes) -> bytes:
    """A `.npy` whose header says what it likes."""
    head = repr({"descr": dtype, "fortran_order": False, "shape": shape}).encode()
    head += b" " * (63 - (len(head) + 10) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data


def npz(path: Path, member: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", member)


def growing_index(path: Path) -> None:
    """A TensorFlow index of half a megabyte in which each key is the one before and a letter more: ten gigabytes of keys."""

    def varint(number: int) -> bytes:
        return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)

    block = b"".join(varint(size) + b"\1\0k" for size in range(150_000)) + bytes(4)
    handle = varint(0) + varint(len(block))
    index = b"\0\1" + varint(len(handle)) + b"z" + handle + bytes(4)
    footer = (b"\0\0" + varint(len(block) + 5) + varint(len(index))).ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)
    path.with_name(f"{path.name}.index").write_bytes(block + bytes(5) + index + bytes(5) + footer)


BOMB = npy((1 << 28,), "<f4", bytes(1 << 29))
PICKLED = npy((2,), "|O", b"\x80\x04cposix\nmknod\n(S'" + CANARY.encode() + b"'\ntR.")
SIDE: dict[str, tuple[str, str, Make]] = {
    "samples bomb": ("refused", "s.npz", lambda path: npz(path, BOMB)),
    "samples that lie": ("refused", "s.npz", lambda path: npz(path, npy((1 << 40,), "<f4", bytes(64)))),
    "samples that are pickled": ("unusable", "s.npz", lambda path: npz(path, PICKLED)),
    "samples array of a terabyte": ("refused", "s.npy", lambda path: path.write_bytes(npy((1 << 38,), "<f4", bytes(64)))),
    "samples archive as an array": ("unusable", "s.npy", lambda path: npz(path, npy((2,), "<f4", bytes(8)))),
    "samples array as an archive": ("unusable", "s.npz", lambda path: path.write_bytes(npy((2,), "<f4", bytes(8)))),
    "samples from a pipe": ("unusable", "s.npz", os.mkfifo),
    "samples without end": ("unusable", "s.npz", lambda path: path.symlink_to("/dev/zero")),
    "donor from a pipe": ("unusable", "d.h5", os.mkfifo),
    "donor without end": ("unusable", "d.h5", lambda path: path.symlink_to("/dev/zero")),
    "donor with growing keys": ("refused", "d.ckpt", growing_index),
    "donor that is pickled": ("unusable", "d.npz", lambda path: npz(path, PICKLED)),
    "donor bomb": ("refused", "d.npz", lambda path: npz(path, BOMB)),
    "donor whose header escapes": (
        "unusable",
        "d.safetensors",
        lambda path: path.write_bytes(struct.pack("<Q", 600_007) + b'{"a":"' + b'\\"' * 300_000 + b"\\"),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sampled(SIDE, 4))
def test_samples_and_donors_are_read_by_a_child_first(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome, file, make = SIDE[name]
    make(tmp_path / file)
    with pytest.raises(LayerfixError, match=file) as caught:
        (read_samples if name.startswith("samples") else read_donor)(tmp_path / file)
    assert isinstance(caught.value, HostileError) == (outcome == "refused")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / CANARY).exists()


def journal_with_code(path: Path) -> None:
    with sqlite3.connect(path) as rows:
        rows.execute("CREATE VIEW done AS SELECT 1 AS name, 2 AS work, load_extension('x') AS stamp, 3 AS state, 4 AS answer")


DEEP = "[" * 3000 + "]" * 3000
COMMANDS: dict[str, tuple[list[str], str, Make, int]] = {
    "deep architecture": (["audit", WEIGHTS, "--architecture", "side"], "side", lambda path: path.write_text(DEEP), 4),
    "architecture from a pipe": (["audit", WEIGHTS, "--architecture", "side"], "side", os.mkfifo, 2),
    "architecture without end": (["audit", WEIGHTS, "--architecture", "side"], "side", lambda path: path.symlink_to("/dev/zero"), 2),
    "architecture that escapes": (
        ["audit", WEIGHTS, "--architecture", "side"],
        "side",
        lambda path: path.write_text('"' + '\\"' * 300_000 + "\\"),
        2,
    ),
    "deep baseline": (["audit", SAMPLE, "--baseline", "side"], "side", lambda path: path.write_text('{"accepted": ' + DEEP + "}"), 2),
    "baseline of numbers": (
        ["audit", SAMPLE, "--baseline", "side"],
        "side",
        lambda path: path.write_text('{"schema": "layerfix.baseline/1", "accepted": [1], "ignore": {"a": 1}}'),
        2,
    ),
    "manifest from a pipe": (["verify", SAMPLE, "--manifest", "side"], "side", os.mkfifo, 2),
    "deep manifest": (["verify", SAMPLE, "--manifest", "side"], "side", lambda path: path.write_text('{"files": ' + DEEP + "}"), 2),
    "journal from a pipe": (["audit", SAMPLE, "--resume", "side"], "side", os.mkfifo, 2),
    "journal with code": (["audit", SAMPLE, "--resume", "side"], "side", journal_with_code, 2),
    "journal that is a checkpoint": (["audit", SAMPLE, "--resume", "side"], "side", lambda path: valid(path).close(), 2),
    "checkpoint from a pipe, with a journal": (["audit", "side", "--resume", "j.sqlite"], "side", os.mkfifo, 2),
    "document over a checkpoint": (["audit", SAMPLE, "-o", "side.csv", "--force"], "side.csv", lambda path: valid(path).close(), 2),
    "document over a device": (["audit", SAMPLE, "-o", "side.csv", "--force"], "side.csv", lambda path: path.symlink_to("/dev/null"), 2),
    "report over the architecture": (
        ["repair", WEIGHTS, "--architecture", "side.json", "--report", "side.json", "--force", "-o", "out.h5"],
        "side.json",
        lambda path: path.write_text("{}"),
        2,
    ),
    "graph of terabytes": (
        ["repair", "side", "-o", "out.h5"],
        "side",
        lambda path: valid(path, model(dense(units=10**11, batch_input_shape=[None, 3]))).close(),
        4,
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_command_ends_in_one_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, file, make, code = COMMANDS[name]
    make(tmp_path / file)
    before = (tmp_path / file).read_bytes() if (tmp_path / file).is_file() else b""
    assert run([*arguments, "--quiet"]) == code
    told = "".join(capsys.readouterr())
    assert "side" in told
    assert "unexpected" not in told
    assert "Traceback" not in told
    assert not (tmp_path / "out.h5").exists()
    assert before == ((tmp_path / file).read_bytes() if (tmp_path / file).is_file() else b"")
