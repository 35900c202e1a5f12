"""The names of stored weights tell the layer that each belongs to, or nothing."""

from layerfix.graph.stored_names import consistent, leaves_by_name

SIZES = {"first": 2, "second": 2}


def test_names_decide_against_the_order():
    names = ["dense_2/kernel:0", "dense_2/bias:0", "dense_1/kernel:0", "dense_1/bias:0"]
    aliases = {"first": ("dense_1",), "second": ("dense_2",)}
    assert leaves_by_name(names, aliases, SIZES) == ["second", "second", "first", "first"]


def test_a_number_that_tensorflow_gave_a_taken_name_is_no_other_layer():
    names = ["dense_1/kernel:0", "dense_1/bias:0", "dense_1_1/kernel:0", "dense_1_1/bias:0"]
    aliases = {"first": ("dense",), "second": ("dense_1",)}
    assert leaves_by_name(names, aliases, SIZES) == ["first", "first", "second", "second"]


def test_names_of_other_layers_decide_nothing():
    names = ["dense_7/kernel:0", "dense_7/bias:0", "dense_8/kernel:0", "dense_8/bias:0"]
    assert leaves_by_name(names, {"first": ("fc_a",), "second": ("fc_b",)}, SIZES) is None


def test_one_scope_is_one_layer_and_numbers_keep_their_order():
    aliases = {"first": ("dense_1",), "second": ("dense_2",)}
    leaves = ["first", "first", "second", "second"]
    assert consistent(["dense_7/kernel:0", "dense_7/bias:0", "dense_8/kernel:0", "dense_8/bias:0"], leaves, aliases)
    assert not consistent(["dense_8/kernel:0", "dense_8/bias:0", "dense_7/kernel:0", "dense_7/bias:0"], leaves, aliases)
    assert not consistent(["dense_7/kernel:0", "dense_8/bias:0", "dense_8/kernel:0", "dense_7/bias:0"], leaves, aliases)
