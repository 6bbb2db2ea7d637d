"""Claims about the score: that it counts right, that its range is Wilson's, and that it can't be read as
better than it is."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pippin.errors import DataError
from pippin.images import Score, judge, likely_range
from pippin.images.report import confusion_table, percent, tell_mistakes, tell_score

NAMES = ["apple", "not_apple"]


def scored(confusion: list[list[int]], names: list[str]) -> Score:
    return Score(tuple(names), np.array(confusion), ())


@pytest.mark.parametrize(("right", "of"), [(48, 60), (3, 10), (1, 2), (190, 197)])
def test_the_ends_of_the_range_are_the_truths_that_would_just_not_be_surprised(right: int, of: int) -> None:
    """Wilson's definition: what was seen lies 1.96 standard deviations from either end."""
    for end in likely_range(right, of):
        assert abs(right / of - end) == pytest.approx(1.959964 * np.sqrt(end * (1 - end) / of), rel=1e-6)


@pytest.mark.parametrize("of", [1, 5, 1000])
def test_the_range_stays_within_0_and_1_where_all_or_none_are_right(of: int) -> None:
    low, high = likely_range(of, of)
    assert 0 < low < 1 and high == 1
    assert likely_range(0, of) == pytest.approx((0, 1 - low))


def test_the_range_holds_the_truth_about_95_times_of_100(rng: np.random.Generator) -> None:
    truth, photos = 0.85, 80
    ranges = [likely_range(int(right), photos) for right in rng.binomial(photos, truth, 4000)]
    share = np.mean([low <= truth <= high for low, high in ranges])
    assert 0.935 < share < 0.97  # 0.95 ± what 80 photos, a whole number of which is right, allow


def test_judging_counts_what_was_called_what() -> None:
    probabilities = np.array([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4], [0.8, 0.2]])
    found = judge(probabilities, [0, 0, 1, 1], NAMES, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    assert found.confusion.tolist() == [[1, 1], [2, 0]]
    assert (found.right, found.of, found.accuracy) == (1, 4, 0.25)


def test_the_surest_mistake_comes_first() -> None:
    probabilities = np.array([[0.4, 0.6], [0.01, 0.99], [0.2, 0.8]])
    found = judge(probabilities, [0, 0, 1], NAMES, ["unsure.jpg", "sure.jpg", "right.jpg"])
    assert [(m.photo, m.label, m.said) for m in found.mistakes] == [
        ("sure.jpg", "apple", "not_apple"),
        ("unsure.jpg", "apple", "not_apple"),
    ]
    assert found.mistakes[0].probability == pytest.approx(0.99)


def test_balanced_accuracy_is_the_mean_of_what_was_found_of_each_class() -> None:
    assert scored([[90, 0], [10, 0]], NAMES).balanced_accuracy == 0.5
    assert scored([[90, 0], [10, 0]], NAMES).accuracy == 0.9


def test_balanced_accuracy_leaves_out_classes_without_photos() -> None:
    assert scored([[3, 1, 0], [0, 0, 0], [0, 0, 4]], ["a", "b", "c"]).balanced_accuracy == pytest.approx(0.875)


def test_the_baseline_is_always_saying_the_most_frequent_class() -> None:
    found = scored([[20, 10], [5, 65]], NAMES)
    assert (found.baseline_label, found.baseline) == ("not_apple", 0.7)


def test_nothing_can_be_judged_by_no_photos() -> None:
    with pytest.raises(DataError, match="at least one photo"):
        judge(np.zeros((0, 2)), [], NAMES)


def test_a_score_is_plain_data() -> None:
    found = judge(np.array([[0.9, 0.1], [0.8, 0.2]]), [0, 1], NAMES, ["a", "b"])
    told = json.loads(json.dumps(found.to_dict()))
    assert told["baseline"] == {"label": "apple", "accuracy": 0.5}
    assert told["confusion"] == [[1, 0], [1, 0]]
    assert told["mistakes"] == [{"photo": "b", "label": "not_apple", "said": "apple", "probability": 0.8}]


def test_the_sentence_has_the_range_the_baseline_and_the_balanced_figure() -> None:
    said = tell_score(scored([[30, 2], [10, 18]], NAMES), "test")
    assert "48 of 60 test photos right: 80 % (likely 68 to 88 %)" in said
    assert 'Always saying "apple": 53 %' in said
    assert "Balanced over the classes: 79 %" in said
    assert str(scored([[30, 2], [10, 18]], NAMES)).startswith("48 of 60 photos right")


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.5, "50 %"), (1, "100 %"), (0, "0 %"), (0.999, "99.9 %"), (0.99999, "99.9 %"), (0.001, "under 1 %")],
)
def test_only_all_is_called_100_percent(share: float, said: str) -> None:
    assert percent(share) == said


def test_the_table_has_a_row_for_what_photos_are_and_a_column_for_what_they_were_called() -> None:
    assert confusion_table(scored([[83, 7], [9, 98]], NAMES)).splitlines() == [
        "            called",
        "really      apple  not_apple",
        "apple          83          7",
        "not_apple       9         98",
    ]


def test_long_and_strange_class_names_keep_the_table_in_shape() -> None:
    lines = confusion_table(scored([[1, 2], [3, 4]], ["a name that goes on and on", "new\nline"])).splitlines()
    assert len(lines) == 4
    assert len({len(line) for line in lines[1:]}) == 1


def test_of_many_classes_the_pairs_taken_for_each_other_are_told() -> None:
    confusion = np.eye(20, dtype=int) * 5
    confusion[3, 7] = 4
    confusion[8, 2] = 9
    told = confusion_table(scored(confusion.tolist(), [f"kind{n}" for n in range(20)])).splitlines()
    assert told[1:] == ["    9 × kind8, called kind2", "    4 × kind3, called kind7"]


def test_the_worst_mistakes_are_named_and_the_rest_counted() -> None:
    wrong = np.linspace(0.6, 0.9, 7)
    found = judge(np.stack([1 - wrong, wrong], 1), [0] * 7, NAMES, [f"{n}.jpg" for n in range(7)])
    told = tell_mistakes(found, most=2).splitlines()
    assert told[1] == "  6.jpg  is apple, called not_apple (90 %)"
    assert told[-1] == "  and 5 more"
    assert tell_mistakes(scored([[1, 0], [0, 1]], NAMES)) == ""
