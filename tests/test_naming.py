"""Names of what nobody named."""

from __future__ import annotations

from pippin.naming import auto_name, clear_names, snake_case


def test_names_are_numbered_from_the_second_on() -> None:
    clear_names()
    assert [auto_name("dense"), auto_name("dense"), auto_name("dense"), auto_name("conv2d")] == [
        "dense", "dense_1", "dense_2", "conv2d",
    ]  # fmt: skip
    clear_names()
    assert auto_name("dense") == "dense"


def test_words_are_parted_as_keras_parts_them() -> None:
    words = {"MaxPooling2D": "max_pooling2d", "PReLU": "p_re_lu", "AUC": "auc", "L1L2": "l1l2", "RMSprop": "rm_sprop"}
    assert {word: snake_case(word) for word in words} == words
