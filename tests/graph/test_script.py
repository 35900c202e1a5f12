from typing import Any

from layerfix.containers.config import LayerNode
from layerfix.graph.script import script


def _node(name: str, class_name: str, *inbound: tuple[str, ...], children: tuple[LayerNode, ...] = ()) -> LayerNode:
    config: dict[str, Any] = {}
    return LayerNode(name, name, class_name, config, inbound, children, name)


def _order(*nodes: LayerNode) -> list[str]:
    return [step.node.name for step in script(nodes) if step.node.class_name != "InputLayer"]


def test_branches_are_written_one_after_the_other_by_their_numbers() -> None:
    nodes = (
        _node("input_1", "InputLayer"),
        _node("conv1d_3", "Conv1D", ("input_1",)),
        _node("conv1d_1", "Conv1D", ("input_1",)),
        _node("conv1d_4", "Conv1D", ("conv1d_3",)),
        _node("shift_1", "Shift", ("conv1d_1",)),
        _node("add_1", "Add", ("conv1d_4", "shift_1")),
    )
    assert _order(*nodes) == ["conv1d_1", "shift_1", "conv1d_3", "conv1d_4", "add_1"]


def test_interleaved_branches_follow_their_numbers() -> None:
    nodes = (
        _node("input_1", "InputLayer"),
        _node("conv1d_1", "Conv1D", ("input_1",)),
        _node("conv1d_2", "Conv1D", ("input_1",)),
        _node("conv1d_3", "Conv1D", ("conv1d_1",)),
        _node("conv1d_4", "Conv1D", ("conv1d_2",)),
        _node("add_1", "Add", ("conv1d_3", "conv1d_4")),
    )
    assert _order(*nodes) == ["conv1d_1", "conv1d_2", "conv1d_3", "conv1d_4", "add_1"]


def test_a_layer_called_twice_in_a_row_stands_above_itself() -> None:
    nodes = (
        _node("input_1", "InputLayer"),
        _node("smooth_1", "Smooth", ("input_1",), ("conv1d_1",)),
        _node("conv1d_1", "Conv1D", ("smooth_1",)),
    )
    steps = [(step.node.name, step.first) for step in script(nodes) if step.node.class_name != "InputLayer"]
    assert steps == [("smooth_1", True), ("conv1d_1", True), ("smooth_1", False)]


def test_a_nested_model_runs_its_layers_again_when_it_is_connected() -> None:
    inner = (_node("input_1", "InputLayer"), _node("dropout_1", "Dropout", ("input_1",)))
    nodes = (_node("input_2", "InputLayer"), _node("encoder", "Model", ("input_2",), children=inner))
    assert [step.first for step in script(nodes) if step.node.name == "dropout_1"] == [True, False]
