"""What real Keras was asked about the layers of windows, borders, normalization, reshaping and attention. Only data."""

# One case, one line.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

Case = tuple[str, dict[str, Any], list[list[int]], bool | None]

STEPS, PICTURES, VOLUMES = [2, 9, 4], [2, 7, 8, 4], [2, 4, 5, 6, 2]

# (class, settings, shapes of the inputs, training)
WINDOWS: list[Case] = [
    ("Conv1D", {"filters": 3, "kernel_size": 3}, [STEPS], None),
    ("Conv1D", {"filters": 3, "kernel_size": 3, "padding": "causal", "dilation_rate": 2, "activation": "relu"}, [STEPS], None),
    ("Conv1D", {"filters": 4, "kernel_size": 2, "padding": "same", "strides": 2, "groups": 2}, [STEPS], None),
    ("Conv1D", {"filters": 8, "kernel_size": 3, "groups": 4, "use_bias": False}, [STEPS], None),
    ("Conv2D", {"filters": 6, "kernel_size": [3, 2], "groups": 2, "padding": "same"}, [PICTURES], None),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 4, "strides": 2}, [PICTURES], None),
    ("Conv2D", {"filters": 3, "kernel_size": 3, "data_format": "channels_first", "padding": "same"}, [[2, 4, 6, 5]], None),
    ("Conv3D", {"filters": 3, "kernel_size": [2, 3, 2], "strides": [1, 2, 1]}, [VOLUMES], None),
    ("Conv3D", {"filters": 2, "kernel_size": 3, "padding": "same", "strides": 2}, [VOLUMES], None),
    ("Conv1DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2}, [STEPS], None),
    ("Conv1DTranspose", {"filters": 2, "kernel_size": 2, "strides": 3, "padding": "same"}, [STEPS], None),
    ("Conv2DTranspose", {"filters": 3, "kernel_size": 3}, [PICTURES], None),
    ("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "tanh"}, [PICTURES], None),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": [2, 4], "strides": [2, 3], "padding": "same", "output_padding": 1}, [PICTURES], None),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 5, "strides": 2, "padding": "valid", "output_padding": 1, "use_bias": False}, [PICTURES], None),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "dilation_rate": 2, "padding": "same"}, [PICTURES], None),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "data_format": "channels_first"}, [[2, 3, 4, 5]], None),
    ("Conv3DTranspose", {"filters": 2, "kernel_size": [2, 3, 2], "strides": [2, 1, 2], "padding": "same"}, [[2, 2, 3, 3, 2]], None),
    ("Conv3DTranspose", {"filters": 2, "kernel_size": 2, "strides": 2}, [[2, 2, 3, 3, 2]], None),
    ("DepthwiseConv1D", {"kernel_size": 3, "padding": "same", "strides": 2}, [STEPS], None),
    ("DepthwiseConv2D", {"kernel_size": 3}, [PICTURES], None),
    ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2, "padding": "same", "strides": 2, "activation": "relu"}, [PICTURES], None),
    ("DepthwiseConv2D", {"kernel_size": [2, 3], "dilation_rate": 2, "use_bias": False}, [PICTURES], None),
    ("SeparableConv1D", {"filters": 3, "kernel_size": 3}, [STEPS], None),
    ("SeparableConv2D", {"filters": 3, "kernel_size": 3, "padding": "same", "depth_multiplier": 2}, [PICTURES], None),
    ("SeparableConv2D", {"filters": 5, "kernel_size": 3, "strides": 2, "activation": "elu", "pointwise_regularizer": "l2"}, [PICTURES], None),
    ("MaxPooling1D", {}, [STEPS], None),
    ("MaxPooling1D", {"pool_size": 3, "strides": 2, "padding": "same"}, [STEPS], None),
    ("MaxPooling2D", {"data_format": "channels_first"}, [PICTURES], None),
    ("MaxPooling3D", {"pool_size": [2, 2, 3], "strides": [1, 2, 2], "padding": "same"}, [VOLUMES], None),
    ("AveragePooling1D", {"pool_size": 3, "strides": 1}, [STEPS], None),
    ("AveragePooling1D", {"pool_size": 3, "padding": "same"}, [STEPS], None),
    ("AveragePooling3D", {"pool_size": 2, "padding": "same"}, [VOLUMES], None),
    ("GlobalAveragePooling1D", {}, [STEPS], None),
    ("GlobalAveragePooling1D", {"data_format": "channels_first", "keepdims": True}, [STEPS], None),
    ("GlobalMaxPooling1D", {"keepdims": True}, [STEPS], None),
    ("GlobalMaxPooling2D", {"data_format": "channels_first"}, [PICTURES], None),
    ("GlobalAveragePooling3D", {}, [VOLUMES], None),
    ("GlobalMaxPooling3D", {}, [VOLUMES], None),
    ("AdaptiveAveragePooling1D", {"output_size": 3}, [STEPS], None),
    ("AdaptiveAveragePooling2D", {"output_size": [3, 4]}, [[2, 6, 8, 2]], None),
    ("AdaptiveMaxPooling2D", {"output_size": 2}, [[2, 6, 8, 2]], None),
]  # fmt: skip

BORDERS: list[Case] = [
    ("ZeroPadding1D", {}, [STEPS], None),
    ("ZeroPadding1D", {"padding": [0, 2], "data_format": "channels_first"}, [STEPS], None),
    ("ZeroPadding2D", {"padding": [1, 2]}, [PICTURES], None),
    ("ZeroPadding2D", {"padding": [[1, 0], [0, 3]], "data_format": "channels_first"}, [PICTURES], None),
    ("ZeroPadding3D", {}, [VOLUMES], None),
    ("Cropping1D", {"cropping": [1, 2]}, [STEPS], None),
    ("Cropping2D", {"cropping": [[1, 0], [2, 1]]}, [PICTURES], None),
    ("Cropping2D", {"cropping": 1, "data_format": "channels_first"}, [PICTURES], None),
    ("Cropping3D", {"cropping": 1}, [VOLUMES], None),
    ("UpSampling1D", {"size": 3}, [STEPS], None),
    ("UpSampling2D", {}, [PICTURES], None),
    ("UpSampling2D", {"size": [2, 3], "interpolation": "bilinear"}, [PICTURES], None),
    ("UpSampling2D", {"size": 2, "interpolation": "bicubic", "data_format": "channels_first"}, [[2, 3, 4, 5]], None),
    ("UpSampling2D", {"size": 3, "interpolation": "lanczos3"}, [[2, 4, 5, 2]], None),
    ("UpSampling3D", {"size": [1, 2, 3]}, [VOLUMES], None),
]  # fmt: skip

SIZES: list[Case] = [
    ("Resizing", {"height": 4, "width": 9}, [PICTURES], None),
    ("Resizing", {"height": 9, "width": 3, "interpolation": "nearest"}, [PICTURES], None),
    ("Resizing", {"height": 5, "width": 11, "interpolation": "bicubic"}, [PICTURES], None),
    ("Resizing", {"height": 3, "width": 4, "interpolation": "lanczos3", "antialias": True}, [PICTURES], None),
    ("Resizing", {"height": 9, "width": 10, "interpolation": "lanczos5"}, [[7, 8, 2]], None),
    ("Resizing", {"height": 4, "width": 9, "crop_to_aspect_ratio": True}, [PICTURES], None),
    ("Resizing", {"height": 9, "width": 4, "pad_to_aspect_ratio": True, "fill_value": 0.5}, [PICTURES], None),
    ("Resizing", {"height": 5, "width": 6, "antialias": True, "data_format": "channels_first"}, [PICTURES], None),
    ("CenterCrop", {"height": 4, "width": 5}, [PICTURES], None),
    ("CenterCrop", {"height": 9, "width": 4}, [PICTURES], None),
    ("CenterCrop", {"height": 3, "width": 3, "data_format": "channels_first"}, [PICTURES], None),
]  # fmt: skip

NORMALIZATION: list[Case] = [
    ("LayerNormalization", {}, [STEPS], None),
    ("LayerNormalization", {"axis": [1, 2], "epsilon": 0.01, "center": False}, [STEPS], None),
    ("LayerNormalization", {"axis": 1, "scale": False, "beta_regularizer": "l2"}, [STEPS], None),
    ("LayerNormalization", {"rms_scaling": True}, [STEPS], None),
    ("GroupNormalization", {"groups": 2}, [PICTURES], None),
    ("GroupNormalization", {"groups": -1, "scale": False}, [PICTURES], None),
    ("GroupNormalization", {"groups": 1, "axis": 1, "center": False}, [[2, 3, 4, 4]], None),
    ("RMSNormalization", {}, [STEPS], None),
    ("RMSNormalization", {"axis": [1, 2], "epsilon": 0.1}, [STEPS], None),
    ("UnitNormalization", {}, [STEPS], None),
    ("UnitNormalization", {"axis": [1, 2]}, [STEPS], None),
]  # fmt: skip

NOISE: list[Case] = [
    ("SpatialDropout1D", {"rate": 0.3}, [STEPS], False),
    ("SpatialDropout2D", {"rate": 0.3, "data_format": "channels_first"}, [PICTURES], False),
    ("SpatialDropout3D", {"rate": 0.3}, [VOLUMES], False),
    ("GaussianNoise", {"stddev": 0.3}, [STEPS], False),
    ("GaussianDropout", {"rate": 0.3}, [STEPS], False),
    ("AlphaDropout", {"rate": 0.3}, [STEPS], False),
    ("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, [STEPS], None),
]  # fmt: skip

ARRANGING: list[Case] = [
    ("Permute", {"dims": [2, 1]}, [STEPS], None),
    ("Permute", {"dims": [3, 1, 2]}, [PICTURES], None),
    ("RepeatVector", {"n": 3}, [[2, 4]], None),
    ("Dot", {"axes": 1}, [[2, 4], [2, 4]], None),
    ("Dot", {"axes": -1, "normalize": True}, [[2, 4], [2, 4]], None),
    ("Dot", {"axes": [2, 1]}, [[2, 3, 4], [2, 4, 5]], None),
    ("Dot", {"axes": 2}, [[2, 3, 4], [2, 5, 4]], None),
    ("Dot", {"axes": [2, 1]}, [[2, 3, 4], [2, 4]], None),
    ("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 5, "bias_axes": "c"}, [[3, 4]], None),
    ("EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 5], "activation": "relu"}, [STEPS], None),
    ("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 3, "bias_axes": "y"}, [STEPS], None),
    ("EinsumDense", {"equation": "abc,cde->abde", "output_shape": [None, 2, 3], "bias_axes": "de"}, [STEPS], None),
    ("EinsumDense", {"equation": "ab...,bc->ac...", "output_shape": [3], "bias_axes": "c"}, [STEPS], None),
]  # fmt: skip

ATTENTION: list[Case] = [
    ("Attention", {}, [[2, 3, 4], [2, 5, 4]], None),
    ("Attention", {"use_scale": True}, [[2, 3, 4], [2, 5, 4], [2, 5, 4]], None),
    ("Attention", {"use_scale": True, "score_mode": "concat"}, [[2, 3, 4], [2, 5, 4]], None),
    ("AdditiveAttention", {}, [[2, 3, 4], [2, 5, 4]], None),
    ("AdditiveAttention", {"use_scale": False}, [[2, 3, 4], [2, 5, 4]], None),
]  # fmt: skip

# (class, settings, shapes of query, value and perhaps key, settings of the call)
HEADED: list[tuple[str, dict[str, Any], list[list[int]], dict[str, Any]]] = [
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, [[2, 3, 4], [2, 5, 4]], {}),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "value_dim": 5, "use_bias": False}, [[2, 3, 4], [2, 5, 6], [2, 5, 2]], {"return_attention_scores": True}),
    ("MultiHeadAttention", {"num_heads": 3, "key_dim": 2, "output_shape": 7}, [[2, 4, 4], [2, 4, 4]], {"use_causal_mask": True}),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "use_gate": True, "sliding_window": 2}, [[2, 4, 4], [2, 4, 4]], {}),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "attention_axes": [2], "output_shape": [2, 3]}, [[2, 3, 4, 5], [2, 3, 4, 5]], {}),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "attention_axes": [1, 2]}, [[2, 2, 3, 4], [2, 2, 3, 4]], {}),
    ("GroupQueryAttention", {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}, [[2, 3, 4], [2, 5, 4]], {}),
    ("GroupQueryAttention", {"head_dim": 3, "num_query_heads": 2, "num_key_value_heads": 1, "use_gate": True}, [[2, 4, 4], [2, 4, 4]], {"use_causal_mask": True}),
]  # fmt: skip

CASES = [*WINDOWS, *BORDERS, *SIZES, *NORMALIZATION, *NOISE, *ARRANGING, *ATTENTION]
