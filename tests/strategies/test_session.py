"""Genuine donors of a broken file (tests/containers/exports): exact where they are its session, never where they only loaded it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerfix.containers.donor import read_donor
from layerfix.containers.reader import read
from layerfix.graph.rebuilt import rebuild
from layerfix.options import Options
from layerfix.strategies.base import Case, Proposal
from layerfix.strategies.session import untouched
from layerfix.strategies.transplant import Transplant

EXPORTS = Path(__file__).parents[1] / "containers" / "exports"
SQUEEZE = Path(__file__).parents[1] / "legacy" / "sources" / "squeeze_excite.py"
KERNEL = ("denoising_layer_1", "denoising_layer_1/conv1d_2/kernel:0")


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    def case(kind: str, *layers: Path) -> Case:
        checkpoint = read(EXPORTS / kind / "broken.h5")
        return Case(checkpoint, rebuild(checkpoint, layers=list(layers)), Options(), None)  # type: ignore[arg-type]

    return {"denoise": case("denoise"), "squeeze": case("squeeze", SQUEEZE)}


def proposed(case: Case, kind: str, donor: str) -> Proposal:
    options = Options(donors=(read_donor(EXPORTS / kind / donor),))
    return Transplant().propose(Case(case.checkpoint, case.rebuilt, options, case.inference), case.blueprint.hidden)


def taken(case: Case, proposal: Proposal, kind: str) -> dict[str, tuple[bool, bool]]:
    """By weight name, (claimed exact, is what was lost)."""
    values = Transplant().produce(case, proposal.steps, {}, lambda *_: None).values
    with np.load(EXPORTS / kind / "lost.npz") as lost:
        return {
            step.weight[1]: (step.exact, values[step.weight].tobytes() == lost[step.weight[1][:-2]].tobytes()) for step in proposal.steps
        }


@pytest.mark.parametrize("donor", ["session.ckpt", "frozen.pb", "model.onnx", "model.tflite"])
def test_the_training_session_is_exact_in_every_form_that_it_was_exported_to(donor: str, cases: dict[str, Case]) -> None:
    found = taken(cases["denoise"], proposed(cases["denoise"], "denoise", f"session/{donor}"), "denoise")
    assert found[KERNEL[1]] == (True, True)


@pytest.mark.parametrize("donor", ["session.ckpt", "frozen.pb", "model.onnx", "model.tflite"])
def test_another_training_run_is_restored_and_never_exact(donor: str, cases: dict[str, Case]) -> None:
    proposal = proposed(cases["denoise"], "denoise", f"other/{donor}")
    assert KERNEL in {step.weight for step in proposal.steps}
    assert not any(step.exact for step in proposal.steps)


@pytest.mark.parametrize("donor", ["session.ckpt", "frozen.pb", "model.onnx", "model.tflite"])
def test_a_program_that_only_loaded_the_broken_file_gives_nothing(donor: str, cases: dict[str, Case]) -> None:
    proposal = proposed(cases["denoise"], "denoise", f"reload/{donor}")
    assert not proposal.steps
    assert "only loaded the file" in proposal.refusals[KERNEL]


@pytest.mark.parametrize("who", ["session", "reload"])
@pytest.mark.parametrize("donor", ["session.ckpt", "frozen.pb", "model.onnx", "model.tflite"])
def test_where_names_cannot_tell_a_session_from_a_load_nothing_is_called_exact(who: str, donor: str, cases: dict[str, Case]) -> None:
    proposal = proposed(cases["squeeze"], "squeeze", f"{who}/{donor}")
    assert proposal.steps
    assert not any(step.exact for step in proposal.steps)
    assert all("--samples" in step.note for step in proposal.steps)


def test_half_precision_is_restored_rounded_and_not_exact(cases: dict[str, Case]) -> None:
    proposal = proposed(cases["denoise"], "denoise", "session/float16.tflite")
    assert taken(cases["denoise"], proposal, "denoise") == {KERNEL[1]: (False, False)}
    values = Transplant().produce(cases["denoise"], proposal.steps, {}, lambda *_: None).values
    with np.load(EXPORTS / "denoise" / "lost.npz") as lost:
        assert np.allclose(values[KERNEL], lost[KERNEL[1][:-2]], rtol=1e-3)


def test_quantised_tensors_are_refused_by_name(tmp_path: Path, cases: dict[str, Case]) -> None:
    np.savez(tmp_path / "q.npz", **{KERNEL[1]: np.zeros((1, 6, 6), np.int8)})
    options = Options(donors=(read_donor(tmp_path / "q.npz"),))
    case = Case(cases["denoise"].checkpoint, cases["denoise"].rebuilt, options, cases["denoise"].inference)
    assert "quantised (int8)" in Transplant().propose(case, case.blueprint.hidden).refusals[KERNEL]


def test_untouched_is_only_what_the_uniform_op_draws_bit_for_bit(cases: dict[str, Case]) -> None:
    spec = cases["denoise"].spec(KERNEL)
    with np.load(EXPORTS / "denoise" / "lost.npz") as lost:
        value = lost[KERNEL[1][:-2]]
    assert untouched(value, spec.initializer, "2.2.4")
    assert not untouched(value * np.float32(0.9995), spec.initializer, "2.2.4")  # a BatchNormalization folded in
    assert not untouched(value.reshape(-1)[:10], spec.initializer, "2.2.4")
