from __future__ import annotations

from layerfix.blueprint import Draw
from layerfix.containers.config import tree
from layerfix.rng.units import Unit, follows_numbering, units


def layer(name: str, *inputs: str, class_name: str = "Dense", config: object = None) -> dict[str, object]:
    """One entry of a functional config."""
    nodes = [[[source, 0, 0, {}] for source in inputs]] if inputs else []
    return {"class_name": class_name, "name": name, "config": config or {"name": name}, "inbound_nodes": nodes}


def model(*entries: dict[str, object]) -> dict[str, object]:
    return {"class_name": "Model", "config": {"name": "model_1", "layers": list(entries), "input_layers": [], "output_layers": []}}


def sequential(*names: str, name: str = "sequential_1") -> dict[str, object]:
    layers = [{"class_name": "Dense", "config": {"name": name}} for name in names]
    return {"class_name": "Sequential", "config": {"name": name, "layers": layers}}


def draws(*layers: str) -> list[Draw]:
    return [Draw("seed", name, f"{name}/kernel", (name, "kernel:0")) for name in layers]


def before(found: tuple[Unit, ...]) -> dict[str, set[str]]:
    return {unit.layer: {found[index].layer for index in unit.after} for unit in found}


def test_branches_may_come_in_either_order_but_after_what_feeds_them() -> None:
    config = model(layer("x", class_name="InputLayer"), layer("a", "x"), layer("b", "a"), layer("c", "a"), layer("d", "b", "c"))
    found = units(draws("a", "b", "c", "d"), tree(config))
    assert before(found) == {"a": set(), "b": {"a"}, "c": {"a"}, "d": {"a", "b", "c"}}


def test_layers_of_a_sequential_model_follow_one_another() -> None:
    found = units(draws("a", "b", "c"), tree(sequential("a", "b", "c")))
    assert before(found) == {"a": set(), "b": {"a"}, "c": {"a", "b"}}


def test_draws_of_one_layer_stay_together() -> None:
    two = [*draws("a"), Draw("seed", "a", "a/recurrent", None), *draws("b")]
    found = units(two, tree(sequential("a", "b")))
    assert [(unit.layer, len(unit.draws)) for unit in found] == [("a", 2), ("b", 1)]


def test_a_layer_behind_a_nested_model_comes_after_all_that_is_in_it() -> None:
    inner = sequential("a", "b", name="inner")
    nested = layer("inner", "x", class_name="Sequential", config=inner["config"])
    config = model(layer("x", class_name="InputLayer"), nested, layer("c", "inner"))
    found = units(draws("inner/a", "inner/b", "c"), tree(config))
    assert before(found) == {"inner/a": set(), "inner/b": {"inner/a"}, "c": {"inner/a", "inner/b"}}


def test_a_shared_layer_is_connected_when_its_first_input_exists() -> None:
    shared = {**layer("s"), "inbound_nodes": [[["a", 0, 0, {}]], [["b", 0, 0, {}]]]}
    config = model(layer("x", class_name="InputLayer"), layer("a", "x"), layer("b", "x"), shared)
    assert before(units(draws("a", "b", "s"), tree(config)))["s"] == {"a"}


def test_a_model_called_again_draws_after_its_first_call() -> None:
    inner = sequential("a", "b", name="inner")
    nested = layer("inner", "x", class_name="Sequential", config=inner["config"])
    config = model(layer("x", class_name="InputLayer"), nested, layer("c", "inner"))
    found = units(draws("inner/a", "inner/b", "inner/a", "c"), tree(config))
    assert found[2].layer == "inner/a"
    assert {0, 1} <= found[2].after


def test_automatic_numbers_tell_the_order_of_creation() -> None:
    made = [Unit(name, (), frozenset()) for name in ("conv1d_1", "model/dense_4", "conv1d_3", "conv1d_2")]
    assert follows_numbering(made[:3])
    assert not follows_numbering(made)
    assert follows_numbering([made[2], made[1]])
