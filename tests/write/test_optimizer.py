import pytest

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import OptimizerEntry, WeightEntry
from layerfix.write.optimizer import extend

SHAPES = [(5, 1, 4), (4,), (1, 4, 4), (4,), (4, 3), (3,)]
HIDDEN = (2, 3)


def spec(index, shape):
    return WeightSpec("owner", f"w{index}", "owner", f"w{index}", shape, "float32", None, True, index in HIDDEN)


TRAINED = [spec(index, shape) for index, shape in enumerate(SHAPES)]
ADDED = frozenset(entry.key for entry in TRAINED if entry.hidden)
OLD = [entry for entry in TRAINED if not entry.hidden]


def state(class_name, groups, counter, placeholder=False, config=None, first=0):
    shapes = [()] * counter + [(1,) if placeholder and group == 2 else old.shape for group in range(groups) for old in OLD]
    names = [f"{class_name}/iterations:0"] * counter
    names += [f"training/{class_name}/Variable{f'_{n}' if n else ''}:0" for n in range(first, first + len(shapes) - counter)]
    weights = [WeightEntry("optimizer_weights", name, shape, "float32") for name, shape in zip(names, shapes, strict=True)]
    return OptimizerEntry(class_name, config or {}, tuple(weights))


LAYOUTS = {
    "SGD": (1, 1), "RMSprop": (1, 0), "Adagrad": (1, 0), "Adadelta": (2, 0), "Adam": (2, 1), "Adamax": (2, 1), "Nadam": (2, 1),
}  # fmt: skip


@pytest.mark.parametrize("class_name", LAYOUTS)
def test_zeros_stand_where_the_new_weights_are_in_every_slot(class_name):
    groups, counter = LAYOUTS[class_name]
    plan = extend(state(class_name, groups, counter), TRAINED, ADDED)
    assert plan.outcome.status == "extended"
    assert [tensor.shape for tensor in plan.tensors] == [()] * counter + SHAPES * groups
    zeros = [index for index, tensor in enumerate(plan.tensors) if tensor.old is None]
    assert zeros == [counter + group * len(SHAPES) + place for group in range(groups) for place in HIDDEN]


def test_slots_are_numbered_through_from_where_they_began():
    plan = extend(state("Adam", 2, 1, first=7), TRAINED, ADDED)
    assert [tensor.name for tensor in plan.tensors][:3] == ["Adam/iterations:0", "training/Adam/Variable_7:0", "training/Adam/Variable_8:0"]
    assert plan.tensors[-1].name == f"training/Adam/Variable_{7 + 2 * len(SHAPES) - 1}:0"


def test_placeholders_of_adam_without_amsgrad_stay_placeholders():
    plan = extend(state("Adam", 3, 1, placeholder=True, config={"amsgrad": False}), TRAINED, ADDED)
    assert [tensor.shape for tensor in plan.tensors] == [(), *SHAPES, *SHAPES, *[(1,)] * len(SHAPES)]


def test_amsgrad_keeps_whole_maxima():
    plan = extend(state("Adam", 3, 1, config={"amsgrad": True}), TRAINED, ADDED)
    assert [tensor.shape for tensor in plan.tensors] == [(), *SHAPES * 3]


def test_other_names_are_kept_and_new_ones_are_unique():
    odd = state("SGD", 1, 1)
    odd = OptimizerEntry("SGD", {}, tuple(WeightEntry(w.owner, f"slot/{w.name[::-1]}x{w.name}", w.shape, w.dtype) for w in odd.weights))
    plan = extend(odd, TRAINED, ADDED)
    names = [tensor.name for tensor in plan.tensors]
    assert len(set(names)) == len(names)
    assert all(tensor.name == tensor.old.name for tensor in plan.tensors if tensor.old)


def test_state_without_new_trainable_weights_is_kept():
    assert extend(state("Adam", 2, 1), OLD, ADDED).outcome.status == "kept"


def test_no_state_is_none():
    assert extend(None, TRAINED, ADDED).outcome.status == "none"
    assert extend(OptimizerEntry("SGD", {}, ()), TRAINED, ADDED).outcome.status == "none"


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        (state("Lion", 1, 1), "slots of Lion"),
        (OptimizerEntry("Adam", {}, state("Adam", 2, 1).weights[:-1]), "do not fit"),
        (OptimizerEntry("Adam", {}, state("Adam", 2, 1).weights, absent=("x",)), "missing in the file"),
    ],
)
def test_state_that_cannot_be_extended_is_dropped_with_the_reason(optimizer, words):
    plan = extend(optimizer, TRAINED, ADDED)
    assert plan.outcome.status == "dropped"
    assert words in plan.outcome.why
    assert plan.tensors == ()
