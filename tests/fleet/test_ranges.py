"""Remote files are audited by the blocks that tell their structure, over HTTP on loopback."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import h5py
import numpy as np
import pytest
from collections_ import SAMPLES

from layerfix.commands.audit_many import audit_all

pytest.importorskip("fsspec", reason="fsspec is not installed")
pytest.importorskip("aiohttp", reason="aiohttp, by which fsspec speaks HTTP, is not installed")


@dataclass
class Server:
    """Files over HTTP, and how many of their bytes went out."""

    folder: Path
    ranges: bool = True
    sent: int = 0
    address: str = ""
    answered: list[str] = field(default_factory=list)

    def handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self._answer(body=False)

            def do_GET(self) -> None:
                self._answer(body=True)

            def _answer(self, *, body: bool) -> None:
                data = (server.folder / self.path.lstrip("/")).read_bytes()
                asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
                part = data
                if asked and server.ranges:
                    stop = int(asked[2]) + 1 if asked[2] else len(data)
                    part = data[int(asked[1]) : stop]
                    self.send_response(206)
                    self.send_header("Content-Range", f"bytes {asked[1]}-{int(asked[1]) + len(part) - 1}/{len(data)}")
                else:
                    self.send_response(200)
                if server.ranges:
                    self.send_header("Accept-Ranges", "bytes")
                self.send_header("Content-Length", str(len(part)))
                self.end_headers()
                if body:
                    server.sent += len(part)
                    self.wfile.write(part)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path)
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), found.handler())
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    found.address = f"http://127.0.0.1:{httpd.server_address[1]}"
    yield found
    httpd.shutdown()
    httpd.server_close()


def heavy(folder: Path, name: str = "big.h5") -> Path:
    """A genuine file that lost weights, with sixteen megabytes of optimizer state behind it."""
    path = folder / name
    shutil.copy(next(sample for sample in SAMPLES if sample.name == "resnet-mean.h5"), path)
    with h5py.File(path, "r+") as file:
        state = file["optimizer_weights"]
        state.create_dataset("late:0", data=np.random.default_rng(0).random(4 << 20, dtype=np.float32))
        state.attrs["weight_names"] = np.append(state.attrs["weight_names"], np.bytes_("late:0"))
    return path


def test_an_audit_fetches_a_small_part_of_a_large_file_and_finds_the_same(server: Server) -> None:
    path = heavy(server.folder)
    remote, local = audit_all([f"{server.address}/big.h5"]).files[0], audit_all([path]).files[0]
    assert (remote.outcome, remote.facts) == (local.outcome, local.facts)
    assert [one.finding for one in remote.findings] == [one.finding for one in local.findings]
    assert 0 < server.sent < path.stat().st_size / 8


def test_a_place_that_gives_no_parts_gives_the_whole(server: Server) -> None:
    server.ranges = False
    path = heavy(server.folder)
    assert audit_all([f"{server.address}/big.h5"]).files[0].outcome == "lost"
    assert server.sent >= path.stat().st_size


def test_a_damaged_file_is_told_by_its_address(server: Server) -> None:
    path = heavy(server.folder)
    path.write_bytes(b"\0" * 5_000_000)
    file = audit_all([f"{server.address}/big.h5"]).files[0]
    assert file.outcome == "unreadable"
    assert file.problem is not None
    assert file.problem.startswith(f"{server.address}/big.h5: ")
