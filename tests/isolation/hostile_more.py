"""Further kinds of hostile and damaged checkpoints (see `hostile.py`), after advisories and attacks on this tool."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from hostile import CANARY, KINDS, _archive, _config, _damaged, _named, _typed, dense, functional, kind, model, v3, valid, with_kernel

SECRET = "secret-of-the-host"

_typed("choices", h5py.enum_dtype({"a": 0, "b": 1}), np.zeros(3, "i4"))


@kind("refused")
def weight_of_arrays(path: Path) -> None:
    def make(inner: h5py.Group) -> None:
        kind = h5py.h5t.array_create(h5py.h5t.IEEE_F32LE, (3,))
        h5py.h5d.create(inner.id, b"kernel:0", kind, h5py.h5s.create_simple((2,)))

    with_kernel(path, make)


@kind("refused")
def weight_of_region_references(path: Path) -> None:
    def make(inner: h5py.Group) -> None:
        inner.create_dataset("kernel:0", (2,), h5py.regionref_dtype)[0] = inner["bias:0"].regionref[:1]

    with_kernel(path, make)


@kind("refused")
def weight_through_eight_compressors(path: Path) -> None:
    """Each layer of deflate shrinks the one inside: a ratio of thousands."""

    def make(inner: h5py.Group) -> None:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((1 << 23,))
        for _ in range(3):
            plist.set_deflate(9)
        space = h5py.h5s.create_simple((1 << 23,))
        h5py.h5d.create(inner.id, b"kernel:0", h5py.h5t.IEEE_F32LE, space, plist)
        inner["kernel:0"][:] = 0

    with_kernel(path, make)


@kind("ok")
def user_block_before_the_file(path: Path) -> None:
    valid(path).close()
    data = path.read_bytes()
    with h5py.File(path, "w", userblock_size=512) as file, h5py.File.in_memory(data) as source:
        for name in source:
            source.copy(name, file)
        file.attrs.update(source.attrs)


@kind("refused")
def terabytes_of_hole_behind_the_file(path: Path) -> None:
    valid(path).close()
    os.truncate(path, 1 << 42)


@kind("damaged")
def terabytes_of_hole_alone(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 42)


@kind("damaged")
def left_open_by_a_writer(path: Path) -> None:
    """The mark that a writer leaves while it has the file open for readers (SWMR)."""
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["layer_names"] = np.array([b"a"])
        file.create_group("a").attrs["weight_names"] = np.zeros(0, "S1")
    data = bytearray(path.read_bytes())
    data[11] = 5
    path.write_bytes(bytes(data))


@kind("refused")
def names_that_are_one_text_many_times(path: Path) -> None:
    """Fifty thousand variable-length names whose references all lead to one text of a megabyte: fifty gigabytes."""
    count = 50_000
    with valid(path) as file:
        del file["model_weights"].attrs["layer_names"]
        file.create_dataset("pad", data=np.zeros(1))
        small = file.create_group("small")
        small.attrs.create("long", "y" * 60_000, dtype=h5py.string_dtype())
        for number in range(count // 2000):
            file["model_weights"].attrs.create(f"layer_names{number}", np.array(["z"] * 2000, object), dtype=h5py.string_dtype())
    data = path.read_bytes()
    long = next(place for place in _references(data) if place[0] == 60_000)
    changed = bytearray(data)
    for size, at in _references(data):
        if size == 1:
            changed[at : at + 16] = data[long[1] : long[1] + 16]
    path.write_bytes(bytes(changed))


def _references(data: bytes) -> list[tuple[int, int]]:
    """(length, place) of references to texts in the file's heaps: length, address of a heap, number in it."""
    heaps = {at for at in range(0, len(data) - 4, 8) if data[at : at + 4] == b"GCOL"}
    found = []
    for at in range(0, len(data) - 16, 4):
        size, heap, number = struct.unpack_from("<IQI", data, at)
        if heap in heaps and size in (1, 60_000) and 0 < number < 65_536:
            found.append((size, at))
    return found


# Names

for name, value in {
    "as_a_formula": b"=cmd|' /C calc'!A0",
    "with_newlines": b"kernel\n::error::x\r\nkernel:0",
    "right_to_left": "\u202ekernel:0\u2066".encode(),
    "as_a_surrogate": b"\xed\xa0\x80kernel:0",
    "as_markup": b"<img src=x onerror=alert(1)>kernel:0",
}.items():
    _named(name, value)

# Configs

_config("backslash_without_end", "damaged", lambda: '"' + '\\"' * 300_000 + "\\")
_config("number_beyond_all_floats", "ok", lambda: model(dense(rate=10**400)))
_config("surrogates_in_names", "ok", lambda: model({"class_name": "D\ud800", "config": {"name": "\udfff\u202e"}}))
_config("input_of_ten_billion", "ok", lambda: model(dense(batch_input_shape=[None, 10**10])))
_config("units_by_the_quintillion", "ok", lambda: model(dense(units=10**30)))
_config("edges_by_the_thousand", "ok", lambda: functional(*((f"l{i}", f"l{i + 1}") for i in range(3000))))
_config("keys_given_twice", "ok", lambda: '{"class_name": "Model", "class_name": "Sequential", "config": ' + json.dumps([dense()]) + "}")
_config("gadget_as_activation", "ok", lambda: model(dense(activation={"module": "os", "class_name": "function", "config": "system"})))
_config(
    "gadget_as_initializer",
    "ok",
    lambda: model(dense(kernel_initializer={"module": "builtins", "class_name": "exec", "config": {"s": f"open('{CANARY}', 'w')"}})),
)

# Archives of Keras 3 whose configs name what should run (CVE-2024-3660, CVE-2025-1550, CVE-2025-8747, CVE-2025-9906) or be read
# (CVE-2025-12058), and archives that lie.


def _v3_with(*layers: dict[str, Any]) -> list[Any]:
    members = dict(v3())
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [*layers]}}
    return list({**members, "config.json": json.dumps(config).encode()}.items())


def _gadget(name: str, layer: Callable[[], dict[str, Any]]) -> None:
    _archive(f"with_{name}", "ok", lambda: _v3_with({"module": "keras.layers", **dense("dense")}, layer()))


_gadget("lambda_code", lambda: _layer("Lambda", function={"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None}}))
_gadget("module_of_the_system", lambda: {"module": "os", "class_name": "system", "config": f"touch {CANARY}"})
_gadget("download", lambda: _layer("Lambda", function=_function("keras.utils", "get_file"), arguments={"origin": "http://127.0.0.1:9/"}))
_gadget("switch_of_safety", lambda: _function("keras.config", "enable_unsafe_deserialization"))
_gadget("vocabulary_of_the_host", lambda: _layer("StringLookup", vocabulary="/etc/passwd"))
_gadget("internal_module", lambda: {"module": "keras.src.models.cloning", "class_name": "clone_model", "config": {}})


def _layer(class_name: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": class_name, "config": {"name": class_name.lower(), **config}}


def _function(module: str, name: str) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


_archive("with_backslashes", "refused", lambda: [*v3(), ("..\\..\\evil", b"x")])
_archive("climbing_out_of_assets", "refused", lambda: [*v3(), ("assets/../../evil", b"x")])
_archive("of_an_archive", "damaged", lambda: [*v3()[:2], ("model.weights.h5", b"PK\x03\x04" + bytes(100))])


@kind("damaged")
def archive_that_lies_about_sizes(path: Path) -> None:
    KINDS["archive_valid"][1](path)
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[place + 20 : place + 28] = struct.pack("<II", 10, 1 << 20)
    path.write_bytes(bytes(data))


@kind("damaged")
def archive_whose_member_lies_behind_its_end(path: Path) -> None:
    KINDS["archive_valid"][1](path)
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 42 : data.rindex(b"PK\x01\x02") + 46] = struct.pack("<I", 1 << 30)
    path.write_bytes(bytes(data))


# What is no checkpoint

_damaged("gzip", lambda data: b"\x1f\x8b\x08" + bytes(20))
_damaged("numpy_array", lambda data: b"\x93NUMPY\x01\x00" + bytes(100))


@kind("damaged")
def link_to_a_secret_of_the_host(path: Path) -> None:
    """What a link in a folder of strangers leads to is not quoted."""
    secret = path.with_name("secret")
    secret.write_bytes(b"\x01" + SECRET.encode())
    path.symlink_to(secret)


@kind("damaged")
def link_into_the_process(path: Path) -> None:
    path.symlink_to("/proc/self/environ")


def _npz(*arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, *arrays)
    return stream.getvalue()


class _Runs:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return _write, (CANARY,)


def _write(name: str) -> None:
    Path(name).touch()


def _with(path: Path, *members: tuple[zipfile.ZipInfo | str, bytes]) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as file:
        warnings.simplefilter("ignore")
        for name, content in [*v3()[:2], *members]:
            file.writestr(name, content)


@kind("refused")
def archive_of_two_weights_one_of_them_a_pickle(path: Path) -> None:
    _with(path, ("model.weights.npz", _npz(np.zeros(3))), ("model.weights.npz", pickle.dumps(_Runs())))


@kind("refused")
def archive_with_a_pickle_for_weights(path: Path) -> None:
    _with(path, ("model.weights.npz", pickle.dumps(_Runs())))


@kind("refused")
def archive_with_a_pickle_as_an_asset(path: Path) -> None:
    _with(path, v3()[2], ("assets/vocabulary.txt", pickle.dumps(_Runs())))


@kind("refused")
def archive_with_object_arrays_for_weights(path: Path) -> None:
    _with(path, ("model.weights.npz", _npz(np.array([_Runs()], dtype=object))))


@kind("damaged")
def archive_with_honest_arrays_for_weights(path: Path) -> None:
    _with(path, ("model.weights.npz", _npz(np.zeros(3))))
