"""Rules on single classes of layers."""

from __future__ import annotations

from typing import Any

from layerfix.dialects.accepted import ACCEPTED, COMMON
from layerfix.dialects.later import LATER
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.model import Relay

_NEVER_MATTERS = frozenset(
    [
        "implementation",
        "batch_input_shape",
        "input_length",
        "input_dtype",
        "autocast",
        "dynamic",
        "unroll",
        "query_shape",
        "key_shape",
        "value_shape",
        "vocabulary_size",
        "build_config",
        "build_input_shape",
        "fused",
        "input_shape",
        "shared_object_id",
        "jit_compile",
    ]
)
_HARMLESS: dict[str, tuple[Any, ...]] = {
    "time_major": (False, None),
    "groups": (1, None),
    "noise_shape": (None,),
    "causal": (False,),
    "virtual_batch_size": (None,),
    "adjustment": (None,),
    "ragged": (False, None),
    "zero_output_for_mask": (False,),
    "sparse": (False, None),
    "weights": (None,),
    "data_format": ("channels_last", None),
    "seed": (None,),
    "output_padding": (None,),
    "dilation_rate": (1, [1], [1, 1], [1, 1, 1]),
    "return_state": (False,),
    "num_constants": (None,),
    "go_backwards": (False,),
    "experimental_run_tf_function": (True, False, None),
    "renorm": (False,),
    "renorm_clipping": (None, {}),
    "renorm_momentum": (0.99, None),
    "activity_regularizer": (None,),
    "_nested_inputs": (None,),
    "value_range": ([0, 255],),
}
_STATED_ELSEWHERE = {
    "DepthwiseConv2D": frozenset({"filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"}),
    "DepthwiseConv1D": frozenset({"filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"}),
    "SeparableConv1D": frozenset({"kernel_initializer", "kernel_regularizer", "kernel_constraint"}),
    "SeparableConv2D": frozenset({"kernel_initializer", "kernel_regularizer", "kernel_constraint"}),
}


def pool_size(source: Source, entry: Entry) -> str | None:
    """Pooling layers had a default pool_size of 2 (keras 2.2.4, pooling.py); Keras 3 has none."""
    name = layer_class(entry)
    if name.startswith("Global") or not name.endswith(("Pooling1D", "Pooling2D", "Pooling3D")) or "pool_size" in entry["config"]:
        return None
    entry["config"]["pool_size"] = [2] * int(name[-2])
    return "states pool_size 2"


def leaky_relu_slope(source: Source, entry: Entry) -> str | None:
    """LeakyReLU's `alpha` is called `negative_slope` (keras 3.0, leaky_relu.py)."""
    if layer_class(entry) != "LeakyReLU" or "alpha" not in entry["config"]:
        return None
    entry["config"]["negative_slope"] = _number(entry["config"].pop("alpha"))
    return "alpha is called negative_slope"


def elu_alpha(source: Source, entry: Entry) -> str | None:
    """ELU wrote its alpha as an array in some releases (keras 2.0, advanced_activations.py); today it is a number."""
    alpha = entry["config"].get("alpha")
    if layer_class(entry) != "ELU" or isinstance(alpha, (int, float, type(None))):
        return None
    entry["config"]["alpha"] = _number(alpha)
    return "alpha became a plain number"


def _number(value: object) -> float:
    """A number that legacy Keras may have written as {"type": "ndarray", "value": 0.3}."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, (int, float)):
        raise GraphError(f"a number was expected and {value!r} found in the config.")
    return float(value)


def relu_arguments(source: Source, entry: Entry) -> str | None:
    """ReLU wrote its bounds as arrays in some releases ({"type": "ndarray", "value": 6.0}); today they are numbers."""
    if layer_class(entry) != "ReLU":
        return None
    changed = [key for key in ("max_value", "negative_slope", "threshold") if isinstance(entry["config"].get(key), dict)]
    for key in changed:
        entry["config"][key] = _number(entry["config"][key])
    return f"{', '.join(changed)} became plain numbers" if changed else None


def thresholded_relu(source: Source, entry: Entry) -> str | None:
    """ThresholdedReLU(theta) is gone in Keras 3; ReLU(threshold=theta) is the same function."""
    if layer_class(entry) != "ThresholdedReLU":
        return None
    entry["class_name"] = "ReLU"
    entry["config"]["threshold"] = _number(entry["config"].pop("theta", 1.0))
    return "is ReLU with a threshold today"


def normalization_axis(source: Source, entry: Entry) -> str | None:
    """tf.keras wrote BatchNormalization's axis as a list; Keras 3 takes one number (keras 3.0, batch_normalization.py)."""
    axis = entry["config"].get("axis")
    if layer_class(entry) != "BatchNormalization" or not isinstance(axis, list):
        return None
    if len(axis) != 1:
        raise GraphError(f"BatchNormalization over several axes {axis} has no equal in today's Keras.", where=entry["name"])
    entry["config"]["axis"] = axis[0]
    return f"axis {axis} became {axis[0]}"


def virtual_batches(source: Source, entry: Entry) -> str | None:
    """BatchNormalization's `virtual_batch_size` acted in training only (tf.keras 2.10, batch_normalization.py), but it stored weights with
    axes for broadcasting, and counted the axis of virtual batches in `axis`.
    """
    config = entry["config"]
    if layer_class(entry) != "BatchNormalization" or config.pop("virtual_batch_size", None) is None:
        return None
    axes = config.get("axis", -1)
    config["axis"] = [axis - 1 if axis > 0 else axis for axis in (axes if isinstance(axes, list) else [axes])]
    count = bool(config.get("scale", True)) + bool(config.get("center", True)) + 2
    entry["relay"] = Relay("flattened", count, untrained=2)
    return "virtual_batch_size, which acted in training only"


def gru_reset_after(source: Source, entry: Entry) -> str | None:
    """GRU's `reset_after` was False where a file does not state it (keras 2.2.4, recurrent.py); Keras 3's default is True."""
    if layer_class(entry) not in {"GRU", "GRUCell"} or "reset_after" in entry["config"]:
        return None
    entry["config"]["reset_after"] = False
    return "states reset_after False"


def recurrent_defaults(source: Source, entry: Entry) -> str | None:
    """`recurrent_activation` was hard_sigmoid before Keras 2.3 where a file does not state it (keras 2.0, recurrent.py)."""
    if layer_class(entry) not in {"LSTM", "GRU", "LSTMCell", "GRUCell", "ConvLSTM2D"} or "recurrent_activation" in entry["config"]:
        return None
    entry["config"]["recurrent_activation"] = "hard_sigmoid"
    return "states the old default hard_sigmoid"


def known_arguments(source: Source, entry: Entry) -> str | None:
    """Keys that a class no longer takes are dropped where they change nothing; any other is refused by name."""
    name = layer_class(entry)
    later = LATER.get(name, frozenset()) if source.is_keras3 else frozenset()
    if name not in ACCEPTED and not later:
        return None
    config = entry["config"]
    gone = sorted(config.keys() - ACCEPTED.get(name, frozenset()) - later - COMMON)
    for key in gone:
        value = config.pop(key)
        if key in _NEVER_MATTERS or key in _STATED_ELSEWHERE.get(name, ()) or value in _HARMLESS.get(key, ()):
            continue
        raise GraphError(f"{name}'s argument {key}={value!r} has no equal in today's Keras.", where=entry["name"])
    return f"without {', '.join(gone)}" if gone else None


def without_trainable(source: Source, entry: Entry) -> str | None:
    """SpatialDropout and Discretization have no weights, and take no `trainable` in Keras 3 (keras 3.0, spatial_dropout.py)."""
    if not layer_class(entry).startswith(("SpatialDropout", "Discretization")) or "trainable" not in entry["config"]:
        return None
    del entry["config"]["trainable"]
    return "without trainable"


def causal_attention(source: Source, entry: Entry) -> str | None:
    """Attention's `causal` is an argument of its call since Keras 2.10 (keras 2.10, base_dense_attention.py, `use_causal_mask`)."""
    if layer_class(entry) not in {"Attention", "AdditiveAttention"} or not entry["config"].pop("causal", False):
        return None
    for node in entry.get("inbound_nodes") or ():
        first = node[0] if isinstance(node[0], list) else node
        first[3:] = [{**(first[3] if len(first) > 3 else {}), "use_causal_mask": True}]
    return "causal is an argument of its call"


def random_size(source: Source, entry: Entry) -> str | None:
    """RandomHeight and RandomWidth are gone since Keras 3.0; they resized in training only (keras 2.15, image_preprocessing.py)."""
    name = layer_class(entry)
    if name not in {"RandomHeight", "RandomWidth"}:
        return None
    entry["class_name"], entry["config"] = "Identity", {"name": entry["name"]}
    return f"{name}, which acted in training only, passes its inputs on"


def transposed_dilation(source: Source, entry: Entry) -> str | None:
    """Conv2DTranspose took `dilation_rate` and made no use of it in tf.keras of TensorFlow 1.12 and before (2.1.6-tf, convolutional.py)."""
    config = entry["config"]
    if layer_class(entry) != "Conv2DTranspose" or not source.is_tf_keras or source.release >= (2, 2):
        return None
    if config.get("dilation_rate") in (None, 1, [1, 1]):
        return None
    config["dilation_rate"] = [1, 1]
    return "dilation_rate had no effect"


def vocabulary(source: Source, entry: Entry) -> str | None:
    """A lookup's words are its state: `adapt` learned them, and an `.h5` has no place for them (keras 2.15, index_lookup.py)."""
    name = layer_class(entry)
    if name not in {"TextVectorization", "StringLookup", "IntegerLookup"} or entry["config"].get("vocabulary"):
        return None
    raise GraphError(
        f"the vocabulary of {name} is neither in the config nor beside it.",
        where=entry["name"],
        hint="Take the .keras file of the same model, which keeps it, or give the layer its vocabulary=[...] in the architecture.",
    )


LAYER_RULES = (
    vocabulary,
    random_size,
    transposed_dilation,
    causal_attention,
    without_trainable,
    pool_size,
    leaky_relu_slope,
    elu_alpha,
    relu_arguments,
    thresholded_relu,
    virtual_batches,
    normalization_axis,
    gru_reset_after,
    recurrent_defaults,
)
