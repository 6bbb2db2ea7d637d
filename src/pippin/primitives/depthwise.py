"""Depthwise convolution: every channel of a picture has a small window of its own. With both its gradients as
primitives.

Pictures are (batch, height, width, channels), kernels (height, width, channels). As in conv.py, the three primitives
are one sum over (picture, kernel, result), solved for another of the three.
Source: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions" (2017), section 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.conv import Padding, Pair, result_sides, windows_of
from pippin.primitives.primitive import Primitive, Sample, Spec, need_float, need_rank


def _forward_shape(x: Spec, kernel: Spec, *, strides: Pair, padding: Padding, dilation: Pair) -> Spec:
    need_rank("depthwise_conv2d", "pictures (batch, height, width, channels)", x, 4)
    need_rank("depthwise_conv2d", "a kernel (height, width, channels)", kernel, 3)
    need_float("depthwise_conv2d", x, kernel)
    if x.shape[3] != kernel.shape[2]:
        raise ShapeError(
            f"depthwise_conv2d: expected {kernel.shape[2]} channels for kernel {kernel.shape}, "
            f"received pictures {x.shape}."
        )
    window = kernel.shape[0], kernel.shape[1]
    height, width = result_sides(x, window, strides, padding, dilation, "depthwise_conv2d")
    return Spec((x.shape[0], height, width, x.shape[3]))


def _forward(x: np.ndarray, kernel: np.ndarray, *, strides: Pair, padding: Padding, dilation: Pair) -> np.ndarray:
    windows = windows_of(x, kernel.shape[:2], strides, padding, dilation)
    y: np.ndarray = np.einsum("brsuvc,uvc->brsc", windows, kernel)
    return y


def _input_gradient(
    dy: np.ndarray, kernel: np.ndarray, *, strides: Pair, padding: Padding, dilation: Pair, size: Pair
) -> np.ndarray:
    top, bottom, left, right = padding
    batch, height, width, channels = dy.shape
    dx = np.zeros((batch, size[0] + top + bottom, size[1] + left + right, channels), dy.dtype)
    for row in range(kernel.shape[0]):
        for column in range(kernel.shape[1]):
            rows = slice(row * dilation[0], row * dilation[0] + (height - 1) * strides[0] + 1, strides[0])
            columns = slice(column * dilation[1], column * dilation[1] + (width - 1) * strides[1] + 1, strides[1])
            dx[:, rows, columns] += dy * kernel[row, column]
    return dx[:, top : top + size[0], left : left + size[1]]


def _kernel_gradient(
    x: np.ndarray, dy: np.ndarray, *, strides: Pair, padding: Padding, dilation: Pair, size: Pair
) -> np.ndarray:
    windows = windows_of(x, size, strides, padding, dilation)
    dk: np.ndarray = np.einsum("brsuvc,brsc->uvc", windows, dy)
    return dk


def _jax_forward(jax: Any, x: Any, kernel: Any, *, strides: Pair, padding: Padding, dilation: Pair) -> Any:
    top, bottom, left, right = padding
    return jax.lax.conv_general_dilated(
        x, kernel[:, :, None, :], strides, ((top, bottom), (left, right)), rhs_dilation=dilation,
        dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=x.shape[3], precision="highest",
    )  # fmt: skip


def _jax_input_gradient(jax: Any, dy: Any, kernel: Any, *, size: Pair, **settings: Any) -> Any:
    shape = jax.ShapeDtypeStruct((dy.shape[0], *size, dy.shape[3]), dy.dtype)
    return jax.linear_transpose(lambda x: _jax_forward(jax, x, kernel, **settings), shape)(dy)[0]


def _jax_kernel_gradient(jax: Any, x: Any, dy: Any, *, size: Pair, **settings: Any) -> Any:
    shape = jax.ShapeDtypeStruct((*size, x.shape[3]), dy.dtype)
    return jax.linear_transpose(lambda kernel: _jax_forward(jax, x, kernel, **settings), shape)(dy)[0]


_CASES: tuple[tuple[tuple[int, ...], Pair, dict[str, Any]], ...] = (
    ((2, 5, 5, 1), (3, 3), {"strides": (1, 1), "padding": (0, 0, 0, 0), "dilation": (1, 1)}),
    ((1, 6, 21, 3), (3, 3), {"strides": (1, 1), "padding": (1, 1, 1, 1), "dilation": (1, 1)}),
    ((2, 7, 6, 17), (2, 3), {"strides": (2, 1), "padding": (0, 1, 1, 1), "dilation": (1, 1)}),
    ((2, 9, 23, 16), (3, 2), {"strides": (2, 3), "padding": (1, 0, 0, 2), "dilation": (1, 1)}),
    ((1, 9, 9, 33), (3, 3), {"strides": (1, 1), "padding": (2, 2, 2, 2), "dilation": (2, 2)}),
    ((2, 8, 9, 2), (2, 2), {"strides": (2, 2), "padding": (0, 0, 0, 0), "dilation": (2, 3)}),
    ((0, 5, 5, 2), (3, 3), {"strides": (1, 1), "padding": (1, 1, 1, 1), "dilation": (1, 1)}),
    ((3, 1, 12, 5), (1, 5), {"strides": (1, 1), "padding": (0, 0, 4, 0), "dilation": (1, 1)}),
    ((2, 2, 2, 4), (5, 4), {"strides": (1, 1), "padding": (2, 2, 1, 2), "dilation": (1, 1)}),
    ((2, 40, 40, 8), (3, 3), {"strides": (2, 2), "padding": (0, 1, 0, 1), "dilation": (1, 1)}),
)  # fmt: skip


def _samples(which: str) -> Any:
    def samples(rng: np.random.Generator) -> list[Sample]:
        found: list[Sample] = []
        for x_shape, size, settings in _CASES:
            kernel_shape = (*size, x_shape[3])
            x, kernel = (rng.normal(size=shape).astype(np.float32) for shape in (x_shape, kernel_shape))
            dy = rng.normal(size=_forward_shape(Spec(x_shape), Spec(kernel_shape), **settings).shape).astype(np.float32)
            found.append({
                "forward": ((x, kernel), settings),
                "input": ((dy, kernel), {**settings, "size": x_shape[1:3]}),
                "kernel": ((x, dy), {**settings, "size": size}),
            }[which])  # fmt: skip
        return found

    return samples


def _flops(pixels_by: int, window_by: int | None) -> Any:
    """Twice the number of multiply-adds: the numbers of the result for each position of its window."""

    def flops(result: Spec, a: Spec, b: Spec, **settings: Any) -> float:
        specs = (result, a, b)
        window = settings["size"] if window_by is None else specs[window_by].shape[:2]
        return 2.0 * specs[pixels_by].size * window[0] * window[1]

    return flops


depthwise_conv2d = Primitive(
    "depthwise_conv2d", "y[b,i,j,c] = Σ_u,v x[b, i·s+u, j·s+v, c] · kernel[u,v,c]",
    "Slides a small window of weights over each channel of a picture; no channel meets another.",
    _forward_shape, _forward, _jax_forward, _samples("forward"),
    derivative=lambda dy, y, x, kernel, **settings: (
        depthwise_conv2d_input_gradient(dy, kernel, size=x.shape[1:3], **settings),
        depthwise_conv2d_kernel_gradient(x, dy, size=kernel.shape[:2], **settings),
    ),
    flops=_flops(0, 2), ends_in_rows=True,
)  # fmt: skip


def _not_the_gradient(name: str, x: Spec, kernel: Spec, dy: Spec) -> ShapeError:
    return ShapeError(
        f"{name}: expected the gradient of a depthwise convolution of {x.shape} with {kernel.shape}, "
        f"received {dy.shape}."
    )


def _input_gradient_shape(dy: Spec, kernel: Spec, *, size: Pair, **settings: Any) -> Spec:
    x = Spec((dy.shape[0], *size, dy.shape[-1]))
    if _forward_shape(x, kernel, **settings) != dy:
        raise _not_the_gradient("depthwise_conv2d_input_gradient", x, kernel, dy)
    return x


depthwise_conv2d_input_gradient: Primitive = Primitive(
    "depthwise_conv2d_input_gradient", "dx[b,p,q,c] = Σ dy[b,i,j,c] · kernel[u,v,c] where i·s+u = p, j·s+v = q",
    "Carries the error of a depthwise convolution back to the picture, channel by channel.",
    _input_gradient_shape, _input_gradient, _jax_input_gradient, _samples("input"),
    derivative=lambda g, dx, dy, kernel, *, size, **settings: (
        depthwise_conv2d(g, kernel, **settings),
        depthwise_conv2d_kernel_gradient(g, dy, size=kernel.shape[:2], **settings),
    ),
    flops=_flops(1, 2), ends_in_rows=True,
)  # fmt: skip


def _kernel_gradient_shape(x: Spec, dy: Spec, *, size: Pair, **settings: Any) -> Spec:
    kernel = Spec((*size, x.shape[-1]))
    if _forward_shape(x, kernel, **settings) != dy:
        raise _not_the_gradient("depthwise_conv2d_kernel_gradient", x, kernel, dy)
    return kernel


depthwise_conv2d_kernel_gradient: Primitive = Primitive(
    "depthwise_conv2d_kernel_gradient", "dk[u,v,c] = Σ_b,i,j x[b, i·s+u, j·s+v, c] · dy[b,i,j,c]",
    "Finds how each weight of each channel's window should change: its inputs times the errors, added over all spots.",
    _kernel_gradient_shape, _kernel_gradient, _jax_kernel_gradient, _samples("kernel"),
    derivative=lambda g, dk, x, dy, *, size, **settings: (
        depthwise_conv2d_input_gradient(dy, g, size=x.shape[1:3], **settings), depthwise_conv2d(x, g, **settings),
    ),
    flops=_flops(2, None), ends_in_rows=True,
)  # fmt: skip
