"""Groups of v3 files are found by Keras' own naming rule, each release's own, never by their order."""

import pytest

from layerfix.containers.groups import Groups, homes
from layerfix.errors import ReadError


def layer(class_name, name, **config):
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}}


def functional(*layers, name="model"):
    listed = {"name": name, "layers": list(layers), "input_layers": [], "output_layers": []}
    return {"class_name": "Functional", "name": name, "config": listed}


def groups(*paths, names=None):
    parents = {"/".join(path.split("/")[:depth]) for path in paths for depth in range(1, path.count("/") + 2)}
    return Groups(frozenset(parents), frozenset(path for path in paths if "dropout" not in path and "input" not in path), names or {})


def test_keras_3_counts_the_layers_of_a_class_in_the_models_order():
    config = functional(layer("Conv2DTranspose", "z"), layer("Dense", "b"), layer("Conv2D", "a"), layer("Dense", "c"))
    held = groups("layers/conv2d_transpose", "layers/conv2d", "layers/dense", "layers/dense_1")
    assert homes(config, held, "3.9.0") == {
        "z": "layers/conv2d_transpose", "a": "layers/conv2d", "b": "layers/dense", "c": "layers/dense_1",
    }  # fmt: skip


def test_keras_2_13_counts_a_layer_with_weights_twice():
    config = functional(layer("Dropout", "r"), layer("Dense", "a"), layer("Dropout", "s"), layer("Dense", "b"))
    base = "_layer_checkpoint_dependencies"
    held = groups(f"{base}/dropout", f"{base}/dropout_1", f"{base}/dense", f"{base}/dense_2")
    assert homes(config, held, "2.13.1") == {
        "r": f"{base}/dropout", "s": f"{base}/dropout_1", "a": f"{base}/dense", "b": f"{base}/dense_2",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("version", "container", "inside"),
    [
        ("2.13.1", "_layer_checkpoint_dependencies", "dense_2"),
        ("2.14.0", "_layer_checkpoint_dependencies", "dense"),
        ("2.15.0", "layers", "dense"),
        ("3.3.3", "layers", "dense_1"),
    ],
)
def test_a_shared_layer_is_where_it_was_saved_first(version, container, inside):
    shared = layer("Dense", "shared", units=4)
    config = functional(shared, functional(shared, layer("Dense", "own", units=4), name="inner"))
    held = groups(f"{container}/dense", f"{container}/functional/{container}/{inside}")
    found = homes(config, held, version)
    assert found["inner/shared"] == found["shared"] == f"{container}/dense"
    assert found["inner/own"] == f"{container}/functional/{container}/{inside}"


def test_a_model_in_a_wrapper_is_below_its_layer():
    part = functional(layer("Conv1D", "c"), name="part")
    config = functional({"class_name": "TimeDistributed", "name": "t", "config": {"name": "t", "layer": part}})
    assert (
        homes(config, groups("layers/time_distributed/layer/layers/conv1d"), "3.0.5")["t/c"]
        == "layers/time_distributed/layer/layers/conv1d"
    )


def test_a_layer_whose_group_is_gone_is_left_out_and_no_other_takes_its_place():
    config = functional(layer("Dense", "a"), layer("Dense", "b"), layer("Dense", "c"))
    assert homes(config, groups("layers/dense", "layers/dense_2"), "2.15.0") == {"a": "layers/dense", "c": "layers/dense_2"}


def test_behind_a_gap_no_number_is_guessed_where_layers_count_once_or_twice():
    base = "_layer_checkpoint_dependencies"
    config = functional(layer("Dense", "a"), layer("Dense", "b"), layer("Dense", "c"))
    assert homes(config, groups(f"{base}/dense", f"{base}/dense_4"), "2.13.1") == {"a": f"{base}/dense"}


def test_recorded_names_in_another_order_are_refused():
    config = functional(layer("Dense", "a"), layer("Dense", "b"))
    held = groups("layers/dense", "layers/dense_1", names={"layers/dense": "b", "layers/dense_1": "a"})
    with pytest.raises(ReadError, match="layer 'a' where the weights are those of layer 'b'"):
        homes(config, held, "3.15.1")


def test_names_of_another_session_are_no_contradiction():
    config = functional(layer("Dense", "dense_1"), layer("Dense", "dense_2"))
    held = groups("layers/dense", "layers/dense_1", names={"layers/dense": "dense", "layers/dense_1": "dense_1"})
    assert homes(config, held, "3.15.1") == {"dense_1": "layers/dense", "dense_2": "layers/dense_1"}
