"""The table of stock layer classes: legacy Keras 2.0-2.3 and tf.keras up to 2.15.

A row names a weight: its role, the config key of its initializer, that key's default, its rank (None: follows the input), the config key
that switches it on (None: always there; a leading "?" means that the key defaults to False), and whether it is trained.
Rows are in the order of `weight_names`. Sources: keras 2.0.9, 2.1.6, 2.2.0, 2.2.4 and 2.2.5, layers/*.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from layerfix.legacy.packages import of_another_package, plain_class


class Row(NamedTuple):
    """One weight of a stock class (see the module's docstring)."""

    role: str
    initializer: str
    default: str
    ndim: int | None
    switch: str | None = None
    trainable: bool = True


def _kernel_bias(ndim: int, bias: int = 1) -> tuple[Row, ...]:
    return (
        Row("kernel", "kernel_initializer", "glorot_uniform", ndim),
        Row("bias", "bias_initializer", "zeros", bias, "use_bias"),
    )


def _recurrent(ndim: int = 2, bias: str | None = "use_bias") -> tuple[Row, ...]:
    return (
        Row("kernel", "kernel_initializer", "glorot_uniform", ndim),
        Row("recurrent_kernel", "recurrent_initializer", "orthogonal", ndim),
        Row("bias", "bias_initializer", "zeros", None if ndim == 2 and bias else 1, bias),
    )


def _separable(ndim: int) -> tuple[Row, ...]:
    return (
        Row("depthwise_kernel", "depthwise_initializer", "glorot_uniform", ndim),
        Row("pointwise_kernel", "pointwise_initializer", "glorot_uniform", ndim),
        Row("bias", "bias_initializer", "zeros", 1, "use_bias"),
    )


def _depthwise(ndim: int) -> tuple[Row, ...]:
    return (
        Row("depthwise_kernel", "depthwise_initializer", "glorot_uniform", ndim),
        Row("bias", "bias_initializer", "zeros", 1, "use_bias"),
    )


_SCALE_SHIFT = (
    Row("gamma", "gamma_initializer", "ones", 1, "scale"),
    Row("beta", "beta_initializer", "zeros", 1, "center"),
)
_BATCH_NORMALIZATION = (
    *_SCALE_SHIFT,
    Row("moving_mean", "moving_mean_initializer", "zeros", 1, None, False),
    Row("moving_variance", "moving_variance_initializer", "ones", 1, None, False),
)

WEIGHTED: Mapping[str, tuple[Row, ...]] = {
    "Dense": _kernel_bias(2),
    "Conv1D": _kernel_bias(3),
    "Conv2D": _kernel_bias(4),
    "Conv3D": _kernel_bias(5),
    "Conv1DTranspose": _kernel_bias(3),
    "Conv2DTranspose": _kernel_bias(4),
    "Conv3DTranspose": _kernel_bias(5),
    "SeparableConv1D": _separable(3),
    "SeparableConv2D": _separable(4),
    "DepthwiseConv1D": _depthwise(3),
    "DepthwiseConv2D": _depthwise(4),
    "LocallyConnected1D": _kernel_bias(3, 2),
    "LocallyConnected2D": _kernel_bias(3, 3),
    "SimpleRNN": _recurrent(),
    "GRU": _recurrent(),
    "LSTM": _recurrent(),
    "SimpleRNNCell": _recurrent(),
    "GRUCell": _recurrent(),
    "LSTMCell": _recurrent(),
    "CuDNNGRU": _recurrent(bias=None),
    "CuDNNLSTM": _recurrent(bias=None),
    "ConvLSTM1D": _recurrent(3),
    "ConvLSTM2D": _recurrent(4),
    "ConvLSTM3D": _recurrent(5),
    "ConvLSTM2DCell": _recurrent(4),
    "Embedding": (Row("embeddings", "embeddings_initializer", "uniform", 2),),
    "BatchNormalization": _BATCH_NORMALIZATION,
    "SyncBatchNormalization": _BATCH_NORMALIZATION,
    "LayerNormalization": _SCALE_SHIFT,
    "GroupNormalization": _SCALE_SHIFT,
    "PReLU": (Row("alpha", "alpha_initializer", "zeros", None),),
    "MaxoutDense": (
        Row("W", "init", "glorot_uniform", 3),
        Row("b", "", "zeros", 2, "bias"),
    ),
    "Highway": (
        Row("W", "init", "glorot_uniform", 2),
        Row("W_carry", "init", "glorot_uniform", 2),
        Row("b", "", "zeros", 1, "bias"),
        Row("b_carry", "", "ones", 1, "bias"),
    ),
}

WRAPPERS = frozenset({"Bidirectional", "TimeDistributed", "RNN", "StackedRNNCells", "ConvRNN2D", "SpectralNormalization"})
MODELS = frozenset({"Model", "Functional", "Sequential", "Container", "Network", "Graph"})

_STATELESS = """
InputLayer Activation ActivityRegularization Add AlphaDropout Average AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D
AvgPool2D AvgPool3D Concatenate Cropping1D Cropping2D Cropping3D Dot Dropout ELU Flatten GaussianDropout GaussianNoise
GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D Lambda LeakyReLU Masking Maximum
MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Merge Minimum Multiply Permute ReLU RepeatVector Reshape Softmax
SpatialDropout1D SpatialDropout2D SpatialDropout3D Subtract ThresholdedReLU UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D
ZeroPadding2D ZeroPadding3D TFOpLambda SlicingOpLambda TensorFlowOpLayer AddMetric AddLoss ClassMethod InstanceMethod InstanceProperty
UnitNormalization Rescaling Resizing CenterCrop Cast Identity CategoryEncoding Discretization Hashing HashedCrossing RandomBrightness
RandomContrast RandomCrop RandomFlip RandomHeight RandomRotation RandomTranslation RandomWidth RandomZoom StringLookup IntegerLookup
TextVectorization DenseFeatures
"""
STATELESS = frozenset(_STATELESS.split())

UNCOUNTED = frozenset({"Attention", "AdditiveAttention", "MultiHeadAttention", "EinsumDense", "Normalization", "SpectralNormalization"})
"""tf.keras classes that may store weights, by rules that no table here states."""

_TF_ONLY = """
LayerNormalization GroupNormalization SyncBatchNormalization Conv1DTranspose DepthwiseConv1D ConvLSTM1D ConvLSTM3D Identity Cast
Rescaling Resizing CenterCrop UnitNormalization TFOpLambda SlicingOpLambda TensorFlowOpLayer AddMetric AddLoss ClassMethod InstanceMethod
InstanceProperty CategoryEncoding Discretization Hashing HashedCrossing StringLookup IntegerLookup TextVectorization DenseFeatures
RandomBrightness RandomContrast RandomCrop RandomFlip RandomHeight RandomRotation RandomTranslation RandomWidth RandomZoom
"""
TF_ONLY = UNCOUNTED | frozenset(_TF_ONLY.split())
"""Names that multi-backend Keras (up to 2.3) does not ship: in its files they are custom classes."""

_KERAS1 = """
Convolution1D Convolution2D Convolution3D AtrousConvolution1D AtrousConvolution2D Deconvolution2D SeparableConvolution2D
TimeDistributedDense TimeDistributedMerge ParametricSoftplus SReLU MaxoutDense Highway Merge
"""
KERAS1 = frozenset(_KERAS1.split())
"""Names of Keras 1 that Keras 2 no longer ships."""

_FILTERS, _UNITS = frozenset({"filters", "kernel_size"}), frozenset({"units"})
NEEDED: Mapping[str, frozenset[str]] = {
    **{
        name: _FILTERS
        for name in WEIGHTED
        if name.startswith(("Conv", "SeparableConv", "LocallyConnected")) and "DepthwiseConv" not in name
    },
    **{name: _UNITS for name in WEIGHTED if name.removesuffix("Cell") in {"Dense", "SimpleRNN", "GRU", "LSTM", "CuDNNGRU", "CuDNNLSTM"}},
    "Embedding": frozenset({"input_dim", "output_dim"}),
    "Highway": frozenset({"init"}),
    "MaxoutDense": frozenset({"init", "nb_feature"}),
    "MultiHeadAttention": frozenset({"num_heads", "key_dim"}),
    "LayerNormalization": frozenset({"epsilon"}),
    "BatchNormalization": frozenset({"epsilon"}),
    "Dropout": frozenset({"rate"}),
    "Reshape": frozenset({"target_shape"}),
    "Dot": frozenset({"axes"}),
    "Lambda": frozenset({"function"}),
    "Bidirectional": frozenset({"layer"}),
    "TimeDistributed": frozenset({"layer"}),
}
"""Arguments that the config of a Keras 2 layer always states. A class of that name without them is a custom one."""


def is_stock(class_name: str, config: Mapping[str, object] | None = None) -> bool:
    """Whether legacy Keras or tf.keras ships a layer of that name. With `config`, inner layers of wrappers must be stock too."""
    if class_name in WRAPPERS | MODELS:
        return config is None or all(is_stock(name, inner) for name, inner in inner_layers(class_name, config))
    return class_name in WEIGHTED or class_name in STATELESS or class_name in UNCOUNTED


def is_stateless(class_name: str) -> bool:
    """Whether it is a stock class that never stores a weight."""
    return class_name in STATELESS


def inner_layers(class_name: str, config: Mapping[str, object]) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """(class name, config) of the layers that a wrapper or model holds: `layer`, `cell`, `cells`, or a model's `layers`.

    A class of another package keeps a prefix that ends in ">", so that it is never taken for one of Keras.
    """
    if class_name in MODELS:
        entries = config.get("layers")
    else:
        single = config.get("layer", config.get("cell"))
        entries = config.get("cells") if single is None else [single]
    if not isinstance(entries, list):
        return ()
    return tuple(_entry(entry) for entry in entries if isinstance(entry, Mapping) and isinstance(entry.get("class_name"), str))


def _entry(entry: Mapping[str, object]) -> tuple[str, Mapping[str, Any]]:
    inner = entry.get("config")
    if isinstance(inner, list):  # a Sequential of Keras before 2.2.3
        inner = {"layers": inner}
    name = plain_class(entry["class_name"])
    if of_another_package(entry):  # it is no class that any table here knows
        name = f"{entry.get('module') or ''}>{name}"
    return name, inner if isinstance(inner, Mapping) else {}
