"""SavedModel folders, TensorFlow checkpoints and TensorFlow.js models as records; what is damaged or hostile is refused in a sentence."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.containers.tensors import open_tensors
from layerfix.disk.hashing import file_sha256
from layerfix.disk.paths import checkpoints
from layerfix.errors import HostileError, NoCheckpointError, ReadError, UsageError

FOLDERS = Path(__file__).parents[1] / "migrate" / "containers"


@pytest.fixture
def browser(tmp_path):
    """A TensorFlow.js model that may be changed."""
    return shutil.copytree(FOLDERS / "tf215-nested_frozen-js", tmp_path / "js") / "model.json"


def changed(path, change):
    stated = json.loads(path.read_text())
    change(stated)
    path.write_text(json.dumps(stated))
    return path


def test_saved_model_lists_weights_slots_and_training_as_an_h5_file_does():
    found = read(FOLDERS / "tf21-adagrad-sm" / "sm")
    assert (found.format, found.keras_version) == ("saved-model", "2.3.0-tf")
    assert [weight.name for weight in found.weights] == ["dense/kernel:0", "dense/bias:0", "dense_1/kernel:0", "dense_1/bias:0"]
    assert [slot.name for slot in found.optimizer.weights][:2] == ["Adagrad/iter:0", "Adagrad/dense/kernel/accumulator:0"]
    assert found.training_config["loss"] == "mse"


def test_vocabulary_comes_from_the_table_or_from_the_graph():
    for case in ("tf24-string_adapted-sm", "tf213-string_adapted-sm"):
        layers = read(FOLDERS / case / "sm").config["config"]["layers"]
        lookup = next(layer for layer in layers if layer["class_name"] == "StringLookup")
        assert lookup["config"]["vocabulary"][-3:] == ["oak", "elm", "fir"], case


def test_a_walk_finds_each_container_once(tmp_path):
    for case in ("tf21-adagrad-sm", "tf215-twins-ckpt", "tf215-nested_frozen-js"):
        shutil.copytree(FOLDERS / case, tmp_path / case)
    found = [path.relative_to(tmp_path).as_posix() for path, _ in checkpoints([tmp_path])]
    assert found == ["tf21-adagrad-sm/sm", "tf215-nested_frozen-js/model.json", "tf215-twins-ckpt/cp.ckpt"]


@pytest.mark.parametrize("named", ["cp.ckpt", "cp.ckpt.index", "cp.ckpt.data-00000-of-00001"])
def test_a_checkpoint_is_known_by_any_of_its_files(named):
    found = read(FOLDERS / "tf215-twins-ckpt" / named, architecture=FOLDERS / "tf215-twins-ckpt" / "model.json")
    assert found.path.name == "cp.ckpt"
    assert [layer.name for layer in found.layers if layer.weights] == ["a_part", "b_part"]


def test_the_hash_of_a_folder_changes_with_any_of_its_files(tmp_path):
    folder = shutil.copytree(FOLDERS / "tf21-adagrad-sm" / "sm", tmp_path / "sm")
    before = file_sha256(folder)
    data = next(folder.glob("variables/*.data-*"))
    data.write_bytes(data.read_bytes()[:-1] + b"x")
    assert file_sha256(folder) != before


def test_chunks_of_a_tensor_are_the_tensor(browser):
    found = read(browser)
    with open_tensors(found) as tensors:
        for weight in found.weights:
            whole = tensors.read(weight.key)
            pieces = [piece.reshape(-1) for piece in tensors.chunks(weight.key, limit=16)]
            assert np.array_equal(np.concatenate(pieces), whole.reshape(-1)), weight
    assert len(found.weights) == 22


def test_weights_of_a_browser_model_are_known_by_the_layers_that_are_wrapped():
    found = read(FOLDERS / "tf210-time_distributed-js" / "model.json")
    assert [len(layer.weights) for layer in found.layers if layer.weights] == [2, 4]


def test_layers_of_another_model_are_refused():
    with pytest.raises(ReadError, match="layers in its config and"):
        read(FOLDERS / "tf215-twins-ckpt" / "cp.ckpt", architecture=FOLDERS / "tf215-many_ends-ckpt" / "model.json")


@pytest.mark.parametrize("name", ["../weights.bin", "/etc/passwd", "C:\\weights.bin"])
def test_a_model_that_names_files_elsewhere_is_refused(browser, name):
    changed(browser, lambda stated: stated["weightsManifest"][0]["paths"].insert(0, name))
    with pytest.raises(HostileError, match="not beside it"):
        read(browser)


def test_missing_and_short_shards_are_told(browser):
    shard = next(browser.parent.glob("*.bin"))
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-8])
    with pytest.raises(ReadError, match="is cut off"):
        read(browser)
    shard.unlink()
    with pytest.raises(ReadError, match="cannot be opened"):
        read(browser)


def test_a_graph_model_is_told_as_such(browser):
    changed(browser, lambda stated: stated.update(format="graph-model"))
    with pytest.raises(NoCheckpointError, match="no Keras architecture"):
        read(browser)


@pytest.mark.parametrize("keep", [0, 20, 60])
def test_a_cut_index_is_damaged_and_no_crash(tmp_path, keep):
    folder = shutil.copytree(FOLDERS / "tf215-twins-ckpt", tmp_path / "ckpt")
    index = folder / "cp.ckpt.index"
    index.write_bytes(index.read_bytes()[:keep])
    with pytest.raises(ReadError, match="damaged"):
        read(folder / "cp.ckpt")


def test_a_saved_model_without_its_variables_is_told_as_such(tmp_path):
    folder = shutil.copytree(FOLDERS / "tf21-adagrad-sm" / "sm", tmp_path / "sm")
    shutil.rmtree(folder / "variables")
    with pytest.raises(ReadError, match=r"variables/variables\.index is missing"):
        read(folder)


def test_a_saved_model_with_any_byte_flipped_is_read_or_refused(tmp_path):
    folder = shutil.copytree(FOLDERS / "tf21-adagrad-sm" / "sm", tmp_path / "sm")
    refused = 0
    for name, steps in (("saved_model.pb", 60), ("variables/variables.index", 60)):
        file = folder / name
        whole = file.read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // steps)):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
            try:
                read(folder)
            except ReadError:
                refused += 1
        file.write_bytes(whole)
    assert refused > 10


def test_an_architecture_belongs_to_weights_alone():
    with pytest.raises(UsageError, match="its own architecture"):
        read(FOLDERS / "tf21-adagrad-sm" / "sm", architecture=FOLDERS / "tf215-twins-ckpt" / "model.json")


def test_yaml_that_asks_for_python_is_refused(tmp_path):
    yaml = tmp_path / "model.yaml"
    yaml.write_text("class_name: !!python/object/apply:os.getcwd []\nconfig: {layers: []}\n")
    with pytest.raises(HostileError, match="more than plain data"):
        read(FOLDERS / "tf21-nested-ckpt" / "cp.ckpt", architecture=yaml)


@pytest.mark.slow
def test_yaml_that_unfolds_without_end_is_refused(tmp_path):
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    (tmp_path / "model.yaml").write_text(f"class_name: Model\na0: &a0 [x]\n{levels}\n")
    with pytest.raises(HostileError, match="unfold"):
        read(FOLDERS / "tf21-nested-ckpt" / "cp.ckpt", architecture=tmp_path / "model.yaml")


def _renamed_weights(model: Path, folder: Path, ending: str) -> Path:
    shutil.copytree(model, folder)
    stated = json.loads((folder / "model.json").read_text())
    for group in stated["weightsManifest"]:
        for weight in group["weights"]:
            owner, _, role = weight["name"].partition("/")
            weight["name"] = f"{owner}{ending}/{role}"
    (folder / "model.json").write_text(json.dumps(stated))
    return folder / "model.json"


def test_weights_of_a_browser_model_named_in_a_second_session_are_those_of_its_layers(tmp_path):
    """A session that loads a model twice calls the second `dense` "dense_1"; the converter wrote the variables' names."""
    model = FOLDERS / "tf215-crops-js"
    plain, renamed = read(model / "model.json"), read(_renamed_weights(model, tmp_path / "again", "_1"))
    with open_tensors(plain) as first, open_tensors(renamed) as second:
        pairs = [(first.read(mine), second.read(its)) for mine, its in zip(plain.places, renamed.places, strict=True)]
    assert len(pairs) > 2
    assert [layer.name for layer in renamed.layers] == [layer.name for layer in plain.layers]
    assert all(np.array_equal(mine, its) for mine, its in pairs)


def test_a_weight_of_no_layer_of_a_browser_model_is_named(tmp_path):
    with pytest.raises(ReadError, match=r"its weight '\w+\.other/\w+' could be that of no layer"):
        read(_renamed_weights(FOLDERS / "tf215-crops-js", tmp_path / "other", ".other"))
