from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerfix.checkpoint import read
from layerfix.graph import load_values, rebuild
from layerfix.inference.imprints import imprint, remembered
from layerfix.progress import silent
from layerfix.samples import Samples
from layerfix.seeds import philox
from layerfix.seeds.initializers import stream
from layerfix.seeds.streams import DEFAULT_GRAPH_SEED, values


@pytest.fixture(scope="module")
def estimates(models: Path) -> dict[str, tuple[float, int]]:
    """For right labels and shuffled ones: the z of the lost kernel, and the place of its op seed among all ten million."""
    checkpoint, held = read(models / "unseeded-plain.h5"), np.load(models / "unseeded-plain.npz")
    rebuilt = rebuild(checkpoint, arguments={"*": {"filter_type": "mean"}})
    spec = next(spec for spec in rebuilt.blueprint.hidden if spec.role.endswith("kernel"))
    drawn, lost = stream(spec.initializer, spec.shape, checkpoint.keras_version), held[f"lost/{spec.name}"]
    load_values(rebuilt, {other.key: held[f"lost/{other.name}"] for other in rebuilt.blueprint.hidden})
    found = {}
    for name, labels in (("right", held["y"]), ("shuffled", np.random.default_rng(0).permutation(held["y"]))):
        estimate = imprint(checkpoint, rebuilt, [spec], Samples((held["x"],), labels))[spec.key]
        op_seeds, _ = remembered(estimate, drawn, DEFAULT_GRAPH_SEED, 200_000, silent)
        kernels = (values(drawn, DEFAULT_GRAPH_SEED, int(op_seed), spec.shape) for op_seed in op_seeds[:2000])
        right = [place for place, kernel in enumerate(kernels) if np.array_equal(kernel, lost)]
        mark = philox.Fingerprint("lost", lost.ravel(), drawn)
        z = float(mark.weights @ philox.Fingerprint("estimate", estimate.ravel(), drawn).weights * np.sqrt(lost.size))
        found[name] = (z, right[0] if right else -1)
    return found


def test_an_estimate_from_labels_names_the_lost_kernel_among_the_first_of_ten_million(estimates: dict[str, tuple[float, int]]) -> None:
    z, place = estimates["right"]
    assert z > 3.5
    assert 0 <= place < 2000


def test_labels_of_other_samples_give_no_proof(estimates: dict[str, tuple[float, int]]) -> None:
    assert estimates["shuffled"][0] < 6
