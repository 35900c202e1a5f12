"""What Keras itself left out of its files, or computed in two ways, where that could change predictions: told as doubts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from layerfix.containers.config import layer_list, layer_name, tree, walk
from layerfix.containers.lost_padding import untold_paddings
from layerfix.legacy.packages import plain_class
from layerfix.legacy.versions import release

_INVERTED = ((2, 9), (2, 13))
"""Releases of tf.keras whose Normalization takes `invert` and does not save it (2.10 and 2.12, normalization.py, `get_config`)."""
_PREPARING = frozenset(
    ["InputLayer", "Rescaling", "Resizing", "CenterCrop", "Reshape", "Flatten", "Concatenate", "CategoryEncoding", "Masking", "Permute"]
)
"""What may come before a layer that prepares inputs; behind anything else a Normalization may be there to undo one."""
_PROOF = "--samples with recorded predictions prove it."


def untold(config: Mapping[str, Any], keras_version: str | None) -> tuple[str, ...]:
    """A sentence for each layer that may predict otherwise than it did, for a reason that no file tells."""
    paddings = (
        f"{name}: Keras 3 left the output_padding of transposed convolutions out of this file, and nothing in it tells the size of this "
        f"one's output: it was taken for none, as Keras' own loader takes it. {_PROOF}"
        for name in untold_paddings(config, keras_version)
    )
    inverted = (
        f"{name}: tf.keras {keras_version} did not save whether a Normalization is inverted, and this one stands behind layers that "
        f"compute: it was taken for one that is not, as Keras' own loader takes it. {_PROOF}"
        for name in untold_inversions(config, keras_version)
    )
    cut = (
        f"{name}: Keras {keras_version} cut numbers to whole ones before a Discretization in `predict` and `fit`, and not in a call: "
        f"today's Keras never does, nor does the new file. {_PROOF}"
        for name in _discretized(config, keras_version)
    )
    fixed = (
        f"{name}: it is called with training=True, and so goes by its batch, or draws at random, in `predict` too. Today's Keras overrides "
        f"that in `predict`, and obeys where the model itself is called: use model(x), not model.predict(x)."
        for name in called_as_in_training(config, keras_version)
    )
    return tuple(dict.fromkeys([*paddings, *inverted, *cut, *fixed]))


def called_as_in_training(config: Mapping[str, Any], keras_version: str | None, around: str = "") -> Iterator[str]:
    """Paths of layers that a model before Keras 3 calls with training=True, where that changes what they compute.

    Keras 3 gives what `predict` says to each layer of a graph, whatever the call states (keras 3.0 to 3.15, functional.py, `operation_fn`);
    Keras before it took the call's own word (keras 2.2.4 and tf.keras 2.15).
    """
    stated = release(keras_version)
    if stated is not None and stated.family == "keras3":
        return
    for entry in layer_list(config) or ():
        path = f"{around}{layer_name(entry)}"
        if _says_training(entry.get("inbound_nodes")) and _acts_in_training(entry):
            yield path
        yield from called_as_in_training(entry, keras_version, f"{path}/")


def _says_training(calls: object) -> bool:
    if isinstance(calls, Mapping):
        return calls.get("training") in (True, 1) or any(map(_says_training, calls.values()))
    return isinstance(calls, list) and any(map(_says_training, calls))


def _acts_in_training(entry: Mapping[str, Any]) -> bool:
    name, config = plain_class(entry["class_name"]), entry.get("config")
    settings = config if isinstance(config, Mapping) else {}
    inside = [*(layer_list(entry) or ()), *(part for key in ("layer", "cell") if isinstance(part := settings.get(key), Mapping))]
    random = any(settings.get(key) for key in ("rate", "stddev", "dropout", "recurrent_dropout"))
    return "BatchNormalization" in str(name) or str(name).startswith("Random") or random or any(map(_acts_in_training, inside))


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
