from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ondevice.errors import InputError
from ondevice.evaluation.lamp import evaluate_lamp
from ondevice.evaluation.plan import LampPlan, RunConfig
from ondevice.evaluation.report import Report, markdown_of
from tests.ondevice.evaluation.lamp_files import question, write_split


@pytest.fixture
def config(app_models: Path) -> RunConfig:
    return RunConfig(models=app_models, generator="tiny-generator", encoder=None, max_tokens=4, threads=1)


def plan_of(tmp_path: Path) -> LampPlan:
    for task, users in (("LaMP_2", "ab"), ("LaMP_4", "abc")):
        write_split(tmp_path / task, task, [question(task, str(n), user=user) for n, user in enumerate(users)])
    return LampPlan(data=tmp_path, strategies=["bm25"], ks=[1])


def test_a_run_over_tasks_reports_and_tells_how_far_it_is(tmp_path, config):
    seen: list[tuple[int, int]] = []
    done: list[tuple[str, int]] = []
    report = evaluate_lamp(
        plan_of(tmp_path),
        config,
        on_progress=lambda n, total: seen.append((n, total)),
        on_task=lambda name, n: done.append((name, n)),
    )
    assert seen == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    assert done == [("LaMP_2", 2), ("LaMP_4", 3)]
    assert {row.task for row in report.rows} == {"LaMP_2", "LaMP_4"}
    assert report.about["threads"] == 1
    assert [(each.task, each.n, each.n_equal) for each in report.controls] == [("LaMP_2", 2, 2), ("LaMP_4", 3, 3)]
    assert Report.from_document(report.document()).controls == report.controls
    questions = {each.question for each in report.comparisons}
    assert questions == {"control"}  # a single retriever has none to be compared with
    pooled = {
        (each.comparison, each.standing): (each.n_tasks, each.n_users) for each in report.findings.pooled
    }  # judged by likelihood, and by the lead metrics beside it
    names = ("RAG over none", "own over another's, RAG")
    assert pooled == {(name, standing): (2, 5) for name in names for standing in ("primary", "exploratory")}
    assert report.intervals == "t"


def test_questions_that_share_items_with_the_train_split_are_told_apart(tmp_path, config):
    plan = plan_of(tmp_path)
    other = "Generate a headline for the following article: a duck"
    asked = [question("LaMP_4", "0", user="a"), question("LaMP_4", "1", user="b", input=other)]
    for split, rows in (("train", [question("LaMP_4", "t", user="t")]), ("dev", asked)):
        golds = [{"id": row["id"], "output": f"Of {row['id']}"} for row in rows]
        write_split(tmp_path / "LaMP_4", "LaMP_4", rows, golds=golds, split=split)
    report = evaluate_lamp(plan, config)
    assert [(each.task, each.n, each.n_disjoint) for each in report.disjoint] == [("LaMP_2", 2, None), ("LaMP_4", 2, 1)]
    assert {each.metric for each in report.disjoint[1].rows} == {"rouge-1"}
    again = Report.from_document(json.loads(json.dumps(report.document())))
    assert again.document() == report.document()
    assert "- LaMP_4: 1 of 2 questions" in markdown_of(again)


def test_a_task_that_is_named_twice_counts_once_and_a_plan_asks_something(tmp_path):
    plan = replace(plan_of(tmp_path), tasks=["LaMP_4", "LaMP_2", "LaMP_4"])
    assert [split.name for split in plan.splits()] == ["LaMP_4", "LaMP_2"]
    for name, value in (("limit", 0), ("limit", -1), ("per_user", 0)):
        with pytest.raises(ValueError, match=f"{name} must be 1 or more, not {value}"):
            replace(plan, **{name: value})  # type: ignore[arg-type]


def test_a_wrong_record_of_the_last_task_stops_the_run_before_it_begins(tmp_path, config):
    plan = plan_of(tmp_path)
    bad = question("LaMP_7", "9", user="a", profile=[{"id": "1"}])
    write_split(tmp_path / "LaMP_7", "LaMP_7", [bad])
    seen: list[tuple[int, int]] = []
    with pytest.raises(InputError, match="entry 1 of the profile: the field 'text' is missing"):
        evaluate_lamp(plan, config, on_progress=lambda n, total: seen.append((n, total)))
    assert seen == []
