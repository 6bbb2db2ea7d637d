"""What real Keras was asked: every activation, layer, loss, metric and optimizer, with several settings.

Only data. Arrays are written as recipes of recipes.py, so that the file of answers stays small.
"""

# One case, one line.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

Case = tuple[str, dict[str, Any]]

ACTIVATIONS: list[Case] = [
    ("celu", {}), ("celu", {"alpha": 0.5}), ("elu", {}), ("elu", {"alpha": 0.3}), ("exponential", {}), ("gelu", {}),
    ("gelu", {"approximate": True}), ("glu", {}), ("glu", {"axis": 0}), ("hard_shrink", {}), ("hard_shrink", {"threshold": 1.0}),
    ("hard_sigmoid", {}), ("hard_silu", {}), ("hard_tanh", {}), ("leaky_relu", {}), ("leaky_relu", {"negative_slope": 0.01}),
    ("linear", {}), ("log_sigmoid", {}), ("log_softmax", {}), ("log_softmax", {"axis": 0}), ("mish", {}), ("relu", {}),
    ("relu", {"negative_slope": 0.1}), ("relu", {"max_value": 1.5}), ("relu", {"threshold": 0.7}),
    ("relu", {"negative_slope": 0.2, "max_value": 2.0, "threshold": 0.4}), ("relu", {"max_value": 6}), ("relu6", {}), ("selu", {}),
    ("sigmoid", {}), ("silu", {}), ("soft_shrink", {}), ("soft_shrink", {"threshold": 0.9}), ("softmax", {}),
    ("softmax", {"axis": 0}), ("softplus", {}), ("softsign", {}), ("sparse_plus", {}), ("sparse_sigmoid", {}), ("squareplus", {}),
    ("squareplus", {"b": 2}), ("tanh", {}), ("tanh_shrink", {}), ("threshold", {"threshold": 0.5, "default_value": -1.0}),
]  # fmt: skip

PICTURES = [2, 4, 5, 2]
SQUARE = [2, 5, 5, 1]
ROWS = [4, 5]
ALWAYS = None

# (class, settings, shapes of the inputs, training)
LAYERS: list[tuple[str, dict[str, Any], list[list[int]], bool | None]] = [
    ("Dense", {"units": 3}, [ROWS], ALWAYS),
    ("Dense", {"units": 2, "activation": "tanh", "use_bias": False}, [ROWS], ALWAYS),
    ("Dense", {"units": 3, "activation": "softmax", "kernel_regularizer": "l2", "bias_regularizer": "l1"}, [ROWS], ALWAYS),
    ("Dense", {"units": 2, "activation": "relu", "kernel_constraint": "max_norm", "bias_constraint": "non_neg"}, [[2, 3, 4]], ALWAYS),
    ("Dense", {"units": 2, "kernel_initializer": "he_normal", "activity_regularizer": "l2"}, [ROWS], ALWAYS),
    ("Activation", {"activation": "gelu"}, [ROWS], ALWAYS),
    ("Identity", {}, [ROWS], ALWAYS),
    ("ReLU", {}, [ROWS], ALWAYS),
    ("ReLU", {"max_value": 0.6, "negative_slope": 0.2, "threshold": 0.1}, [ROWS], ALWAYS),
    ("LeakyReLU", {}, [ROWS], ALWAYS),
    ("LeakyReLU", {"negative_slope": 0.05}, [ROWS], ALWAYS),
    ("ELU", {"alpha": 0.7}, [ROWS], ALWAYS),
    ("PReLU", {}, [ROWS], ALWAYS),
    ("PReLU", {"shared_axes": [1, 2]}, [PICTURES], ALWAYS),
    ("Softmax", {}, [ROWS], ALWAYS),
    ("Softmax", {"axis": 1}, [[2, 3, 4]], ALWAYS),
    ("Softmax", {"axis": [1, 2]}, [[2, 3, 4]], ALWAYS),
    ("Flatten", {}, [PICTURES], ALWAYS),
    ("Flatten", {"data_format": "channels_first"}, [PICTURES], ALWAYS),
    ("Reshape", {"target_shape": [4, -1]}, [PICTURES], ALWAYS),
    ("Rescaling", {"scale": 0.5, "offset": -1.0}, [ROWS], ALWAYS),
    ("Rescaling", {"scale": [0.5, 2.0], "offset": [0.1, 0.2]}, [PICTURES], ALWAYS),
    ("Dropout", {"rate": 0.5}, [ROWS], False),
    ("Conv2D", {"filters": 2, "kernel_size": 3}, [PICTURES], ALWAYS),
    ("Conv2D", {"filters": 3, "kernel_size": [2, 3], "padding": "same", "activation": "relu"}, [PICTURES], ALWAYS),
    ("Conv2D", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}, [PICTURES], ALWAYS),
    ("Conv2D", {"filters": 2, "kernel_size": [3, 2], "strides": [1, 2], "use_bias": False}, [PICTURES], ALWAYS),
    ("Conv2D", {"filters": 2, "kernel_size": 2, "dilation_rate": 2, "padding": "same"}, [PICTURES], ALWAYS),
    ("Conv2D", {"filters": 1, "kernel_size": 2, "dilation_rate": [2, 3]}, [PICTURES], ALWAYS),
    ("MaxPooling2D", {}, [PICTURES], ALWAYS),
    ("MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, [PICTURES], ALWAYS),
    ("MaxPooling2D", {"pool_size": [2, 3], "strides": [1, 2]}, [PICTURES], ALWAYS),
    ("AveragePooling2D", {"pool_size": 2}, [PICTURES], ALWAYS),
    ("AveragePooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, [PICTURES], ALWAYS),
    ("GlobalAveragePooling2D", {}, [PICTURES], ALWAYS),
    ("GlobalAveragePooling2D", {"keepdims": True}, [PICTURES], ALWAYS),
    ("GlobalMaxPooling2D", {}, [PICTURES], ALWAYS),
    ("BatchNormalization", {}, [PICTURES], True),
    ("BatchNormalization", {}, [PICTURES], False),
    ("BatchNormalization", {"momentum": 0.8, "epsilon": 0.01, "center": False}, [ROWS], True),
    ("BatchNormalization", {"axis": 1, "scale": False}, [[2, 3, 4]], True),
    ("BatchNormalization", {"trainable": False}, [ROWS], True),
    ("Add", {}, [ROWS, ROWS, ROWS], ALWAYS),
    ("Add", {}, [PICTURES, [2, 2]], ALWAYS),
    ("Subtract", {}, [ROWS, ROWS], ALWAYS),
    ("Multiply", {}, [ROWS, ROWS], ALWAYS),
    ("Average", {}, [ROWS, ROWS, ROWS], ALWAYS),
    ("Maximum", {}, [ROWS, ROWS], ALWAYS),
    ("Minimum", {}, [ROWS, ROWS], ALWAYS),
    ("Concatenate", {}, [ROWS, [4, 2]], ALWAYS),
    ("Concatenate", {"axis": 1}, [[2, 3, 4], [2, 1, 4]], ALWAYS),
    # Equal ends of a range leave nothing to chance.
    ("RandomFlip", {}, [SQUARE], False),
    ("RandomRotation", {"factor": [0.1, 0.1]}, [SQUARE], True),
    ("RandomRotation", {"factor": [-0.07, -0.07], "fill_mode": "constant", "fill_value": 0.5}, [PICTURES], True),
    ("RandomRotation", {"factor": [0.2, 0.2], "fill_mode": "nearest", "interpolation": "nearest"}, [SQUARE], True),
    ("RandomRotation", {"factor": [0.13, 0.13], "fill_mode": "wrap"}, [SQUARE], True),
    ("RandomZoom", {"height_factor": [0.3, 0.3]}, [SQUARE], True),
    ("RandomZoom", {"height_factor": [-0.3, -0.3], "width_factor": [0.2, 0.2], "fill_mode": "constant"}, [PICTURES], True),
    ("RandomZoom", {"height_factor": [0.5, 0.5], "width_factor": [-0.2, -0.2], "interpolation": "nearest"}, [SQUARE], True),
    ("RandomTranslation", {"height_factor": [0.2, 0.2], "width_factor": [-0.3, -0.3]}, [SQUARE], True),
    ("RandomTranslation", {"height_factor": [-0.15, -0.15], "width_factor": [0.4, 0.4], "fill_mode": "nearest"}, [SQUARE], True),
    ("RandomTranslation", {"height_factor": 0.2, "width_factor": 0.2}, [SQUARE], False),
    ("RandomContrast", {"factor": 0.4}, [SQUARE], False),
    ("RandomContrast", {"factor": [0.0, 0.0], "value_range": [-0.5, 0.5]}, [SQUARE], True),
    ("RandomBrightness", {"factor": [0.3, 0.3], "value_range": [-1, 1]}, [SQUARE], True),
    ("RandomBrightness", {"factor": [-0.5, -0.5]}, [SQUARE], True),
]  # fmt: skip

# What the random layers do with numbers that were drawn: (class, settings, Keras's word for them, the
# numbers).
VIEWS: list[tuple[str, dict[str, Any], str, list[Any]]] = [
    ("RandomFlip", {}, "flips", [True, False]),
    ("RandomFlip", {"mode": "horizontal"}, "flips", [False, True]),
    ("RandomFlip", {"mode": "vertical"}, "flips", [True, True]),
    ("RandomContrast", {"factor": 0.5, "value_range": [-1, 1]}, "contrast_factor", [0.6, 1.4]),
]

N, C = 5, 4
TRUE = ["numbers", 11, [N, C]]
PREDICTED = ["numbers", 12, [N, C]]
POSITIVE, RATES = ["numbers", 13, [N, C], 0.1, 2.0], ["numbers", 14, [N, C], 0.1, 2.0]
YES_NO, CHANCES = ["classes", 15, [N, C], 2], ["numbers", 16, [N, C], 0.02, 0.98]
ONE_HOT, PROBABLE = ["one_hot", 17, N, C], ["probabilities", 18, [N, C]]
CLASSES, LOGITS = ["classes", 19, [N], C], ["numbers", 20, [N, C], -3, 3]
COLUMN, PLANE = ["classes", 19, [N, 1], C], ["classes", 21, [N, 3], C]
PLANE_LOGITS = ["numbers", 22, [N, 3, C], -3, 3]
WEIGHT, WEIGHT_COLUMN, WEIGHT_PLANE = (
    ["numbers", 23, [N], 0, 2], ["numbers", 23, [N, 1], 0, 2], ["numbers", 24, [N, 3], 0, 2],
)  # fmt: skip

# (class, settings, y_true, y_pred, sample_weight)
LOSSES: list[tuple[str, dict[str, Any], Any, Any, Any]] = [
    *((name, {}, TRUE, PREDICTED, None) for name in ("MeanSquaredError", "MeanAbsoluteError", "Huber",
    "LogCosh", "CosineSimilarity")), *((name, {}, POSITIVE, RATES, WEIGHT) for name in ("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Poisson", "KLDivergence")),
    *((name, {}, YES_NO, PREDICTED, None) for name in ("Hinge", "SquaredHinge")),
    ("Hinge", {}, TRUE, PREDICTED, WEIGHT),
    ("CategoricalHinge", {}, ONE_HOT, PREDICTED, None),
    ("Huber", {"delta": 0.3}, TRUE, PREDICTED, WEIGHT),
    ("CosineSimilarity", {"axis": 0}, TRUE, PREDICTED, None),
    *(("MeanSquaredError", {"reduction": reduction}, TRUE, PREDICTED, weight)
      for reduction in ("sum", "mean", "none", None, "mean_with_sample_weight") for weight in (None, WEIGHT)),
    ("MeanSquaredError", {}, TRUE, PREDICTED, WEIGHT_COLUMN),
    ("MeanSquaredError", {"reduction": "mean_with_sample_weight"}, ["numbers", 5, [N, 3, 2]], ["numbers", 6, [N, 3, 2]], WEIGHT_PLANE),
    ("MeanAbsoluteError", {}, ["numbers", 5, [N]], ["numbers", 6, [N, 1]], WEIGHT),
    ("MeanAbsoluteError", {}, ["numbers", 5, [N, 1]], ["numbers", 6, [N]], None),
    ("MeanSquaredError", {}, ["classes", 5, [N], 3], ["numbers", 6, [N, 1]], None),
    ("BinaryCrossentropy", {}, YES_NO, CHANCES, None),
    ("BinaryCrossentropy", {"from_logits": True}, YES_NO, LOGITS, WEIGHT),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, YES_NO, CHANCES, None),
    ("BinaryCrossentropy", {}, ["classes", 15, [N], 2], ["numbers", 16, [N, 1], 0, 1], None),
    ("BinaryCrossentropy", {"axis": 0}, YES_NO, CHANCES, None),
    ("CategoricalCrossentropy", {}, ONE_HOT, PROBABLE, None),
    ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, LOGITS, WEIGHT),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, ONE_HOT, PROBABLE, None),
    ("CategoricalCrossentropy", {}, PROBABLE, ["numbers", 25, [N, C], 0, 1], None),
    ("CategoricalCrossentropy", {"axis": 0, "from_logits": True}, ONE_HOT, LOGITS, None),
    ("SparseCategoricalCrossentropy", {}, CLASSES, PROBABLE, None),
    ("SparseCategoricalCrossentropy", {}, COLUMN, PROBABLE, WEIGHT),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, CLASSES, LOGITS, WEIGHT),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, PLANE, PLANE_LOGITS, WEIGHT_PLANE),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1, "from_logits": True}, PLANE, PLANE_LOGITS, None),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1, "from_logits": True}, PLANE, PLANE_LOGITS, WEIGHT_PLANE),
    ("SparseCategoricalCrossentropy", {"ignore_class": 2, "reduction": "sum"}, CLASSES, PROBABLE, WEIGHT),
    ("SparseCategoricalCrossentropy", {"ignore_class": 2, "reduction": "mean_with_sample_weight"}, CLASSES, PROBABLE, None),
    ("BinaryFocalCrossentropy", {}, YES_NO, CHANCES, None),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5, "label_smoothing": 0.1}, YES_NO, CHANCES, WEIGHT),
    ("BinaryFocalCrossentropy", {"from_logits": True, "axis": 0}, YES_NO, LOGITS, None),
    ("CategoricalFocalCrossentropy", {}, ONE_HOT, PROBABLE, WEIGHT),
    ("CategoricalFocalCrossentropy", {"from_logits": True, "alpha": 0.5, "gamma": 1.0, "label_smoothing": 0.2}, ONE_HOT, LOGITS, None),
    ("CategoricalGeneralizedCrossEntropy", {}, CLASSES, PROBABLE, WEIGHT),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.2, "reduction": "sum"}, CLASSES, PROBABLE, None),
    ("Dice", {}, YES_NO, CHANCES, None),
    ("Dice", {"axis": -1}, YES_NO, CHANCES, WEIGHT),
    ("Tversky", {"alpha": 0.3, "beta": 0.6}, YES_NO, CHANCES, None),
    ("Tversky", {"axis": -1, "reduction": "none"}, YES_NO, CHANCES, None),
    ("Circle", {"gamma": 4.0}, CLASSES, ["unit", 61, [N, 3]], None),
    ("Circle", {"gamma": 2.0, "margin": 0.2, "remove_diagonal": False}, CLASSES, ["unit", 61, [N, 3]], WEIGHT),
    ("CTC", {}, ["classes", 62, [N, 3], C], ["numbers", 63, [N, 7, C], -2, 2], None),
    ("CTC", {"reduction": "none"}, ["classes", 64, [N, 2], 2], ["numbers", 65, [N, 5, 2], -2, 2], WEIGHT),
]  # fmt: skip

# (class, settings, y_true, y_pred, sample_weight); fed twice, the second time with other numbers. One array:
# y_pred is None.
METRICS: list[tuple[str, dict[str, Any], Any, Any, Any]] = [
    *(("Mean", {}, values, None, weight) for values, weight in ((WEIGHT, None), (TRUE, None), (TRUE, WEIGHT),
    (WEIGHT, WEIGHT))), *(("Sum", {}, values, None, weight) for values, weight in ((WEIGHT, None), (TRUE, WEIGHT))),
    ("Accuracy", {}, CLASSES, ["classes", 31, [N], C], None),
    ("Accuracy", {}, COLUMN, ["classes", 31, [N], C], WEIGHT),
    ("BinaryAccuracy", {}, YES_NO, CHANCES, None),
    ("BinaryAccuracy", {"threshold": 0.3}, YES_NO, CHANCES, WEIGHT),
    ("BinaryAccuracy", {}, ["classes", 15, [N], 2], ["numbers", 16, [N, 1], 0, 1], None),
    ("CategoricalAccuracy", {}, ONE_HOT, PROBABLE, None),
    ("CategoricalAccuracy", {}, ONE_HOT, PROBABLE, WEIGHT),
    ("SparseCategoricalAccuracy", {}, CLASSES, PROBABLE, None),
    ("SparseCategoricalAccuracy", {}, COLUMN, PROBABLE, WEIGHT),
    ("SparseCategoricalAccuracy", {}, PLANE, PLANE_LOGITS, WEIGHT_PLANE),
    ("TopKCategoricalAccuracy", {"k": 2}, ONE_HOT, PROBABLE, None),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, CLASSES, PROBABLE, WEIGHT),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, PLANE, PLANE_LOGITS, None),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, CLASSES, ["classes", 32, [N, C], C], None),
    *((name, {}, TRUE, PREDICTED, weight) for name in ("MeanSquaredError", "RootMeanSquaredError",
    "MeanAbsoluteError") for weight in (None, WEIGHT)), *((name, {}, POSITIVE, RATES, None) for name in ("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Poisson", "KLDivergence")),
    *((name, {}, TRUE, PREDICTED, None) for name in ("CosineSimilarity", "LogCoshError", "Hinge",
    "SquaredHinge")), ("CategoricalHinge", {}, ONE_HOT, PREDICTED, WEIGHT),
    ("BinaryCrossentropy", {}, YES_NO, CHANCES, None),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, YES_NO, LOGITS, WEIGHT),
    ("CategoricalCrossentropy", {}, ONE_HOT, PROBABLE, WEIGHT),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, CLASSES, LOGITS, None),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1, "from_logits": True}, PLANE, PLANE_LOGITS, None),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1, "from_logits": True}, PLANE, PLANE_LOGITS, WEIGHT_PLANE),
    *((name, {}, YES_NO, CHANCES, weight) for name in ("TruePositives", "FalsePositives", "TrueNegatives",
    "FalseNegatives") for weight in (None, WEIGHT)), ("TruePositives", {"thresholds": [0.2, 0.6]}, YES_NO, CHANCES, None),
    ("Precision", {}, YES_NO, CHANCES, None),
    ("Precision", {"thresholds": [0.0, 0.5, 1.0]}, YES_NO, CHANCES, WEIGHT),
    ("Precision", {"top_k": 2}, YES_NO, CHANCES, None),
    ("Precision", {"top_k": 2, "class_id": 1}, YES_NO, CHANCES, None),
    ("Recall", {}, YES_NO, CHANCES, WEIGHT),
    ("Recall", {"thresholds": 0.7}, YES_NO, CHANCES, None),
    ("Recall", {"class_id": 2}, YES_NO, CHANCES, WEIGHT),
    ("Recall", {}, ["classes", 15, [N], 2], ["numbers", 16, [N, 1], 0, 1], WEIGHT),
    ("AUC", {}, ["classes", 41, [40], 2], ["numbers", 42, [40], 0, 1], None),
    ("AUC", {}, ["classes", 41, [40, 1], 2], ["numbers", 42, [40, 1], 0, 1], ["numbers", 43, [40], 0, 2]),
    ("AUC", {"num_thresholds": 7}, ["classes", 41, [40], 2], ["numbers", 42, [40], 0, 1], None),
    ("AUC", {"curve": "PR"}, ["classes", 41, [40], 2], ["numbers", 42, [40], 0, 1], None),
    ("AUC", {"curve": "PR", "summation_method": "majoring"}, ["classes", 41, [40], 2], ["numbers", 42, [40], 0, 1], None),
    ("AUC", {"summation_method": "minoring"}, ["classes", 41, [40], 2], ["numbers", 42, [40], 0, 1], None),
    ("AUC", {"thresholds": [0.1, 0.4, 0.8]}, ["classes", 41, [40], 2], ["numbers", 42, [40], 0, 1], None),
    ("AUC", {}, ["classes", 41, [40], 2], ["classes", 45, [40], 2], None),
    ("Precision", {"thresholds": [0.0, 0.5, 1.0]}, ["classes", 41, [40], 2], ["classes", 45, [40], 2], None),
    ("AUC", {"from_logits": True}, ["classes", 41, [40], 2], ["numbers", 42, [40], -4, 4], None),
    ("AUC", {"label_weights": [1.0, 2.0, 0.5, 1.0]}, YES_NO, CHANCES, None),
    ("AUC", {"curve": "PRGAIN"}, ["classes", 41, [40], 2], ["numbers", 42, [40], 0, 1], None),
    ("AUC", {"multi_label": True, "num_thresholds": 11}, YES_NO, CHANCES, WEIGHT),
    ("AUC", {"multi_label": True, "curve": "PR", "label_weights": [1.0, 2.0, 0.5, 1.0]}, YES_NO, CHANCES, None),
    *((name, {word: 0.4, **more}, ["classes", 41, [40], 2], ["numbers", 42, [40], 0, 1], None) for name, word in (
    ("SensitivityAtSpecificity", "specificity"), ("SpecificityAtSensitivity", "sensitivity"), ("PrecisionAtRecall", "recall"),
    ("RecallAtPrecision", "precision")) for more in ({}, {"num_thresholds": 9})),
    ("PrecisionAtRecall", {"recall": 0.3, "class_id": 1, "num_thresholds": 1}, YES_NO, CHANCES, WEIGHT),
    *((name, {"average": average}, YES_NO, CHANCES, weight) for name in ("F1Score", "FBetaScore")
    for average, weight in ((None, None), ("micro", WEIGHT), ("macro", None), ("weighted", WEIGHT))),
    ("FBetaScore", {"beta": 0.5, "threshold": 0.4, "average": "macro"}, YES_NO, CHANCES, WEIGHT),
    *((name, {}, TRUE, PREDICTED, weight) for name in ("PearsonCorrelation", "ConcordanceCorrelation", "R2Score") for weight in (None, WEIGHT)),
    ("PearsonCorrelation", {"axis": 0}, TRUE, PREDICTED, None),
    ("R2Score", {"class_aggregation": None}, TRUE, PREDICTED, None),
    ("R2Score", {"class_aggregation": "variance_weighted_average", "num_regressors": 2}, TRUE, PREDICTED, WEIGHT),
    ("MeanIoU", {"num_classes": 3}, ["classes", 51, [40], 3], ["classes", 52, [40], 3], None),
    ("MeanIoU", {"num_classes": 4, "ignore_class": 1}, ["classes", 51, [4, 10], 5], ["classes", 52, [4, 10], 4], ["classes", 53, [4, 10], 3]),
    ("IoU", {"num_classes": 3, "target_class_ids": [0, 2], "dtype": "float32"}, ["classes", 51, [40], 3], ["classes", 52, [40], 3], ["numbers", 53, [40], 0, 2]),
    ("BinaryIoU", {"threshold": 0.3}, ["classes", 41, [40], 2], ["numbers", 42, [40], 0, 1], None),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [1, 3]}, ONE_HOT, PROBABLE, None),
    ("OneHotMeanIoU", {"num_classes": 4}, ONE_HOT, PROBABLE, None),
]  # fmt: skip

# (class, settings, pattern of names that do not decay)
OPTIMIZERS: list[tuple[str, dict[str, Any], list[str] | None]] = [
    ("SGD", {}, None),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}, None),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.8, "nesterov": True, "clipvalue": 0.3}, None),
    ("SGD", {"learning_rate": 0.1, "clipnorm": 0.5}, None),
    ("SGD", {"learning_rate": 0.1, "global_clipnorm": 0.7, "weight_decay": 0.1}, ["bias"]),
    ("Adam", {}, None),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3, "amsgrad": True}, None),
    ("Adam", {"learning_rate": 0.1, "weight_decay": 0.05, "global_clipnorm": 0.5}, None),
    ("AdamW", {}, None),
    ("AdamW", {"learning_rate": 0.05, "weight_decay": 0.2}, ["bias"]),
    ("RMSprop", {}, None),
    ("RMSprop", {"learning_rate": 0.05, "rho": 0.8, "momentum": 0.5, "centered": True}, None),
    ("RMSprop", {"learning_rate": 0.02, "centered": True, "clipnorm": 1.0}, None),
    *((name, {}, None) for name in ("Adadelta", "Adafactor", "Adagrad", "Adamax", "Ftrl", "Lamb", "Lion", "Muon", "Nadam", "ScheduleFreeAdamW")),
    ("Adadelta", {"learning_rate": 0.5, "rho": 0.8, "epsilon": 1e-3, "weight_decay": 0.1}, ["bias"]),
    ("Adafactor", {"learning_rate": 0.3, "beta_2_decay": -0.6, "clip_threshold": 0.5, "relative_step": False, "clipnorm": 1.0}, None),
    ("Adagrad", {"learning_rate": 0.2, "initial_accumulator_value": 0.3, "epsilon": 1e-4}, None),
    ("Adamax", {"learning_rate": 0.05, "beta_1": 0.7, "beta_2": 0.9, "weight_decay": 0.02}, None),
    ("Ftrl", {"learning_rate": 0.3, "learning_rate_power": -0.7, "initial_accumulator_value": 0.2, "l1_regularization_strength": 0.1,
              "l2_regularization_strength": 0.05, "l2_shrinkage_regularization_strength": 0.03, "beta": 0.2}, None),
    ("Lamb", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "weight_decay": 0.1}, None),
    ("Lion", {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.7, "weight_decay": 0.3}, ["kernel"]),
    ("Muon", {"learning_rate": 0.05, "nesterov": False, "rms_rate": None, "ns_steps": 3, "weight_decay": None, "adam_weight_decay": 0.2}, None),
    ("Muon", {"learning_rate": 0.05, "exclude_layers": ["kern"], "adam_lr_ratio": 0.5, "clipvalue": 1.0}, None),
    ("Nadam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3, "global_clipnorm": 1.0}, None),
    ("ScheduleFreeAdamW", {"learning_rate": 0.05, "beta_1": 0.8, "warmup_steps": 4, "weight_decay": 0.1}, None),
    ("SGD", {"learning_rate": 0.2, "use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 2}, None),
    ("Adam", {"learning_rate": 0.2, "use_ema": True, "ema_momentum": 0.5, "gradient_accumulation_steps": 2, "weight_decay": 0.1}, None),
    ("Nadam", {"learning_rate": 0.2, "gradient_accumulation_steps": 2, "global_clipnorm": 0.5}, None),
    ("RMSprop", {"learning_rate": 0.2, "loss_scale_factor": 8.0, "gradient_accumulation_steps": 3, "clipvalue": 0.5}, None),
]

INITIALIZERS: list[Case] = [
    ("Zeros", {}), ("Ones", {}), ("Constant", {"value": 2.5}), ("Identity", {}), ("RandomNormal", {"seed": 3}),
    ("RandomUniform", {"minval": -0.2, "maxval": 0.3}), ("TruncatedNormal", {"mean": 1.0, "stddev": 0.1}), ("Orthogonal", {"gain": 2.0}),
    ("VarianceScaling", {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"}), ("VarianceScaling", {"distribution": "normal"}),
    *((name, {}) for name in ("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal",
    "LecunUniform")),
]  # fmt: skip

REGULARIZERS: list[Case] = [("L1", {}), ("L2", {"l2": 0.3}), ("L1L2", {"l1": 0.1, "l2": 0.2}), ("L1L2", {})]

CONSTRAINTS: list[Case] = [
    ("MaxNorm", {}), ("MaxNorm", {"max_value": 0.7, "axis": 1}), ("NonNeg", {}), ("UnitNorm", {}), ("UnitNorm", {"axis": [0, 1]}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 0.9, "rate": 0.6}),
]  # fmt: skip
