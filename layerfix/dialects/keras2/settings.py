"""Rules on the settings that layers share: class names, dtypes, initializers, regularizers, activations, data formats."""

from __future__ import annotations

from typing import Any

from layerfix.dialects.keras2.models import plain_dtype
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.legacy.aliases import ALIASES
from layerfix.legacy.packages import plain_class

_INITIALIZERS: dict[str, frozenset[str]] = {
    name: frozenset(arguments.split())
    for name, arguments in {
        "Zeros": "",
        "Ones": "",
        "Constant": "value",
        "RandomNormal": "mean stddev seed",
        "RandomUniform": "minval maxval seed",
        "TruncatedNormal": "mean stddev seed",
        "VarianceScaling": "scale mode distribution seed",
        "Orthogonal": "gain seed",
        "Identity": "gain",
        "GlorotUniform": "seed",
        "GlorotNormal": "seed",
        "HeUniform": "seed",
        "HeNormal": "seed",
        "LecunUniform": "seed",
        "LecunNormal": "seed",
    }.items()
}
_INITIALIZER_NAMES = {name.lower(): name for name in _INITIALIZERS}
_REGULARIZERS = {"L1L2": "l1 l2", "L1": "l1", "L2": "l2", "OrthogonalRegularizer": "factor mode"}
_CONSTRAINTS = {"MaxNorm": "max_value axis", "NonNeg": "", "UnitNorm": "axis", "MinMaxNorm": "min_value max_value rate axis"}
_CONSTRAINT_NAMES = {"maxnorm": "MaxNorm", "nonneg": "NonNeg", "unitnorm": "UnitNorm", "minmaxnorm": "MinMaxNorm"}


def today(module: str, class_name: str, config: dict[str, Any]) -> Entry:
    """An object in Keras 3's own serialised form."""
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def class_names(source: Source, entry: Entry) -> str | None:
    """Registration prefixes and the aliases of older releases ("Convolution2D", "BatchNormalizationV1", "UnifiedLSTM") are gone."""
    before = str(entry["class_name"])
    bare = plain_class(before)
    entry["class_name"] = bare if bare in source.custom or entry.get("custom") else ALIASES.get(bare, bare)
    return None if entry["class_name"] == before else f"{before} is {entry['class_name']} today"


def dtype_policy(source: Source, entry: Entry) -> str | None:
    """TF 2 wrote dtype policies as objects ({"class_name": "Policy", "config": {"name": "float32"}}); the name says the same."""
    dtype = entry["config"].get("dtype")
    if not isinstance(dtype, dict):
        return None
    entry["config"]["dtype"] = plain_dtype(dtype)
    return f"the dtype policy object became {entry['config']['dtype']!r}"


def index_dtype(source: Source, entry: Entry) -> str | None:
    """An Embedding's `dtype` was that of its indices in some releases (keras 1.2, embeddings.py); its table is floating point."""
    dtype = entry["config"].get("dtype")
    if layer_class(entry) != "Embedding" or not (isinstance(dtype, str) and "int" in dtype):
        return None
    entry["config"]["dtype"] = "float32"
    return f"dtype {dtype!r} is that of the indices; the table is float32"


def initializers(source: Source, entry: Entry) -> str | None:
    """Initializers had a `dtype` (tf.keras 1.x), other argument sets and short names; one that is not at hand gives way to zeros, since the
    values come from the file."""
    changed = []
    for key, value in entry["config"].items():
        if not key.endswith("_initializer") or value is None:
            continue
        new, clause = _initializer(source, value)
        entry["config"][key] = new
        if clause:
            changed.append(f"{key}: {clause}")
    return "; ".join(changed) or None


def _initializer(source: Source, value: Any) -> tuple[Any, str | None]:
    name, config = (value, {}) if isinstance(value, str) else (plain_class(value.get("class_name")), value.get("config") or {})
    if name in source.custom:
        return value, None
    known = name if name in _INITIALIZERS else _INITIALIZER_NAMES.get(str(name).replace("_", "").lower())
    if known is None:
        return today("keras.initializers", "Zeros", {}), f"{name} is not at hand; the file holds the values"
    kept = {key: item for key, item in config.items() if key in _INITIALIZERS[known]}
    gone = sorted(config.keys() - kept.keys())
    if known == "VarianceScaling" and kept.get("distribution") == "normal":
        kept["distribution"] = "truncated_normal"
    if known == "Constant" and not isinstance(kept.get("value", 0), (int, float)):
        return today("keras.initializers", "Zeros", {}), "a Constant array is not repeated; the file holds the values"
    return today("keras.initializers", known, kept), f"without {', '.join(gone)}" if gone else None


def penalties(source: Source, entry: Entry) -> str | None:
    """Regularizers and constraints in today's form. One of an unknown class is left out and named: it acts in training only."""
    changed = []
    for key, value in entry["config"].items():
        table, module = (_REGULARIZERS, "keras.regularizers") if key.endswith("_regularizer") else (_CONSTRAINTS, "keras.constraints")
        if not key.endswith(("_regularizer", "_constraint")) or value is None:
            continue
        name, config = (value, {}) if isinstance(value, str) else (plain_class(value.get("class_name")), value.get("config") or {})
        if name in source.custom:
            continue
        known = name if name in table else _CONSTRAINT_NAMES.get(str(name).replace("_", "").lower(), "")
        if known in table:
            entry["config"][key] = today(module, known, {k: v for k, v in config.items() if k in table[known].split()})
        elif isinstance(value, str) and value.lower() in {"l1", "l2", "l1_l2"}:
            continue
        else:
            entry["config"][key] = None
            changed.append(f"{key} {name} is not at hand and was left out (it acts in training only)")
    return "; ".join(changed) or None


def hard_sigmoid(source: Source, entry: Entry) -> str | None:
    """`hard_sigmoid` was clip(0.2 x + 0.5, 0, 1) (keras 2.2.4, tensorflow_backend.py) and is relu6(x + 3) / 6 since Keras 3.0.

    The legacy function is stated by two stock layers, Rescaling(0.2, 0.5) and ReLU(1), used as the activation: plain Keras loads it, and
    the weights stay as they are.
    """
    changed = []
    for key in ("activation", "recurrent_activation"):
        value = entry["config"].get(key)
        if value == "hard_sigmoid" or (
            isinstance(value, dict) and value.get("class_name") == "function" and value.get("config") == "hard_sigmoid"
        ):
            entry["config"][key] = legacy_hard_sigmoid()
            changed.append(key)
    return f"{' and '.join(changed)}: legacy hard_sigmoid as Rescaling(0.2, 0.5) and ReLU(1)" if changed else None


LINE, CLIP = {"scale": 0.2, "offset": 0.5}, {"max_value": 1.0}
"""The settings of the Rescaling and of the ReLU that state the legacy hard_sigmoid."""


def legacy_hard_sigmoid() -> Entry:
    """clip(0.2 x + 0.5, 0, 1) as a serialised Sequential of stock layers."""
    layers = [
        today("keras.layers", "Rescaling", {"name": "hard_sigmoid_line", **LINE}),
        today("keras.layers", "ReLU", {"name": "hard_sigmoid_clip", **CLIP}),
    ]
    return today("keras", "Sequential", {"name": "hard_sigmoid", "layers": layers})


def activation_objects(source: Source, entry: Entry) -> str | None:
    """TF 2 wrote some activations as objects ({"class_name": "LeakyReLU", ...}), others as {"class_name": "function", "config": name}."""
    changed = []
    for key in ("activation", "recurrent_activation"):
        value = entry["config"].get(key)
        if not isinstance(value, dict) or ("module" in value and value["class_name"] == "Sequential"):
            continue
        if value.get("class_name") == "function" and isinstance(value.get("config"), str):
            entry["config"][key] = value["config"]
            changed.append(f"{key} is {value['config']!r}")
        elif value.get("class_name") in {"LeakyReLU", "ReLU", "ELU", "Softmax", "PReLU"}:
            settings = {name: item for name, item in value["config"].items() if name not in {"trainable", "dtype"}}
            if "alpha" in settings and value["class_name"] == "LeakyReLU":
                settings["negative_slope"] = settings.pop("alpha")
            entry["config"][key] = today("keras.layers", value["class_name"], {name: _plain(item) for name, item in settings.items()})
            changed.append(f"{key} is a {value['class_name']} layer")
    return "; ".join(changed) or None


def _plain(value: object) -> Any:
    """A number that TF 2 may have written as {"type": "ndarray", "value": 0.1} or as an object with a value."""
    return value.get("value", value) if isinstance(value, dict) else value


ACTIVATIONS = frozenset(
    ["softmax", "elu", "selu", "softplus", "softsign", "relu", "tanh", "sigmoid", "hard_sigmoid", "exponential", "linear"]
)
"""Functions that legacy Keras itself knew by name (keras 2.2.4, activations.py)."""
_ONE_MEANING = frozenset({"relu6", "swish", "silu", "mish", "hard_swish", "log_softmax", "sparsemax", "tanh_shrink"})
_OF_TENSORFLOW = frozenset({"leaky_relu", "gelu"})
_OF_KERAS3 = (
    _ONE_MEANING
    | _OF_TENSORFLOW
    | frozenset(
        [
            "celu",
            "glu",
            "hard_shrink",
            "hard_silu",
            "hard_tanh",
            "log_sigmoid",
            "soft_shrink",
            "sparse_plus",
            "sparse_sigmoid",
            "sparsemax",
            "squareplus",
            "tanh_shrink",
            "threshold",
        ]
    )
)
"""Functions that Keras 3 itself knows by name beside those (keras 3.15, activations/__init__.py)."""


def custom_activation(source: Source, entry: Entry) -> str | None:
    """A function of the user's own, or of TensorFlow, was saved by its bare name (keras 2.2.4, activations.py, serialize).

    A name that stands for one function alone is that of today's Keras; `gelu` and `leaky_relu` had several forms, and only in tf.keras is
    TensorFlow's the likely one. Others the user gives.
    """
    named = []
    for key in ("activation", "recurrent_activation"):
        value = entry["config"].get(key)
        if not isinstance(value, str) or value in ACTIVATIONS or (source.is_keras3 and value in _OF_KERAS3):
            continue
        entry["config"][key] = name = plain_class(value)
        if name in source.custom:
            continue
        if name not in _ONE_MEANING and not (name in _OF_TENSORFLOW and source.is_tf_keras):
            raise GraphError(
                f"its {key} {name!r} is a function of your own, which the file does not hold.",
                where=entry["name"],
                hint=f"Give a function named {name} with --layers FILE.py.",
            )
        named.append(f"{key} {name!r} is taken for the function that has this name today")
    return "; ".join(named) or None


_WITH_FORMAT = ("Flatten", "Conv", "Pooling", "UpSampling2D", "UpSampling3D", "ZeroPadding2D", "ZeroPadding3D", "Cropping2D", "Cropping3D")


def data_format(source: Source, entry: Entry) -> str | None:
    """Where a file states no `data_format`, layers of that age knew channels_last alone; today's default is a user's setting."""
    name = layer_class(entry)
    takes = name == "Flatten" or ("data_format" not in entry["config"] and any(word in name for word in _WITH_FORMAT))
    if not takes or entry["config"].get("data_format") is not None:
        return None
    entry["config"]["data_format"] = "channels_last"
    return "states data_format channels_last"


COMMON_RULES = (dtype_policy, index_dtype, initializers, penalties, activation_objects, hard_sigmoid, custom_activation, data_format)
