"""Cutting evenly: no part is lost while there is room for all, none wastes room, and frames stay."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from ondevice.retrieval.encoding.parts import FIRST_SHARE, PartTokens, cut_evenly, shares
from ondevice.retrieval.encoding.tokenizing import PairTokenizer
from tests.tiny_classifier import write_classifier_tokenizer
from tests.tiny_models import WORDS

REQUEST, ITEM, FRAME = (4 + WORDS.index(word) for word in ("coffee", "rain", "tea"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_classifier_tokenizer(tmp_path)
    return tmp_path / "tokenizer.json"


def test_room_is_filled_and_shared() -> None:
    for lengths in itertools.product((0, 1, 7, 40), (0, 3, 50), (2, 19), (33,)):
        for room in (0, 1, 5, 23, 60, 200):
            kept = shares(lengths, room)
            assert sum(kept) == min(room, sum(lengths))
            assert all(0 <= n <= length for n, length in zip(kept, lengths, strict=True))
            cut = [n for n, length in zip(kept[1:], lengths[1:], strict=True) if n < length]
            # Nobody is cut below another, but for the few tokens that do not divide.
            assert all(n + 1 >= other for n in cut for other in kept[1:])
            if kept[0] < lengths[0]:
                assert kept[0] >= FIRST_SHARE * (max(kept[1:]) - 1)


@pytest.mark.parametrize(
    ("lengths", "room", "kept"),
    [
        ((10, 10, 10), 40, [10, 10, 10]),
        ((100, 100, 100), 40, [20, 10, 10]),
        ((100, 100, 4), 40, [24, 12, 4]),
        ((5, 100, 100), 40, [5, 18, 17]),
        ((100,), 40, [40]),
        ((), 40, []),
    ],
)
def test_what_is_short_leaves_its_room_to_the_others(lengths: tuple[int, ...], room: int, kept: list[int]) -> None:
    assert shares(lengths, room) == kept


def test_a_part_keeps_its_frame_before_what_it_frames() -> None:
    part = PartTokens([1, 2], [3, 4, 5], [6])
    assert [part.cut(n) for n in (6, 5, 4, 3, 2, 1, 0)] == [
        [1, 2, 3, 4, 5, 6],
        [1, 2, 3, 4, 6],
        [1, 2, 3, 6],
        [1, 2, 6],
        [1, 2],
        [1],
        [],
    ]
    assert cut_evenly([part, part], 7) == [1, 2, 3, 4, 6, 1, 2]


def test_every_item_is_heard_beside_a_long_request_and_the_output_is_kept(path: Path) -> None:
    items = "\n".join(["tea\t" + "rain " * 50 + "\ttea"] * 4)
    tokenizer = PairTokenizer(path, model="tiny", max_tokens=43, cut="evenly")
    for output in ("", "dog dog dog dog"):
        (made,) = tokenizer.tokenize([("coffee " * 50 + "\n" + items, output)])
        assert len(made.ids) == 43
        assert made.ids.count(FRAME) == 8
        assert made.ids.count(4 + WORDS.index("dog")) == len(output.split())
        room = 43 - (2 if not output else 3) - len(output.split())
        assert abs(made.ids.count(REQUEST) - room / 3) <= 2
        assert abs(made.ids.count(ITEM) - (room * 2 / 3 - 8)) <= 2
    (at_end,) = PairTokenizer(path, model="tiny", max_tokens=43).tokenize([("coffee " * 50 + "\n" + items, "")])
    assert at_end.ids.count(ITEM) == 0


def test_parts_that_fit_are_joined_as_the_whole_text(path: Path) -> None:
    evenly, at_end = (PairTokenizer(path, model="tiny", max_tokens=40, cut=cut) for cut in ("evenly", "end"))
    pairs = [("coffee cake\nrain\ttea cat\tdog\nrain", "ten"), ("coffee", ""), ("", "tea")]
    assert evenly.tokenize(pairs) == at_end.tokenize(pairs)
