"""hard_sigmoid, which is another function since Keras 3."""

from __future__ import annotations

from typing import Any

from layerfix.dialects.down.saying import Config, Saying
from layerfix.dialects.keras2.settings import CLIP, LINE

_SCALABLE = frozenset({"Dense", "Conv1D", "Conv2D", "Conv3D"})
_GATES = {
    "LSTM": ((0, 1, 3), 4),
    "ConvLSTM1D": ((0, 1, 3), 4),
    "ConvLSTM2D": ((0, 1, 3), 4),
    "ConvLSTM3D": ((0, 1, 3), 4),
    "GRU": ((0, 1), 3),
}
"""Which blocks of the kernel's columns are gates with the recurrent activation, and how many blocks there are (lstm.py, gru.py)."""

_LEGACY: list[tuple[str, dict[str, float]]] = [("Rescaling", LINE), ("ReLU", {**CLIP, "negative_slope": 0.0, "threshold": 0.0})]
_SETTINGS = {name: tuple(settings) for name, settings in _LEGACY}


def hard_sigmoid(saying: Saying, name: str, config: Config, path: str, outermost: bool) -> None:
    """hard_sigmoid was clip(0.2 x + 0.5) and is clip(x / 6 + 0.5): the weights before it take the 5/6 (tensorflow 2.15, backend.py)."""
    own = config.get("activation") == "hard_sigmoid"
    gates = config.get("recurrent_activation") == "hard_sigmoid"
    if own and outermost and name in _SCALABLE:
        saying.scaled[path] = ((0,), 1)
    elif gates and not own and outermost and name in _GATES:
        saying.scaled[path] = _GATES[name]
    elif own or gates:
        saying.refuse(path, "hard_sigmoid, which was another function before Keras 3")
        return
    else:
        return
    saying.fire("hard_sigmoid", path, "the weights before hard_sigmoid are times 5/6")


def is_legacy(activation: Any) -> bool:
    """Whether an activation is the older hard_sigmoid, stated by two layers (`dialects.keras2.settings`)."""
    if not isinstance(activation, dict) or activation.get("class_name") != "Sequential":
        return False
    stated = activation["config"].get("layers") or []
    found = [(one["class_name"], {key: one["config"].get(key) for key in _SETTINGS.get(one["class_name"], ())}) for one in stated]
    return found == _LEGACY
