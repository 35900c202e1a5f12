"""`layerfix.salvage`, and repairs of files that no library opens."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from layerfix.commands.repair import repair
from layerfix.commands.salvage import salvage
from layerfix.containers.reader import read
from layerfix.disk.hashing import file_sha256
from layerfix.errors import ReadError, UsageError, WriteError

MODELS = Path(__file__).parents[2] / "sample_models"
GENUINE = MODELS / "healthy-stock.h5"
OBJECT_BASED = Path(__file__).parents[1] / "containers" / "object_based"


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A genuine file without its last third."""
    path = tmp_path / "cut.h5"
    path.write_bytes(GENUINE.read_bytes()[: GENUINE.stat().st_size * 2 // 3])
    return path


def datasets(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, node: found.__setitem__(name, node[()].tobytes()) if isinstance(node, h5py.Dataset) else None)
    return found


def test_a_cut_file_becomes_a_healthy_one_with_what_is_whole(cut: Path, tmp_path: Path) -> None:
    before, output = file_sha256(cut), tmp_path / "new.h5"
    with pytest.raises(ReadError):
        read(cut)
    result = salvage(cut, output)
    assert file_sha256(cut) == before
    truth, kept = datasets(GENUINE), datasets(output)
    assert kept.keys() == {tensor.name for tensor in result.written}
    assert all(truth[name] == data for name, data in kept.items())
    assert read(output).config == read(GENUINE).config
    assert result.exit_code == 1
    assert {tensor.grade for tensor in result.written} == {"unverified"}


def test_a_file_that_is_whole_comes_back_whole(tmp_path: Path) -> None:
    result = salvage(GENUINE, tmp_path / "new.h5")
    assert result.exit_code == 0
    assert datasets(tmp_path / "new.h5") == datasets(GENUINE)
    assert [layer.name for layer in read(tmp_path / "new.h5").layers] == [layer.name for layer in read(GENUINE).layers]


def test_nothing_to_save_ends_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "noise.h5"
    path.write_bytes(np.random.default_rng(1).bytes(4096))
    with pytest.raises(ReadError, match="holds nothing that can be saved"):
        salvage(path, tmp_path / "new.h5")
    assert [entry.name for entry in tmp_path.iterdir()] == ["noise.h5"]


def test_outputs_are_not_overwritten_and_suffixes_must_fit(cut: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is written to a \.h5 or \.hdf5 file"):
        salvage(cut, tmp_path / "new.keras")
    with pytest.raises(WriteError):
        salvage(cut, cut, force=True)
    (tmp_path / "new.h5").write_bytes(b"mine")
    with pytest.raises(WriteError):
        salvage(cut, tmp_path / "new.h5")
    assert (tmp_path / "new.h5").read_bytes() == b"mine"


@pytest.mark.slow
def test_repair_fills_a_damaged_file_from_an_older_epoch_and_says_so(cut: Path, tmp_path: Path) -> None:
    older, output = tmp_path / "older.h5", tmp_path / "new.h5"
    shutil.copy(GENUINE, older)
    with h5py.File(older, "r+") as file:
        for path in [name for name in datasets(GENUINE) if name.startswith("model_weights")]:
            file[path][...] = file[path][...] * np.float32(0.5)
    result = repair(cut, donors=[older], output=output)
    truth, epoch, mixed = datasets(GENUINE), datasets(older), datasets(output)
    assert mixed.keys() == truth.keys()
    assert all(data in (truth[name], epoch[name]) for name, data in mixed.items())
    assert sum(data == truth[name] for name, data in mixed.items()) >= result.report.kept["tensors"]
    assert result.report.exit_code == 1
    assert result.report.verdict == "restored"
    assert "another epoch's" in result.report.summary
    assert result.report.source.path == str(cut)


def test_repair_of_a_damaged_file_without_a_donor_keeps_what_is_whole(cut: Path, tmp_path: Path) -> None:
    result = repair(cut, output=tmp_path / "new.h5")
    assert result.report.exit_code == 1
    assert result.report.verdict == "partial"
    assert len(datasets(tmp_path / "new.h5")) == result.report.kept["tensors"] > 0


@pytest.mark.parametrize("name", sorted({path.name.split(".index")[0] for path in OBJECT_BASED.glob("*.index")}))
def test_a_checkpoint_with_a_short_shard_gives_back_what_its_checksums_prove(name: str, tmp_path: Path) -> None:
    for path in OBJECT_BASED.glob(f"{name}.*"):
        shutil.copy(path, tmp_path / path.name)
    whole = salvage(tmp_path / name, tmp_path / "whole.npz")
    assert whole.exit_code == 0
    assert {tensor.grade for tensor in whole.tensors} == {"checksum"}
    shard = tmp_path / f"{name}.data-00000-of-00001"
    shard.write_bytes(shard.read_bytes()[:40])
    short = salvage(tmp_path / name, tmp_path / "short.npz")
    assert short.exit_code == 1
    with np.load(tmp_path / "whole.npz") as one, np.load(tmp_path / "short.npz") as two:
        assert 0 < len(two.files) < len(one.files)
        assert {two[key].tobytes() for key in two.files} < {one[key].tobytes() for key in one.files}


def epoch(path: Path, factor: float, *, without: str = "\0") -> Path:
    """The genuine file with other values, and without the layers of a name."""
    shutil.copy(GENUINE, path)
    with h5py.File(path, "r+") as file:
        for name in [name for name in datasets(GENUINE) if name.startswith("model_weights")]:
            file[name][...] = file[name][...] * np.float32(factor)
        for name in [name for name in file["model_weights"] if name.startswith(without)]:
            del file["model_weights"][name]
            layers = [layer for layer in file["model_weights"].attrs["layer_names"] if layer.decode() != name]
            file["model_weights"].attrs["layer_names"] = layers
    return path


@pytest.mark.slow
def test_of_several_donors_each_weight_says_which_epoch_it_is_from(cut: Path, tmp_path: Path) -> None:
    newer, oldest = epoch(tmp_path / "epoch2.h5", 0.5, without="dense"), epoch(tmp_path / "epoch1.h5", 0.25)
    result = repair(cut, donors=[newer, oldest], output=tmp_path / "new.h5")
    mixed, first, second = datasets(tmp_path / "new.h5"), datasets(oldest), datasets(newer)
    weights = {f"{layer.name}/{weight.name}": weight for layer in result.report.layers for weight in layer.weights}
    taken = {name: weight.evidence["donor"] for name, weight in weights.items() if weight.evidence}
    assert set(taken.values()) <= {"epoch1.h5", "epoch2.h5"}
    assert "epoch2.h5" in taken.values() or "epoch1.h5" in taken.values()
    for name, donor in taken.items():
        path = next(path for path in mixed if path.endswith(name))
        assert mixed[path] == (second if donor == "epoch2.h5" else first)[path]
    assert "another epoch's" in result.report.summary
    assert result.report.exit_code == 1


def test_a_cut_index_is_never_everything_though_all_that_it_still_lists_is_whole(tmp_path: Path) -> None:
    name = sorted({path.name.split(".index")[0] for path in OBJECT_BASED.glob("*.index")})[0]
    for path in OBJECT_BASED.glob(f"{name}.*"):
        shutil.copy(path, tmp_path / path.name)
    index = tmp_path / f"{name}.index"
    index.write_bytes(index.read_bytes()[: index.stat().st_size * 2 // 3])
    result = salvage(tmp_path / name, tmp_path / "out.npz")
    assert len(result.written) == len(result.tensors) > 0
    assert not result.complete
    assert result.exit_code == 1


def test_arrays_that_stood_behind_a_cut_may_have_been_more(tmp_path: Path) -> None:
    np.savez(tmp_path / "whole.npz", a=np.arange(500.0), b=np.arange(40.0))
    data = (tmp_path / "whole.npz").read_bytes()
    assert salvage(tmp_path / "whole.npz", tmp_path / "one.npz").exit_code == 0
    (tmp_path / "cut.npz").write_bytes(data[: data.find(b"PK\x03\x04", 4)])
    result = salvage(tmp_path / "cut.npz", tmp_path / "two.npz")
    assert [tensor.name for tensor in result.written] == ["a"]
    assert result.exit_code == 1
    assert any("other members" in note for note in result.notes)


def test_a_file_whose_end_is_missing_is_not_complete_whatever_is_known_of_it(tmp_path: Path) -> None:
    (tmp_path / "cut.h5").write_bytes(GENUINE.read_bytes()[:-1])
    assert salvage(tmp_path / "cut.h5", tmp_path / "out.h5").exit_code == 1
