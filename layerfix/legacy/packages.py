"""Whose class a stored name means: Keras' own, or one of the same name from another package."""

from __future__ import annotations

from collections.abc import Mapping

_KERAS = frozenset({"keras", "tf_keras", "tensorflow", "builtins"})
"""Packages whose modules hold Keras' own classes."""
_LIBRARY = "Addons"
"""The one package whose classes are known here by their names (tensorflow_addons registers all)."""


def plain_class(class_name: object) -> str:
    """A class name without its registration package: "Custom>Adam" and "layerfix>Adam" give "Adam"."""
    return str(class_name).rsplit(">", 1)[-1]


def of_another_package(entry: Mapping[str, object]) -> bool:
    """Whether a raw entry was registered by, or lives in, a package that is not Keras.

    Keras registers no layer of its own: "Custom>Attention" (tf.keras 2.4 to 2.15,
    `register_keras_serializable`) is somebody's, and so is an Attention whose `module` is
    "my.layers" (Keras 2.13 and later).
    """
    stated = (entry.get("class_name"), entry.get("registered_name"))
    packages = {name.rpartition(">")[0] for name in stated if isinstance(name, str)} - {""}
    if packages:
        return packages != {_LIBRARY}
    module = entry.get("module")
    return isinstance(module, str) and module.partition(".")[0] not in _KERAS
