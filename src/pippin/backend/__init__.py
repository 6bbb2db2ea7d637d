"""Keras's `backend`: settings of the process and types of numbers, and the functions that Keras 2's programs call as
`K.mean(x)`: mostly the same as in `ops`, in older words and with older defaults."""

from __future__ import annotations

from pippin.lazy import lazily

_FAMILIES = {
    "pippin.config": "backend epsilon floatx image_data_format set_epsilon set_floatx set_image_data_format",
    "pippin.backend.session": "clear_session get_uid is_keras_tensor learning_phase name_scope reset_uids "
    "set_learning_phase",
    "pippin.ops.dtypes": "is_float_dtype is_int_dtype result_type standardize_dtype",
    "pippin.program": "Variable",
    "pippin.ops.tensor": "KerasTensor",
    "pippin.ops": "abs all any binary_crossentropy cast categorical_crossentropy convert_to_numpy convert_to_tensor "
    "cos elu equal exp greater greater_equal is_tensor less less_equal log logsumexp max maximum mean min minimum "
    "not_equal prod round shape sigmoid sign sin softmax softplus softsign sqrt square stop_gradient sum tanh "
    "transpose var",
    "pippin.backend.older": "arange argmax argmin batch_normalization ctc_batch_cost cumprod cumsum expand_dims eye "
    "foldl foldr hard_sigmoid map_fn one_hot ones ones_like repeat reshape sparse_categorical_crossentropy squeeze "
    "tile zeros zeros_like",
    "pippin.losses": "binary_focal_crossentropy categorical_focal_crossentropy",
    "pippin.backend.variables": "batch_get_value batch_set_value constant eval get_value moving_average_update "
    "print_tensor random_normal_variable random_uniform_variable set_value update update_add update_sub variable",
    "pippin.backend.shapes": "batch_flatten concatenate count_params dtype flatten gather image_dim_ordering "
    "int_shape ndim permute_dimensions repeat_elements resize_images reverse spatial_2d_padding stack "
    "temporal_padding",
    "pippin.backend.mathematics": "batch_dot bias_add cast_to_floatx clip conv1d conv2d dot identity in_top_k "
    "conv3d depthwise_conv2d l2_normalize pool2d pool3d pow relu separable_conv2d std",
    "pippin.backend.functions": "dropout function gradients placeholder random_bernoulli random_normal "
    "random_uniform switch truncated_normal",
}
_HOMES = {word: home for home, words in _FAMILIES.items() for word in words.split()}

__getattr__, __dir__ = lazily(__name__, _HOMES)
