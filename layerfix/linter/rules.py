"""The rules: stable codes, and for each what bites where and what is lost (measured with genuine Keras of those versions)."""

from __future__ import annotations

from layerfix.legacy.stock import STATELESS

RULES: dict[str, str] = {
    "LFL001": (
        "{what} is made in `call`: Keras 2.0 to 2.2.5 and tf.keras lose its weights in the save, Keras 3 makes them anew at each call. "
        "Make it in `build` or `__init__`."
    ),
    "LFL002": (
        "{what} is held in a plain object: no Keras tracks it, and Keras 3.15 too loses its weights in the save without a word. "
        "Hold it in an attribute of the layer."
    ),
    "LFL003": (
        "{what} is held where Keras 2.0 to 2.2.5 and tf.keras 1.12 track nothing, attributes and containers alike: its weights are "
        "neither trained nor saved. Build it in `build` and extend `_trainable_weights`."
    ),
    "LFL004": ("`self.{what}` is a name that Keras uses itself: in Keras 3.15 what it holds is trained, then lost in the save. Rename it."),
    "LFL005": (
        "{what} is made or used in a Lambda's function: no Keras tracks it through the Lambda, its weights are lost in the save. "
        "Write a layer class."
    ),
    "LFL006": (
        "`__init__` argument `{what}` is not in `get_config`: Keras 2 loses it in the save, and a reload takes the default or fails. "
        "Return it from `get_config`."
    ),
    "LFL007": (
        "weights are made in `call`: Keras 2 makes them again at each call and loses them in the save, Keras 3 refuses or loses them. "
        "Make them in `build`."
    ),
    "LFL008": (
        "`build` does not build {what} while `compute_output_shape` is overridden: Keras 3 builds it late, and loading the save fails. "
        "Call its `build` in `build`."
    ),
    "LFL009": (
        "`_trainable_weights` takes the weights of {what} before its `build` ran: there are none yet, so Keras 2.0 to 2.2.5 neither "
        "trains nor saves them. Build it first."
    ),
    "LFL010": (
        "a bare variable in {what} is not in `_trainable_weights`: Keras 2.0 to 2.2.5 neither trains nor saves it. "
        "Make it with `self.add_weight`."
    ),
}
FIXABLE = frozenset({"LFL004", "LFL006"})
RESERVED = frozenset(
    {"_layers", "_tracker", "_metrics", "_trainable_variables", "_non_trainable_variables", "_inbound_nodes", "_outbound_nodes"}
)
_ADAPTED = frozenset({"DenseFeatures", "Discretization", "IntegerLookup", "StringLookup", "TextVectorization"})
"""Layers that no file stores weights of, and that hold what they learned from data all the same."""


def has_weights(class_name: str) -> bool:
    """Whether layers of a stock class have weights to lose; unknown classes count as having some."""
    return class_name in _ADAPTED or not (class_name in STATELESS or "Pool" in class_name or class_name.startswith("Random"))


def is_modern_only(imports: set[str]) -> bool:
    """Whether a file is written for Keras 3, where attributes and containers are tracked."""
    modern = ("keras.ops", "keras.saving", "keras.random", "keras.src", "keras.KerasTensor", "keras.Variable")
    return any(name.startswith(modern) for name in imports)
