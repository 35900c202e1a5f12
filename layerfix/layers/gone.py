"""Layers of Keras 1 and 2 on Keras 3, which has none of them (keras 2.2.4, layers/local.py, advanced_activations.py; keras 1.2.2,
layers/core.py).

Source emitted for Keras 3 brings this file along as it is, so it uses nothing of layerfix.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


class _LocallyConnected(keras.layers.Layer):
    """A convolution whose kernel differs at each place: kernel (places, patch * channels, filters), bias (*places, filters)."""

    rank = 1

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        activation: object = None,
        use_bias: bool = True,
        kernel_initializer: object = "glorot_uniform",
        bias_initializer: object = "zeros",
        **settings: Any,
    ) -> None:
        for part in ("kernel", "bias"):
            setattr(self, f"_{part}_regularizer", keras.regularizers.get(settings.pop(f"{part}_regularizer", None)))
            setattr(self, f"_{part}_constraint", keras.constraints.get(settings.pop(f"{part}_constraint", None)))
        super().__init__(**settings)
        if padding != "valid" or data_format == "channels_first":
            raise ValueError("a locally connected layer takes valid padding and channels_last here")
        self.filters = filters
        self.kernel_size, self.strides = ((item,) * self.rank if isinstance(item, int) else tuple(item) for item in (kernel_size, strides))
        self.activation, self.use_bias = keras.activations.get(activation), use_bias
        self.kernel_initializer, self.bias_initializer = map(keras.initializers.get, (kernel_initializer, bias_initializer))

    def places(self, input_shape: Any) -> tuple[int, ...]:
        """At how many places the kernel lies, in each direction."""
        sizes = zip(input_shape[1:-1], self.kernel_size, self.strides, strict=True)
        return tuple((size - kernel) // stride + 1 for size, kernel, stride in sizes)

    def build(self, input_shape: Any) -> None:
        places, patch = self.places(input_shape), input_shape[-1]
        for size in self.kernel_size:
            patch *= size
        count = places[0] * (places[1] if self.rank == 2 else 1)
        self.kernel = self._variable("kernel", (count, patch, self.filters))
        self.bias = self._variable("bias", (*places, self.filters)) if self.use_bias else None

    def _variable(self, part: str, shape: tuple[int, ...]) -> Any:
        settings = {key: getattr(self, f"_{part}_{key}") for key in ("regularizer", "constraint")}
        return self.add_weight(name=part, shape=shape, initializer=getattr(self, f"{part}_initializer"), **settings)

    def call(self, inputs: Any) -> Any:
        places = self.places(inputs.shape)
        image, sizes, steps, grid = inputs, self.kernel_size, self.strides, places
        if self.rank == 1:
            image, sizes, steps, grid = ops.expand_dims(inputs, 1), (1, *sizes), (1, *steps), (1, *grid)
        corners = [(i * steps[0], j * steps[1]) for i in range(grid[0]) for j in range(grid[1])]
        patches = [ops.reshape(image[:, i : i + sizes[0], j : j + sizes[1]], (-1, self.kernel.shape[1])) for i, j in corners]
        outputs = ops.reshape(ops.einsum("bpk,pkf->bpf", ops.stack(patches, 1), self.kernel), (-1, *places, self.filters))
        return self.activation(outputs if self.bias is None else outputs + self.bias)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return (input_shape[0], *self.places(input_shape), self.filters)


class LocallyConnected1D(_LocallyConnected):
    """Over time: inputs (batch, steps, channels)."""


class LocallyConnected2D(_LocallyConnected):
    """Over an image: inputs (batch, rows, columns, channels)."""

    rank = 2


class ThresholdedReLU(keras.layers.ReLU):
    """x where it is above theta, else 0."""

    def __init__(self, theta: float = 1.0, **settings: Any) -> None:
        super().__init__(**{"threshold": theta, **settings})


class _Keras1(keras.layers.Layer):
    """A layer of Keras 1, with its arguments in its words; regularizers and constraints act on the kernels."""

    def __init__(self, init: object = "glorot_uniform", activation: object = None, bias: bool = True, **settings: Any) -> None:
        self.penalties = {
            role: {
                "regularizer": keras.regularizers.get(settings.pop(f"{role}_regularizer", None)),
                "constraint": keras.constraints.get(settings.pop(f"{role}_constraint", None)),
            }
            for role in ("W", "b")
        }
        settings.pop("input_dim", None)
        super().__init__(**settings)
        self.init, self.activation, self.bias = keras.initializers.get(init), keras.activations.get(activation), bias

    def _variable(self, name: str, shape: tuple[int, ...], initializer: object) -> Any:
        return self.add_weight(name=name, shape=shape, initializer=initializer, **self.penalties[name[0]])


class MaxoutDense(_Keras1):
    """The largest of `nb_feature` dense layers: W (features, inputs, outputs), b (features, outputs)."""

    def __init__(self, output_dim: int, nb_feature: int = 4, init: object = "glorot_uniform", **settings: Any) -> None:
        super().__init__(init, **settings)
        self.output_dim, self.nb_feature = output_dim, nb_feature

    def build(self, input_shape: Any) -> None:
        self.W = self._variable("W", (self.nb_feature, input_shape[-1], self.output_dim), self.init)
        self.b = self._variable("b", (self.nb_feature, self.output_dim), "zeros") if self.bias else None

    def call(self, inputs: object) -> Any:
        features = ops.einsum("ai,kio->ako", inputs, self.W)
        return ops.max(features if self.b is None else features + self.b, axis=1)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return (input_shape[0], self.output_dim)


class Highway(_Keras1):
    """gate * activation(W x + b) + (1 - gate) * x with gate = sigmoid(W_carry x + b_carry): both kernels (inputs, inputs)."""

    def build(self, input_shape: Any) -> None:
        size = input_shape[-1]
        self.W, self.W_carry = (self._variable(name, (size, size), self.init) for name in ("W", "W_carry"))
        self.b = self._variable("b", (size,), "zeros") if self.bias else None
        self.b_carry = self._variable("b_carry", (size,), "ones") if self.bias else None

    def call(self, inputs: object) -> Any:
        value, gate = ops.matmul(inputs, self.W), ops.matmul(inputs, self.W_carry)
        if self.b is not None:
            value, gate = value + self.b, gate + self.b_carry
        gate = ops.sigmoid(gate)
        return gate * self.activation(value) + (1 - gate) * inputs

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape)
