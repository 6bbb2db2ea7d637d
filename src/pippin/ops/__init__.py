"""Keras's `ops`: functions of arrays, of symbols inside a trace, and of the functional API's tensors.

Each family in its file, imported when one of its words is first said. Some are called like Python's own functions
(abs, all, any, max, min, round, sum): write `from pippin import ops` and `ops.sum(x)`.
"""

from __future__ import annotations

from pippin.lazy import lazily

_FAMILIES = {
    "activation": "celu elu gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu log_sigmoid "
    "log_softmax relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid "
    "sparsemax squareplus swish tanh_shrink threshold",
    "angles": "arccos arccosh arcsin arcsinh arctan arctan2 arctanh cos cosh deg2rad hypot rad2deg sin sinc sinh tan "
    "tanh",
    "arithmetic": "abs absolute add angle ceil clip conj conjugate divide divide_no_nan fabs floor fmax fmin "
    "heaviside imag maximum minimum "
    "multiply nan_to_num negative real round sign subtract true_divide",
    "arrange": "broadcast_to concatenate expand_dims flip moveaxis pad ravel repeat reshape split squeeze stack "
    "swapaxes take tile transpose unstack",
    "bells": "bartlett blackman hamming hanning i0 kaiser",
    "bits": "nextafter view",
    "choices": "cond get_item switch vectorize",
    "comparison": "allclose equal greater greater_equal isclose isfinite isin isinf isnan isneginf isposinf isreal "
    "less less_equal logical_and logical_not logical_or logical_xor nonzero not_equal signbit where",
    "ctc": "ctc_loss",
    "decompositions": "cholesky cholesky_inverse det eig eigh inv logdet lstsq lu_factor matrix_rank norm pinv qr "
    "slogdet solve solve_triangular svd",
    "diagonals": "diag diagflat diagonal eye identity trace tri tril triu vander",
    "fourier": "fft fft2 ifft2 irfft istft rfft stft",
    "gradient": "jvp",
    "joining": "append array_split dsplit dstack fliplr flipud hsplit hstack meshgrid "
    "rot90 select take_along_axis vsplit vstack",
    "linear": "dot einsum matmul",
    "loops": "associative_scan fori_loop map scan vectorized_map while_loop",
    "make": "arange array cast convert_to_numpy convert_to_tensor copy dtype empty empty_like full full_like geomspace "
    "is_tensor linspace logspace ndim ones ones_like saturate_cast shape size stop_gradient zeros zeros_like",
    "nans": "nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmin nanprod nanstd nansum nanvar",
    "layout": "depth_to_space extract_sequences fold space_to_depth unfold unravel_index",
    "networks": "batch_normalization binary_crossentropy categorical_crossentropy dot_product_attention "
    "layer_normalization multi_hot normalize one_hot psnr rms_normalization sparse_categorical_crossentropy",
    "order": "argpartition argsort bincount digitize histogram in_top_k searchsorted sort top_k unique",
    "powers": "cbrt erf erfc erfinv exp exp2 expm1 ldexp log log10 log1p log2 logaddexp logaddexp2 power reciprocal "
    "rsqrt sqrt square",
    "products": "cdist corrcoef correlate inner kron outer tensordot vdot",
    "quantiles": "median nanmedian nanpercentile nanquantile percentile quantile",
    "rearranging": "rearrange",
    "reduction": "all amax amin any argmax argmin average count_nonzero logsumexp max mean min moments prod ptp std "
    "sum var",
    "running": "cross cumprod cumsum diff roll trapezoid",
    "scattering": "scatter scatter_update segment_max segment_min segment_prod segment_sum slice slice_update",
    "whole": "bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor "
    "floor_divide fmod gcd lcm left_shift mod right_shift trunc",
    "windows": "adaptive_average_pool adaptive_max_pool average_pool conv conv_transpose depthwise_conv max_pool "
    "separable_conv",
}
_SPACES = {space: f"pippin.ops.{space}" for space in ("image", "linalg", "nn", "numpy")}
_HOMES = _SPACES | {
    word: f"pippin.ops.{family}" for family, words in _FAMILIES.items() for word in words.split()
}

__getattr__, __dir__ = lazily(__name__, _HOMES)
__all__ = sorted(_HOMES)
