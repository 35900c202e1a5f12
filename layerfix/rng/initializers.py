"""Which random stream (or constant) a legacy initializer filled a weight with: keras 2.0.0-2.2.5, initializers.py.

What changed between the releases, read from their sources:

* 2.0.0-2.0.5 take the receptive field of a kernel as `shape[:2]`, from 2.0.6 on as `shape[:-2]` (other limits for 1-D and 3-D kernels).
* Before 2.2.0 normal `VarianceScaling` uses `sqrt(scale)`; from 2.2.0 on it divides by .87962566103423978, the deviation of a normal
  truncated at two of its own.
* `Identity`: square only before 2.2.3, repeated along the long side in 2.2.3 and 2.2.4, padded with zeros in 2.2.5.
* `Orthogonal(seed=s)` reseeds numpy's *global* generator before 2.2.5, and uses one of its own in 2.2.5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from layerfix.legacy.initializers import canonical
from layerfix.legacy.versions import NEWEST_KERAS2, Numbers, keras2_numbers

Kind = Literal["uniform", "truncated_normal", "normal", "orthogonal", "identity", "constant", "unknown"]
TRUNCATED_DEVIATION = 0.87962566103423978
"""Standard deviation of a standard normal truncated at two."""


@dataclass(frozen=True, slots=True)
class Stream:
    """How one weight was first filled.

    Attributes:
        kind: the distribution, or "unknown".
        low, high: bounds of "uniform", as float32 values.
        mean, stddev: of "normal" and "truncated_normal" (before truncation), as float32 values.
        gain: factor of "orthogonal" and "identity".
        value: what a "constant" is filled with: a number, or a flat tuple of one number per element.
        seed: op seed fixed in the initializer's config. Then nothing was drawn from numpy, and the value is known.
        reseeds_numpy: whether building the weight reset numpy's global generator to `seed` (Orthogonal before 2.2.5).
        pads: whether "identity" fills a long side with zeros (2.2.5) rather than with repetitions.
    """

    kind: Kind
    low: float = 0.0
    high: float = 1.0
    mean: float = 0.0
    stddev: float = 1.0
    gain: float = 1.0
    value: float | tuple[float, ...] = 0.0
    seed: int | None = None
    reseeds_numpy: bool = False
    pads: bool = True

    @property
    def random(self) -> bool:
        """Whether TensorFlow's Philox filled it, so that an op seed identifies its value."""
        return self.kind in ("uniform", "truncated_normal", "normal")

    @property
    def draws_seed(self) -> bool:
        """Whether one `np.random.randint(10e6)` was consumed for it."""
        return self.random and self.seed is None

    @property
    def center(self) -> float:
        """Expected value of an element."""
        return (self.low + self.high) / 2 if self.kind == "uniform" else self.mean


UNKNOWN = Stream("unknown")


def stream(initializer: Mapping[str, object] | str | None, shape: Sequence[int], keras_version: str | None) -> Stream:
    """The stream that legacy Keras filled a weight with.

    Args:
        initializer: {"class_name", "config"} as in a model config, a short name ("glorot_uniform"), or None. An LSTM bias with
            `unit_forget_bias` is {"class_name": "UnitForgetBias", "config": {"bias_initializer": ...}}.
        shape: full static shape of the weight.
        keras_version: as stored in the file; None is taken as 2.2.5.

    Returns:
        The stream; kind "unknown" for user initializers and configs that no release accepts.
    """
    known = canonical(initializer)
    if known is None or known["class_name"] not in _BY_NAME:
        return UNKNOWN
    version = keras2_numbers(keras_version)
    shape = tuple(int(size) for size in shape)
    try:
        return _BY_NAME[known["class_name"]](known["config"], shape, version)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return UNKNOWN


def fans(shape: Sequence[int], version: Numbers = NEWEST_KERAS2) -> tuple[float, float]:
    """Fan-in and fan-out of a kernel (`_compute_fans`, channels last, as Keras stores every kernel)."""
    if len(shape) == 2:
        return shape[0], shape[1]
    if len(shape) in (3, 4, 5):
        field = math.prod(shape[:-2] if version >= (2, 0, 6) else shape[:2])
        return shape[-2] * field, shape[-1] * field
    side = math.sqrt(math.prod(shape))
    return side, side


def constant_value(stream: Stream, shape: Sequence[int]) -> NDArray[np.float32]:
    """The array of a "constant" or "identity" stream.

    Raises:
        ValueError: for a random stream.
    """
    if stream.kind == "constant":
        return np.asarray(np.broadcast_to(np.asarray(stream.value, np.float32).reshape(_fill_shape(stream, shape)), shape)).copy()
    if stream.kind != "identity":
        raise ValueError(f"a {stream.kind} stream has no constant value")
    rows, columns = shape
    if stream.pads:
        return (stream.gain * np.eye(rows, columns)).astype(np.float32)
    square = np.eye(min(shape))
    repeated = np.concatenate([square] * (max(shape) // min(shape)), axis=0 if rows > columns else 1)
    return (stream.gain * repeated).astype(np.float32)


def _fill_shape(stream: Stream, shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(shape) if isinstance(stream.value, tuple) else ()


def _seed(config: Mapping[str, Any]) -> int | None:
    return None if config.get("seed") is None else int(config["seed"])


def _float32(value: Any) -> float:
    return float(np.float32(value))


def _variance_scaling(config: Mapping[str, Any], shape: tuple[int, ...], version: Numbers) -> Stream:
    fan_in, fan_out = fans(shape, version)
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[str(config.get("mode", "fan_in")).lower()]
    scale = float(config.get("scale", 1.0)) / max(1.0, float(fan))
    distribution = str(config.get("distribution", "normal")).lower()
    if distribution == "uniform":
        limit = np.sqrt(3.0 * scale)
        return Stream("uniform", low=_float32(-limit), high=_float32(limit), seed=_seed(config))
    if distribution not in ("normal", "truncated_normal"):
        return UNKNOWN
    stddev = np.sqrt(scale) / (TRUNCATED_DEVIATION if version >= (2, 2, 0) else 1.0)
    return Stream("truncated_normal", stddev=_float32(stddev), seed=_seed(config))


def _random_uniform(config: Mapping[str, object], shape: tuple[int, ...], version: Numbers) -> Stream:
    high = config.get("maxval", 0.05)
    return Stream("uniform", low=_float32(config.get("minval", -0.05)), high=1.0 if high is None else _float32(high), seed=_seed(config))


def _random_normal(config: Mapping[str, object], shape: tuple[int, ...], version: Numbers) -> Stream:
    return Stream("normal", mean=_float32(config.get("mean", 0.0)), stddev=_float32(config.get("stddev", 0.05)), seed=_seed(config))


def _truncated_normal(config: Mapping[str, object], shape: tuple[int, ...], version: Numbers) -> Stream:
    mean, stddev = _float32(config.get("mean", 0.0)), _float32(config.get("stddev", 0.05))
    return Stream("truncated_normal", mean=mean, stddev=stddev, seed=_seed(config))


def _orthogonal(config: Mapping[str, Any], shape: tuple[int, ...], version: Numbers) -> Stream:
    seed = _seed(config)
    return Stream("orthogonal", gain=float(config.get("gain", 1.0)), seed=seed, reseeds_numpy=seed is not None and version < (2, 2, 5))


def _identity(config: Mapping[str, Any], shape: tuple[int, ...], version: Numbers) -> Stream:
    pads = version >= (2, 2, 5)
    square_only = version < (2, 2, 3)
    if len(shape) != 2 or (shape[0] != shape[1] and (square_only or (not pads and max(shape) % min(shape)))):
        return UNKNOWN
    return Stream("identity", gain=float(config.get("gain", 1.0)), pads=pads)


def _constant(config: Mapping[str, object], shape: tuple[int, ...], version: Numbers) -> Stream:
    value = np.asarray(config.get("value", 0), np.float32).ravel()
    if value.size == 1:
        return Stream("constant", value=float(value[0]))
    return Stream("constant", value=tuple(map(float, value))) if value.size == math.prod(shape) else UNKNOWN


def _unit_forget_bias(config: Mapping[str, Any], shape: tuple[int, ...], version: Numbers) -> Stream:
    """LSTM bias, ones for the forget gate: the second of i, f, c, o, or of CuDNN's second four (keras 2.2.4, layers/recurrent.py)."""
    gates = int(config.get("gates", 4))
    inner = stream(config.get("bias_initializer", "zeros"), (shape[0] // gates,), ".".join(map(str, version)))
    if inner.kind != "constant" or isinstance(inner.value, tuple):
        return UNKNOWN  # a random bias is drawn in two pieces: nobody did that
    values = np.full((gates, shape[0] // gates), inner.value, np.float32)
    values[gates - 3] = 1.0
    return Stream("constant", value=tuple(map(float, values.ravel())))


_BY_NAME = {
    "Zeros": lambda config, shape, version: Stream("constant", value=0.0),
    "Ones": lambda config, shape, version: Stream("constant", value=1.0),
    "Constant": _constant, "UnitForgetBias": _unit_forget_bias,
    "RandomUniform": _random_uniform, "RandomNormal": _random_normal, "TruncatedNormal": _truncated_normal,
    "VarianceScaling": _variance_scaling, "Orthogonal": _orthogonal, "Identity": _identity,
}  # fmt: skip
