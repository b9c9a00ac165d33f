"""Strategies with a persona: whose items its rows are made of, what they are kept by, and what the report tells."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ondevice.bundle import Bundle, FoldSpec, read_manifest, write_manifest
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.evaluation.answered import PARTS, PERSONA
from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.both_folds import report_of_both
from ondevice.evaluation.conditions import Condition, check_strategies, conditions_for
from ondevice.evaluation.fold_answers import FOLD_FILE
from ondevice.evaluation.folds import fold_digest, read_folds
from ondevice.evaluation.histories import history_for, own_history
from ondevice.evaluation.label_priors import Frame, others_of, prior_lines
from ondevice.evaluation.lamp import evaluate_lamp
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.plan import LampPlan, RunConfig
from ondevice.evaluation.report import Report, markdown_of
from ondevice.evaluation.runner import Runner
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.prompt import query_for
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.encoding.persona_model import PersonaModel
from ondevice.words import searchable_text
from tests.ondevice.evaluation.persona_runs import N_ROWS, N_TASK_ROWS, persona_models, persona_of, split_of

Rows = np.ndarray
ALL = ("pplug", "bm25+pplug", "pplug-mean", "pplug-task")


@pytest.fixture(scope="module")
def models(app_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return persona_models(tmp_path_factory.mktemp("personas") / "models", app_models)


@pytest.fixture
def config(models: Path) -> RunConfig:
    return RunConfig(
        models=models,
        generator="tiny-generator",
        encoder="tiny-encoder",
        persona="persona",
        max_tokens=4,
        threads=1,
    )


@pytest.fixture
def split(tmp_path: Path) -> LampSplit:
    return split_of(tmp_path / "data")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Rows | None]]:
    """Return the prompts that labels are chosen by, with the rows behind each, as they are asked."""
    seen: list[tuple[str, Rows | None]] = []
    choose = Engine.choose

    def noted(self: Engine, prompt: str, labels: Any, **settings: Any) -> object:
        seen.append((prompt, settings.get("suffix")))
        return choose(self, prompt, labels, **settings)

    monkeypatch.setattr(Engine, "choose", noted)
    return seen


def cells(*strategies: str, controls: tuple[str, ...] = (), task: str = "LaMP_2") -> list[Condition]:
    decodings = ["labels"] if task == "LaMP_2" else ["free"]
    return conditions_for(task, strategies=strategies, ks=[2], decodings=decodings, controls=controls)  # type: ignore[arg-type]


def rows_of(models: Path, split: LampSplit, place: int, request: str, **given: Any) -> Rows:
    """Return the rows of a question's history, made from the parts."""
    history, weights = given.get("history", "own"), given.get("weights", "attention")
    drafts = history_for(split, place, history).drafts
    with (
        Encoder.open(Bundle.open(models / "tiny-encoder", kind="encoder")) as encoder,
        PersonaModel.open(persona_of(models)) as model,
    ):
        texts = [searchable_text(draft.text, draft.fields) for draft in drafts]
        vectors = [encoder.encode_passages([text], batch=1)[0] for text in texts]
        items = np.stack(vectors) if vectors else np.empty((0, encoder.dim), np.float32)
        query = encoder.encode_queries([query_for(split.task, request)])[0]
        return model.rows(query, items, split.task, weights).rows


def test_a_persona_is_controlled_like_what_retrieves_and_a_tasks_rows_not_at_all():
    found = [cell.label for cell in cells(*ALL, controls=("pplug", "pplug-task"))]
    assert found == [
        *("none", "pplug", "pplug, other", "pplug, shuffled"),
        *("bm25+pplug k=2", "pplug-mean", "pplug-task"),
    ]


def test_a_persona_must_be_named_and_needs_an_encoder(models):
    given = {"models": models, "has_selector": False}
    check_strategies(ALL, has_encoder=True, has_persona=True, **given)
    with pytest.raises(ValueError, match="'pplug' needs a persona: name its bundle with --persona"):
        check_strategies(ALL, has_encoder=True, **given)
    with pytest.raises(ValueError, match="'pplug' needs an encoder"):
        check_strategies(ALL, has_encoder=False, has_persona=True, **given)


def test_the_rows_are_made_of_the_history_that_the_cell_reads(split, config, models, read):
    request = split.questions[0].request

    def asked(cell: Condition) -> tuple[str, Rows | None]:
        read.clear()
        with Runner(config, AnswerStore(None)) as runner:
            runner.answer(split, 0, [cell])
        ((prompt, rows),) = read
        return prompt, rows

    none, pplug, other, shuffled, both, mean, task = map(asked, cells(*ALL, controls=("pplug",)))
    bm25 = asked(cells("bm25")[1])
    assert none[1] is None
    assert bm25[1] is None
    assert none[0] == pplug[0] == other[0] == shuffled[0] == mean[0] == task[0]
    assert both[0] == bm25[0] != none[0]
    for (_, rows), given in (
        (pplug, {}),
        (both, {}),
        (other, {"history": "other"}),
        (shuffled, {"history": "shuffled"}),
        (mean, {"weights": "mean"}),
        (task, {"weights": "task"}),
    ):
        assert rows is not None
        np.testing.assert_allclose(rows, rows_of(models, split, 0, request, **given), rtol=1e-4, atol=1e-4)
    assert task[1] is not None
    assert len(task[1]) == N_TASK_ROWS
    assert pplug[1] is not None
    assert other[1] is not None
    assert len(pplug[1]) == N_TASK_ROWS + N_ROWS
    assert shuffled[1] is not None
    assert not np.allclose(pplug[1], other[1], atol=1e-2)
    assert not np.allclose(pplug[1], shuffled[1], atol=1e-3)  # the encoder reads an item's label too


def test_whoever_has_no_history_is_answered_with_nobodys_rows(split, config, models, read):
    place = [each.user for each in split.questions].index("new")
    with Runner(config, AnswerStore(None)) as runner:
        answered = runner.answer(split, place, cells("pplug")[1:])
    ((_, rows),) = read
    assert rows is not None
    stored = np.frombuffer(persona_of(models).file("rows").read_bytes(), "<f4").reshape(-1, rows.shape[1])
    np.testing.assert_array_equal(rows[N_TASK_ROWS:], stored[-N_ROWS:])
    assert [each.persona.n_items for each in answered.values() if each.persona is not None] == [0]


def test_answers_are_kept_by_the_rows_and_found_again(split, config, tmp_path, read):
    wanted = cells("bm25", *ALL, controls=("pplug",))
    with AnswerStore(tmp_path / "answers.jsonl") as store, Runner(config, store) as runner:
        first = [outcome.answers for outcome in runner.run(split, wanted)]
        n_known = len(store)
    read.clear()
    with AnswerStore(tmp_path / "answers.jsonl") as store, Runner(config, store) as runner:
        backwards = {cell: runner.answer(split, 0, [cell])[cell].text for cell in reversed(wanted)}
        assert [outcome.answers for outcome in runner.run(split, wanted)] == first
        assert len(store) == n_known
    assert read == []
    assert list(backwards.values()) == [answers[0] for answers in reversed(first)]
    # Two users with items; who has none reads one prompt, with no rows, nobody's, or the task's alone behind it.
    assert n_known == 2 * len(wanted) + 3


def test_labels_priors_are_measured_with_the_personas_of_users_who_are_not_asked(tmp_path, split, config, models, read):
    asked = replace(split, others=others_of(split, split_of(tmp_path / "data", split="train", users="cde")))
    with Runner(config, AnswerStore(None)) as runner:
        outcomes = runner.run(asked, cells("pplug", "bm25+pplug", "pplug-mean", "pplug-task", "bm25"))
        found = {outcome.condition.strategy: outcome.priors for outcome in outcomes}
    assert {name: list(priors) for name, priors in found.items()} == {
        "none": [Frame(0)],
        "pplug": [Frame(0, persona="attention")],
        "bm25+pplug": [Frame(2, persona="attention")],
        "pplug-mean": [Frame(0, persona="mean")],
        "pplug-task": [Frame(0, persona="task")],
        "bm25": [Frame(2)],
    }
    others = asked.others
    assert others is not None
    for place, question in enumerate(others.questions):
        told = [rows for prompt, rows in read if question.request in prompt]
        for weights in ("attention", "mean", "task"):
            wanted = rows_of(models, others, place, question.request, weights=weights)
            assert any(
                rows is not None and rows.shape == wanted.shape and np.allclose(rows, wanted, atol=1e-4)
                for rows in told
            ), (weights, place)
    values = {name: next(iter(priors.values())) for name, priors in found.items()}
    assert values["pplug"].values != values["none"].values
    assert values["pplug"].n == 3
    said = "\n".join(prior_lines(list(values.values())))
    assert "| LaMP_2 | 2, with a persona (attention) | 3 |" in said


def test_the_profiles_of_others_are_made_once(tmp_path, split, config, monkeypatch):
    asked = replace(split, others=others_of(split, split_of(tmp_path / "data", split="train", users="cd")))
    made: list[int] = []
    open_other = Runner._open_other

    def noted(self: Runner, task: str, drafts: Any) -> Any:
        made.append(len(drafts))
        return open_other(self, task, drafts)

    monkeypatch.setattr(Runner, "_open_other", noted)
    with Runner(config, AnswerStore(None)) as runner:
        runner.run(asked, cells("bm25"))
        assert made == []
        runner.run(asked, cells("pplug", "pplug-mean"))
        runner.run(asked, cells("bm25+pplug"))
    assert asked.others is not None
    assert made == [len(own_history(asked.others, place).drafts) for place in range(2)]


@pytest.fixture
def plan(split: LampSplit, tmp_path: Path) -> LampPlan:
    assert split.questions
    return LampPlan(data=tmp_path / "data", strategies=["bm25", *ALL], ks=[1], controls=["pplug"])


def test_a_report_tells_what_personas_are_made_of_and_take_and_how_alike_they_are(plan, config):
    report = evaluate_lamp(plan, config)
    assert report.about["persona"] == "persona"
    found = {(each.strategy, each.history): each for each in report.personas}
    assert [*found] == [
        *(("pplug", "own"), ("pplug", "other"), ("pplug", "shuffled")),
        *(("bm25+pplug", "own"), ("pplug-mean", "own"), ("pplug-task", "own")),
    ]
    own = found["pplug", "own"]
    assert (own.n, own.n_without, own.items, own.most_items) == (3, 1, 2.0, 3)
    assert own.ms > 0
    (split,) = plan.splits()
    rows = [rows_of(config.models, split, place, split.questions[place].request)[N_TASK_ROWS:] for place in (0, 1)]
    lengths = np.prod([np.linalg.norm(each, axis=1) for each in rows], axis=0)
    assert own.likeness == pytest.approx(((rows[0] * rows[1]).sum(axis=1) / lengths).mean(), abs=1e-4)
    task = found["pplug-task", "own"]
    assert (task.items, task.likeness) == (0.0, None)
    lead = {row.strategy: row for row in report.rows if row.decoding == "labels" and row.history == "own"}
    assert set(lead["pplug"].parts_ms) == {*PARTS, PERSONA}
    assert lead["pplug"].parts_ms[PERSONA] > 0
    assert lead["bm25"].parts_ms[PERSONA] == 0
    pooled = {each.comparison: each.standing for each in report.findings.pooled if each.p is not None}
    assert pooled["persona over its task's rows"] == "exploratory"
    assert {"own over another's, persona", "persona and RAG over RAG", "RAG over none"} <= set(pooled)


def test_a_report_with_personas_reads_as_it_was_told_and_older_ones_have_none(plan, config):
    report = evaluate_lamp(plan, config)
    document = json.loads(json.dumps(report.document()))
    again = Report.from_document(document)
    assert again.personas == report.personas
    said = markdown_of(again)
    assert "## Personas" in said
    assert "| LaMP_2 | pplug | other | 3 |" in said
    del document["personas"]
    assert "## Personas" not in markdown_of(Report.from_document(document))


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        ({"persona": "foreign"}, "'foreign' was made for another base model than 'tiny-generator'", "open it with"),
        ({"persona": "otherwise"}, "takes vectors of 'another', not of 'tiny-encoder'", "--encoder"),
    ],
)
def test_a_persona_that_fits_no_model_is_refused_before_anything_is_asked(plan, config, changes, message, hint):
    with pytest.raises(ModelMismatchError, match=message) as raised:
        evaluate_lamp(plan, replace(config, **changes))
    assert hint in str(raised.value.hint)


def test_a_task_that_the_persona_does_not_know_is_refused_before_anything_is_asked(plan, config, monkeypatch):
    split_of(plan.data, "LaMP_7")
    monkeypatch.setattr(Runner, "run", lambda *_: pytest.fail("it was asked"))
    with pytest.raises(ModelMismatchError, match="does not know 'LaMP_7', the task of 'LaMP_7'") as raised:
        evaluate_lamp(plan, config)
    assert raised.value.hint == "it knows LaMP_2, LaMP_4: name folders of these with --tasks"
    with pytest.raises(BundleError, match="of kind 'encoder', but 'persona' is needed"):
        evaluate_lamp(replace(plan, tasks=["LaMP_2"]), replace(config, persona="tiny-encoder"))


def test_a_persona_that_is_not_used_need_not_fit(plan, config):
    report = evaluate_lamp(replace(plan, strategies=["bm25"], controls=()), replace(config, persona="foreign"))
    assert report.personas == []


def test_a_persona_that_learned_from_a_fold_is_not_asked_about_it(plan, config, models, tmp_path):
    split_of(plan.data, split="train", users="cdef")
    users = read_folds(plan.data / "LaMP_2")
    own = tmp_path / "models"
    own.mkdir()
    for folder in models.iterdir():
        (own / folder.name).symlink_to(folder)
    (own / "learned").mkdir()
    for path in (models / "persona").iterdir():
        (own / "learned" / path.name).write_bytes(path.read_bytes())
    spec = FoldSpec(fold=1, digests={"LaMP_2": fold_digest(users)})
    write_manifest(own / "learned", replace(read_manifest(models / "persona"), name="learned", learned_fold=spec))
    learned = replace(config, models=own, persona="learned")
    asks = replace(plan, strategies=["pplug"], controls=())
    with pytest.raises(ModelMismatchError, match=r"'learned' has learned from \d of the users of 'LaMP_2'"):
        evaluate_lamp(replace(asks, ask_fold=1), learned)
    report = evaluate_lamp(replace(asks, ask_fold=2), learned)
    assert report.about["learned from"] == "fold 1"
    assert report.answers is not None
    assert report.answers.model == "tiny-generator with learned"
    assert report.answers.has_learned
    (_, pplug) = [cell for cell in report.answers.tasks[0].cells if cell.condition.decoding == "labels"]
    assert len(pplug.personas) == len(pplug.answers)


def test_two_folds_stand_in_one_table_with_the_likeness_inside_each(plan, config, tmp_path):
    split_of(plan.data, split="train", users="cdef")
    asks = replace(plan, strategies=["pplug"], controls=(), decodings=["labels"])
    folders, reports = [], []
    for fold in (1, 2):
        report = evaluate_lamp(replace(asks, ask_fold=fold), config)
        assert report.answers is not None
        folders.append(tmp_path / f"fold {fold}")
        folders[-1].mkdir()
        (folders[-1] / FOLD_FILE).write_text(json.dumps(report.answers.to_json()))
        reports.append(report)
    (both,) = report_of_both(folders[0], folders[1], plan.data).personas
    one, other = (report.personas[0] for report in reports)
    assert (both.n, both.n_without) == (one.n + other.n, 1) == (7, 1)
    assert both.items == pytest.approx((one.items * one.n + other.items * other.n) / 7)
    assert both.likeness is not None
    told = [(each.likeness, each.n - each.n_without) for each in (one, other) if each.likeness is not None]
    assert both.likeness == pytest.approx(sum(value * n for value, n in told) / sum(n for _, n in told))


def test_each_cell_pays_for_its_own_request(split, config, monkeypatch):
    asked: list[str] = []
    queries = Encoder._encode

    def noted(self: Encoder, texts: list[str], **given: Any) -> Any:
        asked.extend(texts)
        return queries(self, texts, **given)

    monkeypatch.setattr(Encoder, "_encode", noted)
    with Runner(config, AnswerStore(None)) as runner:
        runner.answer(split, 0, cells("pplug"))
        asked.clear()
        runner.answer(split, 0, cells("pplug", "pplug-mean", "dense"))
    # The items' vectors are remembered; the request's is made by each cell that needs it.
    assert len(asked) == 3
    assert len(set(asked)) == 1


def test_a_users_rows_differ_from_the_tasks_in_free_answers_too(tmp_path, config):
    split = split_of(tmp_path / "data", "LaMP_4")
    with Runner(config, store := AnswerStore(None)) as runner:
        none, pplug, task = runner.run(split, cells("pplug", "pplug-task", task="LaMP_4"))
    assert len({tuple(each.likelihoods) for each in (none, pplug, task)}) == 3
    assert len(store) == 9
