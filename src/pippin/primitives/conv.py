"""Convolution of pictures: one small window of weights slides over the picture. With both its gradients as primitives.

Pictures are (batch, height, width, channels), kernels (height, width, channels, filters), as in Keras. All three
primitives are the same sum over (picture, kernel, result), solved for another of the three, so each one's derivative is
written with the other two. `padding` is (top, bottom, left, right) zeros; strides and dilation are (vertical,
horizontal).
Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), relations 1 to 14.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.primitive import Primitive, Sample, Spec, need_float, need_rank

Pair = tuple[int, int]
Padding = tuple[int, int, int, int]


def result_length(size: int, window: int, stride: int, before: int, after: int, dilation: int = 1) -> int:
    """How many places a window has on an axis of `size` numbers; 0 or less when it doesn't fit."""
    return (size + before + after - dilation * (window - 1) - 1) // stride + 1


def result_sides(x: Spec, window: Pair, strides: Pair, padding: Padding, dilation: Pair, name: str) -> Pair:
    top, bottom, left, right = padding
    height = result_length(x.shape[1], window[0], strides[0], top, bottom, dilation[0])
    width = result_length(x.shape[2], window[1], strides[1], left, right, dilation[1])
    if height < 1 or width < 1:
        raise ShapeError(
            f"{name}: expected a picture at least as large as the window, received pictures of "
            f"{x.shape[1]}x{x.shape[2]} and a window of {window[0]}x{window[1]}, which leaves no output. "
            "Use padding='same', a smaller kernel, or fewer poolings before it."
        )
    return height, width


def _forward_shape(x: Spec, kernel: Spec, *, strides: Pair, padding: Padding, dilation: Pair) -> Spec:
    need_rank("conv2d", "pictures (batch, height, width, channels)", x, 4)
    need_rank("conv2d", "a kernel (height, width, channels, filters)", kernel, 4)
    need_float("conv2d", x, kernel)
    if x.shape[3] != kernel.shape[2]:
        raise ShapeError(
            f"conv2d: expected {kernel.shape[2]} channels for kernel {kernel.shape}, received pictures {x.shape}."
        )
    height, width = result_sides(x, kernel.shape[:2], strides, padding, dilation, "conv2d")  # type: ignore[arg-type]
    return Spec((x.shape[0], height, width, kernel.shape[3]))


def windows_of(x: np.ndarray, window: Pair, strides: Pair, padding: Padding, dilation: Pair) -> np.ndarray:
    """Every window of every picture: (batch, result height, result width, window height, window width, channels)."""
    top, bottom, left, right = padding
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    reach = tuple(d * (w - 1) + 1 for d, w in zip(dilation, window, strict=True))
    views = np.lib.stride_tricks.sliding_window_view(x, reach, axis=(1, 2))
    views = views[:, :: strides[0], :: strides[1], :, :: dilation[0], :: dilation[1]]
    return np.moveaxis(views, 3, 5)


def _forward(x: np.ndarray, kernel: np.ndarray, *, strides: Pair, padding: Padding, dilation: Pair) -> np.ndarray:
    windows = windows_of(x, kernel.shape[:2], strides, padding, dilation)
    return np.tensordot(windows, kernel, axes=3)


def _input_gradient(
    dy: np.ndarray, kernel: np.ndarray, *, strides: Pair, padding: Padding, dilation: Pair, size: Pair
) -> np.ndarray:
    top, bottom, left, right = padding
    batch, height, width, _ = dy.shape
    dx = np.zeros((batch, size[0] + top + bottom, size[1] + left + right, kernel.shape[2]), dy.dtype)
    for row in range(kernel.shape[0]):
        for column in range(kernel.shape[1]):
            rows = slice(row * dilation[0], row * dilation[0] + (height - 1) * strides[0] + 1, strides[0])
            columns = slice(column * dilation[1], column * dilation[1] + (width - 1) * strides[1] + 1, strides[1])
            dx[:, rows, columns] += dy @ kernel[row, column].T
    return dx[:, top : top + size[0], left : left + size[1]]


def _kernel_gradient(
    x: np.ndarray, dy: np.ndarray, *, strides: Pair, padding: Padding, dilation: Pair, size: Pair
) -> np.ndarray:
    windows = windows_of(x, size, strides, padding, dilation)[:, : dy.shape[1], : dy.shape[2]]
    return np.tensordot(windows, dy, axes=((0, 1, 2), (0, 1, 2)))


def _jax_forward(jax: Any, x: Any, kernel: Any, *, strides: Pair, padding: Padding, dilation: Pair) -> Any:
    top, bottom, left, right = padding
    return jax.lax.conv_general_dilated(
        x, kernel, strides, ((top, bottom), (left, right)), rhs_dilation=dilation,
        dimension_numbers=("NHWC", "HWIO", "NHWC"), precision="highest",
    )  # fmt: skip


def _jax_input_gradient(jax: Any, dy: Any, kernel: Any, *, size: Pair, **settings: Any) -> Any:
    shape = (dy.shape[0], *size, kernel.shape[2])
    forward = lambda x: _jax_forward(jax, x, kernel, **settings)  # noqa: E731
    return jax.linear_transpose(forward, jax.ShapeDtypeStruct(shape, dy.dtype))(dy)[0]


def _jax_kernel_gradient(jax: Any, x: Any, dy: Any, *, size: Pair, **settings: Any) -> Any:
    shape = (*size, x.shape[3], dy.shape[3])
    forward = lambda kernel: _jax_forward(jax, x, kernel, **settings)  # noqa: E731
    return jax.linear_transpose(forward, jax.ShapeDtypeStruct(shape, dy.dtype))(dy)[0]


_CASES: tuple[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]], ...] = (
    ((2, 5, 5, 1), (3, 3, 1, 2), {"strides": (1, 1), "padding": (0, 0, 0, 0), "dilation": (1, 1)}),
    ((1, 6, 7, 3), (3, 3, 3, 8), {"strides": (1, 1), "padding": (1, 1, 1, 1), "dilation": (1, 1)}),
    ((2, 7, 6, 2), (2, 3, 2, 5), {"strides": (2, 1), "padding": (0, 1, 1, 1), "dilation": (1, 1)}),
    ((2, 9, 8, 3), (3, 2, 3, 17), {"strides": (2, 3), "padding": (1, 0, 0, 2), "dilation": (1, 1)}),
    ((1, 9, 9, 2), (3, 3, 2, 4), {"strides": (1, 1), "padding": (2, 2, 2, 2), "dilation": (2, 2)}),
    ((2, 8, 8, 2), (2, 2, 2, 3), {"strides": (2, 2), "padding": (0, 0, 0, 0), "dilation": (2, 1)}),
    ((0, 5, 5, 2), (3, 3, 2, 4), {"strides": (1, 1), "padding": (1, 1, 1, 1), "dilation": (1, 1)}),
    ((3, 4, 4, 16), (1, 1, 16, 6), {"strides": (1, 1), "padding": (0, 0, 0, 0), "dilation": (1, 1)}),
)  # fmt: skip


def _samples(which: str) -> Any:
    def samples(rng: np.random.Generator) -> list[Sample]:
        found: list[Sample] = []
        for x_shape, kernel_shape, settings in _CASES:
            x, kernel = (rng.normal(size=shape).astype(np.float32) for shape in (x_shape, kernel_shape))
            dy = rng.normal(size=_forward_shape(Spec(x_shape), Spec(kernel_shape), **settings).shape).astype(np.float32)
            found.append({
                "forward": ((x, kernel), settings),
                "input": ((dy, kernel), {**settings, "size": x_shape[1:3]}),
                "kernel": ((x, dy), {**settings, "size": kernel_shape[:2]}),
            }[which])  # fmt: skip
        return found

    return samples


def _flops(pixels_by: int, kernel_by: int) -> Any:
    """Twice the number of multiply-adds: result pixels times the numbers of a kernel; the caller says whose."""

    def flops(result: Spec, a: Spec, b: Spec, **settings: Any) -> float:
        specs = (result, a, b)
        batch, height, width, _ = specs[pixels_by].shape
        return 2.0 * batch * height * width * specs[kernel_by].size

    return flops


conv2d = Primitive(
    "conv2d", "y[b,i,j,f] = Σ_u,v,c x[b, i·s+u, j·s+v, c] · kernel[u,v,c,f]",
    "Slides a small window of weights over a picture; each filter answers how much the spot looks like its pattern.",
    _forward_shape, _forward, _jax_forward, _samples("forward"),
    derivative=lambda dy, y, x, kernel, **settings: (
        conv2d_input_gradient(dy, kernel, size=x.shape[1:3], **settings),
        conv2d_kernel_gradient(x, dy, size=kernel.shape[:2], **settings),
    ),
    flops=_flops(0, 2), ends_in_rows=True,
)  # fmt: skip


def _not_the_gradient(name: str, x: Spec, kernel: Spec, dy: Spec) -> ShapeError:
    return ShapeError(
        f"{name}: expected the gradient of a convolution of {x.shape} with {kernel.shape}, received {dy.shape}."
    )


def _input_gradient_shape(
    dy: Spec, kernel: Spec, *, strides: Pair, padding: Padding, dilation: Pair, size: Pair
) -> Spec:
    x = Spec((dy.shape[0], *size, kernel.shape[2]))
    if _forward_shape(x, kernel, strides=strides, padding=padding, dilation=dilation) != dy:
        raise _not_the_gradient("conv2d_input_gradient", x, kernel, dy)
    return x


conv2d_input_gradient: Primitive = Primitive(
    "conv2d_input_gradient", "dx[b,p,q,c] = Σ dy[b,i,j,f] · kernel[u,v,c,f] where i·s+u = p, j·s+v = q",
    "Carries the error of a convolution back to the picture: every pixel collects from all windows that saw it.",
    _input_gradient_shape, _input_gradient, _jax_input_gradient, _samples("input"),
    derivative=lambda g, dx, dy, kernel, *, size, **settings: (
        conv2d(g, kernel, **settings), conv2d_kernel_gradient(g, dy, size=kernel.shape[:2], **settings),
    ),
    flops=_flops(1, 2), ends_in_rows=True,
)  # fmt: skip


def _kernel_gradient_shape(x: Spec, dy: Spec, *, strides: Pair, padding: Padding, dilation: Pair, size: Pair) -> Spec:
    kernel = Spec((*size, x.shape[3], dy.shape[3]))
    if _forward_shape(x, kernel, strides=strides, padding=padding, dilation=dilation) != dy:
        raise _not_the_gradient("conv2d_kernel_gradient", x, kernel, dy)
    return kernel


conv2d_kernel_gradient: Primitive = Primitive(
    "conv2d_kernel_gradient", "dk[u,v,c,f] = Σ_b,i,j x[b, i·s+u, j·s+v, c] · dy[b,i,j,f]",
    "Finds how each weight of the window should change: its inputs times the errors, added over all spots.",
    _kernel_gradient_shape, _kernel_gradient, _jax_kernel_gradient, _samples("kernel"),
    derivative=lambda g, dk, x, dy, *, size, **settings: (
        conv2d_input_gradient(dy, g, size=x.shape[1:3], **settings), conv2d(x, g, **settings),
    ),
    flops=_flops(2, 0), ends_in_rows=True,
)  # fmt: skip
