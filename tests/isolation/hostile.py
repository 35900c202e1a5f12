"""Hostile and damaged files of many kinds, each made from a small valid checkpoint, with the outcome that reading it must have.

`ok` means that the file is readable and holds nothing dangerous; `refused` that it does what no checkpoint does; `damaged` that it
cannot be read; `none` that it is no checkpoint.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import socket
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

CANARY = "canary-was-here"
Make = Callable[[Path], None]
KINDS: dict[str, tuple[str, Make]] = {}


def kind(outcome: str) -> Callable[[Make], Make]:
    """Registers a generator under its name with its outcome."""

    def register(make: Make) -> Make:
        KINDS[make.__name__] = (outcome, make)
        return make

    return register


def dense(name: str = "dense_1", **config: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, "units": 2, **config}}


def model(*layers: Any) -> str:
    return json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": list(layers or [dense()])}})


def valid(path: Path | io.BytesIO, config: Any = None) -> h5py.File:
    """A sound checkpoint of one Dense layer, open for changes."""
    file = h5py.File(path, "w")
    file.attrs["keras_version"], file.attrs["backend"] = b"2.2.4", b"tensorflow"
    file.attrs["model_config"] = (model() if config is None else config) if not isinstance(config, str) else config.encode()
    weights = file.create_group("model_weights")
    weights.attrs["layer_names"] = [b"dense_1"]
    group = weights.create_group("dense_1")
    group.attrs["weight_names"] = [b"dense_1/kernel:0", b"dense_1/bias:0"]
    group["dense_1/kernel:0"], group["dense_1/bias:0"] = np.ones((3, 2), "f4"), np.zeros(2, "f4")
    return file


def with_kernel(path: Path, make: Callable[[h5py.Group], None]) -> None:
    """A checkpoint whose kernel is something else."""
    with valid(path) as file:
        inner = file["model_weights/dense_1/dense_1"]
        del inner["kernel:0"]
        make(inner)


def with_config(path: Path, config: str) -> None:
    with valid(path, config):
        pass


def with_names(path: Path, where: str, attribute: str, value: Any) -> None:
    with valid(path) as file:
        node = file[where]
        del node.attrs[attribute]
        if value is not None:
            node.attrs[attribute] = value


# Links and storage outside of the file


@kind("refused")
def external_link_to_a_weight(path: Path) -> None:
    with_kernel(path, lambda inner: inner.__setitem__("kernel:0", h5py.ExternalLink("/etc/passwd", "/x")))


@kind("refused")
def external_link_to_a_layer(path: Path) -> None:
    with valid(path) as file:
        del file["model_weights/dense_1"]
        file["model_weights/dense_1"] = h5py.ExternalLink("other.h5", "/dense_1")


@kind("refused")
def external_link_to_all_weights(path: Path) -> None:
    with valid(path) as file:
        del file["model_weights"]
        file["model_weights"] = h5py.ExternalLink("other.h5", "/model_weights")


@kind("refused")
def external_link_to_the_optimizer(path: Path) -> None:
    with valid(path) as file:
        file["optimizer_weights"] = h5py.ExternalLink("other.h5", "/")


@kind("refused")
def soft_link_to_a_weight(path: Path) -> None:
    with_kernel(path, lambda inner: inner.__setitem__("kernel:0", h5py.SoftLink("/model_weights/dense_1/dense_1/bias:0")))


@kind("refused")
def soft_link_to_itself(path: Path) -> None:
    with_kernel(path, lambda inner: inner.__setitem__("kernel:0", h5py.SoftLink("/model_weights/dense_1/dense_1/kernel:0")))


@kind("refused")
def external_storage_of_a_host_file(path: Path) -> None:
    with_kernel(path, lambda inner: inner.create_dataset("kernel:0", (3, 2), "f4", external=[("/etc/passwd", 0, 24)]))


@kind("refused")
def virtual_dataset(path: Path) -> None:
    layout = h5py.VirtualLayout((3, 2), "f4")
    layout[...] = h5py.VirtualSource("/etc/hostname", "x", (3, 2), "f4")
    with_kernel(path, lambda inner: inner.create_virtual_dataset("kernel:0", layout))


# Types that are no numbers


def _typed(name: str, dtype: Any, data: Any) -> None:
    @kind("refused")
    def make(path: Path) -> None:
        with_kernel(path, lambda inner: inner.create_dataset("kernel:0", data=data, dtype=dtype))

    KINDS[f"weight_of_{name}"] = KINDS.pop("make")


_typed("text", h5py.string_dtype(), ["a", "b"])
_typed("fixed_text", "S8", [b"a", b"b"])
_typed("varying_length", h5py.vlen_dtype(np.int32), np.array([np.arange(3, dtype=np.int32), np.arange(2, dtype=np.int32)], object))
_typed("records", np.dtype([("a", "f4"), ("b", "i4")]), np.zeros(3, [("a", "f4"), ("b", "i4")]))
_typed("complex_numbers", "c8", np.zeros((3, 2), "c8"))
_typed("opaque_bytes", np.dtype("V4"), np.zeros(3, "V4"))


@kind("refused")
def weight_of_references(path: Path) -> None:
    def make(inner: h5py.Group) -> None:
        inner.create_dataset("kernel:0", (2,), h5py.ref_dtype)[0] = inner.file["model_weights"].ref

    with_kernel(path, make)


# Bombs


@kind("refused")
def terabyte_of_nothing(path: Path) -> None:
    with_kernel(path, lambda inner: inner.create_dataset("kernel:0", (1 << 19, 1 << 19), "f4", chunks=(1 << 10, 1 << 10)))


@kind("refused")
def contiguous_terabyte_never_stored(path: Path) -> None:
    with_kernel(path, lambda inner: inner.create_dataset("kernel:0", (1 << 19, 1 << 19), "f4"))


@kind("refused")
def deflated_zeros(path: Path) -> None:
    with_kernel(path, lambda inner: inner.create_dataset("kernel:0", data=np.zeros(1 << 24, "f4"), chunks=(1 << 22,), compression="gzip"))


@kind("refused")
def one_gigantic_chunk(path: Path) -> None:
    with_kernel(path, lambda inner: inner.create_dataset("kernel:0", (1 << 20, 900), "f4", chunks=(1 << 20, 900), compression="gzip"))


@kind("refused")
def thirty_two_dimensions(path: Path) -> None:
    with_kernel(path, lambda inner: inner.create_dataset("kernel:0", data=np.zeros((1,) * 32, "f4")))


@kind("refused")
def one_dataset_under_many_names(path: Path) -> None:
    with valid(path) as file:
        group = file["model_weights/dense_1"]
        group["big"] = np.zeros(1 << 19, "f4")
        names = [f"w{index}" for index in range(3000)]
        for name in names:
            group[name] = group["big"]
        group.attrs["weight_names"] = np.array(names, "S8")


@kind("ok")
def one_name_listed_many_times(path: Path) -> None:
    with_names(path, "model_weights/dense_1", "weight_names", np.array([b"dense_1/kernel:0"] * 1000))


@kind("refused")
def a_hundred_thousand_layer_names(path: Path) -> None:
    with valid(path) as file:
        del file["model_weights"].attrs["layer_names"]
        for number in range(60):
            file["model_weights"].attrs.create(f"layer_names{number}", np.array(["x"] * 2000, object), dtype=h5py.string_dtype())


@kind("damaged")
def layers_that_are_not_there(path: Path) -> None:
    with_config(path, "{" * 10)


@kind("ok")
def group_that_holds_itself(path: Path) -> None:
    with valid(path) as file:
        file["model_weights/dense_1/loop"] = file["model_weights/dense_1"]
        file["model_weights/dense_1"].attrs["weight_names"] = [b"loop/loop/loop/dense_1/kernel:0"]


@kind("refused")
def path_through_a_loop(path: Path) -> None:
    with valid(path) as file:
        file["model_weights/dense_1/loop"] = file["model_weights/dense_1"]
        file["model_weights/dense_1"].attrs["weight_names"] = [("loop/" * 2000 + "dense_1/kernel:0").encode()]


# Names


def _named(name: str, value: bytes, outcome: str = "ok") -> None:
    @kind(outcome)
    def make(path: Path) -> None:
        with_names(path, "model_weights/dense_1", "weight_names", np.array([value, b"dense_1/bias:0"]))

    KINDS[f"weight_named_{name}"] = KINDS.pop("make")


_named("by_dots", b"../../keras_version")
_named("by_an_absolute_path", b"/model_weights/dense_1/dense_1/kernel:0")
_named("with_escapes", b"\x1b[2J\x1b]0;x\x07kernel:0")
_named("with_bad_utf8", b"\xff\xfe\xfd")
_named("empty", b"")
_named("very_long", b"k" * 20_000)


@kind("damaged")
def layer_names_as_numbers(path: Path) -> None:
    with_names(path, "model_weights", "layer_names", np.arange(4))


@kind("refused")
def layer_names_as_records(path: Path) -> None:
    with_names(path, "model_weights", "layer_names", np.zeros(2, [("a", "i4")]))


@kind("damaged")
def layer_names_missing(path: Path) -> None:
    with_names(path, "model_weights", "layer_names", None)


@kind("ok")
def layer_names_empty(path: Path) -> None:
    with_names(path, "model_weights", "layer_names", np.zeros(0))


@kind("ok")
def layer_that_is_a_dataset(path: Path) -> None:
    with valid(path) as file:
        del file["model_weights/dense_1"]
        file["model_weights/dense_1"] = np.zeros(3)


@kind("ok")
def weight_that_is_a_group(path: Path) -> None:
    with_kernel(path, lambda inner: inner.create_group("kernel:0"))


@kind("ok")
def weight_that_is_a_named_type(path: Path) -> None:
    with_kernel(path, lambda inner: inner.__setitem__("kernel:0", np.dtype("f4")))


# Attributes


@kind("refused")
def config_as_a_reference(path: Path) -> None:
    with valid(path) as file:
        file.attrs.create("model_config", file["model_weights"].ref, dtype=h5py.ref_dtype)


@kind("damaged")
def config_as_a_number(path: Path) -> None:
    with valid(path) as file:
        del file.attrs["model_config"]
        file.attrs["model_config"] = 3


@kind("ok")
def version_as_an_empty_attribute(path: Path) -> None:
    with valid(path) as file:
        del file.attrs["keras_version"]
        file.attrs["keras_version"] = h5py.Empty("S1")


@kind("refused")
def attribute_of_varying_length_numbers(path: Path) -> None:
    with valid(path) as file:
        data = np.empty(2, object)
        data[:] = [np.arange(3, dtype=np.int32), np.arange(2, dtype=np.int32)]
        file["model_weights"].attrs.create("layer_names", data, (2,), h5py.vlen_dtype(np.int32))


# Configs


def _config(name: str, outcome: str, config: Callable[[], str]) -> None:
    @kind(outcome)
    def make(path: Path) -> None:
        with_config(path, config())

    KINDS[f"config_{name}"] = KINDS.pop("make")


def nested(depth: int) -> str:
    layer: Any = dense()
    for level in range(depth):
        layer = {"class_name": "Sequential", "config": {"name": f"s{level}", "layers": [layer]}}
    return json.dumps(layer)


def functional(*edges: tuple[str, str]) -> str:
    layers = [{**dense(name), "name": name, "inbound_nodes": [[[source, 0, 0, {}]]]} for source, name in edges]
    return json.dumps({"class_name": "Model", "config": {"name": "m", "layers": layers, "input_layers": [], "output_layers": []}})


_config("no_json", "damaged", lambda: "not json")
_config("cut_off", "damaged", lambda: model()[:-20])
_config("a_list", "damaged", lambda: "[1, 2]")
_config("a_number", "damaged", lambda: "17")
_config("null", "ok", lambda: "null")
_config("without_layers", "damaged", lambda: '{"class_name": "Model", "config": {}}')
_config("layers_of_numbers", "damaged", lambda: '{"class_name": "Sequential", "config": [1, 2]}')
_config("deep_lists", "refused", lambda: "[" * 5000 + "]" * 5000)
_config("deep_objects", "refused", lambda: '{"a":' * 5000 + "1" + "}" * 5000)
_config("deep_models", "refused", lambda: nested(150))
_config(
    "huge_number",
    "damaged",
    lambda: '{"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"units": 1' + "0" * 9999 + "}}]}",
)
_config("not_a_number", "ok", lambda: model(dense(units=float("nan"))))
_config("cycle", "ok", lambda: functional(("b", "a"), ("a", "b"), ("a", "dense_1")))
_config("unknown_source", "ok", lambda: functional(("nobody", "dense_1")))
_config("names_of_wrong_type", "ok", lambda: model({"class_name": 7, "config": {"name": ["x"]}}, {"class_name": "Dense", "config": None}))
_config(
    "inbound_of_wrong_type",
    "ok",
    lambda: json.dumps({"class_name": "Model", "config": {"layers": [{**dense(), "inbound_nodes": {"a": 1}}]}}),
)
_config("wrapper_of_wrong_type", "ok", lambda: model({"class_name": "Bidirectional", "config": {"name": "b", "layer": 3}}))
_config("same_name_often", "ok", lambda: model(*[dense()] * 500))
_config("thousands_of_layers", "ok", lambda: model(*(dense(f"dense_{index}") for index in range(4000))))
_config("many_custom_layers", "ok", lambda: model(*({"class_name": f"C{i}", "config": {"name": f"c{i}_1"}} for i in range(600))))
_config("name_of_a_megabyte", "ok", lambda: model(dense("x" * (1 << 20))))
_config("number_of_a_thousand_digits_in_a_name", "ok", lambda: model(dense("dense_" + "9" * 3000), dense("dense_1")))
_config("gap_of_a_billion", "ok", lambda: model(dense("dense_1"), {"class_name": "C", "config": {"name": "c"}}, dense("dense_999999999")))
_config("module_to_import", "ok", lambda: model({"module": "os", "class_name": "system", "config": {"command": f"touch {CANARY}"}}))
_config(
    "lambda_with_code",
    "ok",
    lambda: model(dense(), {"class_name": "Lambda", "config": {"function": ["4wEAAAA=", None, None], "name": "l"}}),
)
_config("lambda_by_name", "ok", lambda: model({"class_name": "Lambda", "config": {"function": f"__import__('os').mknod('{CANARY}')"}}))
_config("file_as_argument", "ok", lambda: model({"class_name": "StringLookup", "config": {"name": "x", "vocabulary": "/etc/passwd"}}))


# Damage


def _damaged(name: str, change: Callable[[bytes], bytes], outcome: str = "damaged") -> None:
    @kind(outcome)
    def make(path: Path) -> None:
        buffer = io.BytesIO()
        valid(buffer).close()
        path.write_bytes(change(buffer.getvalue()))

    KINDS[f"file_{name}"] = KINDS.pop("make")


_damaged("empty", lambda data: b"")
_damaged("signature_alone", lambda data: data[:8])
_damaged("half", lambda data: data[: len(data) // 2])
_damaged("without_its_last_byte", lambda data: data[:-1])
_damaged("garbage_behind_signature", lambda data: data[:8] + bytes(range(256)) * 8)
_damaged("superblock_of_ones", lambda data: data[:8] + b"\xff" * 88 + data[96:])
_damaged("with_a_user_block", lambda data: data, "ok")
_damaged("text", lambda data: b"just some text\n")
_damaged("html", lambda data: b"<!DOCTYPE html><script>alert(1)</script>")
_damaged("lfs_pointer", lambda data: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
_damaged("json", lambda data: model().encode())
_damaged("pickle", lambda data: pickle.dumps(Canary()))
_damaged("zeros", lambda data: b"\0" * 4096)


class Canary:
    """Whoever unpickles this makes the canary."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mknod, (CANARY,))


@kind("damaged")
def checksum_that_is_wrong(path: Path) -> None:
    marker = np.arange(512, dtype="f4") + 0.25
    with_kernel(path, lambda inner: inner.create_dataset("kernel:0", data=marker, chunks=(512,), fletcher32=True))
    data = path.read_bytes()
    place = data.index(marker.tobytes()[:64])
    path.write_bytes(data[:place] + b"\x55" + data[place + 1 :])


@kind("damaged")
def deflate_stream_of_garbage(path: Path) -> None:
    with_kernel(
        path,
        lambda inner: inner.create_dataset("kernel:0", (64,), "f4", chunks=(64,), compression="gzip").id.write_direct_chunk(
            (0,), b"x" * 200
        ),
    )


@kind("refused")
def unknown_filter(path: Path) -> None:
    def make(inner: h5py.Group) -> None:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((6,))
        plist.set_filter(305, h5py.h5z.FLAG_OPTIONAL, ())
        space = h5py.h5s.create_simple((6,))
        h5py.h5d.create(inner.id, b"kernel:0", h5py.h5t.IEEE_F32LE, space, plist)

    with_kernel(path, make)


@kind("refused")
def scaled_integers_filter(path: Path) -> None:
    with_kernel(path, lambda inner: inner.create_dataset("kernel:0", data=np.arange(64), chunks=(64,), scaleoffset=4))


@kind("none")
def hdf5_of_something_else(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["spectra"] = np.zeros(3)


@kind("damaged")
def config_without_weights(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = model()


# Archives


def archive(path: Path, members: Iterable[tuple[zipfile.ZipInfo | str, bytes]], compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in members:
            file.writestr(name, data)


def v3(change: Callable[[h5py.File], None] = lambda file: None) -> list[tuple[zipfile.ZipInfo | str, bytes]]:
    """The members of a sound `.keras` archive."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        group = file.create_group("layers/dense/vars")
        group["0"], group["1"] = np.ones((3, 2), "f4"), np.zeros(2, "f4")
        change(file)
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "s", "layers": [{"module": "keras.layers", **dense("dense")}]},
    }
    return [
        ("metadata.json", b'{"keras_version": "3.15.1"}'),
        ("config.json", json.dumps(config).encode()),
        ("model.weights.h5", buffer.getvalue()),
    ]


def _archive(name: str, outcome: str, members: Callable[[], Any], compression: int = zipfile.ZIP_STORED) -> None:
    @kind(outcome)
    def make(path: Path) -> None:
        archive(path, members(), compression)

    KINDS[f"archive_{name}"] = KINDS.pop("make")


def linked(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


_archive("valid", "ok", v3)
_archive("compressed", "ok", v3, zipfile.ZIP_DEFLATED)
_archive("empty", "damaged", list)
_archive("without_weights", "damaged", lambda: v3()[:2])
_archive("of_arrays", "damaged", lambda: [("a.npy", b"\x93NUMPY")])
_archive("climbing_out", "refused", lambda: [*v3(), ("../../evil", b"x")])
_archive("absolute_member", "refused", lambda: [*v3(), ("/tmp/evil", b"x")])
_archive("with_a_pickle", "refused", lambda: [*v3(), ("hook.pkl", pickle.dumps(Canary()))])
_archive("with_a_link", "refused", lambda: [*v3(), (linked("link"), b"/etc/passwd")])
_archive("many_members", "refused", lambda: [*v3(), *((f"assets/{index}", b"") for index in range(5000))])
_archive("bomb_in_json", "refused", lambda: [*v3()[:1], ("config.json", b" " * (300 << 20)), v3()[2]], zipfile.ZIP_DEFLATED)
_archive("bomb_in_assets", "refused", lambda: [*v3(), ("assets/zeros", b"\0" * (300 << 20))], zipfile.ZIP_DEFLATED)
_archive("deep_config", "refused", lambda: [("config.json", b"[" * 5000 + b"]" * 5000), v3()[2]])
_archive("config_of_nonsense", "damaged", lambda: [("config.json", b"\xff\xfe"), v3()[2]])
_archive("weights_of_nonsense", "damaged", lambda: [*v3()[:2], ("model.weights.h5", b"nonsense")])
_archive(
    "external_link", "refused", lambda: v3(lambda file: file.__setitem__("layers/dense/vars/2", h5py.ExternalLink("/etc/passwd", "/")))
)
_archive("soft_link", "refused", lambda: v3(lambda file: file.__setitem__("layers/dense/vars/2", h5py.SoftLink("/layers"))))


@kind("refused")
def archive_naming_a_member_twice(path: Path) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive(path, [*v3(), v3()[1]])


@kind("damaged")
def archive_cut_off(path: Path) -> None:
    archive(path, v3())
    path.write_bytes(path.read_bytes()[:-40])


@kind("damaged")
def archive_with_a_wrong_checksum(path: Path) -> None:
    archive(path, v3())
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"units": 2', b'"units": 9', 1))


@kind("damaged")
def archive_encrypted(path: Path) -> None:
    archive(path, v3())
    data = bytearray(path.read_bytes())
    place = -1
    while (place := data.find(b"PK\x01\x02", place + 1)) >= 0:
        data[place + 8] |= 1
    path.write_bytes(bytes(data))


# What is no regular file


@kind("damaged")
def missing(path: Path) -> None:
    path.unlink(missing_ok=True)


@kind("damaged")
def folder(path: Path) -> None:
    path.mkdir()


@kind("damaged")
def pipe(path: Path) -> None:
    os.mkfifo(path)


@kind("damaged")
def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


@kind("damaged")
def link_to_an_endless_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@kind("damaged")
def listening_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(path.parent)
        listener.bind(path.name)


def endless_heap(path: Path) -> None:
    """A checkpoint whose heap of long texts goes on by steps of nothing: HDF5 1.14 reads it for ever. Not in KINDS: slow."""
    valid(path).close()
    data = path.read_bytes()
    start = data.index(b"GCOL") + 16
    path.write_bytes(data[:start] + bytes(2048) + data[start + 2048 :])
