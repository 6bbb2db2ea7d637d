"""Bins by hash are TensorFlow's: what was trained there finds the same bins here."""

from __future__ import annotations

import numpy as np
import pytest

from pippin import layers
from pippin.errors import SettingError, ShapeError
from pippin.layers.fingerprint import fingerprint, keyed


def text_of(length: int) -> str:
    return "".join(chr(97 + (7 * n + n // 5) % 26) for n in range(length))


# What tf.strings.to_hash_bucket_fast and _strong (key [133, 7]) of TensorFlow 2.21 give for 2^62 bins.
LENGTHS = (0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 300)
FAST = [
    1936946117179621455,
    3694432073954588131,
    3268219959478574187,
    4287492572700357266,
    1727632326290929573,
    1603592004651698052,
    3404225584505170027,
    435598526953550834,
    2557396704658878529,
    46950814634058751,
    4198277391196761173,
    1476421753025363109,
    1643842636991768306,
    3688556617057078709,
    4049856964440870576,
    1452807917215036207,
    3085241866260376000,
    3915476765546311536,
    824788366284149183,
]
STRONG = [
    2406238588852964173,
    3279621250050176426,
    1292669415555620690,
    1758183746339985145,
    3425923309177143040,
    4387155464665481975,
    1130493842826849234,
    2710332168643953399,
    786860687120431280,
    2333485364972441726,
    3356611824640781847,
    3915124928052594064,
    2757784537765577372,
    2700033245207313642,
    4443188501743427988,
    4415353598137177759,
    4140864790318181954,
    4406663038700639330,
    1083311803895636056,
]


def test_fingerprints_of_every_kind_of_length_are_tensorflows() -> None:
    assert [fingerprint(text_of(length).encode()) % 2**62 for length in LENGTHS] == FAST
    assert [keyed(text_of(length).encode(), [133, 7]) % 2**62 for length in LENGTHS] == STRONG


def test_strings_and_numbers_fall_into_the_bins_of_keras() -> None:
    # Keras 3.15's documentation gives these.
    np.testing.assert_array_equal(layers.Hashing(3)([["A"], ["B"], ["C"], ["D"], ["E"]]), [[1], [0], [1], [1], [2]])
    masked = layers.Hashing(3, mask_value="")
    np.testing.assert_array_equal(masked([["A"], ["B"], [""], ["C"], ["D"]]), [[1], [1], [0], [2], [2]])
    salted = layers.Hashing(3, salt=[133, 137])
    np.testing.assert_array_equal(salted([["A"], ["B"], ["C"], ["D"], ["E"]]), [[1], [2], [1], [0], [2]])
    found = layers.Hashing(3, salt=133)([["A"], ["B"], ["C"], ["D"], ["E"]])
    np.testing.assert_array_equal(found, [[0], [0], [2], [1], [0]])
    assert found.dtype == np.int64


def test_bins_may_be_encoded() -> None:
    np.testing.assert_array_equal(layers.Hashing(3, output_mode="one_hot")([["A"], ["B"]]), [[0, 1, 0], [1, 0, 0]])
    counts = layers.Hashing(3, output_mode="count")([["A", "A", "B"]])
    np.testing.assert_array_equal(counts, [[1, 2, 0]])
    assert layers.Hashing(5, output_mode="multi_hot").compute_output_shape((None, 7)) == (None, 5)


def test_crossings_are_those_of_keras() -> None:
    words, numbers = np.array(["A", "B", "A", "B", "A"]), np.array([101, 101, 101, 102, 102])
    np.testing.assert_array_equal(layers.HashedCrossing(5)((words, numbers)), [1, 4, 1, 1, 3])
    hot = layers.HashedCrossing(5, output_mode="one_hot")((words[:, None], numbers[:, None]))
    np.testing.assert_array_equal(hot.argmax(-1), [1, 4, 1, 1, 3])
    with pytest.raises(ShapeError, match="at least two inputs"):
        layers.HashedCrossing(5)([words])
    with pytest.raises(SettingError, match="integer or string"):
        layers.HashedCrossing(5)([words, np.ones(5)])


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(SettingError, match="num_bins"):
        layers.Hashing(0)
    with pytest.raises(SettingError, match="size 2 integers"):
        layers.Hashing(3, salt="pepper")
    with pytest.raises(SettingError, match="integer type"):
        layers.Hashing(3, dtype="float32")


def test_unknown_tokens_are_sorted_by_their_hashes() -> None:
    words = ["q", "r", "s", "t"]
    bins = [fingerprint(word.encode()) % 3 for word in words]
    np.testing.assert_array_equal(layers.StringLookup(vocabulary=["a"], num_oov_indices=3)(words), bins)
    salted = layers.StringLookup(vocabulary=["a"], num_oov_indices=3, salt=7)
    np.testing.assert_array_equal(salted(words), [keyed(word.encode(), [7, 7]) % 3 for word in words])
    again = layers.StringLookup.from_config(salted.get_config())
    np.testing.assert_array_equal(again(words), salted(words))
    numbers = layers.IntegerLookup(vocabulary=[1], num_oov_indices=3, oov_method="farmhash")
    np.testing.assert_array_equal(numbers([5, 6]), [fingerprint(b"5") % 3, fingerprint(b"6") % 3])
    with pytest.raises(SettingError, match="oov_method='farmhash'"):
        layers.IntegerLookup(salt=3)
