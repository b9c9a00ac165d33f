from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ondevice.errors import InputError
from ondevice.evaluation.item_overlap import KnownItems, disjoint_places
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.evaluation.plan import LampPlan
from tests.ondevice.evaluation.lamp_files import entry, question, write_split

MOVIE = "Which tag does this movie relate to among the following tags? description: {}"
NEWS = "Generate a headline for the following article: {}"


def movie(name: str, text: str, **more: Any) -> dict[str, Any]:
    return question("LaMP_2", name, user=f"u{name}", input=MOVIE.format(text), **more)


def written(folder: Path, task: str, rows: list[dict[str, Any]], golds: list[str], split: str) -> LampSplit:
    outputs = [{"id": row["id"], "output": gold} for row, gold in zip(rows, golds, strict=True)]
    return read_lamp_split(write_split(folder / task, task, rows, golds=outputs, split=split), split)


def places_of(folder: Path) -> list[int] | None:
    plan = LampPlan(data=folder, strategies=["bm25"])
    (split,) = plan.splits()
    return plan.disjoint_places(split)


def test_a_film_of_the_train_split_is_found_as_a_question_and_as_an_item(tmp_path: Path) -> None:
    seen = [entry("LaMP_2", "s", description="Robots  in LOVE")]
    written(tmp_path, "LaMP_2", [movie("1", "two ships"), movie("2", "a war", profile=seen)], ["comedy"] * 2, "train")
    asked = [
        movie("3", "Two ships "),
        movie("4", "a garden"),
        movie("5", "robots in love"),
        movie("6", "two ships sail"),
    ]
    written(tmp_path, "LaMP_2", asked, ["comedy"] * 4, "dev")
    assert places_of(tmp_path) == [1, 3]


def test_the_tag_alone_or_the_users_own_history_is_nothing_shared(tmp_path: Path) -> None:
    same = [entry("LaMP_2", "s", description="robots in love")]
    written(tmp_path, "LaMP_2", [movie("1", "two ships", profile=same)], ["comedy"], "train")
    written(tmp_path, "LaMP_2", [movie("2", "a garden", profile=same)], ["comedy"], "dev")
    assert places_of(tmp_path) == [0]


def test_a_free_answer_is_found_as_an_answer_a_title_and_a_text(tmp_path: Path) -> None:
    def news(name: str, text: str, **more: Any) -> dict[str, Any]:
        return question("LaMP_4", name, user=f"u{name}", input=NEWS.format(text), **more)

    items = [entry("LaMP_4", "i", title="Storm over Nice", text="Trees fell")]
    written(tmp_path, "LaMP_4", [news("1", "a duck", profile=items)], ["The duck"], "train")
    asked = [news(str(n), f"text {n}") for n in range(4)]
    written(tmp_path, "LaMP_4", asked, ["the  duck", "storm over nice", "trees fell", "The duck swims"], "dev")
    assert places_of(tmp_path) == [3]


def test_without_a_train_split_nothing_is_known(tmp_path: Path) -> None:
    written(tmp_path, "LaMP_2", [movie("1", "two ships")], ["comedy"], "dev")
    assert places_of(tmp_path) is None
    train = written(tmp_path, "LaMP_2", [movie("1", "two ships")], ["comedy"], "train")
    assert LampPlan(data=tmp_path, split="train").disjoint_places(train) is None


def test_a_wrong_train_file_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "LaMP_2", [movie("1", "two ships")], ["comedy"], "dev")
    (tmp_path / "LaMP_2" / "train_questions.json").write_text("[1]")
    (tmp_path / "LaMP_2" / "train_outputs.json").write_text("[]")
    with pytest.raises(InputError, match="question 1"):
        places_of(tmp_path)


def test_files_of_several_tasks_are_known_together(tmp_path: Path) -> None:
    written(tmp_path, "LaMP_2", [movie("1", "two ships")], ["comedy"], "dev")
    written(tmp_path, "LaMP_3", [question("LaMP_3", "2")], ["4"], "dev")
    known = KnownItems.of_files(tmp_path / task / "dev_questions.json" for task in ("LaMP_2", "LaMP_3"))
    assert [known.hold(text) for text in ("TWO ships", "fine tea", "tea 2-1", "comedy")] == [True, True, True, False]
    assert disjoint_places(read_lamp_split(tmp_path / "LaMP_3", "dev"), known) == []
