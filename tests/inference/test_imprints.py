from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.containers.samples import Samples
from layerfix.graph.rebuilt import load_values, rebuild
from layerfix.inference.imprints import imprint, remembered
from layerfix.inference.sampling import ENTRANTS
from layerfix.progress import silent
from layerfix.rng import philox
from layerfix.rng.certificate import bound
from layerfix.rng.initializers import stream
from layerfix.rng.streams import DEFAULT_GRAPH_SEED, OP_SEEDS


@pytest.fixture(scope="module")
def estimates(models: Path) -> dict[str, tuple[float, float]]:
    """For right labels and shuffled ones: the z of the lost kernel, and the least z among the entrants to the race."""
    checkpoint, held = read(models / "unseeded-plain.h5"), np.load(models / "unseeded-plain.npz")
    rebuilt = rebuild(checkpoint, arguments={"*": {"filter_type": "mean"}})
    spec = next(spec for spec in rebuilt.blueprint.hidden if spec.role.endswith("kernel"))
    drawn, lost = stream(spec.initializer, spec.shape, checkpoint.keras_version), held[f"lost/{spec.name}"]
    load_values(rebuilt, {other.key: held[f"lost/{other.name}"] for other in rebuilt.blueprint.hidden})
    found = {}
    for name, labels in (("right", held["y"]), ("shuffled", np.random.default_rng(0).permutation(held["y"]))):
        estimate = imprint(checkpoint, rebuilt, [spec], Samples((held["x"],), labels))[spec.key]
        least = remembered(estimate, drawn, DEFAULT_GRAPH_SEED, ENTRANTS, silent)[1][-1]
        mark = philox.Fingerprint("lost", lost.ravel(), drawn)
        z = float(mark.weights @ philox.Fingerprint("estimate", estimate.ravel(), drawn).weights * np.sqrt(lost.size))
        found[name] = (z, float(least))
    return found


@pytest.mark.slow
def test_an_estimate_from_labels_lets_the_lost_kernel_into_the_race(estimates: dict[str, tuple[float, float]]) -> None:
    z, least = estimates["right"]
    assert z > 3
    assert z > least > 1.5


@pytest.mark.slow
def test_labels_of_other_samples_give_no_proof(estimates: dict[str, tuple[float, float]]) -> None:
    assert bound(estimates["shuffled"][0], OP_SEEDS).probability == 1
