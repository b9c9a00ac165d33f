from __future__ import annotations

import pytest

from ondevice.evaluation.best_none import best_none
from ondevice.evaluation.table import rows_of
from tests.ondevice.evaluation.test_table import outcome, row, split_of


def test_the_better_decoding_without_personalization_is_shown_beside_every_gain(tmp_path):
    split = split_of(tmp_path, "LaMP_3", ["1", "2", "3", "4"])
    free = outcome("none", 0, "1", "2", "3", "5")
    labels = outcome("none", 0, "3", "3", "3", "3", decoding="labels")
    cells = [outcome("bm25", 1, "1", "2", "3", "3"), outcome("bm25", 1, "1", "2", "3", "3", decoding="labels")]
    assert best_none(split, [labels, free, *cells]) is free  # an error is better the lower it is
    for cell in (
        row(rows_of(split, [free, labels, *cells]), "bm25", "mae", decoding=each) for each in ("free", "labels")
    ):
        assert (cell.best_none, cell.best_none_decoding) == (0.25, "free")
        assert cell.further["none at best"] == "0.250 free"


def test_of_equal_decodings_the_first_is_shown_and_one_there_must_be(tmp_path):
    split = split_of(tmp_path, "LaMP_2", ["comedy", "comedy"])
    first, second = (outcome("none", 0, "comedy", "x", decoding=each) for each in ("free", "labels"))
    assert best_none(split, [first, second]) is first
    with pytest.raises(ValueError, match="one run without personalization, not 0"):
        best_none(split, [outcome("bm25", 1, "comedy", "x")])
