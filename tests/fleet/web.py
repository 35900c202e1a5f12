"""Files over HTTP on loopback, as a plain server and as a Hugging Face Hub give them."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from collections_ import SAMPLES

REPO = "user/models"
COMMIT = "0" * 40


@dataclass
class Server:
    """Serves a folder; `sent` counts the bytes of files that went out."""

    folder: Path
    ranges: bool = True
    sent: int = 0
    address: str = ""


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server of the files in `folder`, and of a repository of the Hub that holds them."""
    server = Server(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            named = re.findall(r"[\w.\-]+\.(?:h5|keras|md)", asked)
            self._json([_entry(folder / name) for name in named if (folder / name).exists()])

        def _answer(self, *, body: bool) -> None:
            path = self.path.partition("?")[0]
            if path.startswith(f"/api/models/{REPO}/tree/"):
                self._json([_entry(file) for file in sorted(folder.iterdir())])
            elif path.startswith("/api/models/"):
                self._json({"id": REPO, "modelId": REPO, "sha": COMMIT, "siblings": [], "private": False, "tags": []})
            else:
                self._file(folder / path.rsplit("/", 1)[1], body=body)

        def _json(self, told: Any) -> None:
            self._send(200, json.dumps(told).encode(), {"Content-Type": "application/json"})

        def _file(self, file: Path, *, body: bool) -> None:
            if not file.is_file():
                return self._send(404, b"", {})
            data = file.read_bytes()
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            more = {"ETag": '"1"', "X-Repo-Commit": COMMIT, **({"Accept-Ranges": "bytes"} if server.ranges else {})}
            status, part = 200, data
            if asked and server.ranges:
                start, stop = int(asked[1]), int(asked[2]) + 1 if asked[2] else len(data)
                status, part = 206, data[start:stop]
                more["Content-Range"] = f"bytes {start}-{start + len(part) - 1}/{len(data)}"
            server.sent += len(part) if body else 0
            return self._send(status, part, more, body=body)

        def _send(self, status: int, data: bytes, more: dict[str, str], *, body: bool = True) -> None:
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.handle_error = lambda *_: None  # type: ignore[method-assign]  # a reader that hangs up is no news
    threading.Thread(target=web.serve_forever, daemon=True).start()
    server.address = f"http://127.0.0.1:{web.server_address[1]}"
    try:
        yield server
    finally:
        web.shutdown()
        web.server_close()


def _entry(file: Path) -> dict[str, Any]:
    return {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": "0" * 40}


def heavy(folder: Path, name: str = "big.h5") -> Path:
    """A genuine file that lost weights, with sixteen megabytes of optimizer state behind it."""
    path = folder / name
    shutil.copy(next(sample for sample in SAMPLES if sample.name == "resnet-mean.h5"), path)
    with h5py.File(path, "r+") as file:
        state = file["optimizer_weights"]
        state.create_dataset("late:0", data=np.random.default_rng(0).random(4 << 20, dtype=np.float32))
        state.attrs["weight_names"] = np.append(state.attrs["weight_names"], np.bytes_("late:0"))
    return path
