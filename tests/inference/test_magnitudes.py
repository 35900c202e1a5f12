"""Arguments by how large the layers around the lost one remember their inputs to have been."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.containers.samples import Samples
from layerfix.diagnose.arguments import lost_arguments
from layerfix.graph.rebuilt import load_values, rebuild
from layerfix.inference.answers import Answers
from layerfix.inference.by_samples import answer, questions
from layerfix.inference.inquiry import Inquiry
from layerfix.options import Options
from layerfix.probe.gauges import Gauges
from layerfix.progress import silent
from layerfix.rng.streams import DEFAULT_GRAPH_SEED


def arrays(models: Path, name: str) -> Mapping[str, Any]:
    with np.load(models / f"{name}.npz") as held:
        return dict(held)


def asked(models: Path, name: str, *, kernels: bool, inputs: bool) -> Answers:
    """What is said about a sample model without its lost kernels or with them, without its inputs or with them."""
    checkpoint, held = read(models / f"{name}.h5"), arrays(models, name)
    base = rebuild(checkpoint)
    known = {spec.key: held[f"lost/{spec.name}"] for spec in base.blueprint.hidden if kernels}
    samples = Samples((held["x"],)) if inputs else None
    inquiry = Inquiry(checkpoint, Options(), {}, base, known, samples, DEFAULT_GRAPH_SEED, silent)
    return answer(inquiry, questions(inquiry, lost_arguments(checkpoint)))


def test_the_optimizer_remembers_how_large_the_inputs_of_a_layer_were(models: Path) -> None:
    held = arrays(models, "unseeded-plain")
    rebuilt = rebuild(read(models / "unseeded-plain.h5"), arguments={"*": {"filter_type": "mean"}})
    load_values(rebuilt, {spec.key: held[f"lost/{spec.name}"] for spec in rebuilt.blueprint.hidden})
    gauges = Gauges(rebuilt, "denoising_layer_1", ())
    assert gauges.before
    assert gauges.behind
    for gauge, received in zip(gauges.behind, gauges.received(gauges.behind, [held["x"]]), strict=True):
        assert gauge.band[0] <= gauge.told - received <= gauge.band[1]


@pytest.mark.slow
def test_normalised_inputs_tell_the_argument_from_the_file_alone_though_no_kernel_is_known(models: Path) -> None:
    found = asked(models, "resnet-he-normal", kernels=False, inputs=False)
    assert found.arguments == {"denoising_layer_1": {"filter_type": "mean"}, "denoising_layer_2": {"filter_type": "mean"}}
    told = {key[1]: value.op_seed for key, value in found.recovered.items() if value.op_seed is not None}
    assert told == {"denoising_layer_2/conv1d_4/kernel:0": 6525581}, "what the stored statistics tell is what the seed gave"


@pytest.mark.parametrize(("inputs", "said"), [(False, {}), (True, {"denoising_layer_1": {"filter_type": "mean"}})])
def test_where_nothing_tells_the_size_of_the_inputs_they_must_be_given(models: Path, inputs: bool, said: dict[str, Any]) -> None:
    found = asked(models, "unseeded-plain", kernels=False, inputs=inputs)
    assert found.arguments == said
    assert found.evidence["denoising_layer_1", "filter_type"]["decided"] is bool(said)
