from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ondevice.bundle import FoldSpec, read_manifest, write_manifest
from ondevice.errors import InputError, ModelMismatchError, NotFoundError
from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.both_folds import report_of_both
from ondevice.evaluation.conditions import Condition
from ondevice.evaluation.fold_answers import FOLD_FILE, FoldAnswers, TaskAnswers, data_key
from ondevice.evaluation.folds import disjoint_across, fold_digest, in_fold, read_folds
from ondevice.evaluation.history_questions import with_history_questions
from ondevice.evaluation.label_priors import LabelPrior
from ondevice.evaluation.lamp import evaluate_lamp
from ondevice.evaluation.learned import KeptLearning
from ondevice.evaluation.learned_users import learned_folds
from ondevice.evaluation.persona_likeness import AskedPersona
from ondevice.evaluation.plan import LampPlan, RunConfig
from ondevice.evaluation.report import Report, markdown_of
from ondevice.evaluation.runner import Runner
from ondevice.evaluation.table import CellOutcome
from ondevice.evaluation.task_outcomes import TaskOutcomes, report_from
from tests.ondevice.evaluation.lamp_files import REQUESTS, question, write_split
from tests.tiny_selector import make_tiny_selector

TASKS = ("LaMP_2", "LaMP_4")
WORDS = ("river", "mountain", "harbour", "village", "orchard", "tower", "meadow")


def write_data(folder: Path) -> Path:
    """Write two tasks of seven users with one to three questions each."""
    for task in TASKS:
        asked = [
            question(task, f"{user}-{n}", user=f"u{user}", n_entries=3, input=f"{REQUESTS[task]} {word} {n}")
            for user, word in enumerate(WORDS)
            for n in range(1 + user % 3)
        ]
        asked.sort(key=lambda each: each["id"][::-1])
        told = {
            each["id"]: ("comedy", "action")[n % 2] if task == "LaMP_2" else f"A {n}" for n, each in enumerate(asked)
        }
        for part, inside in (("train", asked[:7]), ("dev", asked[7:])):
            golds = [{"id": each["id"], "output": told[each["id"]]} for each in inside]
            write_split(folder / task, task, inside, golds=golds, split=part)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "data")


@pytest.fixture
def config(app_models: Path) -> RunConfig:
    return config_of(app_models)


def config_of(app_models: Path) -> RunConfig:
    return RunConfig(models=app_models, generator="tiny-generator", encoder=None, max_tokens=4, threads=1)


def plan_of(data: Path, fold: int | None, **more: Any) -> LampPlan:
    return LampPlan(data=data, strategies=["bm25"], ks=[1], ask_fold=fold, **{"from_history": 1, **more})


def run(tmp_path: Path, plan: LampPlan, config: RunConfig, name: str = "") -> Path:
    """Keep what a run answered as its report's folder does, without the plots."""
    out = tmp_path / f"fold {plan.ask_fold}{name}"
    answers = evaluate_lamp(plan, config).answers
    assert answers is not None
    out.mkdir()
    (out / FOLD_FILE).write_text(json.dumps(answers.to_json()))
    return out


@pytest.fixture(scope="module")
def both_runs(tmp_path_factory: pytest.TempPathFactory, app_models: Path) -> tuple[Path, Path]:
    """What the runs of the two folds answered, made once: no test changes these folders."""
    folder = tmp_path_factory.mktemp("both")
    data = write_data(folder / "data")
    first, second = (run(folder, plan_of(data, fold), config_of(app_models)) for fold in (1, 2))
    return first, second


def changed(folder: Path, **changes: Any) -> Path:
    """Return a copy of what a run answered in which that is otherwise."""
    told = json.loads((folder / FOLD_FILE).read_text())
    if "settings" in changes:
        changes["settings"] = {**told["settings"], **changes["settings"]}
    out = folder.with_name(f"{folder.name} changed")
    out.mkdir(exist_ok=True)
    (out / FOLD_FILE).write_text(json.dumps({**told, **changes}))
    return out


def learning(config: RunConfig, tmp_path: Path, spec: FoldSpec) -> RunConfig:
    """Return the settings with a model whose manifest says from whom it has learned."""
    models = tmp_path / f"models {spec.fold}"
    models.mkdir(exist_ok=True)
    for folder in config.models.iterdir():
        if not (models / folder.name).exists():
            (models / folder.name).symlink_to(folder)
    name = f"learned-{spec.fold}"
    (models / name).mkdir(exist_ok=True)
    source = config.models / "tiny-generator"
    for path in source.iterdir():
        (models / name / path.name).write_bytes(path.read_bytes())
    write_manifest(models / name, replace(read_manifest(source), name=name, learned_fold=spec))
    return replace(config, models=models, generator=name)


def numbers(report: Report) -> dict[str, Any]:
    """Return what a report tells, but for what a clock told."""
    document: dict[str, Any] = json.loads(json.dumps(report.document()))
    del document["about"]
    for row in (*document["rows"], *(row for each in document["item_disjoint"] for row in each["rows"])):
        row["seconds_per_question"], row["parts_ms"] = None, sorted(row["parts_ms"])
    return document


def test_two_runs_put_together_are_a_single_run_over_the_same_users(data, config, both_runs):
    first, second = both_runs
    both = report_of_both(second, first, data)
    tasks = []
    with Runner(config, AnswerStore(None)) as runner:
        for task in TASKS:
            users = read_folds(data / task)
            everyone = with_history_questions(users, 1)
            cells = runner.run(everyone, plan_of(data, 1).conditions(everyone))
            tasks.append(TaskOutcomes(split=everyone, cells=cells, disjoint=disjoint_across(everyone, users)))
    single = report_from(tasks, {})
    assert numbers(both) == numbers(single)
    assert {row.n_users for row in both.rows} == {7}
    assert {each.n_users for each in both.findings.by_task} == {7}
    assert {each.n_users for each in both.findings.pooled} == {14}
    assert both.about["split"] == "train+dev, both folds"
    assert both.about["model"] == "tiny-generator (asked fold 1) and tiny-generator (asked fold 2)"
    assert "## Without items of the other fold" in markdown_of(both)


def test_what_labels_are_worth_is_measured_on_the_other_fold_and_told_for_each(tmp_path, data, config):
    plans = [plan_of(data, fold, prior="train", tasks=("LaMP_2",)) for fold in (1, 2)]
    for plan in plans:
        (split,) = plan.splits()
        assert split.others is not None
        others = {each.user for each in split.others.questions}
        assert {read_folds(data / "LaMP_2").folds[user] for user in others} == {3 - (plan.ask_fold or 0)}
    first, second = (run(tmp_path, plan, config) for plan in plans)
    both = report_of_both(first, second, data)
    assert [prior.task for prior in both.priors] == ["LaMP_2, fold 1"] * 2 + ["LaMP_2, fold 2"] * 2


def test_a_model_that_learned_from_a_fold_is_not_asked_about_it(tmp_path, data, config):
    spec = FoldSpec(fold=1, digests={task: fold_digest(read_folds(data / task)) for task in TASKS})
    learned = learning(config, tmp_path, spec)
    with pytest.raises(ModelMismatchError, match=r"'learned-1' has learned from \d of the users of 'LaMP_2'") as caught:
        evaluate_lamp(plan_of(data, 1), learned)
    assert "--ask-fold 2" in str(caught.value)
    with pytest.raises(ModelMismatchError, match="has learned from"):
        evaluate_lamp(plan_of(data, None), learned)  # the dev files hold users of both folds
    report = evaluate_lamp(plan_of(data, 2), learned)
    assert report.about["learned from"] == "fold 1"
    with pytest.raises(ModelMismatchError, match="divided otherwise than in this data"):
        evaluate_lamp(plan_of(data, 2), learning(config, tmp_path, replace(spec, digests={"LaMP_4": "0" * 16})))
    elsewhere = FoldSpec(fold=1, digests={"LaMP_5": "0" * 16})
    assert evaluate_lamp(plan_of(data, 1, tasks=("LaMP_4",)), learning(config, tmp_path, elsewhere)).rows


def test_trained_retrieval_is_not_measured_on_the_fold_that_it_learned_from(tmp_path, data, config):
    spec = FoldSpec(fold=2, digests={task: fold_digest(read_folds(data / task)) for task in TASKS})
    learned = learning(config, tmp_path, spec)
    plain = replace(learned, generator="tiny-generator")
    assert learned_folds(plain, ["bm25", learned.generator]) == {learned.generator: spec}
    make_tiny_selector(learned.models / "chooser", pool=("none", "recency", learned.generator, "elsewhere"))
    chosen = replace(plain, selector="chooser")
    assert learned_folds(chosen, ["bm25"]) == {learned.generator: spec}, "of the pool"
    assert learned_folds(chosen) == {}, "the language model alone"


def test_where_the_data_do_not_tell_whom_a_model_learned_from_it_is_not_asked(tmp_path, data, config):
    learned = learning(config, tmp_path, FoldSpec(fold=1, digests={"LaMP_4": "0" * 16}))
    (data / "LaMP_4" / "train_outputs.json").unlink()
    with pytest.raises(
        NotFoundError, match="these tell from which users of 'LaMP_4' the model 'learned-1' has learned"
    ):
        evaluate_lamp(plan_of(data, None, tasks=("LaMP_4",)), learned)


def test_runs_that_differ_in_more_than_fold_and_model_are_refused(data, both_runs, tmp_path):
    first, second = (shutil.copytree(each, tmp_path / each.name) for each in both_runs)
    with pytest.raises(InputError, match="both runs asked fold 1"):
        report_of_both(first, first, data)
    for name, value in (("max-tokens", 5), ("from-history", 2), ("release", "0.0")):
        with pytest.raises(InputError, match=f"the runs differ in their {name}"):
            report_of_both(first, changed(second, settings={name: value}), data)
    with pytest.raises(InputError, match="the runs differ in their tasks or cells"):
        report_of_both(first, changed(second, tasks=[]), data)
    tasks = json.loads((second / FOLD_FILE).read_text())["tasks"]
    silent = [{**task, "cells": [{**cell, "likelihoods": []} for cell in task["cells"]]} for task in tasks]
    with pytest.raises(InputError, match="the runs differ in their tasks or cells"):
        report_of_both(first, changed(second, tasks=silent), data)
    with pytest.raises(InputError, match="'b' has learned from a fold, the model 'tiny-generator' from none"):
        report_of_both(first, changed(second, has_learned=True, model="b"), data)
    outputs = data / "LaMP_4" / "dev_outputs.json"
    outputs.write_text(outputs.read_text().replace("A 9", "Another"))
    with pytest.raises(InputError, match="asked other questions of 'LaMP_4' than the data have"):
        report_of_both(first, second, data)


def test_answers_about_a_user_of_the_other_fold_are_refused(data, both_runs, tmp_path):
    """A planted leak: the model that learned from fold 1 was asked about one of its users, and tells it for fold 2."""
    first, second = (shutil.copytree(each, tmp_path / each.name) for each in both_runs)
    other, task = json.loads((second / FOLD_FILE).read_text())["tasks"]
    learned = json.loads((first / FOLD_FILE).read_text())["tasks"][1]
    leaked = {**task, "ids": [learned["ids"][0], *task["ids"][1:]]}
    with pytest.raises(InputError, match="fold 2 holds answers to questions of 'LaMP_4' that are not of that fold"):
        report_of_both(first, changed(second, tasks=[other, leaked]), data)
    with pytest.raises(InputError, match="the run of fold 1 holds answers"):
        report_of_both(changed(first, fold=2), changed(second, fold=1), data)


def test_a_file_that_was_cut_or_mended_is_refused(both_runs, tmp_path):
    second = shutil.copytree(both_runs[1], tmp_path / both_runs[1].name)
    told = json.loads((second / FOLD_FILE).read_text())
    task = told["tasks"][1]
    cell = task["cells"][0]
    n = len(task["ids"])
    changes: list[dict[str, Any]] = [
        {"answers": [7] * n},
        {"seconds": ["1"] * n},
        {"likelihoods": [float("nan")] * n},
        {"likelihoods": cell["likelihoods"][:-1]},
        {"parts_ms": {"read": None}},
        {"parts_ms": []},
        {"learned": [{"n_items": "9"}] * n},
        {"condition": {**cell["condition"], "decoding": "loud"}},
    ]
    wrongs: list[dict[str, Any]] = [
        {"tasks": [{**task, "ids": task["ids"][:-1]}]},
        {"tasks": [{**task, "ids": [*task["ids"][:-1], task["ids"][0]]}]},
        *({"tasks": [{**task, "cells": [{**cell, **change}]}]} for change in changes),
        {"fold": 3},
        {"fold": "1"},
        {"fold": True},
        {"settings": {"from-history": "1"}},
        {"about": {}},
    ]
    for wrong in wrongs:
        with pytest.raises(InputError, match=r"fold\.json in 'fold 2 changed' is not what a run"):
            FoldAnswers.read(changed(second, **wrong))
    half = tmp_path / "half"
    half.mkdir()
    (half / FOLD_FILE).write_bytes((second / FOLD_FILE).read_bytes()[:1000])
    with pytest.raises(InputError, match="is not what a run"):
        FoldAnswers.read(half)


def test_a_model_is_not_asked_about_its_users_in_a_copy_of_their_folder(tmp_path, data, config):
    spec = FoldSpec(fold=1, digests={task: fold_digest(read_folds(data / task)) for task in TASKS})
    learned = learning(config, tmp_path, spec)
    copy = shutil.copytree(data / "LaMP_4", tmp_path / "copies" / "headlines")
    assert fold_digest(read_folds(copy)) not in spec.digests.values(), "the name decides who falls where"
    for fold in (1, 2):
        with pytest.raises(ModelMismatchError, match=r"has learned from \d of the users of 'headlines'"):
            evaluate_lamp(plan_of(copy.parent, fold), learned)


def test_the_figures_of_both_are_those_by_hand(tmp_path, data):
    """Folds and users of unequal sizes: whoever weighs the folds alike, or the questions, is off."""
    everyone = read_folds(data / "LaMP_2")
    right = {"none": {0, 5}, "bm25": {0, 2, 3, 5}, "recency": {5}}
    folders = []
    for fold in (1, 2):
        places = [at for at, each in enumerate(everyone.questions) if everyone.folds[each.user] == fold]
        cells = [
            CellOutcome(
                condition=Condition(strategy=name, k=k, decoding="free"),
                answers=[everyone.golds[at] if at in right[name] else "wrong" for at in places],
                seconds=[1.0 + at for at in places],
                parts_ms={"read": 1.0 * fold},
            )
            for name, k in (("none", 0), ("bm25", 1), ("recency", 1))
        ]
        told = FoldAnswers(
            fold=fold,
            model="m",
            has_learned=False,
            settings={"from-history": 0},
            about={"seconds in all": 1.5 * fold},
            tasks=[
                TaskAnswers(
                    name="LaMP_2",
                    data=data_key(everyone),
                    ids=[everyone.questions[at].id for at in places],
                    cells=cells,
                )
            ],
        )
        folders.append(tmp_path / str(fold))
        folders[-1].mkdir()
        (folders[-1] / FOLD_FILE).write_text(json.dumps(told.to_json()))
    both = report_of_both(folders[0], folders[1], data)
    n = len(everyone.questions)
    n_of = [len(in_fold(everyone, fold).questions) for fold in (1, 2)]
    assert n == sum(n_of)
    assert n_of[0] != n_of[1], "or folds that weigh alike would not show"
    for name, correct in right.items():
        (row,) = (row for row in both.rows if row.metric == "accuracy" and row.strategy == name)
        assert (row.n, row.n_users) == (n, 7)
        assert row.value == pytest.approx(len(correct) / n)
        assert row.seconds_per_question == pytest.approx(sum(1.0 + at for at in range(n)) / n)
        assert row.parts_ms["read"] == pytest.approx((n_of[0] + 2 * n_of[1]) / n)
    by_user: dict[str, list[int]] = {user: [] for user in everyone.folds}
    for at, each in enumerate(everyone.questions):
        by_user[each.user].append((at in right["bm25"]) - (at in right["recency"]))
    means = [sum(each) / len(each) for each in by_user.values()]
    (better,) = (each for each in both.comparisons if each.question == "strategy")
    assert better.better_by == pytest.approx(sum(means) / 7)
    assert both.about["seconds in all"] == 4.5


def test_what_is_no_run_of_a_fold_is_refused(tmp_path, data, config):
    whole = tmp_path / "whole"
    whole.mkdir()
    assert evaluate_lamp(plan_of(data, None, tasks=("LaMP_4",)), config).answers is None
    with pytest.raises(NotFoundError, match=r"'whole' has no fold\.json"):
        FoldAnswers.read(whole)
    for text in ("{", "[]", '{"format": 9}', '{"format": 1, "tasks": [{}]}'):
        (whole / FOLD_FILE).write_text(text)
        with pytest.raises(InputError, match="is not what a run of this release wrote"):
            FoldAnswers.read(whole)


def test_a_fold_is_asked_with_nobody_of_the_other(tmp_path, data, config):
    for fold in (1, 2):
        plan = plan_of(data, fold)
        for split in plan.splits():
            everyone = read_folds(data / split.name)
            assert {everyone.folds[each.user] for each in split.questions} == {fold}
            own = {each.id for each in in_fold(everyone, fold).questions}
            assert own < {each.id for each in split.questions}, "with those from histories"
            assert plan.disjoint_places(split) == disjoint_across(split, everyone)
    with pytest.raises(ValueError, match="ask_fold must be 1 or 2, not 3"):
        LampPlan(data=data, ask_fold=3)
    with pytest.raises(ValueError, match="from_history must be 0 or more, not -1"):
        LampPlan(data=data, from_history=-1)


def test_what_cells_learned_and_chose_is_kept_but_for_the_adapters(tmp_path):
    learned = KeptLearning(key="a", n_items=9, seconds=1.5, n_bytes=3, loss_before=2.0, loss_after=1.0, adapter=b"abc")
    prior = LabelPrior(task="LaMP_2", k=1, n=2, values={"comedy": -1.0}, persona="mean")
    cell = CellOutcome(
        condition=Condition(strategy="bm25+adapter", k=1, decoding="labels", history="other"),
        answers=["comedy"],
        seconds=[0.1],
        parts_ms={"read": 1.0},
        learned=[learned],
        choices=["bm25"],
        likelihoods=[0.3],
        personas=[AskedPersona(n_items=4, likeness=0.25)],
        priors={prior.frame: prior},
    )
    task = TaskAnswers(name="LaMP_2", data="0", ids=["q"], cells=[cell])
    settings, about = {"k": [1], "from-history": 0}, {"model": "m", "seconds in all": 2}
    told = FoldAnswers(fold=2, model="m", has_learned=True, settings=settings, about=about, tasks=[task])
    (tmp_path / FOLD_FILE).write_text(json.dumps(told.to_json()))
    again = FoldAnswers.read(tmp_path)
    assert again == told  # an adapter's bytes do not count
    assert again.tasks[0].cells[0].learned[0].adapter is None
