from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.errors import PlanError
from layerfix.graph.rebuilt import rebuild
from layerfix.inference.claims import Ground, constants
from layerfix.inference.doubts import never_trained
from layerfix.inference.exactness import Witness
from layerfix.inference.provenance import Provenance
from layerfix.inference.records import Inference, Recovered
from layerfix.options import Options
from layerfix.rng.chain import Search
from layerfix.strategies.base import Case
from layerfix.strategies.plan import make_plan


@pytest.fixture(scope="module")
def case(models: Path) -> Case:
    """Two layers that lost a kernel and a bias each; the first kernel is known."""
    source = read(models / "resnet-mean.h5")
    rebuilt = rebuild(source)
    key = rebuilt.blueprint.hidden[0].key
    witness = Witness("samples", True, 1e-4, "samples prefer it")
    found = Recovered(key, "seed", -9.0, (), {"op_seed": 5}, "found", (witness,), op_seed=5, graph_seed=87654321)
    return Case(source, rebuilt, Options(), Inference({key: found}))


def ground(source: Checkpoint, shaky: frozenset[WeightKey] = frozenset()) -> Ground:
    return Ground(source, Provenance(source, (), Search(87654321, {})), shaky, frozenset(), frozenset())


def planned(case: Case, **options: Any) -> dict[str, str]:
    """{layer and role: strategy}."""
    plan = make_plan(replace(case, options=Options(**options)))
    return {f"{case.spec(step.weight).layer}/{case.spec(step.weight).role}": step.strategy for step in plan.steps}


def test_auto_takes_the_first_strategy_that_can_and_notes_why_the_others_cannot(case: Case) -> None:
    plan = make_plan(case)
    assert [step.weight for step in plan.steps] == [spec.key for spec in case.blueprint.hidden]
    assert [step.strategy for step in plan.steps] == ["recover", "reinitialize", "reinitialize", "reinitialize"]
    assert [step.exact for step in plan.steps] == [True, False, False, False]
    assert plan.unplanned == ()
    refused = plan.refusals[plan.steps[1].weight]
    assert [why.split(":")[0] for why in refused] == ["recover", "transplant", "fit"]


def test_a_strategy_for_one_layer_wins_over_that_for_all(case: Case) -> None:
    found = planned(case, strategy="recover", layer_strategies={"denoising_layer_2": "reinitialize"})
    assert {name.split("/")[0]: strategy for name, strategy in found.items()} == {
        "denoising_layer_1": "recover",
        "denoising_layer_2": "reinitialize",
    }


def test_a_weight_that_the_chosen_strategy_cannot_bring_back_stays_out_with_the_reason(case: Case) -> None:
    plan = make_plan(replace(case, options=Options(strategy="recover")))
    assert len(plan.steps) == 1
    assert len(plan.unplanned) == 3
    assert all(item.why.startswith("recover: ") for item in plan.unplanned)


def test_a_layer_that_lost_nothing_cannot_have_a_strategy(case: Case) -> None:
    with pytest.raises(PlanError) as caught:
        planned(case, layer_strategies={"conv1d_1": "reinitialize"})
    assert "'conv1d_1', which lost nothing" in str(caught.value)
    assert "denoising_layer_1" in str(caught.value)


@pytest.mark.parametrize(
    ("version", "certain"),
    [("2.0.0", True), ("2.2.4", True), ("2.2.5", True), ("2.3.0", False), ("2.2.4-tf", False), ("2.4.0", False), (None, False)],
)
def test_constants_are_recovered_only_where_keras_certainly_never_trained_them(case: Case, version: str | None, certain: bool) -> None:
    source = replace(case.checkpoint, keras_version=version)
    assert never_trained(source) is certain
    found = constants(ground(source), case.blueprint.hidden)
    assert {key[1].rsplit("/", 1)[-1] for key in found} == {"bias:0"}
    assert all((item.standing.word == "recovered") is certain for item in found.values())
    assert not any(item.exact for item in found.values())


def test_a_constant_under_a_doubtful_structure_is_not_even_recovered(case: Case) -> None:
    shaky = frozenset(spec.key for spec in case.blueprint.hidden)
    found = constants(ground(case.checkpoint, shaky), case.blueprint.hidden)
    assert found
    assert {item.standing.word for item in found.values()} == {"likely"}


def test_planned_values_have_the_weight_s_shape_and_dtype(case: Case) -> None:
    from layerfix.strategies.restore import restore

    restored = restore(case, make_plan(case))
    assert case.blueprint.hidden
    for spec in case.blueprint.hidden:
        value = np.asarray(restored.values[spec.key])
        assert value.shape == spec.shape
        assert value.dtype == spec.dtype
