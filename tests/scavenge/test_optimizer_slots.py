"""What optimizers keep, against the lists that genuine files of each release hold of a model of two Dense layers."""

from __future__ import annotations

import re

import pytest

from layerfix.scavenge.slots import Family, slot_blocks, slot_names, slot_shapes

TRAINED = ("dense/kernel:0", "dense/bias:0")
TODAY = ("dense/kernel", "dense/bias")


def _written_out(short: str, mark: str) -> list[str]:
    """Names, with the kernel's for K and the bias' for B."""
    return [
        re.sub(r"\b(K|B)(?=$|[/:_])", lambda found: f"dense{mark}{'kernel' if found[1] == 'K' else 'bias'}", name) for name in short.split()
    ]


@pytest.mark.parametrize(
    ("family", "optimizer", "config", "expected"),
    [
        ("tf", "Adam", {"amsgrad": True}, "Adam/iter:0 Adam/K/m:0 Adam/B/m:0 Adam/K/v:0 Adam/B/v:0 Adam/K/vhat:0 Adam/B/vhat:0"),
        ("tf", "Nadam", {}, "Nadam/iter:0 Nadam/momentum_cache:0 Nadam/K/m:0 Nadam/B/m:0 Nadam/K/v:0 Nadam/B/v:0"),
        ("tf", "SGD", {"momentum": 0.0}, "SGD/iter:0"),
        ("tf", "RMSprop", {"centered": True}, "RMSprop/iter:0 RMSprop/K/rms:0 RMSprop/B/rms:0 RMSprop/K/mg:0 RMSprop/B/mg:0"),
        ("tf", "Ftrl", {}, "Ftrl/iter:0 Ftrl/K/accumulator:0 Ftrl/K/linear:0 Ftrl/B/accumulator:0 Ftrl/B/linear:0"),
        ("tf-2.11", "Adam", {"amsgrad": True}, "iteration:0 Adam/m/K:0 Adam/v/K:0 Adam/m/B:0 Adam/v/B:0 Adam/vhat/K:0 Adam/vhat/B:0"),
        ("tf-2.11", "SGD", {"momentum": 0.0}, "iteration:0 SGD/m/K:0 SGD/m/B:0"),
        (
            "tf-2.11",
            "Adadelta",
            {},
            "iteration:0 Adadelta/accumulated_grad/K:0 Adadelta/accumulated_delta_var/K:0"
            " Adadelta/accumulated_grad/B:0 Adadelta/accumulated_delta_var/B:0",
        ),
        (
            "keras3",
            "RMSprop",
            {"name": "rm_sprop", "momentum": 0.5},
            "rm_sprop/iteration rm_sprop/learning_rate rm_sprop/K_velocity rm_sprop/B_velocity rm_sprop/K_momentum rm_sprop/B_momentum",
        ),
        (
            "keras3",
            "Nadam",
            {},
            "nadam/iteration nadam/learning_rate nadam/K_momentum nadam/K_velocity nadam/B_momentum nadam/B_velocity nadam/variable",
        ),
    ],
)
def test_slots_are_named_and_ordered_as_the_release_has_them(
    family: Family, optimizer: str, config: dict[str, object], expected: str
) -> None:
    trained = TODAY if family == "keras3" else TRAINED
    assert slot_names(family, optimizer, config, trained) == tuple(_written_out(expected, "_" if family == "keras3" else "/"))


def test_an_optimizer_without_a_rule_has_no_slots_to_say() -> None:
    for family in ("tf", "tf-2.11", "keras3"):
        assert slot_names(family, "Adafactor", {}, TRAINED) is None
        assert slot_blocks(family, "Adafactor", {}) is None


def test_scopes_that_a_session_of_keras_2_counted_are_never_made_up() -> None:
    for seen in ((), ("training",), ("Adam",), ("training", "training_1", "Adam")):
        assert slot_names("keras2", "Adam", {}, TRAINED, seen) is None
    names = slot_names("keras2", "SGD", {}, TRAINED, ("training_2", "SGD_1"))
    assert names == ("SGD_1/iterations:0", "training_2/SGD/Variable:0", "training_2/SGD/Variable_1:0")


def test_an_uncounted_optimizer_of_keras_2_needs_its_scope_alone() -> None:
    names = slot_names("keras2", "RMSprop", {}, TRAINED, ("training",))
    assert names == ("training/RMSprop/Variable:0", "training/RMSprop/Variable_1:0")


def test_a_slot_follows_the_weight_with_the_longest_name_in_its_own() -> None:
    trained = [("dense/kernel:0", (3, 4)), ("dense_1/kernel:0", (5, 6))]
    names = ("Adam/dense_1/kernel/m:0", "Adam/dense/kernel/m:0", "Adam/iter:0", "Nadam/momentum_cache:0")
    shapes = slot_shapes(names, trained, {}, ("<f4", "<f4"), unused=False)
    assert [shapes[name] for name in names] == [((5, 6), "<f4"), ((3, 4), "<f4"), ((), "<i8"), ((), "<f4")]


def test_a_slot_of_no_known_weight_has_no_shape() -> None:
    assert slot_shapes(("Adam/other/kernel/m:0",), [("dense/kernel:0", (3, 4))], {}, ("<f4", "<f4"), unused=False) == {}


def test_a_numbered_slot_that_contradicts_the_order_stays_unknown() -> None:
    names = ("training/SGD/Variable:0", "training/SGD/Variable_1:0")
    trained = [("dense/kernel:0", (3, 4)), ("dense/bias:0", (4,))]
    assert slot_shapes(names, trained, {names[0]: (7, 7)}, ("<f4", "<f4"), unused=False) == {}
    assert slot_shapes(names, trained, {names[0]: (3, 4)}, ("<f4", "<f4"), unused=False)[names[1]] == ((4,), "<f4")
