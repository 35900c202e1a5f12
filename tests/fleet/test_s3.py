"""A real S3 protocol on loopback: moto's server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from collections_ import SAMPLES
from genuine import sampled

from layerfix.commands.audit_many import audit_all

pytest.importorskip("s3fs", reason="s3fs is not installed")
moto = pytest.importorskip("moto.server", reason="moto's server is not installed")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    import fsspec

    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    fsspec.filesystem("s3").clear_instance_cache()
    store = fsspec.filesystem("s3")
    if not store.exists("models"):
        store.mkdir("models")
    for path in SAMPLES[:3]:
        store.pipe(f"models/deep/{path.name}", path.read_bytes())
    yield "s3://models"
    server.stop()


@pytest.mark.slow
@pytest.mark.parametrize("pattern", sampled(["/**/*.h5", "", "/deep"], 3))
def test_bucket_is_audited_like_a_folder(bucket: str, pattern: str, tmp_path: Path) -> None:
    remote, local = audit_all([bucket + pattern], jobs=2, journal=tmp_path / "j.sqlite"), audit_all(SAMPLES[:3])
    assert [file.path.rsplit("/", 1)[1] for file in remote.files] == [path.name for path in SAMPLES[:3]]
    assert [(file.outcome, file.facts) for file in remote.files] == [(file.outcome, file.facts) for file in local.files]
