"""What Keras itself left out of its files, or computed in two ways, where that could change predictions: told as doubts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from layerfix.containers.config import layer_list, layer_name, tree, walk
from layerfix.containers.lost_padding import untold_paddings
from layerfix.dialects.records import PROVEN_BY_SAMPLES, FiredRule
from layerfix.legacy.packages import plain_class
from layerfix.legacy.versions import BROWSER, release

_INVERTED = ((2, 9), (2, 13))
"""Releases of tf.keras whose Normalization takes `invert` and does not save it (2.10 and 2.12, normalization.py, `get_config`)."""
_PREPARING = frozenset(
    ["InputLayer", "Rescaling", "Resizing", "CenterCrop", "Reshape", "Flatten", "Concatenate", "CategoryEncoding", "Masking", "Permute"]
)
"""What may come before a layer that prepares inputs; behind anything else a Normalization may be there to undo one."""


def untold(config: Mapping[str, Any], keras_version: str | None, rules: Sequence[FiredRule] = ()) -> tuple[str, ...]:
    """A sentence for each layer that may predict otherwise than it did, for a reason that no file tells."""
    paddings = (
        f"{name}: Keras 3 left the output_padding of transposed convolutions out of this file, and nothing in it tells the size of this "
        f"one's output: it was taken for none, as Keras' own loader takes it. {PROVEN_BY_SAMPLES}"
        for name in untold_paddings(config, keras_version)
    )
    inverted = (
        f"{name}: tf.keras {keras_version} did not save whether a Normalization is inverted, and this one stands behind layers that "
        f"compute: it was taken for one that is not, as Keras' own loader takes it. {PROVEN_BY_SAMPLES}"
        for name in untold_inversions(config, keras_version)
    )
    cut = (
        f"{name}: Keras {keras_version} cut numbers to whole ones before a Discretization in `predict` and `fit`, and not in a call: "
        f"today's Keras never does, nor does the new file. {PROVEN_BY_SAMPLES}"
        for name in _discretized(config, keras_version)
    )
    ruled = (f"{rule.layer}: {rule.doubt}" for rule in rules if rule.doubt)
    enlarged = (
        f"{name}: this TensorFlow.js did not save the interpolation of UpSampling2D: it was taken for nearest, as it takes it itself. "
        f"{PROVEN_BY_SAMPLES}"
        for name in _enlarged(config, keras_version)
    )
    return tuple(dict.fromkeys([*paddings, *inverted, *cut, *enlarged, *ruled]))


def _enlarged(config: Mapping[str, Any], keras_version: str | None) -> Iterator[str]:
    """Paths of UpSampling2D layers that state no interpolation: TensorFlow.js 1 knew none but nearest, 2.8 does not save it, 3.21 does
    (tfjs-layers, convolutional.ts, `getConfig`)."""
    browser = re.match(rf"{BROWSER} ([0-9]+)", keras_version or "")
    if browser and int(browser[1]) >= 2:
        yield from (node.path for node in walk(tree(config)) if node.class_name == "UpSampling2D" and "interpolation" not in node.config)


def _discretized(config: Mapping[str, Any], keras_version: str | None) -> Iterator[str]:
    """Paths of Discretization layers in files of Keras 3.0 to 3.14: 3.0.5, 3.3.3 and 3.9.2 cut, and 3.15.1 does not."""
    stated = release(keras_version)
    if stated is not None and stated.family == "keras3" and stated.numbers < (3, 15, 0):
        yield from (node.path for node in walk(tree(config)) if node.class_name == "Discretization" and not node.is_foreign)


def untold_inversions(config: Mapping[str, Any], keras_version: str | None) -> Iterator[str]:
    """Paths of Normalization layers of which no file tells whether `invert` was given, where that is likely."""
    stated = release(keras_version)
    if stated is None or stated.family != "tf_keras" or not _INVERTED[0] <= stated.numbers[:2] < _INVERTED[1]:
        return
    classes = {node.path: node.class_name for node in walk(tree(config))}
    for node in walk(tree(config)):
        if node.class_name == "Normalization" and not node.is_foreign and "invert" not in node.config:
            around = node.path.rpartition("/")[0]
            feeding = [f"{around}/{name}".lstrip("/") for call in node.inbound for name in call] or _before(config, node.path)
            if any(classes.get(path, "InputLayer") not in _PREPARING for path in feeding):
                yield node.path


def _before(config: Mapping[str, Any], path: str) -> list[str]:
    """The layer before one of a Sequential."""
    entries: Mapping[str, Any] = config
    *outer, own = path.split("/")
    for name in outer:
        entries = next((entry for entry in layer_list(entries) or () if layer_name(entry) == name), {})
    if plain_class(entries.get("class_name")) != "Sequential":
        return []
    names = [layer_name(entry) for entry in layer_list(entries) or ()]
    return ["/".join([*outer, first]) for first, second in pairwise(names) if second == own]
