"""Stored layers find their counterparts by evidence; what none decides is left open and named."""

import pytest

from layerfix.matching.match import ORDER, match
from layerfix.matching.records import Leaf, outside_cells

AUTOMATIC = frozenset({"dense", "conv2d", "lstm"})


def leaf(name, order=0, shapes=((6, 6), (6,)), attributes=(), roles=("kernel", "bias")):
    return Leaf(tuple(name.split("/")), roles[: len(shapes)], tuple(shapes), frozenset(attributes), order)


def told(matching):
    return {pair.stored.place: (pair.live.place, pair.reason) for pair in matching.pairs}


def test_attributes_decide_first():
    stored = [leaf("dense", attributes=["a"]), leaf("dense_1", attributes=["b"])]
    live = [leaf("net/dense", attributes=["b"]), leaf("net/dense_1", 1, attributes=["a"])]
    assert told(match(stored, live, AUTOMATIC)) == {
        "dense": ("net/dense_1", "the same attribute"),
        "dense_1": ("net/dense", "the same attribute"),
    }


def test_given_names_decide_whatever_the_order():
    stored, live = [leaf("one"), leaf("two", 1)], [leaf("two"), leaf("one", 1)]
    assert told(match(stored, live, AUTOMATIC)) == {"one": ("one", "the same name and path"), "two": ("two", "the same name and path")}


def test_equal_names_of_other_shapes_do_not_match():
    matching = match([leaf("head")], [leaf("head", shapes=((6, 9), (9,)))], AUTOMATIC)
    assert not matching.pairs
    assert (matching.unused[0].name, matching.missing[0].name) == ("head", "head")


def test_a_renamed_layer_of_unique_shapes_is_found():
    matching = match([leaf("head"), leaf("one", 1, ((2, 6), (6,)))], [leaf("logits"), leaf("one", 1, ((2, 6), (6,)))], AUTOMATIC)
    assert told(matching)["head"] == ("logits", "the only one of its shapes")


def test_renamed_layers_of_equal_shapes_are_not_guessed():
    matching = match([leaf("a"), leaf("b", 1)], [leaf("c"), leaf("d", 1)], AUTOMATIC)
    (choice,) = matching.choices
    assert ([x.name for x in choice.stored], [x.name for x in choice.live]) == (["a", "b"], ["c", "d"])
    assert not matching.complete


def test_order_decides_where_the_numbers_agree_with_it():
    matching = match([leaf("dense_7"), leaf("dense_8", 1)], [leaf("dense"), leaf("dense_1", 1)], AUTOMATIC)
    assert told(matching) == {"dense_7": ("dense", ORDER), "dense_8": ("dense_1", ORDER)}


@pytest.mark.parametrize(
    ("stored", "live"),
    [
        ([leaf("dense"), leaf("dense_1", 1)], [leaf("dense_1"), leaf("dense", 1)]),
        ([leaf("dense", -1), leaf("dense_1", -1)], [leaf("dense"), leaf("dense_1", 1)]),
        ([leaf("dense"), leaf("dense_1", 1)], [leaf("dense"), leaf("dense_1", 1), leaf("dense_2", 2)]),
        ([leaf("dense", roles=("0", "1"))], [leaf("lstm")]),
    ],
    ids=["made in another order", "a file without order", "one layer more", "another class"],
)
def test_order_alone_does_not_decide(stored, live):
    matching = match(stored, live, AUTOMATIC)
    assert not matching.pairs
    assert len(matching.choices) == 1


def test_positions_are_no_evidence_where_a_layer_was_added():
    stored = [leaf("", -1, attributes=["layers/dense"]), leaf("", -1, attributes=["layers/dense_1"])]
    live = [leaf(f"dense_{n}", n, attributes=[f"layers/dense_{n}" if n else "layers/dense"]) for n in range(3)]
    assert not match(stored, live, AUTOMATIC).pairs


def test_forward_and_backward_are_not_mixed_up():
    stored = [leaf("bi_1/backward_lstm_1"), leaf("bi_1/forward_lstm_1", 1)]
    live = [leaf("bi/forward_lstm"), leaf("bi/backward_lstm", 1)]
    assert {name: place for name, (place, _) in told(match(stored, live, AUTOMATIC)).items()} == {
        "bi_1/backward_lstm_1": "bi/backward_lstm",
        "bi_1/forward_lstm_1": "bi/forward_lstm",
    }
    assert outside_cells(("lstm", "lstm_cell")) == ("lstm",)
