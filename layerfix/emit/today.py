"""What Keras 3 has otherwise than legacy source expects: missing layers, other defaults, names that it keeps for itself."""

from __future__ import annotations

BROUGHT = frozenset({"LocallyConnected1D", "LocallyConnected2D", "ThresholdedReLU", "MaxoutDense", "Highway"})
"""Layers that Keras 3 does not have; their source is layerfix/layers/gone.py."""

DEFAULTS = {
    "LSTM": "recurrent_activation=_hard_sigmoid",
    "LSTMCell": "recurrent_activation=_hard_sigmoid",
    "ConvLSTM2D": "recurrent_activation=_hard_sigmoid",
    "GRU": "recurrent_activation=_hard_sigmoid, reset_after=False",
    "GRUCell": "recurrent_activation=_hard_sigmoid, reset_after=False",
    "LeakyReLU": "negative_slope=0.3",
    "Dropout": "rate=0.5",
    **{f"{kind}Pooling{n}D": "pool_size=2" for kind in ("Average", "Max") for n in (1, 2, 3)},
}

# Names that a legacy class could use for itself and that are properties or methods of today's Layer.
RESERVED = frozenset(
    [
        "variables", "metrics", "metrics_variables", "metrics_names", "path", "dtype_policy", "compute_dtype", "variable_dtype", "autocast",
        "quantize", "quantization_mode", "stateless_call", "symbolic_call", "input_dtype", "trainable_variables", "non_trainable_variables",
        "_layers", "_metrics", "_trainable_variables", "_non_trainable_variables", "_tracker", "_path", "_name", "_parent_path",
    ]
)  # fmt: skip
