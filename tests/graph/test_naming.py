from typing import Any

import pytest

from layerfix.graph.naming import Made, Scopes, attribute_paths, holding_order, layer_names, unit_scope


def _names(*made: tuple[str, str | None]) -> list[str]:
    subjects = [object() if name is None else None for _, name in made]
    sequence = [Made(cls, name, subject) for (cls, name), subject in zip(made, subjects, strict=True)]
    found = layer_names(sequence, unnumbered_first=False)
    return [found[id(subject)] for subject in subjects if subject is not None]


def test_hidden_layers_fill_the_gap_between_known_numbers() -> None:
    assert _names(("Conv1D", "conv1d_1"), ("Conv1D", None), ("Conv1D", "conv1d_3")) == ["conv1d_2"]


def test_a_leading_hidden_layer_stands_below_the_next_known_number() -> None:
    assert _names(("Dense", None), ("Dense", None), ("Dense", "dense_6")) == ["dense_4", "dense_5"]


def test_nested_calls_count_the_outer_layer_first() -> None:
    assert _names(("Dense", None), ("Dense", "dense_3"), ("Dense", "dense_2")) == ["dense_1"]


def test_numbers_without_a_known_one_start_at_one() -> None:
    assert _names(("Dense", None), ("Dense", None)) == ["dense_1", "dense_2"]


def test_tf_keras_leaves_the_first_without_a_number() -> None:
    subject = object()
    assert layer_names([Made("Dense", None, subject)], unnumbered_first=True) == {id(subject): "dense"}


def test_a_second_variable_of_one_name_gets_a_number() -> None:
    scopes = Scopes()
    scopes.enter("refine_1")
    assert [scopes.unique("kernel"), scopes.unique("kernel"), scopes.unique("kernel")] == [
        "refine_1/kernel",
        "refine_1/kernel_1",
        "refine_1/kernel_2",
    ]


def test_unnumbered_first_names_count_from_the_first_of_a_session() -> None:
    first, second = object(), object()
    found = layer_names([Made("Dense", None, first), Made("Dense", "dense_1"), Made("Dense", None, second)], unnumbered_first=True)
    assert [found[id(first)], found[id(second)]] == ["dense", "dense_2"]


def test_a_name_of_its_own_takes_no_number() -> None:
    own, hidden = object(), object()
    found = layer_names([Made("Dense", "dense_1"), Made("Dense", "mine", own), Made("Dense", None, hidden)], unnumbered_first=False)
    assert [found[id(own)], found[id(hidden)]] == ["mine", "dense_2"]


def test_classes_are_counted_apart_by_the_names_that_keras_gives_them() -> None:
    assert _names(("Conv1D", None), ("Dense", None), ("MyConv", None), ("LSTM", "lstm_4"), ("LSTM", None)) == [
        "conv1d_1", "dense_1", "my_conv_1", "lstm_5",
    ]  # fmt: skip


def test_scopes_inside_each_other_are_left_again_and_told_apart_whatever_their_case() -> None:
    scopes = Scopes()
    scopes.enter("a")
    scopes.enter("b")
    assert scopes.unique("kernel") == "a/b/kernel"
    scopes.leave()
    scopes.enter("b")
    assert scopes.unique("kernel") == "a/b_1/kernel"
    scopes.leave()
    scopes.enter("B")
    assert scopes.unique("kernel") == "a/B_2/kernel"
    scopes.leave()
    scopes.leave()
    assert [scopes.unique("a_1"), scopes.unique("a"), scopes.unique("a")] == ["a_1", "a_2", "a_3"]


@pytest.mark.parametrize(
    ("role", "inner", "expected"),
    [
        ("kernel", {}, ("", "kernel")),
        ("forward/kernel", {"forward": "forward_lstm_1"}, ("forward_lstm_1", "kernel")),
        ("backward/bias", {"forward": "forward_lstm_1"}, ("", "bias")),
    ],
)
def test_a_bidirectional_s_weights_stand_in_a_scope_of_their_layer(role: str, inner: dict[str, str], expected: tuple[str, str]) -> None:
    assert unit_scope(role, inner) == expected


class Holder:
    """Keeps things as user classes do."""

    def __init__(self, **held: Any) -> None:
        vars(self).update(held)


def test_a_subject_is_found_wherever_an_attribute_holds_it() -> None:
    one, two, three, four, five = (object() for _ in range(5))
    owner = Holder(dense=one, blocks=[Holder(value=two)], by_name={"a": (three,)}, _hidden=four, events=[five])
    found = attribute_paths(owner, [one, two, three, four, five])
    assert found == {id(one): "dense", id(two): "blocks/0/value", id(three): "by_name/a/0", id(four): "_hidden"}


def test_a_public_name_is_told_before_a_private_one_and_circles_end() -> None:
    shared = object()
    owner = Holder(_first=shared, second=shared)
    owner.me = owner  # type: ignore[attr-defined]
    assert attribute_paths(owner, [shared]) == {id(shared): "second"}


def test_what_an_object_holds_stands_as_it_was_set_and_what_that_holds_right_behind_it() -> None:
    """As tf.keras and Keras 2.3 list sublayers, a dict's by their keys."""
    late, early, inner, first, second, stray = (Holder() for _ in range(6))
    early.inside = inner  # type: ignore[attr-defined]
    owner = Holder(_early=early, by_name={"b": second, "a": [first]}, late=late, again=inner)
    found = holding_order(owner, [late, early, inner, first, second, stray])
    assert sorted(found, key=lambda one: found[one]) == [id(one) for one in (early, inner, first, second, late)]
