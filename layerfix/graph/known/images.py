"""Pictures: sizes, pooling, preprocessing, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from layerfix.graph.tensors import Size, Tensor


def K_resize_images__tf1(x: Tensor, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest") -> Tensor:
    if interpolation != "nearest":
        raise ValueError("TensorFlow 1 sampled pictures at other places than Keras does today")
    rows, columns = (2, 3) if data_format == "channels_first" else (1, 2)
    return ops.repeat(ops.repeat(x, height_factor, axis=rows), width_factor, axis=columns)


def K_resize_images__tf2(x: Tensor, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest") -> Tensor:
    rows, columns = (2, 3) if data_format == "channels_first" else (1, 2)
    if interpolation == "nearest":
        return ops.repeat(ops.repeat(x, height_factor, axis=rows), width_factor, axis=columns)
    size = (x.shape[rows] * height_factor, x.shape[columns] * width_factor)
    return ops.image.resize(x, size, interpolation=interpolation, data_format=data_format)


def tf_depth_to_space(input: Tensor, block_size: int, data_format: str = "NHWC") -> Tensor:  # noqa: A002
    if data_format != "NHWC":
        raise ValueError("depth_to_space is known for NHWC alone")
    b = block_size
    _, rows, columns, depth = input.shape
    if rows is None or columns is None:
        raise ValueError("depth_to_space of pictures of open sizes is not known here")
    split = ops.reshape(input, [-1, rows, columns, b, b, depth // (b * b)])
    return ops.reshape(ops.transpose(split, axes=[0, 1, 3, 2, 4, 5]), [-1, rows * b, columns * b, depth // (b * b)])


def tf_space_to_depth(input: Tensor, block_size: int, data_format: str = "NHWC") -> Tensor:  # noqa: A002
    if data_format != "NHWC":
        raise ValueError("space_to_depth is known for NHWC alone")
    b = block_size
    _, rows, columns, depth = input.shape
    if rows is None or columns is None:
        raise ValueError("space_to_depth of pictures of open sizes is not known here")
    split = ops.reshape(input, [-1, rows // b, b, columns // b, b, depth])
    return ops.reshape(ops.transpose(split, axes=[0, 1, 3, 2, 4, 5]), [-1, rows // b, columns // b, depth * b * b])


def known_resized(images: Tensor, size: Sequence[int], method: Any, aspect: bool, antialias: bool) -> Tensor:
    """tf.image.resize of TensorFlow 2: pixel centers at halves (image_ops_impl.py, resize_images_v2)."""
    if aspect:
        raise ValueError("a resize that keeps the proportions is not known here")
    name = {0: "bilinear", 1: "nearest", 2: "bicubic"}.get(method, method)
    if name not in {"bilinear", "nearest", "lanczos3", "lanczos5"}:
        raise ValueError(f"a resize by {name} is not known here")
    if name != "nearest" and "float" not in str(images.dtype):
        images = ops.cast(images, "float32")  # TensorFlow gives floats, Keras what it got
    return ops.image.resize(images, tuple(size), interpolation=name, antialias=antialias, data_format="channels_last")


def tf_image_resize__tf2(
    images: Tensor, size: Sequence[int], method: str | int = "bilinear", preserve_aspect_ratio: bool = False, antialias: bool = False
) -> Tensor:
    return known_resized(images, size, method, preserve_aspect_ratio, antialias)


def known_tf1_resized(images: Tensor, size: Sequence[int], method: Any, align_corners: bool, aspect: bool = False) -> Tensor:
    """Sampling of TensorFlow 1: no half-pixel centers, corners aligned on demand (resize_bilinear_op.cc)."""
    if aspect:
        raise ValueError("a resize that keeps the proportions is not known here")
    name = {0: "bilinear", 1: "nearest"}.get(method, method)
    if name not in {"bilinear", "nearest"}:
        raise ValueError(f"a resize of TensorFlow 1 by {name} is not known here")
    if None in images.shape[1:3]:
        raise ValueError("a resize of TensorFlow 1 needs the size of its input")
    if name == "bilinear" and "float" not in str(images.dtype):
        images = ops.cast(images, "float32")
    for axis, wanted in ((1, size[0]), (2, size[1])):
        images = known_tf1_resized_axis(images, axis, int(wanted), name, align_corners)
    return images


def known_tf1_resized_axis(images: Tensor, axis: int, wanted: int, name: str, align: bool) -> Tensor:
    """One axis, by the places that each output pixel is made of."""
    held = images.shape[axis]
    scale = (held - 1) / (wanted - 1) if align and wanted > 1 else held / wanted
    places = np.arange(wanted) * scale
    if name == "nearest":
        chosen = np.floor(places + 0.5) if align else np.floor(places)
        return ops.take(images, np.minimum(chosen, held - 1).astype("int32"), axis=axis)
    low = np.floor(places).astype("int32")
    part = (places - low).astype("float32").reshape([-1 if a == axis else 1 for a in range(4)])
    below = ops.take(images, np.minimum(low, held - 1), axis=axis)
    above = ops.take(images, np.minimum(low + 1, held - 1), axis=axis)
    return below + (above - below) * part


def tf_image_resize__tf1(
    images: Tensor, size: Sequence[int], method: str | int = 0, align_corners: bool = False, preserve_aspect_ratio: bool = False
) -> Tensor:
    return known_tf1_resized(images, size, method, align_corners, preserve_aspect_ratio)


def tf_image_resize_images(
    images: Tensor, size: Sequence[int], method: str | int = 0, align_corners: bool = False, preserve_aspect_ratio: bool = False
) -> Tensor:
    return known_tf1_resized(images, size, method, align_corners, preserve_aspect_ratio)


def tf_image_resize_bilinear(images: Tensor, size: Sequence[int], align_corners: bool = False) -> Tensor:
    return known_tf1_resized(images, size, "bilinear", align_corners)


def tf_image_resize_nearest_neighbor(images: Tensor, size: Sequence[int], align_corners: bool = False) -> Tensor:
    return known_tf1_resized(images, size, "nearest", align_corners)


def tf_image_rgb_to_grayscale(images: Tensor) -> Tensor:
    if "float" not in str(images.dtype):
        raise ValueError("TensorFlow rounds the gray of whole numbers in a way that is not known here")
    return ops.sum(images * np.array([0.2989, 0.587, 0.114], "float32"), axis=-1, keepdims=True)


def tf_image_flip_left_right(image: Tensor) -> Tensor:
    return ops.flip(image, axis=-2)


def tf_image_flip_up_down(image: Tensor) -> Tensor:
    return ops.flip(image, axis=-3)


def known_planar(x: Tensor, sizes: Size, data_format: str) -> tuple[int, int]:
    """Sizes for rows and columns of pictures; TensorFlow takes one number, one, two, or one for each axis."""
    if data_format != "NHWC" or len(x.shape) != 4:
        raise ValueError("a pooling is known for pictures in NHWC alone")
    listed = [sizes] if isinstance(sizes, int) else list(sizes)
    if len(listed) == 4 and (listed[0], listed[3]) != (1, 1):
        raise ValueError("a pooling over samples or channels is not known here")
    rows, columns = listed[1:3] if len(listed) == 4 else listed * 2 if len(listed) == 1 else listed
    return rows, columns


def known_max_pooled(x: Tensor, ksize: Size, strides: Size, padding: str, data_format: str) -> Tensor:
    size, steps = known_planar(x, ksize, data_format), known_planar(x, strides, data_format)
    return ops.max_pool(x, size, strides=steps, padding=padding.lower(), data_format="channels_last")


def known_average_pooled(x: Tensor, ksize: Size, strides: Size, padding: str, data_format: str) -> Tensor:
    size, steps = known_planar(x, ksize, data_format), known_planar(x, strides, data_format)
    return ops.average_pool(x, size, strides=steps, padding=padding.lower(), data_format="channels_last")


def tf_max_pool(value: Tensor, ksize: Size, strides: Size, padding: str, data_format: str = "NHWC") -> Tensor:
    return known_max_pooled(value, ksize, strides, padding, data_format)


def tf_avg_pool(value: Tensor, ksize: Size, strides: Size, padding: str, data_format: str = "NHWC") -> Tensor:
    return known_average_pooled(value, ksize, strides, padding, data_format)


def tf_max_pool2d(input: Tensor, ksize: Size, strides: Size, padding: str, data_format: str = "NHWC") -> Tensor:  # noqa: A002
    return known_max_pooled(input, ksize, strides, padding, data_format)


def tf_avg_pool2d(input: Tensor, ksize: Size, strides: Size, padding: str, data_format: str = "NHWC") -> Tensor:  # noqa: A002
    return known_average_pooled(input, ksize, strides, padding, data_format)


def known_image_scaled(x: Tensor) -> Tensor:
    """imagenet_utils.preprocess_input, mode "tf"."""
    return x / 127.5 - 1.0


def known_image_centered(x: Tensor) -> Tensor:
    """imagenet_utils.preprocess_input, mode "caffe", channels last."""
    return x[..., ::-1] - np.array([103.939, 116.779, 123.68], "float32")


def keras_applications_mobilenet_preprocess_input(x: Tensor) -> Tensor:
    return known_image_scaled(x)


def keras_applications_mobilenet_v2_preprocess_input(x: Tensor) -> Tensor:
    return known_image_scaled(x)


def keras_applications_xception_preprocess_input(x: Tensor) -> Tensor:
    return known_image_scaled(x)


def keras_applications_inception_v3_preprocess_input(x: Tensor) -> Tensor:
    return known_image_scaled(x)


def keras_applications_inception_resnet_v2_preprocess_input(x: Tensor) -> Tensor:
    return known_image_scaled(x)


def keras_applications_resnet_v2_preprocess_input(x: Tensor) -> Tensor:
    return known_image_scaled(x)


def keras_applications_vgg16_preprocess_input(x: Tensor) -> Tensor:
    return known_image_centered(x)


def keras_applications_vgg19_preprocess_input(x: Tensor) -> Tensor:
    return known_image_centered(x)


def keras_applications_resnet50_preprocess_input(x: Tensor) -> Tensor:
    return known_image_centered(x)


def keras_applications_resnet_preprocess_input(x: Tensor) -> Tensor:
    return known_image_centered(x)
